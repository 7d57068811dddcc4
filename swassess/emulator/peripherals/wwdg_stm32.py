"""Window watchdog (RM0008, chapter 20; RM0444, chapter 29): a 7-bit down-counter on PCLK1 / 4096.

It resets the MCU when bit T6 falls, when a write clears T6, and when it is refreshed while the counter is still above
the window. A write to the counter starts the prescaler anew. The counter runs whether the watchdog is on or not.
"""

from swassess.emulator.peripherals.behaviour import NEVER, merged
from swassess.emulator.peripherals.ticking import Ticking

_ACTIVE = 0x80
_T6 = 0x40
_EARLY = 1 << 9
_CYCLES = 4096


class Wwdg(Ticking):
    """Parameter timer_base: "wide" where WDGTB has three bits at 11 (G0, G4), else two bits at 7.

    Cells: LOADED, the counter at the latest write; SEEN, counts since then that have been looked at.
    """

    extra = (*Ticking.extra, "LOADED", "SEEN", "REFRESHES")
    timed = frozenset({"CR", "SR"})

    def reset(self, cause: int) -> None:
        super().reset(cause)
        self.put("CR", 0)  # of the register, the cell holds WDGA alone
        self._load(0x7F)

    def is_clean(self, name: str) -> bool:
        return True

    def _wide(self) -> bool:
        return self.parameters.get("timer_base") == "wide"

    def count_ticks(self) -> int:
        base = self.get("CFR") >> 11 & 7 if self._wide() else self.get("CFR") >> 7 & 3
        return self.mcu.period("PCLK1") * _CYCLES << base

    def counter(self) -> int:
        return self.get("LOADED") - self.counted() & 0x7F

    def _load(self, count: int) -> None:
        self.put("LOADED", count)
        self.put("SEEN", 0)
        self.restart()

    def _to_40(self, after: int) -> int:
        """The first count above `after` at which the counter is 0x40."""
        return after + 1 + (self.get("LOADED") - _T6 - after - 1 & 0x7F)

    def _early_flag(self) -> int:
        passed = self._to_40(self.get("SEEN")) <= self.counted()
        return self.get("SR") & 1 | int(passed)

    def _advance(self) -> None:
        self.put("SR", self._early_flag())
        self.put("SEEN", self.counted())

    def peek(self, offset: int) -> int | None:
        name = self.register_at(offset)
        if name == "CR":
            return self.get("CR") & _ACTIVE | self.counter()
        return self._early_flag() if name == "SR" else super().peek(offset)

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self._advance()
        new = merged(self.peek(offset) or 0, offset, value, size)
        if name == "CR":
            self._refresh(new)
        elif name == "CFR":
            self.put("CFR", new & (0x3A7F if self._wide() else 0x3FF) | self.get("CFR") & _EARLY)
            self.rebase()
        else:
            self.put("SR", self.get("SR") & new)
        self._plan()
        return True

    def _refresh(self, value: int) -> None:
        active = self.get("CR") & _ACTIVE
        early = active and self.counter() > self.get("CFR") & 0x7F
        self.put("REFRESHES", self.get("REFRESHES") + bool(active))
        self.put("CR", active | value & _ACTIVE)
        self._load(value & 0x7F)
        if early or (self.get("CR") and not value & _T6):
            self.mcu.request_reset("wwdg")

    def due(self) -> None:
        self._advance()
        if self.get("CR") and self.counted() >= self._end():
            self.mcu.request_reset("wwdg")
        self._plan()

    def clock_changed(self) -> None:
        self._advance()
        self.rebase()
        self._plan()

    def _end(self) -> int:
        """Counts from the load to the fall of T6."""
        return self.get("LOADED") - _T6 + 1

    def _plan(self) -> None:
        wanted = self.get("CFR") & _EARLY
        self.set_line(0, wanted and self.get("SR"))
        times = [NEVER]
        if wanted and not self.get("SR"):
            times.append(self.time_of(self._to_40(self.counted())))
        if self.get("CR") and self.counted() < self._end():
            times.append(self.time_of(self._end()))
        self.next_event = min(times)
