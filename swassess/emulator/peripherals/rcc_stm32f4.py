"""Reset and clock control of the STM32F4 (RM0090, chapters 6 and 7; RM0383, chapter 6)."""

from collections.abc import Mapping
from typing import ClassVar

from swassess.emulator.peripherals.behaviour import IWDG, LOW_POWER, SOFTWARE, WWDG
from swassess.emulator.peripherals.clock_control import Oscillator
from swassess.emulator.peripherals.rcc_stm32 import Stm32Rcc, hpre, ppre

_TIMPRE = 1 << 24


class Stm32F4Rcc(Stm32Rcc):
    """HSI of 16 MHz, HSE, PLL with M, N, P, Q; PLLI2S and PLLSAI where their registers are."""

    oscillators = (
        Oscillator("HSI", "CR", 0, 1, 2),
        Oscillator("HSE", "CR", 16, 17, 3),
        Oscillator("LSI", "CSR", 0, 1, 0),
        Oscillator("LSE", "BDCR", 0, 1, 1),
        Oscillator("PLL", "CR", 24, 25, 4),
        Oscillator("PLLI2S", "CR", 26, 27, 5),
        Oscillator("PLLSAI", "CR", 28, 29, 6),
    )
    causes: ClassVar[Mapping[int, int]] = {IWDG: 29, SOFTWARE: 28, WWDG: 30, LOW_POWER: 31}
    power_on_causes = 0x0E000000
    cause_bits = 0xFE000000
    writable: ClassVar[Mapping[str, int]] = {
        "CR": 0x150D00F9,
        "CFGR": 0xFFFFFCF3,
        "CIR": 0x00007F00,
        "BDCR": 0x0001830D,
        "CSR": 0x00000001,
    }
    pll_fixed: ClassVar[Mapping[str, int]] = {"PLLCFGR": 0x7F437FFF}

    def pll_source(self) -> str:
        return "HSE" if self.get("PLLCFGR") & 1 << 22 else "HSI"

    def input_hz(self, name: str) -> int:
        if name == "HSI":
            return self.trimmed_hsi("CR", 3, 16, 5)
        if not name.startswith("PLL"):
            return super().input_hz(name)
        if name == "PLL":
            setting = self.get("PLLCFGR")
            return self._vco(setting) // (2 * (setting >> 16 & 3) + 2)
        if not self.has(f"{name}CFGR"):
            return 0
        setting = self.get(f"{name}CFGR")
        return self._vco(setting) // max(setting >> 28 & 7, 2)

    def _vco(self, setting: int) -> int:
        divider = self.get("PLLCFGR") & 0x3F
        return self.hz(self.pll_source()) * (setting >> 6 & 0x1FF) // divider if divider else 0

    def rtc_hse_divider(self) -> int:
        return self.get("CFGR") >> 16 & 0x1F

    def rtc_hz(self) -> int:
        by_hse = self.get("BDCR") & 0x300 == 0x300
        return 0 if by_hse and self.rtc_hse_divider() < 2 else super().rtc_hz()

    def frequencies(self) -> dict[str, int]:
        setting = self.get("CFGR")
        fast = self.has("DCKCFGR") and self.get("DCKCFGR") & _TIMPRE
        found = self.tree(
            hpre(setting >> 4 & 15), ppre(setting >> 10 & 7), ppre(setting >> 13 & 7), timer_limit=4 if fast else 2
        )
        pll = self.get("PLLCFGR")
        found["PLLQ"] = self._vco(pll) // max(pll >> 24 & 0xF, 2) if self.ready("PLL") else 0
        found["ADC"] = found["PCLK2"]
        return found
