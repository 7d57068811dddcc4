"""ADC of the STM32F0 and G0 (RM0091 13, RM0444 15): channel selection register, ADRDY, calibration, one interrupt.

Parameters: regulator (true where CR.ADVREGEN has to be set first: G0), sequencer (true where CHSELR can hold a
sequence and ISR has CCRDY: G0), calibration_cycles, sampling_halves, async_clocks (clocks of the tree tried in this
order for CKMODE 0), internal, inputs, triggers (EXTSEL -> event name).
Not modelled: auto-off's wake-up times, triggered oversampling.
"""

from collections.abc import Sequence
from typing import ClassVar

from swassess.emulator.peripherals.adc_common import AdcSequencer, outside_window, shown

_ADRDY, _EOSMP, _EOC, _EOS, _OVR, _AWD, _EOCAL, _CCRDY = 1, 2, 4, 8, 0x10, 0x80, 0x800, 0x2000
_ADEN, _ADDIS, _ADSTART, _ADSTP, _ADVREGEN, _ADCAL = 1, 2, 4, 0x10, 1 << 28, 1 << 31
_DMAEN, _SCANDIR, _ALIGN, _OVRMOD, _CONT, _WAIT = 1, 4, 0x20, 0x1000, 0x2000, 0x4000
_DISCEN, _CHSELRMOD, _AWDSGL, _AWDEN = 1 << 16, 1 << 21, 1 << 22, 1 << 23
_SEQUENCE_ENDS = 15
_STABLE_CYCLES = 14  # from ADEN to ADRDY: 1 us at 14 MHz (DS9773 6.3.16)
_PRESCALERS = (1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256)


