"""What the reset and clock controls of the STM32 and GD32 families share; each family's file holds its own bits.

Kept but without effect: clock output, flash wait states, gating of clocks by enable bits, low-power enable bits.
A reset bit of a peripheral resets it once when it goes up.
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from swassess.emulator.peripherals.behaviour import (
    BLOCK_RESET,
    IWDG,
    LOW_POWER,
    OPTION_BYTES,
    POWER_ON,
    SOFTWARE,
    WWDG,
    Surroundings,
    merged,
)
from swassess.emulator.peripherals.clock_control import ClockControl, Oscillator
from swassess.model.target import Peripheral

_HPRE = (2, 4, 8, 16, 64, 128, 256, 512)
_BACKUP_RESET = 1 << 16
_LSECSS_ON, _LSECSS_FAILED = 1 << 5, 1 << 6
_RTCSEL = 0x300
_RTC_SOURCES = {1: "LSE", 2: "LSI", 3: "HSE"}


def hpre(code: int) -> int:
    """Divider of HCLK from the four bits HPRE."""
    return _HPRE[code & 7] if code & 8 else 1


def ppre(code: int) -> int:
    """Divider of PCLK from the three bits PPRE."""
    return 2 << (code & 3) if code & 4 else 1


class Stm32Rcc(ClockControl):
    """Parameters: resets, bits of each reset register by block name; backup, blocks of the backup domain;
    rtc_hse_divider; trim_step, hertz of one step of HSITRIM."""

    kept = frozenset({"BDCR", "LSE_AT"})
    writable: ClassVar[Mapping[str, int]] = {}
    """Bits that software can change, of the registers that have others."""
    set_only: ClassVar[Mapping[str, int]] = {}
    """Bits that only a reset clears."""
    pll_fixed: ClassVar[Mapping[str, int]] = {}
    """Bits that cannot be changed while the PLL is on."""
    switch_at: ClassVar[tuple[str, int, int, int]] = ("CFGR", 0, 2, 3)
    """Register, place of SW, place of SWS, mask of either."""
    choices: ClassVar[Mapping[int, str]] = {0: "HSI", 1: "HSE", 2: "PLL"}
    """System clock by SW."""
    flags: ClassVar[tuple[str, int]] = ("CIR", 0)
    enables: ClassVar[tuple[str, int]] = ("CIR", 8)
    clears: ClassVar[tuple[str, int]] = ("CIR", 16)
    """Register and shift of the ready interrupts' flags, enable and clear bits."""
    css: ClassVar[tuple[str, int, int]] = ("CR", 19, 7)
    """Register and bit that turn the clock security system on, and its flag among the flags."""
    remove_flags: ClassVar[int] = 24
    causes: ClassVar[Mapping[int, int]] = {IWDG: 29, SOFTWARE: 28, WWDG: 30, LOW_POWER: 31, OPTION_BYTES: 25}
    """Bit of CSR by cause. PINRSTF (26) is set by every reset, since each pulls the pin low."""
    power_on_causes: ClassVar[int] = 0x0C000000
    cause_bits: ClassVar[int] = 0xFC000000
    lsecss: ClassVar[int | None] = None
    """Flag of the clock security system of the LSE, where there is one."""
    lsecss_nmi: ClassVar[bool] = False

    def __init__(self, block: Peripheral, cells: npt.NDArray[np.int64], mcu: Surroundings) -> None:
        super().__init__(block, cells, mcu)
        self._resets: Mapping[str, Mapping[str, int]] = self.parameters.get("resets", {})
        self._clocking = self.clocking()

    # ---- reset -------------------------------------------------------------------------------------------------
    def reset(self, cause: int) -> None:
        if cause == BLOCK_RESET:
            return
        old = self.get("CSR") & self.cause_bits
        super().reset(cause)
        if cause == POWER_ON:
            flags = self.power_on_causes
        else:
            flags = old | 1 << 26 | (1 << self.causes[cause] if cause in self.causes else 0)
        self.put("CSR", self.get("CSR") & ~self.cause_bits | flags)
        self.settle()

    def survivors(self) -> tuple[int, ...]:
        return (*super().survivors(), self.get("CSR") & self.cause_bits)

    # ---- writes ------------------------------------------------------------------------------------------------
    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        old = self.get(name)
        new = merged(old, offset, value, size)
        changes = self.writable.get(name, 0xFFFFFFFF)
        written = new
        new = old & ~changes | new & changes
        if name == "BDCR":
            self._write_backup(old, new)
        elif name == "CSR":
            if written >> self.remove_flags & 1:
                new &= ~self.cause_bits
            self.put(name, new)
        else:
            self.put(name, self.allowed(name, old, new))
        self._clear_flags(name, written)
        for block, bit in self._resets.get(name, {}).items():
            if (new & ~old) >> bit & 1:
                self.mcu.reset_block(block, BLOCK_RESET)
        if name in self._clocking:
            self.settle()
            self.tree_changed()
        self._set_interrupt()
        return True

    def allowed(self, name: str, old: int, new: int) -> int:
        """What a write really does to a register: a source in use cannot be stopped, nor a running PLL be changed."""
        new |= old & self.set_only.get(name, 0)
        fixed = self.pll_fixed.get(name, 0) if self.wanted(self._by_name["PLL"]) else 0
        new = new & ~fixed | old & fixed
        for one in self.oscillators:
            if one.register == name and (old & ~new) >> one.on & 1 and self._in_use(one):
                new |= 1 << one.on
        return new

    def clocking(self) -> frozenset[str]:
        """Registers a write of which can change a frequency."""
        own = {one.register for one in self.oscillators}
        return frozenset(
            own | {"CFGR", "CFGR2", "CFGR3", "PLLCFGR", "BDCR", "CSR", "CCIPR", "CCIPR2", "CIR", "DCKCFGR"}
        )

    def _in_use(self, one: Oscillator) -> bool:
        if one.name.startswith("LS"):
            return False
        used = {self.running(), self.selected()}
        if "PLL" in used:
            used |= {self.pll_source()}
        return one.name in used

    def pll_source(self) -> str:
        """Oscillator that feeds the PLL; "" for none."""
        return ""

    def _clear_flags(self, name: str, written: int) -> None:
        register, shift = self.clears
        if name != register:
            return
        flags, place = self.flags
        self.put(flags, self.get(flags) & ~((written >> shift & self._flag_mask()) << place))

    def _flag_mask(self) -> int:
        mask = 1 << self.css[2]
        for one in self.oscillators:
            mask |= 0 if one.flag is None else 1 << one.flag
        return mask | (0 if self.lsecss is None else 1 << self.lsecss)

    # ---- backup domain -----------------------------------------------------------------------------------------
    def backup_writable(self) -> bool:
        """Whether DBP opens the backup domain. Without a power control to ask it is open."""
        power = self.mcu.block("PWR") or self.mcu.block("PMU")
        asked = getattr(power, "backup_writable", None)
        return True if asked is None else bool(asked())

    def _write_backup(self, old: int, new: int) -> None:
        if not self.backup_writable():
            return
        if new & _BACKUP_RESET:
            if not old & _BACKUP_RESET:
                for block in self.parameters.get("backup", ("RTC", "BKP", "TAMP")):
                    self.mcu.reset_block(block, POWER_ON)
            self.put("BDCR", _BACKUP_RESET)
            return
        if old & _RTCSEL and not old & _LSECSS_FAILED:  # chosen once, until the domain is reset
            new = new & ~_RTCSEL | old & _RTCSEL
        if old & _LSECSS_ON and self.lsecss is not None:  # cannot be turned off but after a failure
            new |= 0 if old & _LSECSS_FAILED else _LSECSS_ON
        self.put("BDCR", new)

    def rtc_hz(self) -> int:
        """Clock of the RTC by RTCSEL and RTCEN."""
        domain = self.get("BDCR") if self.has("BDCR") else 0
        source = _RTC_SOURCES.get((domain & _RTCSEL) >> 8)
        if source is None or not domain & 0x8000:
            return 0
        return self.hz(source) // (self.rtc_hse_divider() if source == "HSE" else 1)

    def rtc_hse_divider(self) -> int:
        return int(self.parameters.get("rtc_hse_divider", 128))

    # ---- ready events and failures -----------------------------------------------------------------------------
    def rose(self, one: Oscillator) -> None:
        if one.flag is not None and self.get(self.enables[0]) >> self.enables[1] + one.flag & 1:
            self._flag(one.flag)

    def fell(self, one: Oscillator) -> None:
        failed = self.wanted(one) and self.input_hz(one.name) == 0
        register, bit, flag = self.css
        if one.name == "HSE" and failed and self.get(register) >> bit & 1:
            self._flag(flag)
            self.failed()
        if one.name == "LSE" and failed and self.lsecss is not None and self.get("BDCR") & _LSECSS_ON:
            self.put("BDCR", self.get("BDCR") | _LSECSS_FAILED)
            self._flag(self.lsecss)
            if self.lsecss_nmi:
                self.mcu.raise_nmi()

    def failed(self) -> None:
        """The HSE has failed under the clock security system: off, the system clock falls back, NMI, timers break."""
        used = {self.running(), self.selected()}
        through_pll = "PLL" in used and self.pll_source() == "HSE"
        oscillator = {one.name: one for one in self.oscillators}
        off = ["HSE", "PLL"] if through_pll else ["HSE"]
        for name in off:
            one = oscillator[name]
            self.put(one.register, self.get(one.register) & ~(1 << one.on))
        if through_pll or "HSE" in used:
            self._fall_back()
        self.mcu.break_timers()
        self.mcu.raise_nmi()

    def leave_stop(self) -> None:
        """Wake-up from a stop mode: HSE and PLLs are off, the system clock is the one that starts alone."""
        for one in self._by_name.values():
            if one.name == "HSE" or one.name.startswith("PLL"):
                self.put(one.register, self.get(one.register) & ~(1 << one.on))
        self._fall_back()
        self.settle()
        self.tree_changed()

    def _fall_back(self) -> None:
        back = self._by_name[self.after_failure()]
        self.put(back.register, self.get(back.register) | 1 << back.on)
        register, place, _, mask = self.switch_at
        code = next(code for code, name in self.choices.items() if name == back.name)
        self.put(register, self.get(register) & ~(mask << place) | code << place)

    def after_failure(self) -> str:
        """What a failing HSE, or the end of a stop mode, leaves as the system clock."""
        return "HSI"

    def _flag(self, bit: int) -> None:
        register, place = self.flags
        self.put(register, self.get(register) | 1 << bit + place)

    def _flagged(self) -> int:
        return self.get(self.flags[0]) >> self.flags[1] & self._flag_mask()

    def holds_nmi(self) -> bool:
        held = 1 << self.css[2]
        if self.lsecss is not None and self.lsecss_nmi:
            held |= 1 << self.lsecss
        return bool(self._flagged() & held)

    def _set_interrupt(self) -> None:
        raised = self._flagged() & self.get(self.enables[0]) >> self.enables[1] & ~(1 << self.css[2])
        crystal = 0
        if self.lsecss is not None:
            crystal = raised & 1 << self.lsecss
            raised &= ~(1 << self.lsecss)
        elsewhere = [one.name for one in self.block.interrupts if "LSECSS" in one.name]
        if elsewhere:
            self.set_line(elsewhere[0], crystal)
        elif not self.lsecss_nmi:
            raised |= crystal
        own = [one.name for one in self.block.interrupts if "RCC" in one.name]
        self.set_line(own[0] if own else 0, raised)

    def settle(self) -> None:
        super().settle()
        self._set_interrupt()

    # ---- the system clock --------------------------------------------------------------------------------------
    def selected(self) -> str:
        """What SW asks for; "" for a code that means nothing."""
        register, place, _, mask = self.switch_at
        return self.choices.get(self.get(register) >> place & mask, "")

    def running(self) -> str:
        """What drives the system clock (SWS)."""
        register, _, place, mask = self.switch_at
        return self.choices.get(self.get(register) >> place & mask, "")

    def switch(self) -> None:
        register, wanted, place, mask = self.switch_at
        if self.ready(self.selected()):
            code = self.get(register) >> wanted & mask
            self.put(register, self.get(register) & ~(mask << place) | code << place)

    def tree(self, ahb: int, apb1: int, apb2: int, *, timer_limit: int = 2) -> dict[str, int]:
        """The common part of frequencies() from the dividers. timer_limit: timers run at APB clock times this at most
        (and never faster than HCLK)."""
        system = self.system_hz()
        core = system // ahb
        found = {"SYSCLK": system, "HCLK": core, "PCLK1": core // apb1, "PCLK2": core // apb2, "SYSTICK_EXT": core // 8}
        found["TIMCLK1"] = found["PCLK1"] * min(apb1, timer_limit)
        found["TIMCLK2"] = found["PCLK2"] * min(apb2, timer_limit)
        for one in self.oscillators:
            found[one.name] = self.hz(one.name)
        found["RTC"] = self.rtc_hz()
        return found

    def system_hz(self) -> int:
        return self.hz(self.running())

    def trimmed_hsi(self, register: str, shift: int, middle: int, width: int) -> int:
        """The HSI as trimmed: middle is the reset value of the trimming field."""
        source = self.source("HSI")
        steps = (self.get(register) >> shift & (1 << width) - 1) - middle
        return max(source + steps * int(self.parameters.get("trim_step", 0)), 1) if source else 0
