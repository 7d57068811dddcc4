"""Watchdogs of the Nuvoton M031: WDT with an interrupt before its reset (TRM 6.9), WWDT with a window (TRM 6.10)."""

from swassess.emulator.peripherals.behaviour import IWDG, NEVER, WWDG, merged
from swassess.emulator.peripherals.sys_nuvoton_m031 import unlocked
from swassess.emulator.peripherals.ticking import Ticking

_REFRESH = 0x5AA5
_RSTEN, _RSTF, _IF, _WKEN, _WKF, _INTEN, _WDTEN, _SYNC = 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 1 << 30
_DELAYS = (1026, 130, 18, 3)
_SYNCHRONISING = 2
_PRESCALERS = (1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)
_FULL = 0x3F


class WdtM031(Ticking):
    """Counts cycles of the clock "WDT". At the end of the interval IF is set; with RSTEN the MCU is reset when the
    counter has not been cleared by the end of the delay. Without RSTEN, IF comes again with each interval.

    Clearing the counter takes effect at once (two cycles on silicon). Cells: HANDLED, time-outs that have set IF since
    the counter was cleared; REFRESHES; SYNC_UNTIL.
    """

    extra = (*Ticking.extra, "HANDLED", "REFRESHES", "SYNC_UNTIL")

    def keeps(self, name: str) -> bool:
        return name == "REFRESHES"

    def reset(self, cause: int) -> None:
        flag = self.get("CTL") & _RSTF
        super().reset(cause)
        if cause == IWDG:
            flag = _RSTF
        self.put("CTL", self.get("CTL") | (flag if cause > 1 else 0) | (_WDTEN if self._forced() else 0))
        self.restart()
        self._plan()

    def _forced(self) -> bool:
        """The user configuration has the watchdog always on."""
        asked = getattr(self.mcu.block("FMC"), "hardware_watchdog", None)
        return asked is not None and bool(asked())

    def is_clean(self, name: str) -> bool:
        return True

    def count_ticks(self) -> int:
        return self.mcu.period("WDT") if self.get("CTL") & _WDTEN else 0

    def _interval(self) -> int:
        return 1 << 4 + 2 * min(self.get("CTL") >> 8 & 15, 8)

    def _delay(self) -> int:
        return _DELAYS[self.get("ALTCTL") & 3]

    def peek(self, offset: int) -> int | None:
        name = self.register_at(offset)
        if name == "CTL":
            return self.get("CTL") | (_SYNC if self.mcu.now < self.get("SYNC_UNTIL") else 0)
        return 0 if name == "RSTCNT" else super().peek(offset)

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self._advance()
        new = merged(self.get(name), offset, value, size)
        if name == "RSTCNT":
            if new == _REFRESH:
                self.put("REFRESHES", self.get("REFRESHES") + 1)
                self._clear()
            self.put(name, 0)
        elif name == "ALTCTL":
            if unlocked(self.mcu):
                self.put(name, new & 3)
        else:
            self._control(merged(0, offset, value, size), new)
        self._plan()
        return True

    def _clear(self) -> None:
        self.put("HANDLED", 0)
        self.restart()

    def _control(self, written: int, new: int) -> None:
        old = self.get("CTL")
        flags = old & (_RSTF | _IF) & ~written
        if not unlocked(self.mcu):
            self.put("CTL", old & ~(_RSTF | _IF) | flags)
            return
        flags |= old & _WKF & ~written
        forced = _WDTEN if self._forced() else 0
        self.put("CTL", new & 0x80000FD2 | flags | forced)
        if (old ^ self.get("CTL")) & _WDTEN:
            self.put("SYNC_UNTIL", self.mcu.now + _SYNCHRONISING * self.mcu.period("WDT"))
            self._clear()

    def _advance(self) -> None:
        if not self.get("CTL") & _WDTEN:
            return
        passed = self.counted() // self._interval()
        if passed > self.get("HANDLED"):
            self.put("HANDLED", passed)
            woken = _WKF if self.get("CTL") & _WKEN else 0
            self.put("CTL", self.get("CTL") | _IF | woken)
        if self.get("CTL") & _RSTEN and self.counted() >= self._interval() + self._delay():
            self.mcu.request_reset("iwdg")

    def due(self) -> None:
        self._advance()
        self._plan()

    def clock_changed(self) -> None:
        self._advance()
        self.rebase()
        self._plan()

    def _plan(self) -> None:
        control = self.get("CTL")
        self.set_line(0, control & _IF and control & _INTEN)
        times = [self.get("SYNC_UNTIL")] if self.get("SYNC_UNTIL") > self.mcu.now else []
        end = self._interval() + self._delay()
        if control & _WDTEN and not (control & _RSTEN and self.get("HANDLED")):
            times.append(self.time_of((self.get("HANDLED") + 1) * self._interval()))
        elif control & _WDTEN and self.counted() < end:
            times.append(self.time_of(end))
        self.next_event = min(times, default=NEVER)


