"""On which line of a TOML file does a key stand? The standard reader does not say, and a message without it is no help.

The text has been read by `tomllib` before, so it is known to be valid: this scanner only has to follow the structure.
"""

import re
from collections.abc import Sequence

Path = tuple[str | int, ...]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_SIMPLE = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


class KeyLines:
    """Lines (from 1) of every table, key and array element of a TOML text, by path such as ("measure", 2, "row")."""

    def __init__(self, text: str) -> None:
        self._lines = _Scanner(text).scan()

    def line(self, path: Sequence[str | int]) -> int:
        """Line of the path, or of its nearest ancestor that stands in the file; 1 when none does."""
        full = tuple(path)
        for length in range(len(full), 0, -1):
            if full[:length] in self._lines:
                return self._lines[full[:length]]
        return 1


class _Scanner:
    """One pass over a valid text. `table`: path of the table the keys belong to; arrays of tables are counted."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.at = 0
        self.counted_to = 0
        self.line_number = 1
        self.table: Path = ()
        self.counts: dict[Path, int] = {}
        self.lines: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                self._header()
            else:
                self._pair(self.table)
            self._skip(_BLANK)
        return self.lines

    def _header(self) -> None:
        line = self._line()
        is_array = self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        path: Path = ()
        keys = self._dotted_key()
        for number, key in enumerate(keys):
            path += (key,)
            if is_array and number == len(keys) - 1:
                self.counts[path] = self.counts.get(path, -1) + 1
                self.lines.setdefault(path, line)
            if path in self.counts:
                path += (self.counts[path],)
        self.at += 2 if is_array else 1
        self.lines.setdefault(path, line)
        self.table = path

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = table
        for key in self._dotted_key():
            path += (key,)
            self.lines.setdefault(path, line)
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: Path) -> None:
        first = self.text[self.at]
        if first in "\"'":
            self._string()
        elif first == "[":
            self.at += 1
            self._skip(_BLANK)
            index = 0
            while self.text[self.at] != "]":
                element = (*path, index)
                self.lines.setdefault(element, self._line())
                self._value(element)
                index += 1
                self._skip(_BLANK)
                if self.text[self.at] == ",":
                    self.at += 1
                    self._skip(_BLANK)
            self.at += 1
        elif first == "{":
            self.at += 1
            self._skip(_BLANK)
            while self.text[self.at] != "}":
                self._pair(path)
                self._skip(_BLANK)
                if self.text[self.at] == ",":
                    self.at += 1
                    self._skip(_BLANK)
            self.at += 1
        else:
            self._skip(_SCALAR)

    def _dotted_key(self) -> list[str]:
        keys: list[str] = []
        while True:
            self._skip(_SPACE)
            if self.text[self.at] in "\"'":
                keys.append(self._string())
            else:
                match = _BARE_KEY.match(self.text, self.at)
                if match is None:
                    raise ValueError("not a key")
                keys.append(match.group())
                self.at = match.end()
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return keys
            self.at += 1

    def _string(self) -> str:
        """Skips a string and returns its text (a multi-line one only approximately: it can never be a key)."""
        quote = self.text[self.at]
        long = self.text.startswith(quote * 3, self.at)
        end = quote * 3 if long else quote
        start = self.at = self.at + len(end)
        while not self.text.startswith(end, self.at):
            if self.at >= len(self.text):
                raise ValueError("string without an end")
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        body = self.text[start : self.at]
        self.at += len(end)
        while long and self.text.startswith(quote, self.at):  # up to two quotes may stand before the closing three
            self.at += 1
        return body if quote == "'" else _ESCAPE.sub(_unescape, body)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()

    def _line(self) -> int:
        self.line_number += self.text.count("\n", self.counted_to, self.at)
        self.counted_to = self.at
        return self.line_number


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    return chr(int(code, 16)) if code else _SIMPLE.get(match.group(3), match.group(3))
