"""ADC of the STM32F4 (RM0090 13): as that of the F1, with resolutions, overrun, trigger edges and a common prescaler.

Parameter common: name of the block with the registers that all converters share. Not modelled: multi-ADC modes.
"""

from typing import ClassVar

from swassess.emulator.peripherals.stm32_adc_v1 import ADON, DMA, EOC, AdcV1

_OVR = 0x20
_OVRIE = 1 << 26
_DDS, _EOCS = 0x200, 0x400
_JSWSTART, _SWSTART = 1 << 22, 1 << 30


class AdcV3(AdcV1):
    FLAGS: ClassVar[int] = AdcV1.FLAGS | _OVR

    def clock(self) -> int:
        common = self.mcu.block(str(self.parameters.get("common", "")))
        prescaler = (common.get("CCR") >> 16) & 3 if common is not None else 0
        return self.mcu.period("PCLK2") * (2 + 2 * prescaler)

    def bits(self) -> int:
        return 12 - 2 * ((self.get("CR1") >> 24) & 3)

    def keep(self, code: int) -> None:
        checked = self.get("CR2") & (DMA | _EOCS)
        unread = self.get("FRESH") if self.get("CR2") & DMA else self.get("SR") & EOC
        if checked and unread:
            self.put("SR", self.get("SR") | _OVR)
        if not self.get("SR") & _OVR:
            super().keep(code)

    def ends(self, last: bool) -> bool:
        return last or bool(self.get("CR2") & _EOCS)

    def injected_ended(self) -> None:
        self.put("SR", self.get("SR") | 4)

    def conversion_shows(self) -> bool:
        checked = self.get("CR2") & _EOCS and not self.get("SR") & _OVR
        return bool(checked) or super().conversion_shows()

    def line(self) -> bool:
        return bool(self.get("CR1") & _OVRIE and self.get("SR") & _OVR) or super().line()

    def dma_request(self) -> bool:
        return not self.get("SR") & _OVR and super().dma_request()

    def control(self, value: int) -> None:
        before = self.get("CR2")
        self.put("CR2", value & ~(_SWSTART | _JSWSTART))
        if not value & ADON:
            self.stop()
            self.stop(injected=True)
        if not value & before & ADON:
            return
        if value & _SWSTART and not self.get("SR") & _OVR:
            self.begin()
        if value & _JSWSTART:
            self.begin_injected()

    def triggered(self, event: str) -> None:
        control = self.get("CR2")
        if not control & ADON:
            return
        self.catch_up()
        if control >> 28 & 3 and self.event_of("triggers", (control >> 24) & 15) == event:
            self.begin()
        if control >> 20 & 3 and self.event_of("injected_triggers", (control >> 16) & 15) == event:
            self.begin_injected()
        self.update()
