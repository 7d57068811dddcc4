"""Check codes over bytes: every CRC of the table with each convention, sums and exclusive-or; and what they find.

A code is a function of state and bytes, so that the value after each slice can be compared with what the program keeps.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from pydantic import Field

from swassess.catalogue import CatalogueModel, data_folder, load_model

BYTES, WORDS = "bytes in order", "words, most significant byte first"


@dataclass(frozen=True, slots=True)
class CheckCode:
    """One way to compute a check value.

    family: "crc", "sum" or "xor". width: bits of the value. unit: bytes taken at a time (sum and xor). order: BYTES or
    WORDS (crc). named: a parameter set in general use.
    """

    name: str
    family: str
    width: int
    polynomial: int = 0
    initial: int = 0
    reflected: bool = False
    unit: int = 1
    order: str = BYTES
    named: bool = False

    @property
    def mask(self) -> int:
        return (1 << self.width) - 1

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """For the report, without the final exclusive-or."""
        if self.family != "crc":
            return (("width", f"{self.width} bit"), ("unit", f"{8 * self.unit} bit"))
        digits = -(-self.width // 4)
        return (
            ("width", f"{self.width} bit"),
            ("polynomial", f"0x{self.polynomial:0{digits}X}"),
            ("initial value", f"0x{self.initial:0{digits}X}"),
            ("reflected", "yes" if self.reflected else "no"),
            ("data", self.order),
        )

    def values(self, pieces: list[bytes]) -> list[int]:
        """The state after each piece, without any final exclusive-or. Pieces hold whole units."""
        state, found = self.initial, []
        for piece in pieces:
            state = self._update(state, piece)
            found.append(state)
        return found

    def _update(self, state: int, data: bytes) -> int:
        if self.family != "crc":
            values = np.frombuffer(data[: len(data) // self.unit * self.unit], dtype=f"<u{self.unit}")
            if self.family == "xor":
                return (state ^ int(np.bitwise_xor.reduce(values))) & self.mask if len(values) else state
            return (state + int(values.sum(dtype=np.uint64))) & self.mask
        if self.order == WORDS:
            data = np.frombuffer(data[: len(data) // 4 * 4], dtype=">u4").astype("<u4").tobytes()
        if self.reflected and self.width == 32 and self.polynomial == 0x04C11DB7:
            return zlib.crc32(data, state ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
        table = _table(self.polynomial, self.width, self.reflected)
        if self.reflected:
            for byte in data:
                state = table[(state ^ byte) & 0xFF] ^ (state >> 8)
            return state
        shift, mask = self.width - 8, self.mask
        for byte in data:
            state = table[(state >> shift ^ byte) & 0xFF] ^ (state << 8 & mask)
        return state


def candidates() -> Iterator[CheckCode]:
    """Codes to try, the usual ones first."""
    yield from _named()
    for family, name in (("sum", "sum"), ("xor", "exclusive-or")):
        for width in (32, 16, 8):
            for unit in (1, 2, 4):
                if 8 * unit <= width:
                    yield CheckCode(f"{name} ({width} bit, units of {8 * unit} bit)", family, width, unit=unit)
    known = {(c.polynomial, c.width, c.initial, c.reflected) for c in _named()}
    for order in (BYTES, WORDS):
        for entry in _load().polynomials:
            for reflected in (True, False):
                for initial in ((1 << entry.width) - 1, 0):
                    usual = (entry.polynomial, entry.width, initial, reflected) in known
                    if (usual and order == BYTES) or (order == WORDS and entry.width != 32):
                        continue
                    yield CheckCode(entry.name, "crc", entry.width, entry.polynomial, initial, reflected, order=order)


def named_check_values() -> tuple[tuple[CheckCode, int, int], ...]:
    """(code, final exclusive-or, value over the digits 1 to 9) of each parameter set in general use."""
    return tuple((code, entry.final_xor, entry.check) for code, entry in zip(_named(), _load().named, strict=True))


def detects_all_single_bit_flips(code: CheckCode) -> tuple[bool, str]:
    """(holds, why): whether flipping any one bit of the data always changes the whole check value. Exact."""
    if code.family == "crc":
        if not code.polynomial:
            return False, "the generator is a single power of x, so that a flipped bit can vanish from the remainder"
        return True, (
            "a CRC is linear, so that a flip of bit k changes the value by a power of x modulo the generator "
            f"x^{code.width} + 0x{code.polynomial:X}; it has more than one term, so it divides no power of x "
            "and the change is never zero, whatever the length, initial value, reflection and final exclusive-or"
        )
    if 8 * code.unit > code.width:
        return False, f"units of {8 * code.unit} bit are added into {code.width} bit, so that the upper bits are lost"
    if code.family == "xor":
        return True, "a flipped bit flips exactly the same bit of the exclusive-or"
    return True, (
        f"a flip of bit j of a unit changes the sum by 2^j modulo 2^{code.width}, and j is below {code.width}, so the "
        "change is never zero"
    )


class _Polynomial(CatalogueModel):
    name: str
    width: int = Field(ge=8, le=64)
    polynomial: int
    order: int


class _Named(CatalogueModel):
    name: str
    width: int = Field(ge=8, le=64)
    polynomial: int
    initial: int
    reflected: bool
    final_xor: int
    check: int


class _Table(CatalogueModel):
    source: str
    polynomials: list[_Polynomial]
    named: list[_Named]


@cache
def _load() -> _Table:
    return load_model(data_folder("checks") / "crc.yaml", _Table)


@cache
def _named() -> tuple[CheckCode, ...]:
    return tuple(
        CheckCode(n.name, "crc", n.width, n.polynomial, n.initial, n.reflected, named=True) for n in _load().named
    )


@cache
def _table(polynomial: int, width: int, reflected: bool) -> tuple[int, ...]:
    mask, top = (1 << width) - 1, 1 << (width - 1)
    backwards = int(f"{polynomial:0{width}b}"[::-1], 2)
    table = []
    for byte in range(256):
        state = byte if reflected else byte << (width - 8)
        for _ in range(8):
            if reflected:
                state = (state >> 1) ^ (backwards if state & 1 else 0)
            else:
                state = (state << 1 & mask) ^ (polynomial if state & top else 0)
        table.append(state)
    return tuple(table)
