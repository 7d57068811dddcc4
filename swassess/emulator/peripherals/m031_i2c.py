"""I2C of the Nuvoton M031 as a master (TRM, chapter I2C): a state code after every step, and SI to go on.

Not modelled: slave mode, time-out counter, wake-up, PDMA.
"""

from swassess.emulator.peripherals.behaviour import NEVER, merged
from swassess.emulator.peripherals.bus_peers import PeerBus
from swassess.emulator.peripherals.kernel_clock import clock_period

_AA, _SI, _STO, _STA, _I2CEN, _INTEN = 4, 8, 0x10, 0x20, 0x40, 0x80
_FREE = 0xF8
_STARTED, _STARTED_AGAIN = 0x08, 0x10
_WRITING, _WRITE_REFUSED, _SENT, _SEND_REFUSED = 0x18, 0x20, 0x28, 0x30
_READING, _READ_REFUSED, _GOT, _GOT_LAST = 0x40, 0x48, 0x50, 0x58


class I2c(PeerBus):
    # NEXT: state code that the step under way ends in, without the acknowledge; UNTIL: when
    extra = (*PeerBus.extra, "NEXT", "UNTIL")
    outside = frozenset({"DAT"})

    def _bit(self) -> int:
        return 4 * ((self.get("CLKDIV") & 0x3FF) + 1) * clock_period(self)

    def _step(self, code: int, bits: int) -> None:
        self.put("NEXT", code)
        self.put("UNTIL", self.mcu.now + max(bits * self._bit(), 1))

    def _go_on(self) -> None:
        """What the cleared SI lets happen."""
        control, state = self.get("CTL0"), self.get("STATUS0")
        if control & _STO:
            self._step(_FREE, 1)
        elif control & _STA:
            self._step(_STARTED if state == _FREE else _STARTED_AGAIN, 1)
        elif state in (_STARTED, _STARTED_AGAIN):
            self._step(_READING if self.get("DAT") & 1 else _WRITING, 9)
        elif state in (_WRITING, _SENT):
            self._step(_SENT, 9)
        elif state in (_READING, _GOT):
            self._step(_GOT, 9)

    def _catch_up(self) -> None:
        if not 0 < self.get("UNTIL") <= self.mcu.now:
            return
        code, data = self.get("NEXT"), self.get("DAT")
        self.put("UNTIL", 0)
        if code in (_WRITING, _READING):
            if not self.address_peer(data >> 1, bool(data & 1)):
                code = _READ_REFUSED if data & 1 else _WRITE_REFUSED
        elif code == _SENT:
            self.mcu.sent(self.block.name, data)
            if not self.write_peer(data):
                code = _SEND_REFUSED
        elif code == _GOT:
            self.put("DAT", self.read_peer())
            if not self.get("CTL0") & _AA:
                code = _GOT_LAST
        self.put("STATUS0", code)
        if code == _FREE:  # a stop raises no flag
            self.put("CTL0", self.get("CTL0") & ~_STO)
            if self.get("CTL0") & _STA:
                self._go_on()
        else:
            self.put("CTL0", self.get("CTL0") | _SI)

    # ---- Behaviour ---------------------------------------------------------------------------------------------
    def due(self) -> None:
        self._catch_up()
        self._update()

    def read(self, offset: int) -> int | None:
        self._catch_up()
        self._update()
        return self.peek(offset)

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self._catch_up()
        value = merged(self.get(name), offset, value, size)
        if name == "CTL0":
            before = self.get("CTL0")
            # SI stands until 1 is written to it
            self.put("CTL0", value & ~_SI | (before & _SI if not value & _SI else 0))
            if not value & _I2CEN:
                self.put("UNTIL", 0)
                self.put("STATUS0", _FREE)
                self.put("CTL0", value & ~(_SI | _STA | _STO))
            elif not self.get("CTL0") & _SI and not self.get("UNTIL"):
                self._go_on()
        elif name == "TOCTL":
            self.put(name, value & ~1)
        elif name != "STATUS0":
            self.put(name, value & 0xFF if name == "DAT" else value)
        self._update()
        return True

    def _update(self) -> None:
        control = self.get("CTL0")
        self.set_line(0, bool(control & _SI and control & _INTEN))
        planned = self.get("UNTIL") or NEVER
        if planned != self.next_event:
            self.next_event = planned
