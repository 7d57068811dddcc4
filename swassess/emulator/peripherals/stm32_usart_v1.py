"""USART of the STM32F1 and F4 (RM0008 27, RM0090 30): SR and DR, no queue behind the data register.

What is left out stands in usart_line.py.
"""

from swassess.emulator.peripherals.usart_line import (
    FE,
    IDLE,
    NE,
    ORE,
    PE,
    RXNE,
    TC,
    TE,
    TXE,
    UsartLine,
)

_UE, _OVER8, _SBK = 1 << 13, 1 << 15, 1
_LBD, _CTS = 0x100, 0x200
_BY_DR = PE | FE | NE | ORE | IDLE  # cleared by a read of SR followed by one of DR
_STOP_HALVES = (2, 1, 4, 3)
# interrupt enable bit of CR1 -> flags of SR
_ENABLES = ((1 << 4, IDLE), (1 << 5, RXNE | ORE), (1 << 6, TC), (1 << 7, TXE), (1 << 8, PE))


class UsartV1(UsartLine):
    STATUS = "SR"
    ENABLE = _UE
    outside = frozenset({"DR"})

    def half_bits(self) -> int:
        data = 9 if self.get("CR1") & 1 << 12 else 8
        return 2 * (1 + data) + _STOP_HALVES[(self.get("CR2") >> 12) & 3]

    def bit_ticks(self) -> int:
        divider = self.get("BRR") & 0xFFFF
        if self.get("CR1") & _OVER8:
            divider = (divider >> 4) * 8 + (divider & 7)
        return divider * self.clock()

    def interrupts(self) -> bool:
        status, first, third = self.get("SR"), self.get("CR1"), self.get("CR3")
        if third & 1 and third & 0x40 and status & (FE | NE | ORE):
            return True
        return any(first & enable and status & flags for enable, flags in _ENABLES)

    def peek(self, offset: int) -> int | None:
        if self.register_at(offset) == "DR":
            return self.get("RX0") if self.get("RX_COUNT") else self.get("RX_LAST")
        return super().peek(offset)

    def was_read(self, name: str) -> None:
        if name == "SR":
            self.put("SEEN", self.get("SR"))
        elif name == "DR":
            self.take()
            self.clear_flags(self.get("SEEN") & _BY_DR)
            self.put("SEEN", self.get("SEEN") & ~_BY_DR)

    def written(self, name: str, value: int) -> None:
        if name == "SR":
            self.clear_flags(~value & (TC | _LBD | _CTS))
            if not value & RXNE:
                self.drop(received=True)
        elif name == "DR":
            # TC goes by a read of SR followed by a write of DR (27.6.1).
            if self.get("SEEN") & TC and self.on(TE):
                self.clear_flags(TC)
                self.put("SEEN", self.get("SEEN") & ~TC)
            self.transmit(value)
        elif name == "CR1":
            self.put("CR1", value & ~_SBK)
            if not value & _UE:
                self.stop()
        else:
            self.put(name, value)
