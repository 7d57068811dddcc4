"""ADC of the STM32L4 and G4 (RM0351 18, RM0440 21): deep power-down, sequence registers, injected channels, windows.

Parameters beside those of stm32_adc_v2: common (name of the block with the shared registers), wide_triggers (true on
the G4, whose EXTSEL, ALIGN and JSQR lie elsewhere), injected_triggers. Not modelled: the queue of injected contexts,
differential inputs, dual modes, gain compensation.
"""

from collections.abc import Sequence
from typing import ClassVar

from swassess.emulator.peripherals.adc_common import outside_window, shown
from swassess.emulator.peripherals.stm32_adc_v2 import AdcV2

_JEOC, _JEOS, _AWD1 = 0x20, 0x40, 0x80
_AWD1SGL, _JAWD1EN = 1 << 22, 1 << 24
_ADEN, _JADSTART, _JADSTP, _ADVREGEN, _DEEPPWD, _ADCALDIF = 1, 8, 0x20, 1 << 28, 1 << 29, 1 << 30
_DISCEN, _JDISCEN, _JAUTO = 1 << 16, 1 << 20, 1 << 25
_OFFSET_ENABLE = 1 << 31
_PRESCALERS = (1, 2, 4, 6, 8, 10, 12, 16, 32, 64, 128, 256)


class AdcV4(AdcV2):
    CONFIGURATION: ClassVar[str] = "CFGR"
    PLAIN: ClassVar[int] = _ADVREGEN | _DEEPPWD | _ADCALDIF
    WINDOW: ClassVar[str] = "TR1"

    def _regulator_is_on(self) -> bool:
        return self.get("CR") & (_ADVREGEN | _DEEPPWD) == _ADVREGEN

    def _wide(self) -> bool:
        return bool(self.parameters.get("wide_triggers"))

    def _left(self) -> bool:
        return bool(self._configuration() & (1 << 15 if self._wide() else 1 << 5))

    def clock(self) -> int:
        common = self.mcu.block(str(self.parameters.get("common", "")))
        control = common.get("CCR") if common is not None else 0
        mode = (control >> 16) & 3
        if mode:
            return self.mcu.period("HCLK") << (mode - 1)
        return self.mcu.period("ADC") * _PRESCALERS[min((control >> 18) & 15, len(_PRESCALERS) - 1)]

    def regular(self) -> Sequence[int]:
        length = (self.get("SQR1") & 15) + 1
        # place 0 of SQR1 is the length
        return [(self.get(f"SQR{1 + place // 5}") >> (6 * (place % 5))) & 31 for place in range(1, length + 1)]

    def injected(self) -> Sequence[int]:
        register = self.get("JSQR")
        first = 9 if self._wide() else 8
        return [(register >> (first + 6 * place)) & 31 for place in range((register & 3) + 1)]

    def conversion_halves(self, channel: int) -> int:
        register, place = ("SMPR1", channel) if channel < 10 else ("SMPR2", channel - 10)
        sampling = int(self.parameters["sampling_halves"][(self.get(register) >> (3 * place)) & 7])
        return (sampling + 2 * self._bits() + 1) * self._oversampling()[0]

    def _oversampling(self) -> tuple[int, int]:
        control = self.get("CFGR2")
        return (2 << ((control >> 2) & 7), (control >> 5) & 15) if control & 1 else (1, 0)

    def pieces(self) -> int:
        control = self._configuration()
        return ((control >> 17) & 7) + 1 if control & _DISCEN else 0

    def injected_pieces(self) -> bool:
        return bool(self._configuration() & _JDISCEN)

    def code(self, channel: int) -> int:
        """The offset of a channel (OFRy) is taken off its code."""
        code = super().code(channel)
        for register in ("OFR1", "OFR2", "OFR3", "OFR4"):
            offset = self.get(register)
            if offset & _OFFSET_ENABLE and (offset >> 26) & 31 == channel:
                return max(code - (offset & 0xFFF), 0)
        return code

    def injected_converted(self, place: int, channel: int, code: int, last: bool) -> None:
        self.put(f"JDR{place + 1}", shown(code, self._bits(), self._left()))
        control = self._configuration()
        watched = control & _JAWD1EN and (not control & _AWD1SGL or (control >> 26) & 31 == channel)
        flags = _AWD1 if watched and self._window(self.WINDOW, code) else 0
        self.put("ISR", self.get("ISR") | _JEOC | flags)

    def _further_window(self, number: int, code: int) -> int:
        """The upper eight bits are compared (RM0351 18.4.28)."""
        limits = self.get(f"TR{number}")
        return int(outside_window(code & 0xFF0, self._bits(), (limits & 0xFF) << 4, (limits >> 12) & 0xFF0))

    def injected_ended(self) -> None:
        self.put("ISR", self.get("ISR") | _JEOS)
        if not self.get("INJECTED_ARMED"):
            self.put("CR", self.get("CR") & ~_JADSTART)

    def sequence_ended(self) -> bool:
        super().sequence_ended()
        return bool(self._configuration() & _JAUTO)

    def conversion_shows(self) -> bool:
        return bool(self._configuration() & _JAUTO) or super().conversion_shows()

    def was_read(self, name: str) -> None:
        super().was_read(name)
        if name.startswith("JDR"):
            self.put("ISR", self.get("ISR") & ~_JEOC)

    def written(self, name: str, value: int) -> None:
        if not name.startswith("JDR"):
            super().written(name, value)

    def _control(self, value: int) -> None:
        super()._control(value)
        control = self.get("CR")
        if not self._regulator_is_on() or not control & _ADEN:
            return
        if value & _JADSTP and control & _JADSTART:
            control &= ~_JADSTART
            self.stop(injected=True)
            self.put("INJECTED_ARMED", 0)
        elif value & _JADSTART and not control & _JADSTART:
            control |= _JADSTART
            self.put("CR", control)
            if self._injected_edges():
                self.put("INJECTED_ARMED", 1)
            else:
                self.start_injected(max(self.mcu.now, self.get("READY_AT")))
        self.put("CR", control)

    def _injected_edges(self) -> int:
        return (self.get("JSQR") >> (7 if self._wide() else 6)) & 3

    def _selected_trigger(self) -> int:
        control = self._configuration()
        return (control >> 5) & 31 if self._wide() else (control >> 6) & 15

    def triggered(self, event: str) -> None:
        super().triggered(event)
        if not self.get("INJECTED_ARMED"):
            return
        events = self.parameters.get("injected_triggers", {})
        selected = (self.get("JSQR") >> 2) & (31 if self._wide() else 15)
        if events.get(selected, events.get(str(selected))) == event and not self.get("INJECTED_DONE"):
            self.catch_up()
            self.start_injected(self.mcu.now)
            self.update()
