"""ADC of the Nuvoton M031 (TRM, chapter ADC): a data register for each channel, single and scan modes, two comparators.

Parameters: conversion_halves (half ADC cycles of a conversion without extended sampling), calibration_cycles, internal,
inputs. Not modelled: burst mode's queue, differential inputs, hardware triggers, floating detection.
"""

from collections.abc import Sequence
from typing import ClassVar

from swassess.emulator.peripherals.adc_common import AdcSequencer
from swassess.emulator.peripherals.kernel_clock import clock_period

CHANNELS = 30
_ADEN, _ADIE, _PTEN, _ADST, _RESET = 1, 2, 1 << 9, 1 << 11, 1 << 12
_SINGLE, _CONTINUOUS = 0, 3
_OVERRUN, _VALID = 1 << 16, 1 << 17
_ADF, _CMPF0, _BUSY, _VALIDF, _OVERRUNF = 1, 2, 0x80, 0x100, 1 << 16
_CALEN, _CALIE, _CALIF = 1, 2, 1


class Adc(AdcSequencer):
    # MATCHES: how often in a row a comparator has met its condition; FRESH: the DMA has not taken the last result
    extra: ClassVar[tuple[str, ...]] = (*AdcSequencer.extra, "MATCHES0", "MATCHES1", "FRESH")
    timed = frozenset({"ADDR", "ADPDMA"})
    outside = frozenset({"ADDR", "ADPDMA"})

    def clock(self) -> int:
        return clock_period(self)

    def _mode(self) -> int:
        return self.get("ADCR") >> 2 & 3

    def regular(self) -> Sequence[int]:
        enabled = self.get("ADCHER")
        channels = [channel for channel in range(CHANNELS) if enabled >> channel & 1]
        return channels[:1] if self._mode() == _SINGLE else channels

    def conversion_halves(self, channel: int) -> int:
        return int(self.parameters["conversion_halves"]) + 2 * (self.get("ESMPCTL") & 0xFF)

    def continuous(self) -> bool:
        return self._mode() in (1, _CONTINUOUS)

    def converted(self, channel: int, code: int, last: bool) -> None:
        unread = self.get(f"ADDR[{channel}]") & _VALID
        result = code | _VALID | (_OVERRUN if unread else 0)
        self.put(f"ADDR[{channel}]", result)
        self.put("ADPDMA", result)
        self.put("FRESH", 1)
        for number in (0, 1):
            self._compare(number, channel, code)
        if last:
            self.put("ADSR0", self.get("ADSR0") | _ADF)
            if not self.continuous():
                self.put("ADCR", self.get("ADCR") & ~_ADST)

    def _compare(self, number: int, channel: int, code: int) -> None:
        setting = self.get(f"ADCMPR[{number}]")
        if not setting & 1 or setting >> 3 & 31 != channel:
            return
        limit = setting >> 16 & 0xFFF
        met = code >= limit if setting & 4 else code < limit
        matches = self.get(f"MATCHES{number}") + 1 if met else 0
        if matches > (setting >> 8 & 15):
            self.put("ADSR0", self.get("ADSR0") | _CMPF0 << number)
            matches = 0
        self.put(f"MATCHES{number}", matches)

    def conversion_shows(self) -> bool:
        done = self.get("ADSR0") & _ADF and not self.get("ADCR") & _PTEN and self.continuous()
        quiet = not any(self.get(f"ADCMPR[{number}]") & 1 for number in (0, 1))
        stale = all(self.get(f"ADDR[{channel}]") & _OVERRUN for channel in self.regular())
        return not (done and quiet and stale)

    def line(self) -> bool:
        status, control = self.get("ADSR0"), self.get("ADCR")
        compared = any(self.get(f"ADCMPR[{number}]") & 2 and status & _CMPF0 << number for number in (0, 1))
        calibrated = self.get("ADCALR") & _CALIE and self.get("ADCALSTSR") & _CALIF
        return bool((control & _ADIE and status & _ADF) or compared or calibrated)

    def dma_request(self) -> bool:
        return bool(self.get("ADCR") & _PTEN and self.get("FRESH"))

    def calibrated(self) -> None:
        self.put("ADCALSTSR", _CALIF)
        self.put("ADCR", self.get("ADCR") & ~_ADST)

    # ---- registers ---------------------------------------------------------------------------------------------
    def peek(self, offset: int) -> int | None:
        name = self.register_at(offset)
        if name not in ("ADSR0", "ADSR1", "ADSR2"):
            return super().peek(offset)
        data = [self.get(f"ADDR[{channel}]") for channel in range(CHANNELS)]
        valid = sum(1 << channel for channel, one in enumerate(data) if one & _VALID)
        overrun = sum(1 << channel for channel, one in enumerate(data) if one & _OVERRUN)
        if name != "ADSR0":
            return valid if name == "ADSR1" else overrun
        sequence = self.regular()
        channel = sequence[min(self.get("STEP"), len(sequence) - 1)] if sequence else 0
        status = self.get("ADSR0") | channel << 27
        status |= _BUSY if self.get("ADCR") & _ADST else 0
        return status | (_VALIDF if valid else 0) | (_OVERRUNF if overrun else 0)

    def read(self, offset: int) -> int | None:
        self.catch_up()
        value = self.peek(offset)
        if value is not None:
            self.was_read(self.register_at(offset) or "")
            self.update()
        return value

    def was_read(self, name: str) -> None:
        if name.startswith("ADDR["):
            self.put(name, self.get(name) & ~(_VALID | _OVERRUN))
        elif name == "ADPDMA":
            self.put("FRESH", 0)

    def written(self, name: str, value: int) -> None:
        if name == "ADSR0":
            self.put(name, self.get(name) & ~(value & 7))
        elif name == "ADCALSTSR":
            self.put(name, self.get(name) & ~value)
        elif name == "ADCR":
            self._control(value & ~_RESET)
        elif name.startswith("ADCMPR["):
            self.put(name, value)
            self.put(f"MATCHES{name[7]}", 0)
        elif not name.startswith(("ADDR[", "ADSR", "ADPDMA")):
            self.put(name, value)

    def _control(self, value: int) -> None:
        before = self.get("ADCR")
        self.put("ADCR", value)
        if not value & _ADEN or not value & _ADST:
            self.put("ADCR", value & ~_ADST)
            self.stop()
            self.put("CALIBRATED_AT", 0)
        elif not before & _ADST:
            if self.get("ADCALR") & _CALEN:
                cycles = int(self.parameters["calibration_cycles"])
                self.put("CALIBRATED_AT", self.mcu.now + max(cycles * self.clock(), 1))
            else:
                self.put("STEP", 0)
                self.start(self.mcu.now)
