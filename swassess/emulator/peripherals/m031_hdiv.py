"""Hardware divider of the Nuvoton M031 (TRM, chapter HDIV): 32 by 16 bits, signed; the result stands at once.

A division by zero leaves a quotient of zero and the dividend as the remainder.
"""

from swassess.emulator.peripherals.behaviour import Behaviour, merged

_FINISHED, _DIVISION_BY_ZERO = 1, 2


class Divider(Behaviour):
    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        if name in ("DIVIDEND", "DIVISOR"):
            self.put(name, merged(self.get(name), offset, value, size))
        if name == "DIVISOR":
            self._divide()
        return True

    def _divide(self) -> None:
        dividend, divisor = _signed(self.get("DIVIDEND"), 32), _signed(self.get("DIVISOR") & 0xFFFF, 16)
        if divisor == 0:
            quotient, rest = 0, dividend
        else:
            quotient = abs(dividend) // abs(divisor) * (1 if (dividend < 0) == (divisor < 0) else -1)
            rest = dividend - quotient * divisor
        self.put("QUOTIENT", quotient & 0xFFFFFFFF)
        self.put("REM", rest & 0xFFFFFFFF)
        self.put("STATUS", _FINISHED | (0 if divisor else _DIVISION_BY_ZERO))


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) & 1 else value
