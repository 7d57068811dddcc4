"""What serial ports have in common: frames on the line, with their time, and queues before it.

A kind says where its flags lie. Not modelled: parity and stop bits of received frames (the outside sends what
fits), mute mode, LIN, smartcard, IrDA, synchronous mode, flow control by CTS (taken as asserted), automatic baud rate.
"""

from typing import ClassVar

from swassess.emulator.peripherals.behaviour import NEVER, Behaviour, merged
from swassess.emulator.peripherals.kernel_clock import clock_period

PLACES = 16  # the longest queue of any kind

PE, FE, NE, ORE, IDLE, RXNE, TC, TXE = 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80
RE, TE = 4, 8
DMAR, DMAT = 0x40, 0x80

# What receive() takes beside the byte: the frame arrived with an error
WITH_FRAMING_ERROR, WITH_NOISE, WITH_PARITY_ERROR = 0x1000, 0x2000, 0x4000


class UsartLine(Behaviour):
    """Transmit queue, shift register, receive queue. The subclass keeps flags in its register STATUS."""

    STATUS: ClassVar[str] = "SR"
    ENABLE: ClassVar[int] = 1
    extra: ClassVar[tuple[str, ...]] = (
        *("SHIFT", "SHIFT_END", "TX_COUNT", "RX_COUNT", "RX_LAST", "IDLE_AT", "TIMEOUT_AT", "REQUESTED", "SEEN"),
        *(f"TX{i}" for i in range(PLACES)),
        *(f"RX{i}" for i in range(PLACES)),
    )

    # ---- what a kind says --------------------------------------------------------------------------------------
    def half_bits(self) -> int:
        """Half bit times of a frame: start bit, data with parity, stop bits."""
        raise NotImplementedError

    def bit_ticks(self) -> int:
        """Ticks of one bit; 0 while the clock stands or the divider is 0."""
        raise NotImplementedError

    def places(self) -> tuple[int, int]:
        """How many frames the transmit and the receive queue hold at present."""
        return 1, 1

    def interrupts(self) -> bool:
        """Level of the interrupt line."""
        return False

    def flags(self) -> None:
        """Brings flags up to date that follow from the queues, besides TXE and RXNE."""

    def arrived(self, byte: int) -> None:
        """A frame has been put into the receive queue."""

    def line_errors(self, byte: int) -> None:
        """Flags of a frame that arrived with errors (WITH_...)."""
        for mark, flag in ((WITH_FRAMING_ERROR, FE), (WITH_NOISE, NE), (WITH_PARITY_ERROR, PE)):
            if byte & mark:
                self.set_flags(flag)

    def overran(self) -> None:
        """A frame found no place."""
        self.set_flags(ORE)

    def finished(self) -> None:
        """The last frame has left the line."""
        self.set_flags(TC)

    def idle(self) -> None:
        """The line has been idle for a frame after the last one received."""
        self.set_flags(IDLE)

    # ---- helpers of a kind -------------------------------------------------------------------------------
    def on(self, part: int) -> bool:
        """Whether the transmitter (TE) or receiver (RE) is enabled."""
        wanted = self.ENABLE | part
        return self.get("CR1") & wanted == wanted

    def set_flags(self, mask: int) -> None:
        self.put(self.STATUS, self.get(self.STATUS) | mask)

    def clear_flags(self, mask: int) -> None:
        self.put(self.STATUS, self.get(self.STATUS) & ~mask)

    def clock(self) -> int:
        return clock_period(self)

    def frame_ticks(self) -> int:
        return self.half_bits() * self.bit_ticks() // 2

    def transmit(self, data: int) -> None:
        """A write of the data register."""
        if not self.on(TE):
            return
        count, places = self.get("TX_COUNT"), self.places()[0]
        if count >= places:  # the last one is overwritten
            count = places - 1
        self.put(f"TX{count}", data & 0x1FF)
        self.put("TX_COUNT", count + 1)
        self._load(self.mcu.now)

    def take(self) -> int:
        """A read of the data register."""
        count = self.get("RX_COUNT")
        if count:
            self.put("RX_LAST", self.get("RX0"))
            for place in range(count - 1):
                self.put(f"RX{place}", self.get(f"RX{place + 1}"))
            self.put("RX_COUNT", count - 1)
        return self.get("RX_LAST")

    def drop(self, *, sent: bool = False, received: bool = False) -> None:
        """Empties queues; a frame being sent is finished."""
        if sent:
            self.put("TX_COUNT", 0)
        if received:
            self.put("RX_COUNT", 0)

    def stop(self) -> None:
        """The block is disabled: what it was doing is lost."""
        self.drop(sent=True, received=True)
        for name in ("SHIFT_END", "IDLE_AT", "TIMEOUT_AT"):
            self.put(name, 0)

    # ---- Behaviour ---------------------------------------------------------------------------------------------
    def reset(self, cause: int) -> None:
        super().reset(cause)
        self.next_event = NEVER

    def read(self, offset: int) -> int | None:
        self.catch_up()
        value = self.peek(offset)
        if value is not None:
            self.was_read(self.register_at(offset) or "")
            self.update()
        return value

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self.catch_up()
        self.written(name, merged(self.get(name), offset, value, size))
        self.update()
        return True

    def was_read(self, name: str) -> None:
        """Side effects of a read."""

    def written(self, name: str, value: int) -> None:
        """A write of a whole register."""
        raise NotImplementedError

    def receive(self, byte: int) -> None:
        """One frame from the line, complete at this time; WITH_... bits tell of errors in it."""
        self.catch_up()
        if not self.on(RE):
            return
        self.line_errors(byte)
        count = self.get("RX_COUNT")
        if count < self.places()[1] or self.overrun_allowed():
            count = min(count, self.places()[1] - 1)
            self.put(f"RX{count}", byte & 0x1FF)
            self.put("RX_COUNT", count + 1)
            self.arrived(byte & 0x1FF)
        else:
            self.overran()
        frame = self.frame_ticks()
        self.put("IDLE_AT", self.mcu.now + frame if frame else 0)
        self.update()

    def overrun_allowed(self) -> bool:
        return False

    def due(self) -> None:
        self.catch_up()
        self.update()

    def clock_changed(self) -> None:
        self.catch_up()
        self._load(self.mcu.now)
        self.update()

    def wants_dma(self, request: str) -> bool:
        side = request.removeprefix(f"{self.block.name}_")
        control, status = self.get("CR3"), self.get(self.STATUS)
        if side == "RX":
            return bool(control & DMAR and status & RXNE)
        return side == "TX" and bool(control & DMAT and status & TXE and self.on(TE))

    # ---- what time does ----------------------------------------------------------------------------------------
    def _load(self, at: int) -> None:
        """Moves the next frame into the idle shift register."""
        count = self.get("TX_COUNT")
        frame = self.frame_ticks()
        if not count or not frame or self.get("SHIFT_END") or not self.on(TE):
            return
        self.put("SHIFT", self.get("TX0"))
        for place in range(count - 1):
            self.put(f"TX{place}", self.get(f"TX{place + 1}"))
        self.put("TX_COUNT", count - 1)
        self.put("SHIFT_END", at + frame)

    def catch_up(self) -> None:
        """Does what the time that has passed brings; harmless when nothing is due."""
        now = self.mcu.now
        while 0 < (end := self.get("SHIFT_END")) <= now:
            self.put("SHIFT_END", 0)
            self.mcu.sent(self.block.name, self.get("SHIFT"))
            if self.get("TX_COUNT"):
                self._load(end)
            else:
                self.finished()
        if 0 < self.get("IDLE_AT") <= now:
            self.put("IDLE_AT", 0)
            self.idle()
        if 0 < self.get("TIMEOUT_AT") <= now:
            self.put("TIMEOUT_AT", 0)
            self.timed_out()

    def timed_out(self) -> None:
        """The receiver time-out has passed."""

    def update(self) -> None:
        """Flags, interrupt line, DMA requests and the next event after anything has changed."""
        status = self.get(self.STATUS) & ~(TXE | RXNE)
        status |= TXE if self.get("TX_COUNT") < self.places()[0] else 0
        status |= RXNE if self.get("RX_COUNT") else 0
        self.put(self.STATUS, status)
        self.flags()
        self.set_line(0, self.interrupts())
        self.plan()
        self._request()

    def plan(self) -> None:
        """The next event."""
        times = [time for name in ("SHIFT_END", "IDLE_AT", "TIMEOUT_AT") if (time := self.get(name))]
        planned = min(times, default=NEVER)
        if planned != self.next_event:
            self.next_event = planned

    def _request(self) -> None:
        name = self.block.name
        before = self.get("REQUESTED")
        up = [side for side in ("RX", "TX") if self.wants_dma(f"{name}_{side}")]
        self.put("REQUESTED", ("RX" in up) | ("TX" in up) << 1)
        for side in up:
            if not before & (1 if side == "RX" else 2):
                self.mcu.request_dma(f"{name}_{side}")
