"""I2C of the STM32F0, G0, L4 and G4 as a master (RM0091 26, RM0444 32): CR2 with the number of bytes, ISR and ICR.

A byte takes nine clocks of the bus after TIMINGR. A device that is not there leaves NACKF and a stop. Not modelled:
slave mode, 10-bit addresses, SMBus (time-outs, PEC, alert), arbitration, wake-up.
"""

from swassess.emulator.peripherals.behaviour import NEVER, merged
from swassess.emulator.peripherals.bus_peers import PeerBus
from swassess.emulator.peripherals.kernel_clock import clock_period

_TXE, _TXIS, _RXNE, _NACKF, _STOPF, _TC, _TCR, _BUSY = 1, 2, 4, 0x10, 0x20, 0x40, 0x80, 1 << 15
_PE, _TXIE, _RXIE, _NACKIE, _STOPIE, _TCIE, _ERRIE = 1, 2, 4, 0x10, 0x20, 0x40, 0x80
_TXDMAEN, _RXDMAEN = 1 << 14, 1 << 15
_RD, _START, _STOP, _RELOAD, _AUTOEND = 1 << 10, 1 << 13, 1 << 14, 1 << 24, 1 << 25
_ERRORS = 0x3F00
_CLEARABLE = 0x3F38
# What the bus does at present
_IDLE, _ADDRESSING, _SENDING, _RECEIVING, _STOPPING = range(5)


