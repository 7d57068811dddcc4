"""Collects what is wrong with the files of a submission, so that the reader gets all of it in one message."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from swassess.errors import SubmissionError

MOST_SHOWN = 10


@dataclass(slots=True)
class Problems:
    """Problems of several files. Files keep the order in which they were first named, lines go upwards."""

    _rows: list[tuple[str, int, str]] = field(default_factory=list)
    _files: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self._rows)

    @property
    def count(self) -> int:
        """How many problems there are so far."""
        return len(self._rows)

    def add(self, file: str, line: int, text: str) -> None:
        """Notes a problem; the same one twice counts once."""
        if file not in self._files:
            self._files.append(file)
        row = (file, line, text)
        if row not in self._rows:
            self._rows.append(row)

    def raise_if_any(self) -> None:
        """Raises one SubmissionError with the first problems, file and line in front of each."""
        if not self._rows:
            return
        rows = sorted(self._rows, key=lambda row: (self._files.index(row[0]), row[1]))
        shown = [f"{file}:{line}: {text}" for file, line, text in rows[:MOST_SHOWN]]
        if len(rows) == 1:
            raise SubmissionError(shown[0])
        lines = [f"the submission's description has {len(rows)} problems:", *(f"  {text}" for text in shown)]
        if len(rows) > MOST_SHOWN:
            lines.append(f"  and {len(rows) - MOST_SHOWN} more")
        raise SubmissionError("\n".join(lines))


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that looks most like `name`, or an empty string."""
    names = sorted(set(known))
    by_folded = {candidate.casefold(): candidate for candidate in names}
    found = get_close_matches(name.casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[found[0]] if found else ""


def suggestion(name: str, known: Iterable[str]) -> str:
    """The end of a sentence: the nearest known name, or all of them when they are few."""
    names = sorted(set(known))
    close = nearest(name, names)
    if close:
        return f"; did you mean '{close}'?"
    if 0 < len(names) <= 12:
        return f"; known here: {', '.join(names)}"
    return ""