class AdcV2(AdcSequencer):
    CONFIGURATION: ClassVar[str] = "CFGR1"
    PLAIN: ClassVar[int] = _ADVREGEN  # bits of CR that simply keep what is written
    WINDOW: ClassVar[str] = "TR"

    def _regulator_is_on(self) -> bool:
        return not self.parameters.get("regulator") or bool(self.get("CR") & _ADVREGEN)

    def _configuration(self) -> int:
        return self.get(self.CONFIGURATION)

    def _bits(self) -> int:
        return 12 - 2 * ((self._configuration() >> 3) & 3)

    def _left(self) -> bool:
        return bool(self._configuration() & _ALIGN)

    def clock(self) -> int:
        mode = self.get("CFGR2") >> 30
        if mode:
            return self.mcu.period("PCLK1") * (2, 4, 1)[mode - 1]
        period = next((one for name in self.parameters["async_clocks"] if (one := self.mcu.period(str(name)))), 0)
        if self.parameters.get("sequencer"):
            period *= _PRESCALERS[min((self.get("CCR") >> 18) & 15, len(_PRESCALERS) - 1)]
        return period

    def regular(self) -> Sequence[int]:
        selection = self.get("CHSELR")
        if self._configuration() & _CHSELRMOD and self.parameters.get("sequencer"):
            places = [(selection >> (4 * place)) & 15 for place in range(8)]
            return places[: places.index(_SEQUENCE_ENDS)] if _SEQUENCE_ENDS in places else places
        channels = [channel for channel in range(19) if selection >> channel & 1]
        return channels[::-1] if self._configuration() & _SCANDIR else channels

    def conversion_halves(self, channel: int) -> int:
        register = self.get("SMPR")
        second = self.parameters.get("sequencer") and register >> (8 + channel) & 1
        sampling = self.parameters["sampling_halves"][(register >> 4 if second else register) & 7]
        return (int(sampling) + 2 * self._bits() + 1) * self._oversampling()[0]

    def _oversampling(self) -> tuple[int, int]:
        """How many conversions are added up, and by how many bits the sum is shifted."""
        control = self.get("CFGR2")
        if not (self.parameters.get("sequencer") and control & 1):
            return 1, 0
        return 2 << ((control >> 2) & 7), (control >> 5) & 15

    def continuous(self) -> bool:
        return bool(self._configuration() & _CONT)

    def pieces(self) -> int:
        return 1 if self._configuration() & _DISCEN else 0

    def waits(self) -> bool:
        return bool(self._configuration() & _WAIT and self.get("ISR") & _EOC)

    def converted(self, channel: int, code: int, last: bool) -> None:
        status, control = self.get("ISR"), self._configuration()
        overrun = bool(status & _EOC)
        if not overrun or control & _OVRMOD:
            number, shift = self._oversampling()
            data = shown(code, self._bits(), self._left())
            self.put("DR", (data * number >> shift) & 0xFFFF)
        if self.pieces() and not self.get("ARMED"):
            self.put("CR", self.get("CR") & ~_ADSTART)
        status |= _EOSMP | _EOC | (_OVR if overrun else 0) | (_EOS if last else 0)
        self.put("ISR", status | self._watchdogs(channel, code))

    def _watchdogs(self, channel: int, code: int) -> int:
        control = self._configuration()
        flags = 0
        if control & _AWDEN and (not control & _AWDSGL or (control >> 26) & 31 == channel):
            flags |= self._window(self.WINDOW, code) * _AWD
        for number in (2, 3):
            if self.has(f"AWD{number}CR") and self.get(f"AWD{number}CR") >> channel & 1:
                flags |= self._further_window(number, code) * (_AWD << (number - 1))
        return flags

    def _further_window(self, number: int, code: int) -> int:
        """Whether the code is outside the second or third window."""
        return self._window(f"AWD{number}TR", code)

    def _window(self, register: str, code: int) -> int:
        limits = self.get(register)
        return int(outside_window(code, self._bits(), limits & 0xFFF, (limits >> 16) & 0xFFF))

    def sequence_ended(self) -> bool:
        if not self.continuous() and not self.get("ARMED"):
            self.put("CR", self.get("CR") & ~_ADSTART)
        return False

    def conversion_shows(self) -> bool:
        status, control = self.get("ISR"), self._configuration()
        sure = _EOC | _EOS | _OVR
        if control & _DMAEN or status & sure != sure or not self.continuous():
            return True
        watched = control & _AWDEN or any(self.has(f"AWD{n}CR") and self.get(f"AWD{n}CR") for n in (2, 3))
        return bool(watched)

    def line(self) -> bool:
        return bool(self.get("ISR") & self.get("IER"))

    def dma_request(self) -> bool:
        control, status = self._configuration(), self.get("ISR")
        stopped = status & _OVR and not control & _OVRMOD
        return bool(control & _DMAEN and status & _EOC and not stopped)

    def ready(self) -> None:
        if self.get("CR") & _ADEN:
            self.put("ISR", self.get("ISR") | _ADRDY)

    def calibrated(self) -> None:
        factor = int(self.parameters.get("calibration_factor", 0))
        self.put("CR", self.get("CR") & ~_ADCAL)
        if self.parameters.get("regulator"):
            self.put("ISR", self.get("ISR") | _EOCAL * int(bool(self.parameters.get("sequencer"))))
            self.put("CALFACT", factor)
        else:
            self.put("DR", factor)

    def was_read(self, name: str) -> None:
        if name == "DR":
            self.put("ISR", self.get("ISR") & ~_EOC)
            self.release()

    def written(self, name: str, value: int) -> None:
        if name == "ISR":
            self.put("ISR", self.get("ISR") & ~value)
            if value & _EOC:
                self.release()
        elif name == "CR":
            self._control(value)
        elif name != "DR":
            changed = name == "CHSELR" or (
                name == self.CONFIGURATION and (value ^ self.get(name)) & (_CHSELRMOD | _SCANDIR)
            )
            self.put(name, value)
            if changed and self.parameters.get("sequencer"):
                self.put("ISR", self.get("ISR") | _CCRDY)

    def _control(self, value: int) -> None:
        """CR: bits that are set stay until the hardware clears them; only PLAIN ones can be written to 0."""
        now, before = self.mcu.now, self.get("CR")
        control = before & ~self.PLAIN | value & self.PLAIN
        self.put("CR", control)
        if not self._regulator_is_on():
            return
        if value & _ADCAL and not control & (_ADEN | _ADCAL) and self.clock():
            self.put("CALIBRATED_AT", now + int(self.parameters["calibration_cycles"]) * self.clock())
            control |= _ADCAL
        if value & _ADEN and not control & (_ADEN | _ADCAL) and self.clock():
            self.put("READY_AT", now + _STABLE_CYCLES * self.clock())
            control |= _ADEN
        if value & _ADSTP and control & _ADSTART:
            control &= ~_ADSTART
            self.stop()
            self.put("ARMED", 0)
        if value & _ADDIS and control & _ADEN and not control & _ADSTART:
            control &= ~_ADEN
            self.put("READY_AT", 0)
        if value & _ADSTART and control & _ADEN and not before & _ADSTART:
            control |= _ADSTART
            if not self._configuration() & _DISCEN:
                self.put("STEP", 0)
            if self._configuration() >> 10 & 3:
                self.put("ARMED", 1)
            else:
                self.start(max(now, self.get("READY_AT")))
        self.put("CR", control)

    def _selected_trigger(self) -> int:
        return (self._configuration() >> 6) & 7

    def triggered(self, event: str) -> None:
        triggers = self.parameters.get("triggers", {})
        selected = self._selected_trigger()
        if not self.get("ARMED") or triggers.get(selected, triggers.get(str(selected))) != event:
            return
        self.catch_up()
        if not self.get("DONE") and not self.get("HELD"):
            self.start(self.mcu.now)
        self.update()
