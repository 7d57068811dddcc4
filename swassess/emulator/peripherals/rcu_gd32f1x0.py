"""Reset and clock unit of the GD32F130/150 (GD32F1x0 user manual, chapter 4): the STM32F0's with a second APB
prescaler and a longer multiplier. The register map gives each register its own name and that of the STM32F0.
"""

from collections.abc import Mapping
from typing import ClassVar

from swassess.emulator.peripherals.rcc_stm32 import hpre, ppre
from swassess.emulator.peripherals.rcc_stm32f0 import Stm32F0Rcc
from swassess.emulator.peripherals.rcc_stm32f1 import multiplier

_AS_ON_STM32 = {
    "AHBEN": "AHBENR",
    "AHBRST": "AHBRSTR",
    "APB1EN": "APB1ENR",
    "APB1RST": "APB1RSTR",
    "APB2EN": "APB2ENR",
    "APB2RST": "APB2RSTR",
    "BDCTL": "BDCR",
    "CFG0": "CFGR",
    "CFG1": "CFGR2",
    "CFG2": "CFGR3",
    "CTL0": "CR",
    "CTL1": "CR2",
    "INT": "CIR",
    "RSTSCK": "CSR",
}
_ADC_DIVIDERS = (2, 4, 6, 8)


class Gd32F1x0Rcu(Stm32F0Rcc):
    """Oscillators: HSI is IRC8M, HSE HXTAL, LSI IRC40K, LSE LXTAL, HSI14 IRC14M; there is no HSI48."""

    writable: ClassVar[Mapping[str, int]] = {**Stm32F0Rcc.writable, "CFGR": 0xFFFFFFF3}

    def register_at(self, offset: int) -> str | None:
        name = super().register_at(offset)
        return None if name is None else _AS_ON_STM32.get(name, name)

    def pll_source(self) -> str:
        return "HSE" if self.get("CFGR") & 1 << 16 else "HSI"

    def input_hz(self, name: str) -> int:
        if name == "HSI48":
            return 0
        if name != "PLL":
            return super().input_hz(name)
        divider = 2 if self.pll_source() == "HSI" else (self.get("CFGR2") & 0xF) + 1
        return self.hz(self.pll_source()) // divider * multiplier(self.get("CFGR"), 5)

    def frequencies(self) -> dict[str, int]:
        setting, kernel = self.get("CFGR"), self.get("CFGR3")
        found = self.tree(hpre(setting >> 4 & 15), ppre(setting >> 8 & 7), ppre(setting >> 11 & 7))
        found["USART0"] = found[("PCLK2", "SYSCLK", "LSE", "HSI")[kernel & 3]]
        own = found["HSI14"] or (0 if self.get("CR2") & 1 << 2 else self.source("HSI14"))
        found["ADC"] = found["PCLK2"] // _ADC_DIVIDERS[setting >> 14 & 3] if kernel & 1 << 8 else own
        return found
