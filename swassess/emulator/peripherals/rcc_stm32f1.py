"""Reset and clock control of the STM32F10x other than connectivity line, and of the GD32F10x (RM0008, chapter 7)."""

from collections.abc import Mapping
from typing import ClassVar

from swassess.emulator.peripherals.clock_control import Oscillator
from swassess.emulator.peripherals.rcc_stm32 import Stm32Rcc, hpre, ppre

_PLL_FIELDS = 0x003F0000  # PLLMUL, PLLXTPRE, PLLSRC
_ADC_DIVIDERS = (2, 4, 6, 8)


def multiplier(setting: int, bits: int = 4) -> int:
    """Of the PLL by PLLMUL in CFGR: 2 to 16; with the fifth bit of GigaDevice also 17 to 32."""
    code = setting >> 18 & 0xF
    if bits == 5 and setting & 1 << 27:
        return code + 17
    return min(code + 2, 16)


class Stm32F1Rcc(Stm32Rcc):
    """HSI of 8 MHz, HSE, PLL with HSI / 2, HSE or HSE / 2 as input. Parameter pll_bits: 5 for the GD32F10x, whose
    multiplier has a fifth bit at 27 and goes up to 32."""

    oscillators = (
        Oscillator("HSI", "CR", 0, 1, 2),
        Oscillator("HSE", "CR", 16, 17, 3),
        Oscillator("LSI", "CSR", 0, 1, 0),
        Oscillator("LSE", "BDCR", 0, 1, 1),
        Oscillator("PLL", "CR", 24, 25, 4),
    )
    writable: ClassVar[Mapping[str, int]] = {
        "CR": 0x010D00F9,
        "CFGR": 0x0F7FFFF3,
        "CIR": 0x00001F00,
        "BDCR": 0x00018305,
        "CSR": 0x00000001,
    }
    pll_fixed: ClassVar[Mapping[str, int]] = {"CFGR": _PLL_FIELDS}

    def pll_source(self) -> str:
        return "HSE" if self.get("CFGR") & 1 << 16 else "HSI"

    def input_hz(self, name: str) -> int:
        if name == "HSI":
            return self.trimmed_hsi("CR", 3, 16, 5)
        if name != "PLL":
            return super().input_hz(name)
        return self.pll_input() * multiplier(self.get("CFGR"), int(self.parameters.get("pll_bits", 4)))

    def pll_input(self) -> int:
        if self.pll_source() == "HSI":
            return self.hz("HSI") // 2
        return self.hz("HSE") // (2 if self.get("CFGR") & 1 << 17 else 1)

    def frequencies(self) -> dict[str, int]:
        setting = self.get("CFGR")
        found = self.tree(hpre(setting >> 4 & 15), ppre(setting >> 8 & 7), ppre(setting >> 11 & 7))
        found["ADC"] = found["PCLK2"] // _ADC_DIVIDERS[setting >> 14 & 3]
        found["USB"] = found["PLL"] if setting & 1 << 22 else found["PLL"] * 2 // 3
        return found
