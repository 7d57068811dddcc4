"""ADC of the STM32F1 (RM0008 11): regular and injected sequences in all modes, watchdog, calibration, triggers, DMA.

Parameters: sampling_halves, conversion_halves, calibration_cycles, internal, inputs, request (DMA request, the block's
name unless given; empty for none), triggers and injected_triggers (EXTSEL, JEXTSEL -> event name). Not modelled: dual
modes, the time between power-up and the first conversion.
"""

from collections.abc import Sequence
from typing import ClassVar

from swassess.emulator.peripherals.adc_common import AdcSequencer, outside_window, shown

AWD, EOC, JEOC, JSTRT, STRT = 1, 2, 4, 8, 0x10
_EOCIE, _AWDIE, _JEOCIE = 0x20, 0x40, 0x80
_SCAN, _AWDSGL, _JAUTO, _DISCEN, _JDISCEN = 0x100, 0x200, 0x400, 0x800, 0x1000
_JAWDEN, _AWDEN = 1 << 22, 1 << 23
ADON, CONT, _CAL, _RSTCAL, DMA, _ALIGN = 1, 2, 4, 8, 0x100, 0x800
_JEXTTRIG, _EXTTRIG, _JSWSTART, _SWSTART = 1 << 15, 1 << 20, 1 << 21, 1 << 22
_SOFTWARE = 7
_RESET_CALIBRATION_CYCLES = 2


