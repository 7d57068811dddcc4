"""Reset and clock control of the STM32F1 (RM0008, chapters 7 and 8; RM0041, chapter 6) and of the GD32F10x."""

from collections.abc import Mapping
from typing import ClassVar

from swassess.emulator.peripherals.clock_control import Oscillator
from swassess.emulator.peripherals.rcc_stm32 import Stm32Rcc, hpre, ppre

_PLL_FIELDS = 0x003F0000  # PLLMUL, PLLXTPRE, PLLSRC
_XTPRE = 1 << 17  # also the lowest bit of PREDIV1 where CFGR2 has it
_ADC_DIVIDERS = (2, 4, 6, 8)
_MORE_PLLS = 0x14000000  # PLL2ON, PLL3ON


def multiplier(setting: int, bits: int = 4) -> int:
    """Of the PLL by PLLMUL in CFGR: 2 to 16; with the fifth bit of GigaDevice also 17 to 32."""
    code = setting >> 18 & 0xF
    if bits == 5 and setting & 1 << 27:
        return code + 17
    return min(code + 2, 16)


class Stm32F1Rcc(Stm32Rcc):
    """HSI of 8 MHz, HSE, PLL with HSI / 2 or the divided HSE as input.

    Parameters: value_line, where CFGR2 divides the HSE by up to 16; connectivity, where PLL2 and PLL3 exist and PLL2
    may feed the PLL; pll_bits, 5 for the GD32F10x, whose multiplier goes up to 32.
    """

    oscillators = (
        Oscillator("HSI", "CR", 0, 1, 2),
        Oscillator("HSE", "CR", 16, 17, 3),
        Oscillator("LSI", "CSR", 0, 1, 0),
        Oscillator("LSE", "BDCR", 0, 1, 1),
        Oscillator("PLL2", "CR", 26, 27, 5),
        Oscillator("PLL3", "CR", 28, 29, 6),
        Oscillator("PLL", "CR", 24, 25, 4),
    )
    writable: ClassVar[Mapping[str, int]] = {
        "CR": 0x010D00F9 | _MORE_PLLS,
        "CFGR": 0x0F7FFFF3,
        "CFGR2": 0x0001FFFF,
        "CIR": 0x00007F00,
        "BDCR": 0x00018305,
        "CSR": 0x00000001,
    }
    pll_fixed: ClassVar[Mapping[str, int]] = {"CFGR": _PLL_FIELDS, "CFGR2": 0x0001000F}

    def _with_divider(self) -> bool:
        return bool(self.parameters.get("value_line") or self.parameters.get("connectivity"))

    def allowed(self, name: str, old: int, new: int) -> int:
        new = super().allowed(name, old, new)
        if name == "CR" and not self.parameters.get("connectivity"):
            new &= ~_MORE_PLLS
        if name == "CFGR2" and not self._with_divider():
            return 0
        if self._with_divider() and name == "CFGR":
            self.put("CFGR2", self.get("CFGR2") & ~1 | new >> 17 & 1)
        elif name == "CFGR2":
            self.put("CFGR", self.get("CFGR") & ~_XTPRE | (new & 1) << 17)
        return new

    def pll_source(self) -> str:
        return "HSE" if self.get("CFGR") & 1 << 16 else "HSI"

    def input_hz(self, name: str) -> int:
        if name == "HSI":
            return self.trimmed_hsi("CR", 3, 16, 5)
        if name == "PLL":
            return self._pll_hz()
        if name in ("PLL2", "PLL3"):
            more = self.get("CFGR2")
            code = more >> (8 if name == "PLL2" else 12) & 15
            return self.hz("HSE") // ((more >> 4 & 15) + 1) * (20 if code == 15 else code + 2)
        return super().input_hz(name)

    def _pll_hz(self) -> int:
        setting = self.get("CFGR")
        if self.parameters.get("connectivity") and setting >> 18 & 15 == 13:
            return self.pll_input() * 13 // 2
        return self.pll_input() * multiplier(setting, int(self.parameters.get("pll_bits", 4)))

    def pll_input(self) -> int:
        if self.pll_source() == "HSI":
            return self.hz("HSI") // 2
        if not self._with_divider():
            return self.hz("HSE") // (2 if self.get("CFGR") & _XTPRE else 1)
        more = self.get("CFGR2")
        by_pll2 = self.parameters.get("connectivity") and more & 1 << 16
        return self.hz("PLL2" if by_pll2 else "HSE") // ((more & 15) + 1)

    def frequencies(self) -> dict[str, int]:
        setting = self.get("CFGR")
        found = self.tree(hpre(setting >> 4 & 15), ppre(setting >> 8 & 7), ppre(setting >> 11 & 7))
        found["ADC"] = found["PCLK2"] // _ADC_DIVIDERS[setting >> 14 & 3]
        found["USB"] = found["PLL"] if setting & 1 << 22 else found["PLL"] * 2 // 3
        return found
