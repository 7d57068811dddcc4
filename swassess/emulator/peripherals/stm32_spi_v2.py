"""SPI with FIFOs of four bytes (STM32F0, G0, L4, G4; RM0091 28, RM0444 35): frames of 4 to 16 bits.

Frames of up to eight bits take one byte of a FIFO; a 16-bit access to DR carries two of them.
"""

from swassess.emulator.peripherals.spi_line import OVR, RXNE, TXE, SpiLine

_FRXTH = 1 << 12
_FIFO_BYTES = 4


class SpiV2(SpiLine):
    def bits(self) -> int:
        size = ((self.get("CR2") >> 8) & 15) + 1
        return size if size >= 4 else 8  # sizes below four bits are not allowed and taken as eight

    def _frame_bytes(self) -> int:
        return 1 if self.bits() <= 8 else 2

    def places(self) -> int:
        return _FIFO_BYTES // self._frame_bytes()

    def flags(self) -> None:
        width = self._frame_bytes()
        received, waiting = self.get("RX_COUNT") * width, self.get("TX_COUNT") * width
        self.flag(RXNE, received >= (1 if self.get("CR2") & _FRXTH else 2))
        self.flag(TXE, waiting <= _FIFO_BYTES // 2)
        levels = _level(received) << 9 | _level(waiting) << 11
        self.put("SR", self.get("SR") & ~0x1E00 | levels)

    def load(self, value: int, size: int) -> None:
        packed = self._frame_bytes() == 1 and size > 1
        for frame in (value & 0xFF, value >> 8) if packed else (value,):
            if self.get("TX_COUNT") < self.places():
                self.push(frame)

    def unload(self) -> int:
        packed = self._frame_bytes() == 1 and self.mcu.access_size > 1 and self.get("RX_COUNT") > 1
        first = self.pop()
        return first | self.pop() << 8 if packed else first

    def disabled(self) -> None:
        """The FIFOs are emptied of what was to be sent."""
        self.put("TX_COUNT", 0)
        self.flag(OVR, False)


def _level(filled: int) -> int:
    """FRLVL and FTLVL: empty, a quarter, half, full."""
    return min(filled, 3)
