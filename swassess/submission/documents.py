"""Can a declared paper be opened at all? A file that is empty or broken is not a document."""

import zipfile
from pathlib import Path

READ_AT_MOST = 4 * 1024 * 1024

_TEXT = {".md", ".txt", ".csv", ".tsv", ".rst", ".html", ".htm", ".svg", ".xml", ".json", ".toml", ".yaml", ".yml",
         ".c", ".h", ".s", ".asm", ".inc"}  # fmt: skip
_ZIPPED = {".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".odg", ".vsdx", ".zip"}
_OLE = {".doc", ".xls", ".ppt", ".vsd"}
_MAGIC = {
    ".pdf": (b"%PDF-",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".bmp": (b"BM",),
    ".tif": (b"II*\0", b"MM\0*"),
    ".tiff": (b"II*\0", b"MM\0*"),
}


def decode(raw: bytes) -> str | None:
    """Text of a paper or source: UTF-8, UTF-16 with a mark, or GB 18030 (common in China); None for other bytes."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\0" in raw:
        return None
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def read_text(path: Path) -> str | None:
    """Text of a file, of a very large one the first lines; None when it is no text. Raises OSError."""
    with path.open("rb") as source:
        raw = source.read(READ_AT_MOST + 1)
    if len(raw) > READ_AT_MOST:  # cut at a line's end, lest half a character be left
        raw = raw[: raw.rfind(b"\n") + 1]
    return decode(raw)


def document_fault(path: Path) -> str:
    """Why the paper at `path` cannot serve, as the rest of a sentence about it; empty when it opens.

    Proved: it has content of the kind its name promises. Not proved: that the content answers the item.
    """
    kind = path.suffix.lower()
    try:
        if not path.is_file():
            return "is not a file"
        with path.open("rb") as source:
            start = source.read(16)
        text = read_text(path) if kind in _TEXT else ""
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    if not start:
        return "is empty"
    if kind in _TEXT:
        if text is None:
            return "is not readable as text (neither UTF-8 nor GB 18030)"
        return "" if any(character.isalnum() for character in text) else "has no words in it"
    if kind in _ZIPPED:
        return "" if _is_zip(path) else f"is not a usable {kind} file"
    if kind in _OLE:
        return "" if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") else f"is not a usable {kind} file"
    if kind in _MAGIC:
        return "" if start.startswith(_MAGIC[kind]) else f"is not a usable {kind} file"
    return ""


def _is_zip(path: Path) -> bool:
    """Only the archive's end record is looked at: nothing inside is unpacked."""
    try:
        return zipfile.is_zipfile(path)
    except OSError:
        return False
