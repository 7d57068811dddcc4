"""SPI of the Nuvoton M031 as a master (TRM, chapter SPI): frames of 8 to 32 bits through queues of 8 or 4 places.

Not modelled: slave mode, I2S, half duplex input, byte reorder, the block's own select line (devices are selected by a
pin that the firmware drives), receive time-out.
"""

from swassess.emulator.peripherals.behaviour import merged
from swassess.emulator.peripherals.kernel_clock import clock_period
from swassess.emulator.peripherals.spi_line import SpiLine

_SPIEN, _LSB, _RXONLY, _UNITIEN, _SLAVE = 1, 1 << 13, 1 << 15, 1 << 17, 1 << 18
_TXPDMAEN, _RXPDMAEN = 1, 2
_BUSY, _UNITIF, _RXEMPTY, _RXFULL, _RXTHIF, _RXOVIF = 1, 2, 1 << 8, 1 << 9, 1 << 10, 1 << 11
_SPIENSTS, _TXEMPTY, _TXFULL, _TXTHIF = 1 << 15, 1 << 16, 1 << 17, 1 << 18
_RXTHIEN, _TXTHIEN, _RXOVIEN = 4, 8, 0x20
_CLEARABLE = 0x1000 | _UNITIF | _RXOVIF | 0xCC | 1 << 19


class Spi(SpiLine):
    outside = frozenset({"RX"})

    def bits(self) -> int:
        width = self.get("CTL") >> 8 & 31
        return width if width >= 8 else 32 if width == 0 else 8

    def places(self) -> int:
        return 8 if self.bits() <= 16 else 4

    def bit_ticks(self) -> int:
        return clock_period(self) * ((self.get("CLKDIV") & 0xFF) + 1)

    def lsb_first(self) -> bool:
        return bool(self.get("CTL") & _LSB)

    def master(self) -> bool:
        return self.get("CTL") & (_SPIEN | _SLAVE) == _SPIEN

    def listens_only(self) -> bool:
        return bool(self.get("CTL") & _RXONLY)

    def talks_only(self) -> bool:
        return False

    def overran(self) -> None:
        self._set(_RXOVIF)

    def _set(self, mask: int) -> None:
        self.put("STATUS", self.get("STATUS") | mask)

    def frame_over(self) -> None:
        super().frame_over()
        self._set(_UNITIF)

    def wants_dma(self, request: str) -> bool:
        control = self.get("PDMACTL")
        if request.endswith("_RX"):
            return bool(control & _RXPDMAEN and self.get("RX_COUNT"))
        return bool(control & _TXPDMAEN and self.get("TX_COUNT") < self.places())

    def update(self) -> None:
        received, waiting, control = self.get("RX_COUNT"), self.get("TX_COUNT"), self.get("FIFOCTL")
        status = self.get("STATUS") & _CLEARABLE
        status |= received << 24 | waiting << 28
        status |= _SPIENSTS if self.get("CTL") & _SPIEN else 0
        status |= _BUSY if self.get("UNTIL") or (waiting and self.master()) else 0
        status |= (0 if received else _RXEMPTY) | (0 if waiting else _TXEMPTY)
        status |= _RXFULL if received == self.places() else 0
        status |= _TXFULL if waiting == self.places() else 0
        status |= _RXTHIF if received > (control >> 24 & 7) else 0
        status |= _TXTHIF if waiting <= (control >> 28 & 7) else 0
        self.put("STATUS", status)
        pairs = ((_RXTHIEN, _RXTHIF), (_TXTHIEN, _TXTHIF), (_RXOVIEN, _RXOVIF))
        wanted = any(control & enable and status & flag for enable, flag in pairs)
        self.set_line(0, bool(wanted or (self.get("CTL") & _UNITIEN and status & _UNITIF)))
        self.plan()

    # ---- registers ---------------------------------------------------------------------------------------------
    def read(self, offset: int) -> int | None:
        self.catch_up()
        value = self.peek(offset)
        if self.register_at(offset) == "RX":
            value = self.pop()
        self.update()
        return value

    def peek(self, offset: int) -> int | None:
        if self.register_at(offset) == "RX":
            return self.get("RX0") if self.get("RX_COUNT") else self.get("RX_LAST")
        return super().peek(offset)

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self.catch_up()
        value = merged(0 if name == "TX" else self.get(name), offset, value, size)
        if name == "TX":
            if self.get("TX_COUNT") < self.places():
                self.push(value)
        elif name == "STATUS":
            self.put(name, self.get(name) & ~(value & _CLEARABLE))
        elif name == "FIFOCTL":
            self.put(name, value & ~0x303)
            if value & 0x101:
                self.put("RX_COUNT", 0)
            if value & 0x202:
                self.put("TX_COUNT", 0)
        elif name != "RX":
            self.put(name, value)
        if not self.get("UNTIL"):
            self.next_frame()
        self.update()
        return True
