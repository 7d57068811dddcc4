"""UART of the Nuvoton M031 (TRM, chapter UART): FIFOs of 16 bytes, thresholds, receive time-out, flags by their causes.

Not modelled: LIN, IrDA, RS-485 and single-wire functions, modem lines, automatic baud rate, parity of what is received.
"""

from swassess.emulator.peripherals.kernel_clock import clock_period
from swassess.emulator.peripherals.usart_line import WITH_FRAMING_ERROR, WITH_PARITY_ERROR, UsartLine

_FIFO = 16
_RXOVIF, _PEF, _FEF, _TXOVIF = 1, 0x10, 0x20, 1 << 24
_RXEMPTY, _RXFULL, _TXEMPTY, _TXFULL = 1 << 14, 1 << 15, 1 << 22, 1 << 23
_TXEMPTYF, _RXIDLE, _TXRXACT = 1 << 28, 1 << 29, 1 << 31
_ERRORS = 0x70  # parity, framing, break
_CLEARABLE = 0x7F | _TXOVIF
_RDA, _THRE, _RLS, _RXTO, _BUFERR, _TXEND = 1, 2, 4, 0x10, 0x20, 1 << 22
_TOCNTEN, _TXPDMAEN, _RXPDMAEN = 1 << 11, 1 << 14, 1 << 15
_TRIGGER_LEVELS = (1, 4, 8, 14)
_TXRXDIS = 8


class Uart(UsartLine):
    STATUS = "FIFOSTS"
    # SENT: the last byte has left the line; TIMED_OUT: the receive time-out has passed
    extra = (*UsartLine.extra, "TIMED_OUT")
    outside = frozenset({"DAT"})

    # ---- times -------------------------------------------------------------------------------------------------
    def half_bits(self) -> int:
        line = self.get("LINE")
        bits = 5 + (line & 3)
        stop = 2 if not line & 4 else 3 if bits == 5 else 4
        return 2 * (1 + bits + (line >> 3 & 1)) + stop

    def bit_ticks(self) -> int:
        baud, period = self.get("BAUD"), clock_period(self)
        divider = (baud & 0xFFFF) + 2
        mode = baud >> 28 & 3
        if mode == 0:
            return 16 * divider * period
        return divider * period * ((baud >> 24 & 15) + 1 if mode == 2 else 1)

    def places(self) -> tuple[int, int]:
        return _FIFO, _FIFO

    def on(self, part: int) -> bool:
        return not self.get("FUNCSEL") & _TXRXDIS

    # ---- flags -------------------------------------------------------------------------------------------------
    def update(self) -> None:
        self._flags_now()
        status = self._causes()
        indicators = status & self.get("INTEN")
        self.put("INTSTS", status | (indicators & 0xFF) << 8 | (indicators & _TXEND) << 8)
        self.set_line(0, bool(indicators))
        self.plan()
        self._request()

    def _flags_now(self) -> None:
        received, waiting = self.get("RX_COUNT"), self.get("TX_COUNT")
        status = self.get("FIFOSTS") & (_CLEARABLE)
        status |= (received & 15) << 8 | (waiting & 15) << 16 | _RXIDLE
        status |= 0 if received else _RXEMPTY
        status |= _RXFULL if received == _FIFO else 0
        status |= _TXFULL if waiting == _FIFO else 0
        status |= 0 if waiting else _TXEMPTY
        idle = not waiting and not self.get("SHIFT_END")
        status |= _TXEMPTYF if idle else 0
        status |= 0 if self.get("FUNCSEL") & _TXRXDIS and idle else _TXRXACT
        self.put("FIFOSTS", status)

    def _causes(self) -> int:
        status = self.get("FIFOSTS")
        level = _TRIGGER_LEVELS[min(self.get("FIFO") >> 4 & 15, 3)]
        flags = _RDA if self.get("RX_COUNT") >= level else 0
        flags |= _THRE if status & _TXEMPTY else 0
        flags |= _RLS if status & _ERRORS else 0
        flags |= _RXTO if self.get("TIMED_OUT") and self.get("RX_COUNT") else 0
        flags |= _BUFERR if status & (_RXOVIF | _TXOVIF) else 0
        return flags | (_TXEND if status & _TXEMPTYF else 0)

    def finished(self) -> None:
        """The last byte has gone; the flags show it."""

    def overran(self) -> None:
        self.set_flags(_RXOVIF)

    def idle(self) -> None:
        """No flag of its own."""

    def line_errors(self, byte: int) -> None:
        self.set_flags((_FEF if byte & WITH_FRAMING_ERROR else 0) | (_PEF if byte & WITH_PARITY_ERROR else 0))

    def arrived(self, byte: int) -> None:
        self._watch_pause()

    def _watch_pause(self) -> None:
        """The time-out counter starts over with each byte that comes or is read."""
        self.put("TIMED_OUT", 0)
        bits = self.get("TOUT") & 0xFF
        running = self.get("INTEN") & _TOCNTEN and self.get("RX_COUNT") and bits and self.bit_ticks()
        self.put("TIMEOUT_AT", self.mcu.now + bits * self.bit_ticks() if running else 0)

    def timed_out(self) -> None:
        self.put("TIMED_OUT", 1)

    def wants_dma(self, request: str) -> bool:
        enabled = self.get("INTEN")
        if request.endswith("_RX"):
            return bool(enabled & _RXPDMAEN and self.get("RX_COUNT"))
        return bool(enabled & _TXPDMAEN and self.get("TX_COUNT") < _FIFO)

    # ---- registers ---------------------------------------------------------------------------------------------
    def peek(self, offset: int) -> int | None:
        if self.register_at(offset) == "DAT":
            return self.get("RX0") if self.get("RX_COUNT") else self.get("RX_LAST")
        return super().peek(offset)

    def was_read(self, name: str) -> None:
        if name == "DAT":
            self.take()
            self._watch_pause()

    def written(self, name: str, value: int) -> None:
        if name == "DAT":
            if self.get("TX_COUNT") >= _FIFO:
                self.set_flags(_TXOVIF)
            else:
                self.transmit(value & 0xFF)
        elif name == "FIFO":
            self.put("FIFO", value & ~6)
            self.drop(received=bool(value & 2), sent=bool(value & 4))
        elif name == "FIFOSTS":
            self.clear_flags(value & _CLEARABLE)
        elif name != "INTSTS":
            self.put(name, value)
            if name in ("INTEN", "TOUT"):
                self._watch_pause()
