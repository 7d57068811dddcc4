"""Clock controller of the Nuvoton M031 (TRM 6.3): HXT, LXT, HIRC, LIRC, PLL, clock-failure and -range detection.

Enable bits of blocks gate nothing but the watchdog. Power-down is not modelled (PDEN is kept).
"""

from swassess.emulator.peripherals.behaviour import merged
from swassess.emulator.peripherals.clock_control import ClockControl, Oscillator
from swassess.emulator.peripherals.sys_nuvoton_m031 import unlocked

_SWITCH_FAILED = 1 << 7
_PD, _BYPASS, _OUTPUT_OFF, _FROM_HIRC = 1 << 16, 1 << 17, 1 << 18, 1 << 19
_OUTPUT_DIVIDERS = (1, 2, 2, 4)
_HCLK_SOURCES = {0: "HXT", 1: "LXT", 2: "PLL", 3: "LIRC", 7: "HIRC"}
_HXT_FLAG, _LXT_FLAG, _RANGE_FLAG = 1, 1 << 1, 1 << 8
_RANGE_SCALE = 512
_COMMON = {"HSI": "HIRC", "HSE": "HXT", "LSI": "LIRC", "LSE": "LXT"}
_PROTECTED = frozenset({"PWRCTL", "CLKSEL0", "PLLCTL", "CLKDSTS"})
_WATCHDOG_FIELDS = 0xF  # of CLKSEL1