class AdcV1(AdcSequencer):
    # FRESH: the data register has not been read since the last conversion
    extra: ClassVar[tuple[str, ...]] = (*AdcSequencer.extra, "FRESH")
    FLAGS: ClassVar[int] = AWD | EOC | JEOC | JSTRT | STRT

    def clock(self) -> int:
        return self.mcu.period("ADC")

    def bits(self) -> int:
        return 12

    # ---- sequences ---------------------------------------------------------------------------------------------
    def _scans(self) -> bool:
        return bool(self.get("CR1") & _SCAN)

    def regular(self) -> Sequence[int]:
        length = ((self.get("SQR1") >> 20) & 15) + 1 if self._scans() else 1
        places = [(self.get(f"SQR{3 - place // 6}") >> (5 * (place % 6))) & 31 for place in range(length)]
        return places

    def injected(self) -> Sequence[int]:
        register = self.get("JSQR")
        length = ((register >> 20) & 3) + 1
        places = [(register >> (5 * place)) & 31 for place in range(4 - length, 4)]
        return places if self._scans() else places[:1]

    def conversion_halves(self, channel: int) -> int:
        register, place = ("SMPR2", channel) if channel < 10 else ("SMPR1", channel - 10)
        sampling = int(self.parameters["sampling_halves"][(self.get(register) >> (3 * place)) & 7])
        return sampling + int(self.parameters["conversion_halves"]) - 2 * (12 - self.bits())

    def continuous(self) -> bool:
        return bool(self.get("CR2") & CONT)

    def pieces(self) -> int:
        control = self.get("CR1")
        return ((control >> 13) & 7) + 1 if control & _DISCEN else 0

    def injected_pieces(self) -> bool:
        return bool(self.get("CR1") & _JDISCEN)

    def converted(self, channel: int, code: int, last: bool) -> None:
        self.keep(code)
        watched = self.get("CR1") & _AWDEN and self._watches(channel)
        flags = AWD if watched and self._outside(code) else 0
        self.put("SR", self.get("SR") | flags | (EOC if self.ends(last) else 0))

    def keep(self, code: int) -> None:
        """The data register takes a result."""
        self.put("DR", shown(code, self.bits(), bool(self.get("CR2") & _ALIGN)))
        self.put("FRESH", 1)

    def ends(self, last: bool) -> bool:
        """Whether EOC is set: at the end of the group."""
        return last

    def injected_converted(self, place: int, channel: int, code: int, last: bool) -> None:
        value = (code >> (12 - self.bits())) - (self.get(f"JOFR{place + 1}") & 0xFFF)
        if self.get("CR2") & _ALIGN:
            value <<= 3
        self.put(f"JDR{place + 1}", value & 0xFFFF)
        watched = self.get("CR1") & _JAWDEN and self._watches(channel)
        flags = AWD if watched and self._outside(code) else 0
        self.put("SR", self.get("SR") | flags)

    def injected_ended(self) -> None:
        self.put("SR", self.get("SR") | JEOC | EOC)  # EOC stands for either group (11.12.1)

    def _watches(self, channel: int) -> bool:
        control = self.get("CR1")
        return not control & _AWDSGL or control & 31 == channel

    def _outside(self, code: int) -> bool:
        return outside_window(code, self.bits(), self.get("LTR") & 0xFFF, self.get("HTR") & 0xFFF)

    def sequence_ended(self) -> bool:
        return bool(self.get("CR1") & _JAUTO)

    # ---- lines -------------------------------------------------------------------------------------------------
    def conversion_shows(self) -> bool:
        control, status = self.get("CR1"), self.get("SR")
        watched = control & (_AWDEN | _JAWDEN) and not status & AWD
        busy = self.get("CR2") & DMA or control & _JAUTO or not self.continuous()
        return bool(busy or watched or not status & EOC)

    def line(self) -> bool:
        control, status = self.get("CR1"), self.get("SR")
        pairs = ((_EOCIE, EOC), (_JEOCIE, JEOC), (_AWDIE, AWD))
        return any(control & enable and status & flag for enable, flag in pairs)

    def dma_request(self) -> bool:
        return bool(self.get("CR2") & DMA and self.get("FRESH") and self.parameters.get("request", "-"))

    def calibrated(self) -> None:
        self.put("CR2", self.get("CR2") & ~(_CAL | _RSTCAL))
        self.put("DR", int(self.parameters.get("calibration_factor", 0)))

    # ---- registers ---------------------------------------------------------------------------------------------
    def was_read(self, name: str) -> None:
        if name == "DR":
            self.put("FRESH", 0)
            self.put("SR", self.get("SR") & ~EOC)

    def written(self, name: str, value: int) -> None:
        if name == "SR":
            self.put("SR", self.get("SR") & (value | ~self.FLAGS))
        elif name == "CR2":
            self.control(value)
        elif not name.startswith("JDR") and name != "DR":
            self.put(name, value)

    def begin(self) -> None:
        """Starts the regular group."""
        if not self.get("CR1") & _DISCEN:
            self.put("STEP", 0)
        self.put("SR", self.get("SR") | STRT)
        self.start(self.mcu.now)

    def begin_injected(self) -> None:
        if not self.get("CR1") & _JDISCEN:
            self.put("INJECTED_STEP", 0)
        self.put("SR", self.get("SR") | JSTRT)
        self.start_injected(self.mcu.now)

    def control(self, value: int) -> None:
        """CR2. A conversion also starts by writing ADON once more while nothing else changes (11.12.3)."""
        before = self.get("CR2")
        self.put("CR2", value & ~(_SWSTART | _JSWSTART | _CAL | _RSTCAL) | before & (_CAL | _RSTCAL))
        if not value & ADON:
            self.stop()
            self.stop(injected=True)
        for bit, cycles in ((_RSTCAL, _RESET_CALIBRATION_CYCLES), (_CAL, int(self.parameters["calibration_cycles"]))):
            if value & bit and self.clock():
                self.put("CR2", self.get("CR2") | bit)
                self.put("CALIBRATED_AT", self.mcu.now + cycles * self.clock())
        if not value & before & ADON:
            return
        if (value & _SWSTART and value & _EXTTRIG and (value >> 17) & 7 == _SOFTWARE) or value == before:
            self.begin()
        if value & _JSWSTART and value & _JEXTTRIG and (value >> 12) & 7 == _SOFTWARE:
            self.begin_injected()

    def triggered(self, event: str) -> None:
        control = self.get("CR2")
        if not control & ADON:
            return
        self.catch_up()
        if control & _EXTTRIG and self.event_of("triggers", (control >> 17) & 7) == event:
            self.begin()
        if control & _JEXTTRIG and self.event_of("injected_triggers", (control >> 12) & 7) == event:
            self.begin_injected()
        self.update()

    def event_of(self, table: str, selection: int) -> str:
        events = self.parameters.get(table, {})
        return str(events.get(selection, events.get(str(selection), "")))
