"""I2C of the STM32F1 and F4 as a master (RM0008 26, RM0090 27): SR1, SR2 and DR, flags cleared by access sequences.

A byte takes nine clocks of the bus after CCR. A device that is not there leaves AF. Not modelled: slave mode, 10-bit
addresses, SMBus, arbitration, PEC.
"""

from swassess.emulator.peripherals.behaviour import NEVER, merged
from swassess.emulator.peripherals.bus_peers import PeerBus
from swassess.emulator.peripherals.dma_requests import remaining
from swassess.emulator.peripherals.kernel_clock import clock_period

_PE, _START, _STOP, _ACK, _POS, _SWRST = 1, 0x100, 0x200, 0x400, 0x800, 0x8000
_ITERREN, _ITEVTEN, _ITBUFEN, _DMAEN, _LAST = 0x100, 0x200, 0x400, 0x800, 0x1000
_SB, _ADDR, _BTF, _RXNE, _TXE, _AF = 1, 2, 4, 0x40, 0x80, 0x400
_ERRORS = 0xDF00
_MSL, _BUSY, _TRA = 1, 2, 4
_FAST, _DUTY = 0x8000, 0x4000
# What the bus does at present
_IDLE, _STARTING, _ADDRESSING, _SENDING, _RECEIVING, _STOPPING = range(6)


