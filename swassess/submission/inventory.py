"""The catalogue of a submission: every file with size and SHA-256, declared, extra, missing or duplicate."""

import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from swassess.errors import SubmissionError
from swassess.model.evaluation import CatalogueEntry
from swassess.submission.archive import CHUNK, MOST_FILES, MOST_UNPACKED
from swassess.submission.manifest import VERSION_CONTROL, Manifest


@dataclass(frozen=True, slots=True)
class Listing:
    """files: relative path -> size, sorted by path. notes: what was left out, in sentences."""

    files: dict[str, int]
    notes: tuple[str, ...]


def list_files(root: Path, leave_out: Path | None = None) -> Listing:
    """Walks the folder without following links. `leave_out`: our own output folder, when it lies inside.

    Raises SubmissionError for links that leave the folder or lead nowhere, special files, names that no report could
    print, and too many or too large files.
    """
    files: dict[str, int] = {}
    notes: list[str] = []
    controlled = 0
    total = 0
    top = root.resolve()
    own = leave_out.resolve() if leave_out is not None else None
    for folder, subfolders, names in os.walk(top, onerror=_refuse):
        here = Path(folder)
        _judge_names(here, top, [*subfolders, *names])
        if here.resolve() != here:  # a junction of Windows, which a walk takes for a plain folder
            raise SubmissionError(f"{_relative(here, top)} is a link to another folder")
        kept: list[str] = []
        for name in sorted(subfolders):
            path = here / name
            if path.is_symlink():
                _judge_link(path, top)
                notes.append(f"{_relative(path, top)} is a link to a folder and is not followed")
            elif name in VERSION_CONTROL:
                controlled += sum(len(inner) for _, _, inner in os.walk(path))
            elif own is not None and path == own:
                notes.append(f"{_relative(path, top)} is the output folder and is not part of the submission")
            else:
                kept.append(name)
        subfolders[:] = kept
        for name in sorted(names):
            if name in VERSION_CONTROL:  # a work tree's pointer to its repository
                controlled += 1
                continue
            path = here / name
            if path.is_symlink():
                _judge_link(path, top)
            state = path.stat()
            if not stat.S_ISREG(state.st_mode):
                raise SubmissionError(f"{_relative(path, top)} is neither a file nor a folder; take it out")
            total += state.st_size
            files[_relative(path, top)] = state.st_size
            if len(files) > MOST_FILES:
                raise SubmissionError(f"the submission holds more than {MOST_FILES} files")
            if total > MOST_UNPACKED:
                raise SubmissionError(f"the submission is larger than {MOST_UNPACKED // 1024**2} MiB")
    if controlled:
        notes.append(f"{controlled} files of version control were not read")
    return Listing(dict(sorted(files.items())), tuple(notes))


def build_catalogue(root: Path, listing: Listing, manifest: Manifest) -> tuple[CatalogueEntry, ...]:
    """Hashes every file and says what it is; rows sorted by path, missing files included."""
    declared = dict(manifest.declared_files)
    hashes = {path: _sha256(root / path, path) for path in listing.files}
    first: dict[str, str] = {}  # content -> the declared file that carries it
    for path in sorted(set(declared) & set(hashes)):
        if listing.files[path]:
            first.setdefault(hashes[path], path)
    alike = _alike_names(listing.files)
    rows: list[CatalogueEntry] = []
    for path, size in listing.files.items():
        original = first.get(hashes[path], path)
        notes = [declared[path]] if path in declared else []
        status = "declared" if path in declared else "extra"
        if original != path:
            status = "duplicate"
            notes.append(f"same content as {original}")
        if path in alike:
            notes.append(f"differs only in case from {alike[path]}")
        rows.append(CatalogueEntry(path, size, hashes[path], status, "; ".join(notes)))
    for path, reason in manifest.declared_files:
        if path not in listing.files:
            rows.append(CatalogueEntry(path, 0, "", "missing", reason))
    for pattern in manifest.unmatched:
        rows.append(CatalogueEntry(pattern, 0, "", "missing", "source path or pattern without a file"))
    return tuple(sorted(rows, key=lambda row: row.path))


def digest_of(catalogue: Iterable[CatalogueEntry]) -> str:
    """SHA-256 over path and hash of each file, in path order: equal for a folder and its archive."""
    state = hashlib.sha256()
    for row in catalogue:
        if row.status != "missing":
            state.update(f"{row.path}\0{row.sha256}\n".encode("utf-8", "surrogateescape"))
    return state.hexdigest()


def _judge_names(here: Path, top: Path, names: Iterable[str]) -> None:
    for name in sorted(names):
        if not name.isprintable():  # control characters, and bytes that are no UTF-8
            shown = name.encode("ascii", "backslashreplace").decode()
            raise SubmissionError(f"{_relative(here, top)}: the file name {shown!r} cannot be printed; rename it")


def _judge_link(path: Path, top: Path) -> None:
    name = _relative(path, top)
    try:
        goal = path.resolve(strict=True)
    except (OSError, RuntimeError):
        raise SubmissionError(f"{name} is a link that leads nowhere; put the file itself there") from None
    if not goal.is_relative_to(top):
        raise SubmissionError(f"{name} is a link that leaves the submission's folder; put the file itself there")


def _sha256(path: Path, name: str) -> str:
    state = hashlib.sha256()
    try:
        with path.open("rb") as source:
            while chunk := source.read(CHUNK):
                state.update(chunk)
    except OSError as error:
        raise SubmissionError(f"{name} cannot be read: {error.strerror or error}") from None
    return state.hexdigest()


def _alike_names(paths: Iterable[str]) -> dict[str, str]:
    first: dict[str, str] = {}
    out: dict[str, str] = {}
    for path in paths:
        other = first.setdefault(path.casefold(), path)
        if other != path:
            out[path] = other
    return out


def _relative(path: Path, top: Path) -> str:
    return path.relative_to(top).as_posix()


def _refuse(error: OSError) -> None:
    raise SubmissionError(f"the folder {error.filename} cannot be read: {error.strerror or error}")
