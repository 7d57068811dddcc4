"""Paths that a submission names: always relative, with forward slashes, and never leading out of the folder."""

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache
from pathlib import Path, PurePosixPath

from swassess.errors import SubmissionError

_WILDCARD = re.compile(r"[*?\[]")


def path_fault(text: str) -> str:
    """Why a declared path cannot be used, as the rest of a sentence about it; empty when it can."""
    if not text.strip():
        return "is empty"
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        return "contains a control character"
    if "\\" in text:
        return "has a backslash; write forward slashes"
    if text.startswith("/") or re.match(r"[A-Za-z]:", text):
        return "is absolute; write it relative to the folder of submission.toml"
    if ".." in PurePosixPath(text).parts:
        return "leaves the submission's folder ('..')"
    if len(text) > 1000:
        return "is longer than 1000 characters"
    return ""


def contained(root: Path, relative: str) -> Path:
    """Absolute path of a file inside `root`. Raises SubmissionError when the path, or a link on the way, leads out."""
    fault = path_fault(relative)
    if fault:
        raise SubmissionError(f"the path {relative!r} {fault}")
    path = root / PurePosixPath(relative)
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError) as error:
        raise SubmissionError(f"{relative} cannot be followed: {getattr(error, 'strerror', None) or error}") from None
    if not inside:
        raise SubmissionError(f"{relative} is a link that leaves the submission's folder")
    return path


def has_wildcard(pattern: str) -> bool:
    """Whether a declared source path is a pattern."""
    return _WILDCARD.search(pattern) is not None


def matching(pattern: str, paths: Iterable[str]) -> tuple[str, ...]:
    """The paths a declared pattern means, sorted. `*` and `?` stay inside a folder, `**` goes through folders."""
    cleaned = str(PurePosixPath(pattern))
    if not has_wildcard(cleaned):
        return (cleaned,) if cleaned in set(paths) else ()
    parts = tuple(PurePosixPath(cleaned).parts)
    return tuple(sorted(path for path in paths if _parts_match(parts, PurePosixPath(path).parts)))


def _parts_match(pattern: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Dynamic programming over path parts: linear in their product whatever the pattern is."""
    reached = {0}
    for number, piece in enumerate(pattern):
        last = number == len(pattern) - 1
        if piece == "**":
            start = min(reached)
            reached = set(range(start, len(parts) + 1))
            if last:
                reached = {len(parts)} if start < len(parts) else set()
        else:
            expression = _part_expression(piece)
            reached = {at + 1 for at in reached if at < len(parts) and expression.fullmatch(parts[at])}
        if not reached:
            return False
    return len(parts) in reached


@lru_cache(maxsize=512)
def _part_expression(piece: str) -> re.Pattern[str]:
    return re.compile(translate(piece))  # the standard translation never backtracks over several stars
