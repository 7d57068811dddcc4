"""Reads a TOML file of a submission with limits, and keeps the line of every key."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swassess.errors import SubmissionError
from swassess.submission.paths import contained
from swassess.submission.toml_lines import KeyLines

# Beyond these a hand-written description is not plausible, and the reader's effort grows with the square of a key.
MOST_BYTES = 256 * 1024
LONGEST_LINE = 4000

_POSITION = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class TomlFile:
    """name: path in the submission, for messages. data: the parsed tables."""

    name: str
    data: dict[str, Any]
    lines: KeyLines | None

    def line(self, path: Sequence[str | int]) -> int:
        """Line of a key, or of the table it would stand in."""
        return self.lines.line(path) if self.lines else 1


def read_toml(folder: Path, name: str) -> TomlFile:
    """Parses the file `name` inside `folder`. Raises SubmissionError with file and line for whatever is wrong."""
    path = contained(folder, name)
    try:
        if not path.is_file():
            raise SubmissionError(f"{name} does not exist or is not a file")
        if path.stat().st_size > MOST_BYTES:
            raise SubmissionError(f"{name} is larger than {MOST_BYTES // 1024} KiB, too large for a description")
        raw = path.read_bytes()
    except OSError as error:
        raise SubmissionError(f"{name} cannot be read: {error.strerror or error}") from None
    text = _decode(name, raw)
    return parse_toml(name, text)


def parse_toml(name: str, text: str) -> TomlFile:
    """Parses TOML text; `name` stands in messages. Raises SubmissionError with the line."""
    for number, row in enumerate(text.split("\n"), start=1):
        if len(row) > LONGEST_LINE:
            raise SubmissionError(f"{name}:{number}: the line has more than {LONGEST_LINE} characters; break it up")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SubmissionError(_sentence(name, text, str(error))) from None
    except (ValueError, RecursionError) as error:
        reason = "tables are nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise SubmissionError(f"{name} is not valid TOML: {reason}") from None
    try:
        lines: KeyLines | None = KeyLines(text)
    except (ValueError, IndexError, RecursionError):  # then the messages go without lines
        lines = None
    return TomlFile(name, data, lines)


def _decode(name: str, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SubmissionError(f"{name}:{line}: the file is not UTF-8 text; save it as UTF-8") from None


def _sentence(name: str, text: str, message: str) -> str:
    """The reader's message with its position in front, where an editor finds it."""
    match = _POSITION.search(message)
    line = int(match.group(1)) if match and match.group(1) else text.rstrip().count("\n") + 1
    reason = message[: match.start()] if match else message
    return f"{name}:{line}: not valid TOML: {reason[:1].lower()}{reason[1:]}"