class I2cV1(PeerBus):
    # HELD: a byte waits in the data register (sending) or the shift register (receiving). BYTES: received so far.
    # SEEN: flags of SR1 that a read has shown. ENDED: the last byte was refused or not acknowledged.
    extra = (*PeerBus.extra, "DOING", "UNTIL", "SHIFT", "HELD", "BYTES", "SEEN", "ENDED", "REQUESTED")
    outside = frozenset({"DR"})

    def _bit(self) -> int:
        """Ticks of one clock of the bus (26.6.8)."""
        control = self.get("CCR")
        factor = (25 if control & _DUTY else 3) if control & _FAST else 2
        return factor * (control & 0xFFF) * clock_period(self)

    def _do(self, what: int, bits: int) -> None:
        began = self.get("UNTIL") or self.mcu.now
        self.put("DOING", what)
        self.put("UNTIL", began + max(bits * self._bit(), 1))

    def _set(self, flags: int) -> None:
        self.put("SR1", self.get("SR1") | flags)

    def _clear(self, flags: int) -> None:
        self.put("SR1", self.get("SR1") & ~flags)

    def _sends(self) -> bool:
        return bool(self.get("SR2") & _TRA)

    # ---- registers ---------------------------------------------------------------------------------------------
    def read(self, offset: int) -> int | None:
        self._catch_up()
        name = self.register_at(offset)
        value = self.peek(offset)
        if name == "SR1":
            self.put("SEEN", self.get("SR1"))
        elif name == "SR2":
            if self.get("SEEN") & _ADDR and self.get("SR1") & _ADDR:
                self._clear(_ADDR)
                self.put("SEEN", 0)
                self._addressed()
        elif name == "DR" and self.get("SR2") & _MSL | self.get("SR1") & _RXNE:
            self._taken()
        self._update()
        return value

    def _addressed(self) -> None:
        """ADDR has been cleared: the data phase begins."""
        if self._sends():
            self._set(_TXE)
        elif not self.get("ENDED"):
            self._receive()

    def _taken(self) -> None:
        """DR has been read: a byte that waits in the shift register moves up."""
        if self._sends():
            if self.get("SEEN") & _BTF:
                self._clear(_BTF)
            return
        self._clear(_RXNE | _BTF)
        if self.get("HELD"):
            self.put("HELD", 0)
            self.put("DR", self.get("SHIFT"))
            self._set(_RXNE)
            self._receive()

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self._catch_up()
        value = merged(self.get(name), offset, value, size)
        if name == "CR1":
            self._control(value)
        elif name == "SR1":
            self._clear(~value & _ERRORS)
        elif name == "DR":
            self._data(value & 0xFF)
        elif name != "SR2":
            self.put(name, value & 0xFFFF)
        self._update()
        return True

    def _control(self, value: int) -> None:
        if value & _SWRST:
            for name in ("CR1", "CR2", "OAR1", "OAR2", "DR", "SR1", "SR2", "CCR"):
                self.put(name, 0)
            self.put("TRISE", 2)
            self._halt()
            self.put("CR1", value & _SWRST)
            return
        self.put("CR1", value)
        if not value & _PE:
            self.put("SR1", 0)
            self.put("SR2", 0)
            self.put("CR1", value & ~(_START | _STOP))
            self._halt()
        elif self.get("DOING") == _IDLE:
            self._start_or_stop()

    def _halt(self) -> None:
        for name in ("DOING", "UNTIL", "HELD", "BYTES", "SEEN", "ENDED"):
            self.put(name, 0)

    def _data(self, byte: int) -> None:
        status = self.get("SR1")
        if status & _SB:
            if self.get("SEEN") & _SB:
                self._clear(_SB)
                self.put("SEEN", 0)
                self.put("SHIFT", byte)
                self.put("UNTIL", 0)
                self._do(_ADDRESSING, 9)
            return
        self.put("DR", byte)
        if not self._sends() or self.get("ENDED"):
            return
        self._clear(_BTF)
        if self.get("DOING") == _IDLE and not status & _ADDR:
            self.put("SHIFT", byte)
            self._do(_SENDING, 9)
        else:
            self.put("HELD", 1)
            self._clear(_TXE)

    def _start_or_stop(self) -> None:
        """Start and stop conditions wait for the byte on the bus to end."""
        control = self.get("CR1")
        busy = self.get("SR2") & _BUSY
        if control & _STOP and busy:
            self._do(_STOPPING, 1)
        elif control & _STOP:
            self.put("CR1", control & ~_STOP)
        elif control & _START:
            self._do(_STARTING, 1)

    # ---- the bus -----------------------------------------------------------------------------------------------
    def due(self) -> None:
        self._catch_up()
        self._update()

    def _catch_up(self) -> None:
        while 0 < self.get("UNTIL") <= self.mcu.now:
            doing = self.get("DOING")
            self.put("DOING", _IDLE)
            if doing == _STARTING:
                self._started()
            elif doing == _ADDRESSING:
                self._address_sent()
            elif doing == _SENDING:
                self._byte_sent()
            elif doing == _RECEIVING:
                self._byte_received()
            elif doing == _STOPPING:
                self.put("CR1", self.get("CR1") & ~_STOP)
                self._clear(_TXE | _BTF | _ADDR | _SB if self._sends() else _ADDR | _SB)
                self.put("SR2", self.get("SR2") & ~(_MSL | _BUSY | _TRA))
                self.put("BYTES", 0)
            if self.get("DOING") == _IDLE and self.get("CR1") & (_START | _STOP) and not self.get("SR1") & _SB:
                self._start_or_stop()
            if self.get("DOING") == _IDLE:
                self.put("UNTIL", 0)

    def _started(self) -> None:
        self.put("CR1", self.get("CR1") & ~_START)
        self.put("SR2", (self.get("SR2") | _MSL | _BUSY) & ~_TRA)
        for name in ("HELD", "BYTES", "ENDED", "SEEN"):
            self.put(name, 0)
        self._clear(_TXE | _BTF | _ADDR)
        self._set(_SB)

    def _address_sent(self) -> None:
        address = self.get("SHIFT")
        reads = bool(address & 1)
        if self.address_peer(address >> 1, reads):
            self.put("SR2", self.get("SR2") | (0 if reads else _TRA))
            self._set(_ADDR)
        else:
            self.put("ENDED", 1)
            self._set(_AF)

    def _byte_sent(self) -> None:
        self.mcu.sent(self.block.name, self.get("SHIFT"))
        if not self.write_peer(self.get("SHIFT")):
            self.put("ENDED", 1)
            self._set(_AF | _TXE)
        elif self.get("HELD"):
            self.put("HELD", 0)
            self.put("SHIFT", self.get("DR"))
            self._set(_TXE)
            if not self.get("CR1") & _STOP:
                self._do(_SENDING, 9)
        else:
            self._set(_BTF | _TXE)

    def _receive(self) -> None:
        """The next byte follows unless the last one was not acknowledged or the bus is about to be given up."""
        if self.get("DOING") == _IDLE and not self.get("ENDED") and not self.get("CR1") & (_STOP | _START):
            if self._last_of_dma(0):
                return
            self._do(_RECEIVING, 9)

    def _last_of_dma(self, left: int) -> bool:
        """With LAST set, the DMA's last byte is not acknowledged (26.3.7)."""
        if self.get("CR2") & (_DMAEN | _LAST) != _DMAEN | _LAST:
            return False
        waiting = int(bool(self.get("SR1") & _RXNE))
        return remaining(self.mcu, f"{self.block.name}_RX") <= left + waiting

    def _byte_received(self) -> None:
        byte = self.read_peer()
        control = self.get("CR1")
        self.put("BYTES", self.get("BYTES") + 1)
        first = self.get("BYTES") == 1
        if not control & _ACK and not (control & _POS and first):
            self.put("ENDED", 1)
        if self._last_of_dma(1):
            self.put("ENDED", 1)
        if self.get("SR1") & _RXNE:
            self.put("SHIFT", byte)
            self.put("HELD", 1)
            self._set(_BTF)
        else:
            self.put("DR", byte)
            self._set(_RXNE)
            self._receive()

    # ---- lines -------------------------------------------------------------------------------------------------
    def wants_dma(self, request: str) -> bool:
        status = self.get("SR1")
        if not self.get("CR2") & _DMAEN or status & _ADDR:
            return False
        if request.endswith("_TX"):
            return bool(status & _TXE and self._sends() and not self.get("ENDED"))
        return bool(status & _RXNE)

    def _update(self) -> None:
        control, status = self.get("CR2"), self.get("SR1")
        event = control & _ITEVTEN and (
            status & (_SB | _ADDR | _BTF) or (control & _ITBUFEN and status & (_TXE | _RXNE))
        )
        self.set_line(0, bool(event))
        self.set_line(1, bool(control & _ITERREN and status & _ERRORS))
        planned = self.get("UNTIL") or NEVER
        if planned != self.next_event:
            self.next_event = planned
        before = self.get("REQUESTED")
        wanted = [self.wants_dma(f"_{side}") for side in ("RX", "TX")]
        self.put("REQUESTED", wanted[0] | wanted[1] << 1)
        for bit, side in enumerate(("RX", "TX")):
            if wanted[bit] and not before >> bit & 1:
                self.mcu.request_dma(f"{self.block.name}_{side}")
