"""Real-time clock with a calendar: second generation (RM0091, chapter 25) and third (RM0444, chapter 30).

Runs on the clock "RTC" of the tree (LSE, LSI or HSE by RTCSEL) and through every reset but that of the backup domain.
Synchronising takes two of its cycles. Not modelled: time stamps, tamper detection, outputs, reference clock.
"""

from swassess.emulator.peripherals.behaviour import BLOCK_RESET, NEVER, POWER_ON, merged
from swassess.emulator.peripherals.calendar_bcd import (
    CENTURY,
    DAY,
    date_register,
    midnight_of,
    next_match,
    seconds_of,
    time_register,
)
from swassess.emulator.peripherals.ticking import Ticking

_WUTWF, _SHPF, _INITS, _RSF, _INITF, _INIT = 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7
_BYPSHAD, _FMT = 1 << 5, 1 << 6
_ENABLES = {"A": 1 << 8, "B": 1 << 9, "W": 1 << 10}
_INTERRUPTS = {"A": 1 << 12, "B": 1 << 13, "W": 1 << 14}
_WRITE_ALLOWED = {"A": 1, "B": 2, "W": _WUTWF}
_ALARMS = {"A": ("ALRMAR", "ALRMASSR"), "B": ("ALRMBR", "ALRMBSSR")}
_SYNCHRONISING = 2  # cycles
_KEYS = (0xCA, 0x53)