class WwdtM031(Ticking):
    """Six-bit down-counter on the clock "WWDT": a refresh while it is above CMPDAT resets, as its end does. CTL can be
    written once after a reset. Cells: WRITTEN; REFRESHES; MATCHED, the match since the latest refresh has been seen."""

    extra = (*Ticking.extra, "WRITTEN", "REFRESHES", "MATCHED")
    timed = frozenset({"CNT", "STATUS"})

    def keeps(self, name: str) -> bool:
        return name == "REFRESHES"

    def reset(self, cause: int) -> None:
        flag = self.get("STATUS") & 2
        super().reset(cause)
        self.put("STATUS", 2 if cause == WWDG else flag if cause > 1 else 0)
        self.restart()
        self._plan()

    def is_clean(self, name: str) -> bool:
        return True

    def count_ticks(self) -> int:
        if not self.get("CTL") & 1:
            return 0
        return self.mcu.period("WWDT") * _PRESCALERS[self.get("CTL") >> 8 & 15]

    def counter(self) -> int:
        return max(_FULL - self.counted(), 0)

    def _compare(self) -> int:
        return self.get("CTL") >> 16 & _FULL

    def peek(self, offset: int) -> int | None:
        name = self.register_at(offset)
        if name == "CNT":
            return self.counter()
        if name == "STATUS":
            return self.get("STATUS") | int(self._matches())
        return 0 if name == "RLDCNT" else super().peek(offset)

    def _matches(self) -> bool:
        return bool(self.get("CTL") & 1) and not self.get("MATCHED") and self.counter() <= self._compare()

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self._advance()
        new = merged(0, offset, value, size)
        if name == "RLDCNT" and new == _REFRESH and self.get("CTL") & 1:
            if self.counter() > self._compare():
                self.mcu.request_reset("wwdg")
            self.put("REFRESHES", self.get("REFRESHES") + 1)
            self.put("MATCHED", 0)
            self.restart()
        elif name == "STATUS":
            self.put(name, self.get(name) & ~new)
        elif name == "CTL" and not self.get("WRITTEN"):
            self.put("WRITTEN", 1)
            self.put("CTL", merged(self.get("CTL"), offset, value, size) & 0x803F0F03)
            self.restart()
        self._plan()
        return True

    def _advance(self) -> None:
        if self._matches():
            self.put("MATCHED", 1)
            self.put("STATUS", self.get("STATUS") | 1)

    def due(self) -> None:
        self._advance()
        if self.counted() > _FULL:
            self.mcu.request_reset("wwdg")
        self._plan()

    def clock_changed(self) -> None:
        self._advance()
        self.rebase()
        self._plan()

    def _plan(self) -> None:
        self.set_line(0, self.get("STATUS") & 1 and self.get("CTL") & 2)
        if self.counted() > _FULL:
            self.next_event = NEVER
        else:
            matched = self.get("MATCHED")
            self.next_event = self.time_of(_FULL + 1 if matched else max(_FULL - self._compare(), self.counted()))
