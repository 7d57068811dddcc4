"""The units of a submission and how they are compiled, from compile_commands.json or from the declared patterns."""

import json
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swassess.errors import SubmissionError
from swassess.source.files import is_assembly, is_c, matching, submission_files

_LARGEST = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Unit:
    """One C or assembly file as it is compiled. Paths are relative to the submission.

    includes: include folders inside the submission, in order; those outside are dropped, their headers are ours.
    macros: ("D" or "U", text after -D or -U); standard: "c11" and the like, "" when not said.
    """

    file: str
    includes: tuple[str, ...] = ()
    macros: tuple[tuple[str, str], ...] = ()
    standard: str = ""


def read_units(root: Path, compile_commands: str, patterns: tuple[str, ...]) -> tuple[Unit, ...]:
    """Units by path. `compile_commands`: relative path of the file, "" for none: then the patterns decide, with every
    folder that holds a header as include folder.

    Raises SubmissionError where the file is no compilation database or a unit's path leaves the submission.
    """
    if compile_commands:
        return read_compile_commands(root, compile_commands)
    files = submission_files(root)
    headers = tuple(sorted({os.path.dirname(path) or "." for path in files if path.lower().endswith((".h", ".inc"))}))
    chosen = matching(patterns, files) if patterns else files
    return tuple(Unit(path, headers) for path in chosen if is_c(path) or is_assembly(path))


def read_compile_commands(root: Path, relative: str) -> tuple[Unit, ...]:
    """The units of a compilation database, by path; of two entries for one file the first counts.

    Relative directories start at the database's folder, or at a folder above it where more of the files are found.
    """
    base = root.resolve()
    path = base / relative
    if not path.resolve().is_relative_to(base) or not path.is_file():
        raise SubmissionError(f"{relative}: there is no such file in the submission; correct sources.compile_commands.")
    if path.stat().st_size > _LARGEST:
        raise SubmissionError(f"{relative}: the file is larger than {_LARGEST >> 20} MiB, no list of compile commands.")
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        place = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise SubmissionError(f"{relative}: this is not JSON{place}; generate it anew.") from None
    except RecursionError:
        raise SubmissionError(f"{relative}: this is nested too deeply to be a list of compile commands.") from None
    if not isinstance(entries, list):
        raise SubmissionError(f"{relative}: a list of compile commands is expected; generate it anew.")
    units: dict[str, Unit] = {}
    beside = _working_folder(base, path.parent, entries)
    for number, entry in enumerate(entries, 1):
        unit = _unit(base, beside, entry, f"{relative}: entry {number}")
        units.setdefault(unit.file, unit)
    return tuple(units[file] for file in sorted(units))


def _working_folder(base: Path, beside: Path, entries: list[Any]) -> Path:
    """The folder that relative directories start from: the database's own, or the one above it where more of the named
    files exist (builds often move the database to where the images are)."""
    named = [
        Path(str(entry.get("directory", ".")).replace("\\", "/"), str(entry.get("file", "")).replace("\\", "/"))
        for entry in entries
        if isinstance(entry, dict)
    ]
    above = [folder for folder in (beside, *beside.parents) if folder.is_relative_to(base)]
    return max(above, key=lambda folder: sum(_exists(base, folder / path) for path in named))


def _unit(base: Path, beside: Path, entry: Any, where: str) -> Unit:
    if not isinstance(entry, dict) or not isinstance(entry.get("file"), str):
        raise SubmissionError(f"{where} names no file; generate the file anew.")
    directory = entry.get("directory", ".")
    if not isinstance(directory, str):
        raise SubmissionError(f"{where} has a directory that is no text; generate the file anew.")
    folder = beside / directory.replace("\\", "/")
    inside = _inside(base, folder / entry["file"].replace("\\", "/"))
    if inside is None:
        raise SubmissionError(
            f"{where} names {entry['file']!r}, which lies outside the submission; "
            "write directories and files relative to the file's own folder."
        )
    includes: list[str] = []
    macros: list[tuple[str, str]] = []
    standard = ""
    words = iter(_words(entry, where))
    for word in words:
        if word[:2] in ("-I", "-D", "-U"):
            value = word[2:] or next(words, "")
            if word[1] == "I":
                _add_include(includes, _inside(base, folder / value.replace("\\", "/")))
            elif value:
                macros.append((word[1], value))
        elif word in ("-isystem", "-iquote", "-idirafter"):
            _add_include(includes, _inside(base, folder / next(words, "").replace("\\", "/")))
        elif word.startswith("-std="):
            standard = word[5:]
        elif word == "--c99":
            standard = "gnu99"
    return Unit(inside, tuple(includes), tuple(macros), standard)


def _add_include(includes: list[str], folder: str | None) -> None:
    if folder is not None and folder not in includes:
        includes.append(folder)


def _inside(base: Path, path: Path) -> str | None:
    """The path relative to the submission, None when it (or a link on the way) leads out."""
    try:
        straight = Path(os.path.normpath(path))
        if not straight.is_relative_to(base) or not straight.resolve().is_relative_to(base):
            return None
    except (OSError, ValueError):
        return None
    return straight.relative_to(base).as_posix()


def _words(entry: dict[str, Any], where: str) -> list[str]:
    arguments = entry.get("arguments")
    if isinstance(arguments, list) and all(isinstance(word, str) for word in arguments):
        return arguments
    command = entry.get("command", "")
    if not isinstance(command, str):
        raise SubmissionError(f"{where} has neither arguments nor a command; generate the file anew.")
    try:
        if "\\" in command and '\\"' not in command:  # a command line of Windows
            return [word.strip('"') for word in shlex.split(command, posix=False)]
        return shlex.split(command)
    except ValueError:
        raise SubmissionError(f"{where} has a command with an unmatched quote; generate the file anew.") from None


def _exists(base: Path, path: Path) -> bool:
    try:
        return _inside(base, path) is not None and path.is_file()
    except (OSError, ValueError):
        return False