class Calendar(Ticking):
    """Cells: EPOCH, seconds of the calendar at which the count began, and WEEKDAY then; INIT_AT and RSF_AT, when the
    flag comes (0: not awaited); WAKE_AT, next end of the wake-up timer; LATCHED, 1 + count at which TR or SSR was read
    before DR; UNLOCKED, keys that have come.

    Counts are cycles of the asynchronous prescaler's output; there are PREDIV_S + 1 in a second.
    """

    extra = (*Ticking.extra, "EPOCH", "WEEKDAY", "INIT_AT", "RSF_AT", "WAKE_AT", "LATCHED", "UNLOCKED", "SEEN")
    times = frozenset(
        {*Ticking.extra, "EPOCH", "WEEKDAY", "INIT_AT", "RSF_AT", "WAKE_AT", "LATCHED", "SEEN", "TR", "DR"}
    )
    timed = frozenset({"TR", "DR", "SSR"})
    outside = timed
    status = "ISR"
    flags_in = ("ISR", 8)
    open_registers: frozenset[str] = frozenset({"WPR", "TAFCR", "TAMPCR"})

    # ---- reset -------------------------------------------------------------------------------------------------
    def reset(self, cause: int) -> None:
        if cause == POWER_ON:
            super().reset(cause)
            self.put("WEEKDAY", 1)
            self.restart()
        elif cause != BLOCK_RESET:
            self.put("UNLOCKED", 0)
            self.put("LATCHED", 0)
            self.put(self.status, self.get(self.status) & ~(_RSF | _INIT | _INITF))
            self._synchronise()
        self._plan()

    def keeps(self, name: str) -> bool:
        return True

    def is_clean(self, name: str) -> bool:
        return True  # but for those in `timed`, which are never taken for clean

    # ---- time --------------------------------------------------------------------------------------------------
    def cycle(self) -> int:
        """Ticks of a cycle of the RTC's clock, 0 while it stands still."""
        return self.mcu.period("RTC")

    def count_ticks(self) -> int:
        if self.get(self.status) & _INITF:
            return 0  # the calendar is stopped
        calibration = self.get("CALR") if self.has("CALR") else 0
        stretched = (1 << 20) + (calibration & 0x1FF) - (512 if calibration & 1 << 15 else 0)
        return self.cycle() * ((self.get("PRER") >> 16 & 0x7F) + 1) * stretched >> 20

    def per_second(self) -> int:
        return (self.get("PRER") & 0x7FFF) + 1

    def _shown(self) -> tuple[int, int]:
        """Seconds of the calendar and counts within the second, as the shadow registers show them."""
        count = self.get("LATCHED") - 1 if self.get("LATCHED") else self.counted()
        seconds, within = divmod(count, self.per_second())
        return self.get("EPOCH") + seconds, within

    def _weekday(self, seconds: int) -> int:
        days = seconds // DAY - self.get("EPOCH") // DAY
        return (self.get("WEEKDAY") - 1 + days) % 7 + 1

    def _twelve(self) -> bool:
        return bool(self.get("CR") & _FMT)

    # ---- reads -------------------------------------------------------------------------------------------------
    def read(self, offset: int) -> int | None:
        name = self.register_at(offset)
        if name in ("TR", "SSR") and not self.get("LATCHED") and not self.get("CR") & _BYPSHAD:
            self.put("LATCHED", self.counted() + 1)
        value = self.peek(offset)
        if name == "DR":
            self.put("LATCHED", 0)
        return value

    def peek(self, offset: int) -> int | None:
        name = self.register_at(offset)
        if name not in ("TR", "DR", "SSR", "WPR", "SCR", "MISR", self.status):
            return super().peek(offset)
        if name == self.status:
            return self._status()
        if name == "MISR":
            return self.get("SR") & self._wanted()
        if name in ("WPR", "SCR"):
            return 0
        seconds, within = self._shown()
        if name == "SSR":
            return self.per_second() - 1 - within & 0xFFFF
        if self.get(self.status) & _INITF:
            return super().peek(offset)
        return (
            date_register(seconds, self._weekday(seconds)) if name == "DR" else time_register(seconds, self._twelve())
        )

    def _status(self) -> int:
        value = self.get(self.status) & ~_INITS
        seconds, _ = self._shown()
        started = seconds % CENTURY // DAY >= 366  # the year is not 0
        for timer, bit in _WRITE_ALLOWED.items():
            value = value & ~bit | (0 if self.get("CR") & _ENABLES[timer] else bit)
        return value | (_INITS if started else 0)

    # ---- writes ------------------------------------------------------------------------------------------------
    def _writable(self) -> bool:
        asked = getattr(self.mcu.block("PWR") or self.mcu.block("PMU"), "backup_writable", None)
        return True if asked is None else bool(asked())

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self._advance()
        old = self.get(name)
        new = merged(0 if name in ("WPR", "SCR", "SHIFTR") else old, offset, value, size)
        if name == "WPR":
            self._key(new & 0xFF)
        elif name == "SCR":
            self._clear(new)
        elif not self._writable():
            return True
        elif name.startswith("BK") or name in self.open_registers:
            self.put(name, new)
        elif name == self.status:
            self._write_status(new)
        elif self.get("UNLOCKED") == 2:
            self._write_protected(name, old, new)
        self._plan()
        return True

    def _key(self, key: int) -> None:
        step = self.get("UNLOCKED")
        self.put("UNLOCKED", step + 1 if step < 2 and key == _KEYS[step] else int(key == _KEYS[0]))

    def _clear(self, bits: int) -> None:
        register, place = self.flags_in
        self.put(register, self.get(register) & ~(bits << place))

    def _write_status(self, new: int) -> None:
        old = self.get(self.status)
        if self.flags_in[0] == self.status:  # flags are cleared by writing 0, keys or not
            old &= new | ~0x1FF00
            self.put(self.status, old)
        if self.get("UNLOCKED") != 2:
            return
        if not new & _RSF and old & _RSF:
            old &= ~_RSF
            self.put(self.status, old)
            self._synchronise()
        if new & _INIT and not old & _INIT:
            self.put(self.status, old | _INIT)
            cycle = self.cycle()
            self.put("INIT_AT", self.mcu.now + _SYNCHRONISING * cycle if cycle else 0)
        elif old & _INIT and not new & _INIT:
            self._leave_initialisation()

    def _synchronise(self) -> None:
        self.put("LATCHED", 0)
        self.put("RSF_AT", self.mcu.now + _SYNCHRONISING * self.cycle() if self.cycle() else 0)

    def _leave_initialisation(self) -> None:
        entered = self.get(self.status) & _INITF
        self.put(self.status, self.get(self.status) & ~(_INIT | _INITF | _RSF))
        self.put("INIT_AT", 0)
        if entered:
            self.put("EPOCH", midnight_of(self.get("DR")) + seconds_of(self.get("TR"), self._twelve()))
            self.put("WEEKDAY", max(self.get("DR") >> 13 & 7, 1))
            self._start_anew()
        self._synchronise()

    def _start_anew(self) -> None:
        self.put("LATCHED", 0)
        self.put("SEEN", 0)
        self.restart()

    def _enter_initialisation(self) -> None:
        seconds, _ = self._shown()
        self.put("DR", date_register(seconds, self._weekday(seconds)))
        self.put("TR", time_register(seconds, self._twelve()))
        self.put(self.status, self.get(self.status) | _INITF)
        self.rebase()

    def _write_protected(self, name: str, old: int, new: int) -> None:
        initialising = self.get(self.status) & _INITF
        timer = next((key for key, names in _ALARMS.items() if name in names), "W" if name == "WUTR" else "")
        if name in ("TR", "DR", "PRER"):
            if initialising:
                self.put(name, new & (0x007F7F7F if name == "TR" else 0xFFFF3F if name == "DR" else 0x7F7FFF))
        elif timer:
            if initialising or not self.get("CR") & _ENABLES[timer]:
                self.put(name, new)
        elif name == "CR":
            self._control(old, new)
        elif name == "SHIFTR":
            self._shift(new)
        elif name == "CALR":
            self.put(name, new & 0xE1FF)
            self.rebase()
        elif name not in ("SSR", "TSTR", "TSDR", "TSSSR", "SR", "MISR"):
            self.put(name, new)

    def _control(self, old: int, new: int) -> None:
        hour = 3600 * (bool(new & 1 << 16) - bool(new & 1 << 17))
        if hour:
            seconds, within = self._shown()
            self.put("WEEKDAY", self._weekday(seconds + hour))
            self.put("EPOCH", (seconds + hour) % CENTURY)
            self.put("SEEN", 0)
            self.restart()
            self.put("TICK_WHOLE", within)
        self.put("CR", new & ~(3 << 16))
        if new & _ENABLES["W"] and not old & _ENABLES["W"]:
            period = self._wake_period()
            self.put("WAKE_AT", self.mcu.now + period if period else 0)
        if not new & _ENABLES["W"]:
            self.put("WAKE_AT", 0)

    def _shift(self, value: int) -> None:
        ahead = self.per_second() if value & 1 << 31 else 0
        self.put("TICK_WHOLE", self.get("TICK_WHOLE") + ahead - (value & 0x7FFF))

    def _wake_period(self) -> int:
        """Ticks from one end of the wake-up timer to the next."""
        if not self.has("WUTR"):
            return 0
        choice, length = self.get("CR") & 7, (self.get("WUTR") & 0xFFFF) + 1
        if choice < 4:
            return self.cycle() * (16 >> choice) * length
        second = self.cycle() * ((self.get("PRER") >> 16 & 0x7F) + 1) * self.per_second()
        return second * (length + (0x10000 if choice >= 6 else 0))

    # ---- events ------------------------------------------------------------------------------------------------
    def due(self) -> None:
        self._advance()
        self._plan()

    def clock_changed(self) -> None:
        self._advance()
        waiting = self.get(self.status)
        self.rebase()
        cycle = self.cycle()
        if waiting & _INIT and not waiting & _INITF:
            self.put("INIT_AT", self.mcu.now + _SYNCHRONISING * cycle if cycle else 0)
        if not waiting & _RSF:
            self._synchronise()
        if self.get("CR") & _ENABLES["W"]:
            period = self._wake_period()
            self.put("WAKE_AT", self.mcu.now + period if period else 0)
        self._plan()

    def _advance(self) -> None:
        """Everything that has happened up to now."""
        now = self.mcu.now
        if 0 < self.get("INIT_AT") <= now:
            self.put("INIT_AT", 0)
            self._enter_initialisation()
        if 0 < self.get("RSF_AT") <= now:
            self.put("RSF_AT", 0)
            self.put(self.status, self.get(self.status) | _RSF)
        if 0 < self.get("WAKE_AT") <= now:
            period = self._wake_period()
            self.put(
                "WAKE_AT", self.get("WAKE_AT") + ((now - self.get("WAKE_AT")) // period + 1) * period if period else 0
            )
            self._rise("W")
        counted = self.counted()
        for key in _ALARMS:
            at = self._alarm_count(key)
            if at is not None and at <= counted:
                self._rise(key)
        self.put("SEEN", counted + 1)

    def _alarm_count(self, key: str) -> int | None:
        """The first count from SEEN on at which an enabled alarm matches."""
        if not self.get("CR") & _ENABLES[key] or not self.has(_ALARMS[key][0]):
            return None
        alarm = self.get(_ALARMS[key][0])
        fine = self.get(_ALARMS[key][1]) if self.has(_ALARMS[key][1]) else 0
        mask = (1 << (fine >> 24 & 15)) - 1
        each = self.per_second()
        within = each - 1 - (fine & 0x7FFF) & mask if mask else 0
        if within >= each:
            return None
        first = max(-(-(self.get("SEEN") - within) // each), 0)
        start = self.get("EPOCH") + first
        match = next_match(alarm, self._twelve(), start, self._weekday(start))
        return None if match is None else (match - self.get("EPOCH")) * each + within

    def _rise(self, key: str) -> None:
        register, place = self.flags_in
        bit = {"A": 1, "B": 2, "W": 4}[key] << place
        before = self.get(register)
        self.put(register, before | bit)
        if not before & bit and self.get("CR") & _INTERRUPTS[key]:
            self.signalled(key)

    def signalled(self, key: str) -> None:
        """A wanted event of the alarms or the wake-up timer."""
        line = self.parameters.get("exti", {}).get("wakeup" if key == "W" else "alarm")
        if line is not None:
            self.mcu.line_edge(int(line), True)
            self.mcu.line_edge(int(line), False)

    def _wanted(self) -> int:
        control = self.get("CR")
        return sum(1 << place for place, bit in enumerate(_INTERRUPTS.values()) if control & bit)

    def _plan(self) -> None:
        times = [self.get(name) for name in ("INIT_AT", "RSF_AT", "WAKE_AT") if self.get(name)]
        for key in _ALARMS:
            at = self._alarm_count(key)
            if at is not None:
                times.append(self.time_of(at))
        self.next_event = min(times, default=NEVER)
        if not self.parameters.get("exti"):
            register, place = self.flags_in
            self.set_line(0, self.get(register) >> place & self._wanted() & 7)


class RtcV2(Calendar):
    """F0, F4, L4. Parameter exti: external lines of alarm and wakeup, through which the interrupts go."""


class RtcV3(Calendar):
    """G0, G4: flags in SR, cleared by SCR. Its interrupt is a direct one."""

    status = "ICSR"
    flags_in = ("SR", 0)
