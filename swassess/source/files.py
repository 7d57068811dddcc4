"""Which files of a submission may be read as sources, and how paths of other origin are matched to them."""

import os
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path, PurePosixPath

C_ENDINGS = (".c",)
ASSEMBLY_ENDINGS = (".s", ".asm")
MOST_FILES = 50_000


def submission_files(root: Path) -> tuple[str, ...]:
    """Relative paths (forward slashes, sorted) of the regular files below `root`; links that lead out are left out."""
    base = root.resolve()
    found: list[str] = []
    for folder, folders, names in os.walk(base, followlinks=False):
        folders.sort()
        for name in names:
            path = Path(folder, name)
            try:
                inside = path.is_file() and path.resolve().is_relative_to(base)
            except OSError:
                continue
            if inside:
                found.append(path.relative_to(base).as_posix())
        if len(found) > MOST_FILES:
            break
    return tuple(sorted(found))


def is_c(path: str) -> bool:
    """Whether the path names a C unit."""
    return path.lower().endswith(C_ENDINGS)


def is_assembly(path: str) -> bool:
    """Whether the path names an assembly unit (.s, .S, .asm)."""
    return path.lower().endswith(ASSEMBLY_ENDINGS)


def matching(patterns: Iterable[str], files: Iterable[str]) -> tuple[str, ...]:
    """Files that one of the patterns means, sorted. `*` and `?` stay inside a folder, `**` goes through folders; a
    pattern without wildcards also means everything below a folder of that name."""
    expressions = [_expression(str(PurePosixPath(pattern))) for pattern in patterns]
    return tuple(sorted(path for path in files if any(expression.match(path) for expression in expressions)))


@lru_cache(maxsize=256)
def _expression(pattern: str) -> re.Pattern[str]:
    out = ""
    position = 0
    while position < len(pattern):
        if pattern.startswith("**/", position):
            out, position = out + "(?:[^/]+/)*", position + 3
        elif pattern.startswith("**", position):
            out, position = out + ".*", position + 2
        else:
            character = pattern[position]
            out += {"*": "[^/]*", "?": "[^/]"}.get(character, re.escape(character))
            position += 1
    below = "" if re.search(r"[*?]", pattern) else "(?:/.*)?"
    return re.compile(out + below + r"\Z")


def match_source(foreign: str, files: Iterable[str]) -> str:
    """The file of the submission that a path from another machine (debug information, map file) means.

    The longest common tail of path parts decides; "" where nothing matches or two files match equally well.
    """
    parts = [part for part in foreign.replace("\\", "/").split("/") if part not in ("", ".")]
    best, length, unique = "", 0, True
    for path in files:
        own = path.split("/")
        common = 0
        while common < min(len(own), len(parts)) and own[-1 - common].lower() == parts[-1 - common].lower():
            common += 1
        if common > length:
            best, length, unique = path, common, True
        elif common == length and common:
            unique = False
    return best if length and unique else ""


def read_text(path: Path) -> str:
    """A source file's text: UTF-8, else the Chinese encoding of older editors; never fails on odd bytes."""
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
