"""From addresses to source lines."""

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineTable:
    """Three columns of equal length, sorted by address: a row holds until the next one. file -1 ends a stretch."""

    addresses: tuple[int, ...] = ()
    file_numbers: tuple[int, ...] = ()
    line_numbers: tuple[int, ...] = ()
    files: tuple[str, ...] = ()

    def line_at(self, address: int) -> tuple[str, int]:
        """(file, line) of the code at `address`; ("", 0) where the debug information says nothing."""
        place = bisect_right(self.addresses, address) - 1
        if place < 0 or self.file_numbers[place] < 0:
            return "", 0
        return self.files[self.file_numbers[place]], self.line_numbers[place]

    def addresses_of(self, file: str, line: int) -> tuple[int, ...]:
        """Addresses where rows of that source line begin, ascending."""
        if file not in self.files:
            return ()
        number = self.files.index(file)
        rows = zip(self.addresses, self.file_numbers, self.line_numbers, strict=True)
        return tuple(address for address, in_file, at_line in rows if in_file == number and at_line == line)
