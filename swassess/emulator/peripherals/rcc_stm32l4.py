"""Reset and clock control of the STM32L4 (RM0351, chapter 6; RM0394, chapter 6) and STM32G4 (RM0440, chapter 7)."""

from collections.abc import Mapping
from typing import ClassVar

from swassess.emulator.peripherals.clock_control import Oscillator
from swassess.emulator.peripherals.rcc_stm32 import Stm32Rcc, hpre, ppre

_KHZ = 1000
_MSI_RANGES = tuple(one * _KHZ for one in (100, 200, 400, 800, 1000, 2000, 4000, 8000, 16000, 24000, 32000, 48000))
_MSI_NOMINAL = 4_000_000  # range 6, after a reset
_SERIAL = {"USART1": 0, "USART2": 2, "USART3": 4, "UART4": 6, "UART5": 8, "LPUART1": 10}
_I2CS = {"I2C1": 12, "I2C2": 14, "I2C3": 16}
_LPTIMS = {"LPTIM1": 18, "LPTIM2": 20}


class Stm32G4Rcc(Stm32Rcc):
    """HSI of 16 MHz, HSE, HSI48, PLL with outputs P, Q, R. Parameter selections: blocks that have a field in CCIPR."""

    oscillators: ClassVar[tuple[Oscillator, ...]] = (
        Oscillator("HSI", "CR", 8, 10, 3),
        Oscillator("HSE", "CR", 16, 17, 4),
        Oscillator("HSI48", "CRRCR", 0, 1, 10),
        Oscillator("LSI", "CSR", 0, 1, 0),
        Oscillator("LSE", "BDCR", 0, 1, 1),
        Oscillator("PLL", "CR", 24, 25, 5),
    )
    choices: ClassVar[Mapping[int, str]] = {1: "HSI", 2: "HSE", 3: "PLL"}
    flags = ("CIFR", 0)
    enables = ("CIER", 0)
    clears = ("CICR", 0)
    css = ("CR", 19, 8)
    lsecss = 9
    remove_flags = 23
    cause_bits = 0xFF000000
    set_only: ClassVar[Mapping[str, int]] = {"CR": 1 << 19}
    writable: ClassVar[Mapping[str, int]] = {
        "CR": 0x010D0300,
        "ICSCR": 0x7F000000,
        "CFGR": 0x7F003FF3,
        "CRRCR": 0x00000001,
        "CIER": 0x000006FF,
        "CIFR": 0,
        "CICR": 0,
        "BDCR": 0x0301833D,
        "CSR": 0x00000001,
    }
    pll_fixed: ClassVar[Mapping[str, int]] = {"PLLCFGR": 0xFE627FF3}
    pll_sources: ClassVar[Mapping[int, str]] = {2: "HSI", 3: "HSE"}
    divider_mask: ClassVar[int] = 15
    adc_choices: ClassVar[tuple[str, ...]] = ("", "PLLP", "SYSCLK", "")

    def pll_source(self) -> str:
        return self.pll_sources.get(self.get("PLLCFGR") & 3, "")

    def input_hz(self, name: str) -> int:
        if name == "HSI":
            return self.trimmed_hsi("ICSCR", 24, 64, 7)
        if name.startswith("PLL"):
            setting = self.get(f"{name}CFGR") if self.has(f"{name}CFGR") else 0
            return self._vco(setting) // (2 * (setting >> 25 & 3) + 2)
        return super().input_hz(name)

    def _vco(self, setting: int) -> int:
        divider = (self.get("PLLCFGR") >> 4 & self.divider_mask) + 1
        return self.hz(self.pll_source()) * (setting >> 8 & 0x7F) // divider

    def rtc_hse_divider(self) -> int:
        return 32

    def system_hz(self) -> int:
        if self.running() == "PLL" and not self.get("PLLCFGR") & 1 << 24:
            return 0  # its output R is not enabled
        return super().system_hz()

    def frequencies(self) -> dict[str, int]:
        setting, pll, kernel = self.get("CFGR"), self.get("PLLCFGR"), self.get("CCIPR")
        found = self.tree(hpre(setting >> 4 & 15), ppre(setting >> 8 & 7), ppre(setting >> 11 & 7))
        vco = self._vco(pll) if self.ready("PLL") else 0
        p = pll >> 27 & 31 or (17 if pll & 1 << 17 else 7)
        found["PLLP"] = vco // p if pll & 1 << 16 else 0
        found["PLLQ"] = vco // (2 * (pll >> 21 & 3) + 2) if pll & 1 << 20 else 0
        for name in self.parameters.get("selections", ()):
            if name in _SERIAL:
                bus = "PCLK2" if name == "USART1" else "PCLK1"
                found[name] = found[(bus, "SYSCLK", "HSI", "LSE")[kernel >> _SERIAL[name] & 3]]
            elif name in _I2CS:
                found[name] = (found["PCLK1"], found["SYSCLK"], found["HSI"], 0)[kernel >> _I2CS[name] & 3]
            elif name in _LPTIMS:
                found[name] = found[("PCLK1", "LSI", "HSI", "LSE")[kernel >> _LPTIMS[name] & 3]]
        found["ADC"] = found.get(self.adc_choices[kernel >> 28 & 3], 0)
        return found


class Stm32L4Rcc(Stm32G4Rcc):
    """With the MSI, which the part starts on; source MSI is what it gives in its range of 4 MHz."""

    oscillators = (
        Oscillator("MSI", "CR", 0, 1, 2),
        Oscillator("HSI", "CR", 8, 10, 3),
        Oscillator("HSE", "CR", 16, 17, 4),
        Oscillator("HSI48", "CRRCR", 0, 1, 10),
        Oscillator("LSI", "CSR", 0, 1, 0),
        Oscillator("LSE", "BDCR", 0, 1, 1),
        Oscillator("PLL", "CR", 24, 25, 5),
        Oscillator("PLLSAI1", "CR", 26, 27, 6),
        Oscillator("PLLSAI2", "CR", 28, 29, 7),
    )
    choices: ClassVar[Mapping[int, str]] = {0: "MSI", 1: "HSI", 2: "HSE", 3: "PLL"}
    writable: ClassVar[Mapping[str, int]] = {
        **Stm32G4Rcc.writable,
        "CR": 0x150D0BFD,
        "ICSCR": 0x7F00FF00,
        "CFGR": 0x7F00BFF3,
        "CSR": 0x00000F01,
    }
    set_only: ClassVar[Mapping[str, int]] = {"CR": 1 << 19 | 1 << 3}
    pll_fixed: ClassVar[Mapping[str, int]] = {"PLLCFGR": 0xFE627F73}
    pll_sources: ClassVar[Mapping[int, str]] = {1: "MSI", 2: "HSI", 3: "HSE"}
    divider_mask = 7
    adc_choices = ("", "PLLSAI1", "PLLSAI2", "SYSCLK")

    def input_hz(self, name: str) -> int:
        if name == "MSI":
            control = self.get("CR")
            code = control >> 4 & 15 if control & 1 << 3 else self.get("CSR") >> 8 & 15
            return super().input_hz("MSI") * _MSI_RANGES[min(code, 11)] // _MSI_NOMINAL
        if name == "HSI":
            return self.trimmed_hsi("ICSCR", 24, int(self.parameters.get("trim_middle", 16)), 7)
        return super().input_hz(name)

    def after_failure(self) -> str:
        return "HSI" if self.get("CFGR") & 1 << 15 else "MSI"
