"""Reset and clock control of the STM32F0 (RM0091, chapter 6; RM0360, chapter 7)."""

from collections.abc import Mapping
from typing import ClassVar

from swassess.emulator.peripherals.clock_control import Oscillator
from swassess.emulator.peripherals.rcc_stm32 import Stm32Rcc, hpre, ppre

_USARTS = {"USART1": 0, "USART2": 16, "USART3": 18}


class Stm32F0Rcc(Stm32Rcc):
    """HSI of 8 MHz, HSI14 for the ADC, HSI48, HSE, PLL. Parameters: pll_source_bits 2 where PLLSRC has two bits
    (F04x, F07x, F09x); usart_selections, the USARTs whose clock can be chosen; apb2, whether there is a second APB
    prescaler (STM32F3, RM0316 chapter 9, whose registers are otherwise the same)."""

    oscillators = (
        Oscillator("HSI", "CR", 0, 1, 2),
        Oscillator("HSI14", "CR2", 0, 1, 5),
        Oscillator("HSI48", "CR2", 16, 17, 6),
        Oscillator("HSE", "CR", 16, 17, 3),
        Oscillator("LSI", "CSR", 0, 1, 0),
        Oscillator("LSE", "BDCR", 0, 1, 1),
        Oscillator("PLL", "CR", 24, 25, 4),
    )
    choices: ClassVar[Mapping[int, str]] = {0: "HSI", 1: "HSE", 2: "PLL", 3: "HSI48"}
    cause_bits = 0xFE800000
    writable: ClassVar[Mapping[str, int]] = {
        "CR": 0x010D00F9,
        "CR2": 0x000100FD,
        "CFGR": 0xFF3FFFF3,
        "CIR": 0x00007F00,
        "BDCR": 0x0001831D,
        "CSR": 0x00000001,
        "CFGR2": 0x0000000F,
    }
    pll_fixed: ClassVar[Mapping[str, int]] = {"CFGR": 0x003F8000, "CFGR2": 0x0000000F}

    def allowed(self, name: str, old: int, new: int) -> int:
        new = super().allowed(name, old, new)
        # PLLXTPRE and the lowest bit of PREDIV are the same bit
        if name == "CFGR":
            self.put("CFGR2", self.get("CFGR2") & ~1 | new >> 17 & 1)
        elif name == "CFGR2":
            self.put("CFGR", self.get("CFGR") & ~(1 << 17) | (new & 1) << 17)
        return new

    def pll_source(self) -> str:
        code = self.get("CFGR") >> 15 & 3
        if int(self.parameters.get("pll_source_bits", 1)) == 1:
            return "HSE" if code & 2 else "HSI"
        return ("HSI", "HSI", "HSE", "HSI48")[code]

    def input_hz(self, name: str) -> int:
        if name == "HSI":
            return self.trimmed_hsi("CR", 3, 16, 5)
        if name != "PLL":
            return super().input_hz(name)
        halved = self.pll_source() == "HSI" and not self.get("CFGR") >> 15 & 1
        divider = 2 if halved else (self.get("CFGR2") & 0xF) + 1
        return self.hz(self.pll_source()) // divider * min((self.get("CFGR") >> 18 & 0xF) + 2, 16)

    def rtc_hse_divider(self) -> int:
        return 32

    def frequencies(self) -> dict[str, int]:
        setting, kernel = self.get("CFGR"), self.get("CFGR3")
        apb = ppre(setting >> 8 & 7)
        second = ppre(setting >> 11 & 7) if self.parameters.get("apb2") else apb
        found = self.tree(hpre(setting >> 4 & 15), apb, second)
        for name in self.parameters.get("usart_selections", ("USART1",)):
            code = kernel >> _USARTS[name] & 3
            bus = "PCLK2" if name == "USART1" else "PCLK1"
            found[name] = found[(bus, "SYSCLK", "LSE", "HSI")[code]]
        found["I2C1"] = found["SYSCLK" if kernel & 1 << 4 else "HSI"]
        found["ADC"] = self._adc_hz(found)
        return found

    def _adc_hz(self, found: dict[str, int]) -> int:
        """F0: its own oscillator, which it turns on by itself unless HSI14DIS forbids that. F3: that of the AHB."""
        if self.parameters.get("apb2"):
            return found["HCLK"]
        return found["HSI14"] or (0 if self.get("CR2") & 1 << 2 else self.source("HSI14"))