class ClkM031(ClockControl):
    """The PLL is on while PD is 0. Parameter pll: whether the part has one (M031_E, M032_E, M031_D)."""

    oscillators = (
        Oscillator("HXT", "PWRCTL", 0, 0, ready_in="STATUS"),
        Oscillator("LXT", "PWRCTL", 1, 1, ready_in="STATUS"),
        Oscillator("HIRC", "PWRCTL", 2, 4, ready_in="STATUS"),
        Oscillator("LIRC", "PWRCTL", 3, 3, ready_in="STATUS"),
        Oscillator("PLL", "PLLCTL", 16, 2, ready_in="STATUS"),
    )

    def reset(self, cause: int) -> None:
        super().reset(cause)
        self.settle()

    def wanted(self, one: Oscillator) -> bool:
        return super().wanted(one) != (one.name == "PLL")

    def input_hz(self, name: str) -> int:
        if name != "PLL":
            return super().input_hz(name)
        if not self.parameters.get("pll", True):
            return 0
        setting = self.get("PLLCTL")
        source = self.hz("HIRC") // 4 if setting & _FROM_HIRC else self.hz("HXT")
        if setting & _BYPASS:
            return source
        divider = ((setting >> 9 & 31) + 2) * _OUTPUT_DIVIDERS[setting >> 14 & 3]
        return 0 if setting & _OUTPUT_OFF else source * ((setting & 0x1FF) + 2) // divider

    def source_of_hclk(self) -> str:
        code = self.get("CLKSEL0") & 7
        if code == 2 and not self.parameters.get("pll", True):
            return "HIRC"
        return _HCLK_SOURCES.get(code, "HIRC")

    # ---- writes ------------------------------------------------------------------------------------------------
    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        old = self.get(name)
        new = merged(old, offset, value, size)
        if name in _PROTECTED and not unlocked(self.mcu):
            return True
        if name == "STATUS":
            self.put(name, old & ~(merged(0, offset, value, size) & _SWITCH_FAILED))
        elif name == "CLKDSTS":
            self.put(name, old & ~merged(0, offset, value, size))
        elif name == "CLKSEL0":
            self._select(old, new)
        elif name == "CLKSEL1" and not unlocked(self.mcu):
            self.put(name, new & ~_WATCHDOG_FIELDS | old & _WATCHDOG_FIELDS)
        elif name == "APBCLK0" and not unlocked(self.mcu):
            self.put(name, new & ~1 | old & 1)
        else:
            self.put(name, new)
        self.settle()
        self.tree_changed()
        return True

    def _select(self, old: int, new: int) -> None:
        """The system clock is switched only to a source that is stable."""
        self.put("CLKSEL0", new)
        failed = new & 7 != old & 7 and not self.ready(self.source_of_hclk())
        self.put("STATUS", self.get("STATUS") & ~_SWITCH_FAILED | (_SWITCH_FAILED if failed else 0))
        if failed:
            self.put("CLKSEL0", new & ~7 | old & 7)

    # ---- failures ----------------------------------------------------------------------------------------------
    def fell(self, one: Oscillator) -> None:
        if not self.wanted(one) or self.input_hz(one.name):
            return
        control = self.get("CLKDCTL")
        if one.name == "HXT" and control & 1 << 4:
            self.put("CLKDSTS", self.get("CLKDSTS") | _HXT_FLAG)
            through_pll = self.source_of_hclk() == "PLL" and not self.get("PLLCTL") & _FROM_HIRC
            if self.source_of_hclk() == "HXT" or through_pll:
                self.put("PWRCTL", self.get("PWRCTL") | 1 << 2)
                self.put("CLKSEL0", self.get("CLKSEL0") | 7)
        elif one.name == "LXT" and control & 1 << 12:
            self.put("CLKDSTS", self.get("CLKDSTS") | _LXT_FLAG)

    def settle(self) -> None:
        super().settle()
        control = self.get("CLKDCTL")
        crystal, own = self.hz("HXT"), self.hz("HIRC")
        if control & 1 << 16 and crystal and own:
            ratio = crystal * _RANGE_SCALE // own
            if not self.get("CDLOWB") & 0x3FF <= ratio <= self.get("CDUPB") & 0x3FF:
                self.put("CLKDSTS", self.get("CLKDSTS") | _RANGE_FLAG)
        flags = self.get("CLKDSTS")
        wanted = (control >> 5 & 1) * _HXT_FLAG | (control >> 13 & 1) * _LXT_FLAG | (control >> 17 & 1) * _RANGE_FLAG
        self.set_line(0, flags & wanted)

    # ---- frequencies -------------------------------------------------------------------------------------------
    def frequencies(self) -> dict[str, int]:
        divider, buses = self.get("CLKDIV0"), self.get("PCLKDIV")
        found = {one.name: self.hz(one.name) for one in self.oscillators}
        found |= {common: found[own] for common, own in _COMMON.items()}
        found["SYSCLK"] = self.hz(self.source_of_hclk())
        found["HCLK"] = found["SYSCLK"] // ((divider & 15) + 1)
        found["PCLK0"] = found["HCLK"] >> min(buses & 7, 4)
        found["PCLK1"] = found["HCLK"] >> min(buses >> 4 & 7, 4)
        found["PCLK2"] = found["PCLK1"]
        found["TIMCLK1"], found["TIMCLK2"] = found["PCLK0"], found["PCLK1"]
        tick = self.get("CLKSEL0") >> 3 & 7
        ticks = {0: found["HXT"], 1: found["LXT"], 2: found["HXT"] // 2, 3: found["HCLK"] // 2, 7: found["HIRC"] // 2}
        found["SYSTICK_EXT"] = ticks.get(tick, 0)
        self._kernel_clocks(found)
        return found

    def _kernel_clocks(self, found: dict[str, int]) -> None:
        one, two, three = self.get("CLKSEL1"), self.get("CLKSEL2"), self.get("CLKSEL3")
        divider, pll = self.get("CLKDIV0"), bool(self.parameters.get("pll", True))
        watchdog = (0, found["LXT"], found["HCLK"] // 2048, found["LIRC"])
        found["WDT"] = watchdog[one & 3] if self.get("APBCLK0") & 1 else 0
        found["WWDT"] = (0, 0, found["HCLK"] // 2048, found["LIRC"])[one >> 2 & 3]
        for number in range(4):
            bus = "PCLK0" if number < 2 else "PCLK1"
            sources = {0: "HXT", 1: "LXT", 2: bus, 5: "LIRC", 7: "HIRC"}
            found[f"TIMER{number}"] = found.get(sources.get(one >> 8 + 4 * number & 7, ""), 0)
        for number, (field, divide) in enumerate(
            ((one >> 24, divider >> 8), (one >> 28, divider >> 12), (three >> 24, self.get("CLKDIV4")))
        ):
            bus = "PCLK1" if number == 1 else "PCLK0"
            sources = {0: "HXT", 1: "PLL" if pll else bus, 2: "LXT", 3: "HIRC", 4: bus}
            found[f"UART{number}"] = found.get(sources.get(field & 7, ""), 0) // ((divide & 15) + 1)
        for number in range(2):
            bus = f"PCLK{number}"
            found[f"PWM{number}"] = found[bus if two >> number & 1 or not pll else "PLL"]
        choices = ("HXT", "PLL" if pll else "PCLK1", "PCLK1", "HIRC")
        found["SPI0"] = found[choices[two >> 4 & 3]]
        found["ADC"] = found[choices[two >> 20 & 3]] // ((divider >> 16 & 0xFF) + 1)
