"""Opens what was handed in, a folder or a .zip, and makes it safe to read."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from swassess.errors import SubmissionError
from swassess.model.evaluation import CatalogueEntry
from swassess.submission.archive import unpack
from swassess.submission.inventory import build_catalogue, digest_of, list_files
from swassess.submission.manifest import MANIFEST_NAME, Manifest, read_manifest
from swassess.submission.paths import contained
from swassess.submission.problems import nearest

_NOT_CONTENT = "__MACOSX"  # what one archiver adds beside the files
_LOOK_ALIKE = ("manifest.toml", "submission.tml", "submission.toml.txt", "submission.yaml", "submission.json")


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission that passed the intake.

    root: folder with the files (for a .zip inside the workspace). digest: SHA-256 over sorted paths and hashes.
    notes: what the intake left out, in sentences.
    """

    root: Path
    manifest: Manifest
    catalogue: tuple[CatalogueEntry, ...]
    digest: str
    notes: tuple[str, ...]

    def path_of(self, relative: str) -> Path:
        """Absolute path of a file of the submission.

        Raises SubmissionError when the path leads out of the folder or there is no such file.
        """
        path = contained(self.root, relative)
        if not path.is_file():
            raise SubmissionError(f"{relative} is not in the submission")
        return path


@contextmanager
def open_submission(path: Path, workspace: Path) -> Iterator[Submission]:
    """Opens a folder or .zip; an archive is unpacked into a folder of its own in `workspace` until the context ends.

    Raises SubmissionError for everything that makes the submission unusable.
    """
    if path.is_dir():
        yield _take_in(path.resolve(), path.name or str(path), workspace, ())
        return
    _judge_archive(path)
    workspace.mkdir(parents=True, exist_ok=True)
    unpacked = Path(tempfile.mkdtemp(prefix="submission-", dir=workspace)).resolve()
    try:
        unpack(path, unpacked)
        root, notes = _root_of(unpacked)
        yield _take_in(root, path.name, workspace, notes)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)


def _take_in(root: Path, name: str, workspace: Path, notes: tuple[str, ...]) -> Submission:
    # The walk comes first: it refuses links that lead out before any file is opened.
    listing = list_files(root, leave_out=workspace)
    if MANIFEST_NAME not in listing.files:
        raise SubmissionError(_no_manifest(name, listing.files))
    manifest = read_manifest(root)
    catalogue = build_catalogue(root, listing, manifest)
    return Submission(root, manifest, catalogue, digest_of(catalogue), (*notes, *listing.notes))


def _judge_archive(path: Path) -> None:
    if not path.exists():
        raise SubmissionError(f"there is no submission at {path}")
    if not path.is_file():
        raise SubmissionError(f"{path} is neither a folder nor a .zip file")
    try:
        usable = zipfile.is_zipfile(path)
    except OSError as error:
        raise SubmissionError(f"{path} cannot be read: {error.strerror or error}") from None
    if not usable and path.name == MANIFEST_NAME:
        raise SubmissionError(f"{path} is the manifest; name the folder it stands in")
    if not usable:
        raise SubmissionError(f"{path} is neither a folder nor a usable .zip; copy the submission into a folder")


def _root_of(unpacked: Path) -> tuple[Path, tuple[str, ...]]:
    """The folder with the manifest: the archive's top, or its single top folder."""
    notes: list[str] = []
    extra = unpacked / _NOT_CONTENT
    if extra.is_dir():
        count = sum(1 for entry in extra.rglob("*") if entry.is_file())
        notes.append(f"{count} files under {_NOT_CONTENT} belong to the archiver and were left out")
        shutil.rmtree(extra)
    entries = sorted(unpacked.iterdir())
    if len(entries) == 1 and entries[0].is_dir() and (entries[0] / MANIFEST_NAME).is_file():
        return entries[0], tuple(notes)
    return unpacked, tuple(notes)


def _no_manifest(name: str, files: dict[str, int]) -> str:
    top = [path for path in files if "/" not in path]
    close = next((path for path in top if path.casefold() == MANIFEST_NAME), "")
    close = close or next((path for path in top if path.casefold() in _LOOK_ALIKE), "")
    close = close or nearest(MANIFEST_NAME, [path for path in top if path.endswith(("toml", "tml", "txt"))])
    if close:
        return f"{name} has no {MANIFEST_NAME} at its top; rename {close!r} if that is the manifest"
    deeper = sorted((path for path in files if path.endswith("/" + MANIFEST_NAME)), key=lambda p: (p.count("/"), p))
    if deeper:
        return f"{name} has no {MANIFEST_NAME} at its top; there is one at {deeper[0]}, name that folder instead"
    return f"{name} has no {MANIFEST_NAME} at its top; write one that describes the submission"
