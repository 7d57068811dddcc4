"""USART and LPUART of the STM32F0, G0, L4 and G4 (RM0091 27, RM0444 33 and 34): ISR, ICR, RDR and TDR.

Parameters: fifo (8 where the block can switch FIFOs on, else 0), prescaler (true where PRESC divides the clock), lpuart
(baud rate divider in 1/256), clock (name in the clock tree). What is left out stands in usart_line.py.
"""

from swassess.emulator.peripherals.usart_line import (
    FE,
    IDLE,
    NE,
    ORE,
    PE,
    RE,
    RXNE,
    TC,
    TE,
    TXE,
    UsartLine,
)

_RTOF, _BUSY, _CMF, _TEACK, _REACK = 1 << 11, 1 << 16, 1 << 17, 1 << 21, 1 << 22
_TXFE, _RXFF, _RXFT, _TXFT = 1 << 23, 1 << 24, 1 << 26, 1 << 27
_OVER8, _FIFOEN = 1 << 15, 1 << 29
_PRESCALERS = (1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256)
_STOP_HALVES = (2, 1, 4, 3)
_EIGHTHS = (1, 2, 4, 6, 7, 8, 8, 8)  # FIFO thresholds
# bits of ICR that clear the flag of the same number
_CLEARABLE = PE | FE | NE | ORE | IDLE | TC | 0x300 | _RTOF | 0x3000 | _CMF | 1 << 20
# interrupt enable bit of CR1 -> flags of ISR
_CR1_ENABLES = (
    (1 << 4, IDLE),
    (1 << 5, RXNE | ORE),
    (1 << 6, TC),
    (1 << 7, TXE),
    (1 << 8, PE),
    (1 << 14, _CMF),
    (1 << 26, _RTOF),
    (1 << 30, _TXFE),
    (1 << 31, _RXFF),
)
_CR3_ENABLES = ((1 << 0, FE | NE | ORE), (1 << 23, _TXFT), (1 << 28, _RXFT))


class UsartV2(UsartLine):
    STATUS = "ISR"
    outside = frozenset({"RDR"})

    def half_bits(self) -> int:
        control = self.get("CR1")
        data = {0: 8, 1: 9, 2: 7, 3: 8}[(control >> 12) & 1 | ((control >> 28) & 1) << 1]
        return 2 * (1 + data) + _STOP_HALVES[(self.get("CR2") >> 12) & 3]

    def bit_ticks(self) -> int:
        divider, period = self.get("BRR"), self.clock()
        if self.parameters.get("prescaler") and self.has("PRESC"):
            period *= _PRESCALERS[min(self.get("PRESC") & 15, len(_PRESCALERS) - 1)]
        if self.parameters.get("lpuart"):
            return divider * period // 256
        if self.get("CR1") & _OVER8:
            return (divider & 0xFFF0 | (divider & 7) << 1) * period // 2
        return (divider & 0xFFFF) * period

    def _fifo(self) -> int:
        depth = int(self.parameters.get("fifo", 0))
        return depth if self.get("CR1") & _FIFOEN else 0

    def places(self) -> tuple[int, int]:
        depth = self._fifo()
        return (depth, depth + 1) if depth else (1, 1)

    def overrun_allowed(self) -> bool:
        return bool(self.get("CR3") & 1 << 12)

    def arrived(self, byte: int) -> None:
        bit = self.bit_ticks()
        control = self.get("CR2")
        if byte & 0xFF == control >> 24:
            self.set_flags(_CMF)
        if control & 1 << 23 and bit:
            self.put("TIMEOUT_AT", self.mcu.now + (self.get("RTOR") & 0xFFFFFF) * bit)

    def timed_out(self) -> None:
        self.set_flags(_RTOF)

    def flags(self) -> None:
        status = self.get("ISR") & ~(_TEACK | _REACK | _TXFE | _RXFF | _RXFT | _TXFT | _BUSY)
        running = bool(self.clock())
        status |= _TEACK if running and self.on(TE) else 0
        status |= _REACK if running and self.on(RE) else 0
        depth = self._fifo()
        if depth:
            free, filled, control = depth - self.get("TX_COUNT"), self.get("RX_COUNT"), self.get("CR3")
            status |= _TXFE if free == depth else 0
            status |= _RXFF if filled > depth else 0
            status |= _TXFT if 8 * free >= depth * _EIGHTHS[(control >> 29) & 7] else 0
            status |= _RXFT if 8 * filled >= depth * _EIGHTHS[(control >> 25) & 7] else 0
        self.put("ISR", status)

    def interrupts(self) -> bool:
        status, first, third = self.get("ISR"), self.get("CR1"), self.get("CR3")
        return any(first & enable and status & flags for enable, flags in _CR1_ENABLES) or any(
            third & enable and status & flags for enable, flags in _CR3_ENABLES
        )

    def was_read(self, name: str) -> None:
        if name == "RDR":
            self.take()

    def peek(self, offset: int) -> int | None:
        if self.register_at(offset) == "RDR":
            return self.get("RX0") if self.get("RX_COUNT") else self.get("RX_LAST")
        return super().peek(offset)

    def written(self, name: str, value: int) -> None:
        if name == "TDR":
            self.put("TDR", value & 0x1FF)
            if self.on(TE):
                self.clear_flags(TC)
            self.transmit(value)
        elif name == "ICR":
            self.clear_flags(value & _CLEARABLE)
        elif name == "RQR":
            if value & 0x08:
                self.drop(received=True)
            if value & 0x10:
                self.drop(sent=True)
        elif name == "CR1":
            before = self.get("CR1")
            self.put("CR1", value)
            if before & 1 and not value & 1:
                self.stop()
                self.put("ISR", TC | TXE)
        elif name not in ("ISR", "RDR"):
            self.put(name, value)
