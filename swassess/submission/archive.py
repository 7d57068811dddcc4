"""Unpacks a submission's .zip with everything refused that a hostile archive could try.

Nothing is extracted by the archive's own names before each of them was judged, and what comes out is counted while it
is written: the sizes in an archive's directory are claims.
"""

import stat
import unicodedata
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from swassess.errors import SubmissionError

MOST_UNPACKED = 512 * 1024 * 1024
MOST_FILES = 20_000
MOST_RATIO = 200
RATIO_FROM = 1024 * 1024
CHUNK = 1024 * 1024

# 20,000 entries with long names fit; a larger directory costs memory before its entries can be counted.
MOST_DIRECTORY = 16 * 1024 * 1024

_ENCRYPTED = 0x1
_UTF8_NAMES = 0x800
_FORBIDDEN = set('<>:"|?*')
_DEVICES = {"con", "prn", "aux", "nul"} | {f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10)}


def unpack(archive: Path, target: Path) -> None:
    """Unpacks `archive` into the empty folder `target`.

    Raises SubmissionError for entries that escape, links, special files, encryption, bombs, names given twice (also
    when they differ only in case), and for damaged archives.
    """
    try:
        _judge_directory(archive)
        with zipfile.ZipFile(archive) as opened:
            plan = _plan(archive.name, opened)
            _extract(archive.name, opened, plan, target)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise SubmissionError(f"{archive.name} is not a usable zip archive: {error}") from None
    except OSError as error:
        raise SubmissionError(f"{archive.name} cannot be unpacked: {error.strerror or error}") from None


def _judge_directory(archive: Path) -> None:
    """Looks at the size of the archive's directory before anything reads it into memory."""
    size = archive.stat().st_size
    with archive.open("rb") as source:
        start = max(0, size - 22 - 0xFFFF - 76)
        source.seek(start)
        tail = source.read()
    end = len(tail) - 22
    if end < 0 or tail[end : end + 4] != b"PK\5\6" or tail[-2:] != b"\0\0":
        end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) < end + 22:
        raise zipfile.BadZipFile("its directory is missing")
    directory = int.from_bytes(tail[end + 12 : end + 16], "little")
    if (
        end >= 76 and tail[end - 76 : end - 72] == b"PK\6\6" and tail[end - 20 : end - 16] == b"PK\6\7"
    ):  # ZIP64: the larger record stands before its locator
        directory = int.from_bytes(tail[end - 36 : end - 28], "little")
    if directory > MOST_DIRECTORY:
        raise SubmissionError(f"{archive.name} has a directory of {directory} bytes, more than any submission needs")


def _plan(name: str, opened: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """The files to write, each with its judged relative path."""
    infos = opened.infolist()
    if len(infos) > MOST_FILES:
        raise SubmissionError(f"{name} holds {len(infos)} entries; at most {MOST_FILES} are read")
    folders: set[str] = set()
    files: dict[str, str] = {}
    plan: list[tuple[zipfile.ZipInfo, PurePosixPath]] = []
    total = 0
    for info in infos:
        text = _entry_name(info)
        path = _judged_path(name, text)
        _judge_kind(name, text, info)
        total += info.file_size
        if total > MOST_UNPACKED:
            raise SubmissionError(f"{name} unpacks to more than {MOST_UNPACKED // 1024**2} MiB; it is not unpacked")
        if info.file_size > RATIO_FROM and info.file_size > MOST_RATIO * info.compress_size:
            raise SubmissionError(f"{name}: entry {text!r} is packed more than {MOST_RATIO} to 1, like a zip bomb")
        parents = [_folded(parent) for parent in path.parents if parent.parts]
        if text.endswith("/"):
            folders.update([_folded(path), *parents])
            continue
        key = _folded(path)
        if key in files:
            same = "twice" if files[key] == str(path) else f"and {files[key]!r}, which are one file on many systems"
            raise SubmissionError(f"{name} holds {str(path)!r} {same}")
        files[key] = str(path)
        folders.update(parents)
        plan.append((info, path))
    both = sorted(set(files) & folders)
    if both:
        raise SubmissionError(f"{name} uses {files[both[0]]!r} both as a file and as a folder")
    return plan


def _extract(
    name: str, opened: zipfile.ZipFile, plan: list[tuple[zipfile.ZipInfo, PurePosixPath]], target: Path
) -> None:
    written = 0
    for info, path in plan:
        goal = target / path
        goal.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(info) as source, goal.open("xb") as sink:
            while chunk := source.read(CHUNK):
                written += len(chunk)
                if written > MOST_UNPACKED:
                    raise SubmissionError(f"{name} unpacks to more than {MOST_UNPACKED // 1024**2} MiB")
                sink.write(chunk)


def _entry_name(info: zipfile.ZipInfo) -> str:
    """The entry's name; without the UTF-8 mark it is mostly UTF-8 or GB 18030 all the same, not code page 437."""
    name = info.orig_filename
    if info.flag_bits & _UTF8_NAMES or name.isascii():
        return name
    raw = name.encode("cp437")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def _judged_path(name: str, text: str) -> PurePosixPath:
    path = PurePosixPath(text)
    if "\\" in text:
        raise SubmissionError(f"{name}: entry {text!r} has a backslash in its name; pack it with forward slashes")
    if text.startswith("/") or (len(text) > 1 and text[1] == ":"):
        raise SubmissionError(f"{name}: entry {text!r} has an absolute path")
    if ".." in path.parts:
        raise SubmissionError(f"{name}: entry {text!r} leaves the folder ('..')")
    for part in path.parts:
        device = part.split(".")[0].casefold() in _DEVICES
        if device or part[-1] in ". " or any(c in _FORBIDDEN or ord(c) < 32 or ord(c) == 127 for c in part):
            raise SubmissionError(f"{name}: entry {text!r} has a name that not every system can hold; rename it")
    if not path.parts:
        raise SubmissionError(f"{name} holds an entry without a name")
    return path


def _judge_kind(name: str, text: str, info: zipfile.ZipInfo) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise SubmissionError(f"{name}: entry {text!r} is encrypted; hand in an archive without a password")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise SubmissionError(f"{name}: entry {text!r} is packed by a rare method; pack it with plain deflate")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise SubmissionError(f"{name}: entry {text!r} is a symbolic link; hand in the file itself")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise SubmissionError(f"{name}: entry {text!r} is neither a file nor a folder")


def _folded(path: PurePosixPath) -> str:
    """One spelling for names that case-insensitive or normalising file systems take for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", str(path)).casefold())