class I2cV2(PeerBus):
    extra = (*PeerBus.extra, "DOING", "UNTIL", "LEFT", "READS", "SHIFT", "STOP_WANTED", "REQUESTED")
    outside = frozenset({"RXDR"})

    def _bit(self) -> int:
        """Ticks of one clock of the bus."""
        timing = self.get("TIMINGR")
        cycles = ((timing >> 28) + 1) * ((timing & 0xFF) + 1 + (timing >> 8 & 0xFF) + 1)
        return cycles * clock_period(self)

    def _do(self, what: int, bits: int) -> None:
        self.put("DOING", what)
        self.put("UNTIL", self._at + max(bits * self._bit(), 1) if what else 0)

    @property
    def _at(self) -> int:
        """The time at which what is being worked off happened."""
        return self.get("UNTIL") or self.mcu.now

    def _set(self, flags: int) -> None:
        self.put("ISR", self.get("ISR") | flags)

    def _clear(self, flags: int) -> None:
        self.put("ISR", self.get("ISR") & ~flags)

    # ---- registers ---------------------------------------------------------------------------------------------
    def read(self, offset: int) -> int | None:
        self._catch_up()
        value = self.peek(offset)
        if self.register_at(offset) == "RXDR":
            if self.get("ISR") & _RXNE:
                self._clear(_RXNE)
                self._next()
            self._update()
        return value

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self._catch_up()
        value = merged(self.get(name), offset, value, size)
        if name == "CR1":
            self.put("CR1", value)
            if not value & _PE:
                self._stop_all()
        elif name == "CR2":
            self._control(value)
        elif name == "ICR":
            self._clear(value & _CLEARABLE)
        elif name == "ISR":
            if value & _TXE:  # flushes the data register
                self._set(_TXE)
        elif name == "TXDR":
            self.put("TXDR", value & 0xFF)
            waited = self.get("ISR") & _TXIS
            self._clear(_TXE | _TXIS)
            if waited:
                self._next()
        elif name != "RXDR":
            self.put(name, value)
        self._update()
        return True

    def _stop_all(self) -> None:
        """PE = 0 releases the bus and resets the flags."""
        self.put("ISR", _TXE)
        self.put("CR2", self.get("CR2") & ~(_START | _STOP))
        for name in ("DOING", "UNTIL", "LEFT", "STOP_WANTED"):
            self.put(name, 0)

    def _control(self, value: int) -> None:
        before = self.get("CR2")
        self.put("CR2", value | before & (_START | _STOP))
        if not self.get("CR1") & _PE:
            self.put("CR2", value & ~(_START | _STOP))
            return
        count = (value >> 16) & 0xFF
        if self.get("ISR") & _TCR and count:
            self._clear(_TCR)
            self.put("LEFT", count)
            self._next()
        if value & _START and not before & _START and self.get("DOING") == _IDLE:
            self._begin()
        if value & _STOP and not self.get("ISR") & _BUSY:
            self.put("CR2", self.get("CR2") & ~_STOP)
        elif value & _STOP:
            self.put("STOP_WANTED", 1)
            if self.get("DOING") == _IDLE:
                self._clear(_TC | _TCR | _TXIS)
                self._do(_STOPPING, 1)

    def _begin(self) -> None:
        """Start condition and address, as CR2 says."""
        control = self.get("CR2")
        self._clear(_TC | _TXIS)
        self._set(_BUSY)
        self.put("LEFT", (control >> 16) & 0xFF)
        self.put("READS", int(bool(control & _RD)))
        self.put("STOP_WANTED", 0)
        self._do(_ADDRESSING, 10)

    # ---- the bus -----------------------------------------------------------------------------------------------
    def due(self) -> None:
        self._catch_up()
        self._update()

    def _catch_up(self) -> None:
        while 0 < self.get("UNTIL") <= self.mcu.now:
            doing = self.get("DOING")
            self.put("DOING", _IDLE)
            if doing == _ADDRESSING:
                self.put("CR2", self.get("CR2") & ~_START)
                reads = bool(self.get("READS"))
                if self.address_peer((self.get("CR2") >> 1) & 0x7F, reads):
                    self._next()
                else:
                    self._refused()
            elif doing == _SENDING:
                self.mcu.sent(self.block.name, self.get("SHIFT"))
                if self.write_peer(self.get("SHIFT")):
                    self._next()
                else:
                    self._refused()
            elif doing == _RECEIVING:
                self.put("RXDR", self.read_peer())
                self._set(_RXNE)
                if not self.get("LEFT"):
                    self._next()
            elif doing == _STOPPING:
                self.put("CR2", self.get("CR2") & ~_STOP)
                self.put("STOP_WANTED", 0)
                self._clear(_BUSY)
                self._set(_STOPF)
                if self.get("CR2") & _START:
                    self._begin()
            if self.get("DOING") == _IDLE:
                self.put("UNTIL", 0)

    def _refused(self) -> None:
        self._set(_NACKF | _TXE)
        self._do(_STOPPING, 1)

    def _next(self) -> None:
        """What follows once the bus is free for it: another byte, the end, or waiting for the firmware."""
        if self.get("DOING") != _IDLE:
            return
        left, reads = self.get("LEFT"), self.get("READS")
        if self.get("STOP_WANTED"):
            self._do(_STOPPING, 1)
        elif left and reads:
            if not self.get("ISR") & _RXNE:  # else the clock is held until the byte has been read
                self.put("LEFT", left - 1)
                self._do(_RECEIVING, 9)
        elif left:
            if self.get("ISR") & _TXE:
                self._set(_TXIS)
            else:
                self.put("LEFT", left - 1)
                self.put("SHIFT", self.get("TXDR"))
                self._set(_TXE)
                self._do(_SENDING, 9)
        elif self.get("CR2") & _RELOAD:
            self._set(_TCR)
        elif self.get("CR2") & _AUTOEND:
            self._do(_STOPPING, 1)
        elif self.get("ISR") & _BUSY:
            self._set(_TC)

    # ---- lines -------------------------------------------------------------------------------------------------
    def wants_dma(self, request: str) -> bool:
        control, status = self.get("CR1"), self.get("ISR")
        if request.endswith("_TX"):
            return bool(control & _TXDMAEN and status & _TXIS)
        return bool(control & _RXDMAEN and status & _RXNE)

    def _update(self) -> None:
        control, status = self.get("CR1"), self.get("ISR")
        event = control & status & (_TXIE | _RXIE | _NACKIE | _STOPIE) or (control & _TCIE and status & (_TC | _TCR))
        error = control & _ERRIE and status & _ERRORS
        if len(self.block.interrupts) > 1:
            self.set_line(0, bool(event))
            self.set_line(1, bool(error))
        else:
            self.set_line(0, bool(event or error))
        planned = self.get("UNTIL") or NEVER
        if planned != self.next_event:
            self.next_event = planned
        before = self.get("REQUESTED")
        wanted = [self.wants_dma(f"_{side}") for side in ("RX", "TX")]
        self.put("REQUESTED", wanted[0] | wanted[1] << 1)
        for bit, side in enumerate(("RX", "TX")):
            if wanted[bit] and not before >> bit & 1:
                self.mcu.request_dma(f"{self.block.name}_{side}")
