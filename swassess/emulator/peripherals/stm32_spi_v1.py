"""SPI of the STM32F1 and F4 (RM0008 25, RM0090 28): frames of 8 or 16 bits, one register before the shift register."""

from swassess.emulator.peripherals.spi_line import SpiLine

_DFF = 0x800


class SpiV1(SpiLine):
    def bits(self) -> int:
        return 16 if self.get("CR1") & _DFF else 8
