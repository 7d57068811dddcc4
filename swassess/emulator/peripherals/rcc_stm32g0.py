"""Reset and clock control of the STM32G0 (RM0444, chapter 5; RM0454, chapter 5)."""

from collections.abc import Mapping
from typing import ClassVar

from swassess.emulator.peripherals.clock_control import Oscillator
from swassess.emulator.peripherals.rcc_stm32 import Stm32Rcc, hpre, ppre

_USARTS = {"USART1": 0, "USART2": 2, "USART3": 4, "LPUART2": 8, "LPUART1": 10}
_I2CS = {"I2C1": 12, "I2C2": 14}
_LPTIMS = {"LPTIM1": 18, "LPTIM2": 20}


class Stm32G0Rcc(Stm32Rcc):
    """HSI of 16 MHz behind a divider, HSE, PLL with outputs P, Q, R. Parameters: selections, blocks that have a field
    in CCIPR (the register is shared by parts that lack some of them)."""

    oscillators = (
        Oscillator("HSI", "CR", 8, 10, 3),
        Oscillator("HSI48", "CR", 22, 23, 2),
        Oscillator("HSE", "CR", 16, 17, 4),
        Oscillator("LSI", "CSR", 0, 1, 0),
        Oscillator("LSE", "BDCR", 0, 1, 1),
        Oscillator("PLL", "CR", 24, 25, 5),
    )
    choices: ClassVar[Mapping[int, str]] = {0: "HSI", 1: "HSE", 2: "PLL", 3: "LSI", 4: "LSE"}
    switch_at = ("CFGR", 0, 3, 7)
    flags = ("CIFR", 0)
    enables = ("CIER", 0)
    clears = ("CICR", 0)
    css = ("CR", 19, 8)
    lsecss = 9
    lsecss_nmi = True
    remove_flags = 23
    cause_bits = 0xFE000000
    set_only: ClassVar[Mapping[str, int]] = {"CR": 1 << 19}
    writable: ClassVar[Mapping[str, int]] = {
        "CR": 0x014D3B00,
        "ICSCR": 0x00007F00,
        "CFGR": 0xFFFF7F07,
        "CIER": 0x0000003F,
        "CIFR": 0,
        "CICR": 0,
        "BDCR": 0x0301833D,
        "CSR": 0x00000001,
    }
    pll_fixed: ClassVar[Mapping[str, int]] = {"PLLCFGR": 0xEE3E7F73}

    def pll_source(self) -> str:
        return {2: "HSI", 3: "HSE"}.get(self.get("PLLCFGR") & 3, "")

    def input_hz(self, name: str) -> int:
        if name == "HSI":
            return self.trimmed_hsi("ICSCR", 8, 64, 7)
        if name != "PLL":
            return super().input_hz(name)
        return self._vco() // ((self.get("PLLCFGR") >> 29 & 7) + 1)

    def _vco(self) -> int:
        setting = self.get("PLLCFGR")
        return self.hz(self.pll_source()) * (setting >> 8 & 0x7F) // ((setting >> 4 & 7) + 1)

    def rtc_hse_divider(self) -> int:
        return 32

    def system_hz(self) -> int:
        running = self.running()
        if running == "HSI":
            return self.hz("HSI") >> (self.get("CR") >> 11 & 7)
        if running == "PLL" and not self.get("PLLCFGR") & 1 << 28:
            return 0  # its output R is not enabled
        return self.hz(running)

    def frequencies(self) -> dict[str, int]:
        setting, pll, kernel = self.get("CFGR"), self.get("PLLCFGR"), self.get("CCIPR")
        apb = ppre(setting >> 12 & 7)
        found = self.tree(hpre(setting >> 8 & 15), apb, apb)
        vco = self._vco() if self.ready("PLL") else 0
        found["PLLP"] = vco // ((pll >> 17 & 31) + 1) if pll & 1 << 16 else 0
        found["PLLQ"] = vco // ((pll >> 25 & 7) + 1) if pll & 1 << 24 else 0
        for name in self.parameters.get("selections", ()):
            if name in _USARTS:
                found[name] = found[("PCLK1", "SYSCLK", "HSI", "LSE")[kernel >> _USARTS[name] & 3]]
            elif name in _I2CS:
                found[name] = (found["PCLK1"], found["SYSCLK"], found["HSI"], 0)[kernel >> _I2CS[name] & 3]
            elif name in _LPTIMS:
                found[name] = found[("PCLK1", "LSI", "HSI", "LSE")[kernel >> _LPTIMS[name] & 3]]
            elif name == "TIM1":
                found[name] = found["PLLQ" if kernel & 1 << 22 else "TIMCLK1"]
            elif name == "TIM15":
                found[name] = found["PLLQ" if kernel & 1 << 24 else "TIMCLK1"]
        found["ADC"] = (found["SYSCLK"], found["PLLP"], found["HSI"], 0)[kernel >> 30 & 3]
        return found
