"""CRC units of the STM32: the fixed one (RM0008, chapter 4) and the one with a programmable polynomial (RM0444, 14).

Results are there at once; on silicon a read waits up to four cycles for them.
"""

from functools import cache

from swassess.emulator.peripherals.behaviour import Behaviour, merged

_ETHERNET = 0x04C11DB7
_RESET = 1
_WIDTHS = (32, 16, 8, 7)  # by POLYSIZE
_UNITS = (0, 8, 16, 32)  # by REV_IN
_KEPT_IN_CR = 0xF8


@cache
def _table(polynomial: int, width: int) -> tuple[int, ...]:
    """Remainder of a byte that leaves a register of `width` bits, 8 at least, at its top."""
    mask, top = (1 << width) - 1, 1 << width - 1
    found = []
    for byte in range(256):
        rest = byte << width - 8
        for _ in range(8):
            rest = (rest << 1 ^ (polynomial if rest & top else 0)) & mask
        found.append(rest)
    return tuple(found)


def divided(rest: int, data: int, size: int, polynomial: int, width: int) -> int:
    """The remainder after `size` bytes of data, most significant bit first."""
    mask = (1 << width) - 1
    polynomial &= mask
    if width >= 8:
        table = _table(polynomial, width)
        for shift in range(8 * size - 8, -8, -8):
            rest = (rest << 8 ^ table[(rest >> width - 8 ^ data >> shift) & 0xFF]) & mask
        return rest
    for shift in range(8 * size - 1, -1, -1):
        out = rest >> width - 1 ^ data >> shift & 1
        rest = (rest << 1 ^ (polynomial if out & 1 else 0)) & mask
    return rest


def mirrored(value: int, bits: int) -> int:
    """The lowest `bits` bits in reverse order."""
    return int(f"{value & (1 << bits) - 1:0{bits}b}"[::-1], 2)


class CrcV1(Behaviour):
    """CRC-32 (Ethernet) of words, not reflected, initial value 0xFFFFFFFF. IDR: eight free bits."""

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name == "DR":
            self.put("DR", divided(self.get("DR"), value & 0xFFFFFFFF, 4, _ETHERNET, 32))
        elif name == "IDR":
            self.put("IDR", merged(self.get("IDR"), offset, value, size) & 0xFF)
        elif name == "CR" and value & _RESET and not offset & 3:
            self.put("DR", 0xFFFFFFFF)
        return name is not None


class CrcV2(Behaviour):
    """7, 8, 16 or 32 bits, bytes, half-words or words, input and output mirrored at will. Parameters: idr_bits;
    polynomial false where it is fixed (F03x, F04x, F05x)."""

    def is_clean(self, name: str) -> bool:
        return True

    def peek(self, offset: int) -> int | None:
        value = super().peek(offset)
        if value is not None and self.register_at(offset) == "DR" and self.get("CR") & 0x80:
            return mirrored(value, self._width())
        return value

    def _width(self) -> int:
        return _WIDTHS[self.get("CR") >> 3 & 3]

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        if name == "DR":
            self._feed(value & (1 << 8 * size) - 1, size)
            return True
        new = merged(self.get(name), offset, value, size)
        fixed = not self.parameters.get("polynomial", True)
        if name == "IDR":
            new &= (1 << int(self.parameters.get("idr_bits", 32))) - 1
        elif name == "CR":
            restart = new & _RESET
            new &= _KEPT_IN_CR & ~(0x18 if fixed else 0)
            self.put("CR", new)
            if restart:
                self._restart()
        elif name == "POL" and fixed:
            return True
        self.put(name, new)
        if name == "INIT":
            self._restart()
        return True

    def _restart(self) -> None:
        self.put("DR", self.get("INIT") & (1 << self._width()) - 1)

    def _feed(self, data: int, size: int) -> None:
        unit = min(_UNITS[self.get("CR") >> 5 & 3], 8 * size)
        if unit:
            mask = (1 << unit) - 1
            data = sum(mirrored(data >> at & mask, unit) << at for at in range(0, 8 * size, unit))
        width = self._width()
        rest = self.get("DR") & (1 << width) - 1
        self.put("DR", divided(rest, data, size, self.get("POL"), width))
