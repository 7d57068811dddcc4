"""Independent watchdog with a window (RM0091, chapter 23; RM0444, chapter 28): keys 0x5555, 0xAAAA, 0xCCCC.

Starting it turns the LSI on and counts down from 0xFFF. A refresh while the counter is above the window resets, as
the end of the count does. Writing the window refreshes the counter. A write of PR, RLR or WINR shows in SR for some
cycles of the LSI, during which the register takes no other; the LSI need not be on for it, but must not have failed.
Parameter: update_cycles. GigaDevice calls the clock control RCU and the LSI IRC40K.
"""

from swassess.emulator.peripherals.behaviour import NEVER, merged
from swassess.emulator.peripherals.ticking import Ticking
from swassess.model.time import TICKS_PER_SECOND

_ACCESS, _RELOAD, _START = 0x5555, 0xAAAA, 0xCCCC
_FULL = 0xFFF
_BUSY = {"PR": 1, "RLR": 2, "WINR": 4}


class IwdgV2(Ticking):
    """Cells: ON, UNLOCKED, LOADED (the counter at the latest refresh), REFRESHES, and when the latest write of each
    register will have taken effect (0: it has)."""

    extra = (*Ticking.extra, "ON", "UNLOCKED", "LOADED", "REFRESHES", "PR_DONE", "RLR_DONE", "WINR_DONE")

    def reset(self, cause: int) -> None:
        super().reset(cause)
        flash = self.mcu.block("FLASH") or self.mcu.block("FMC")
        by_option = getattr(flash, "hardware_watchdog", None)
        if by_option is not None and by_option():
            self._start()

    def is_clean(self, name: str) -> bool:
        return True

    def count_ticks(self) -> int:
        return self.mcu.period("LSI") * (4 << min(self.get("PR"), 6)) if self.get("ON") else 0

    def counter(self) -> int:
        return max(self.get("LOADED") - self.counted(), 0)

    def _start(self) -> None:
        self.put("ON", 1)
        hold = getattr(self.mcu.block("RCC") or self.mcu.block("RCU"), "hold", None)
        if hold is not None:
            hold("LSI")
        self._load(_FULL)

    def _load(self, count: int) -> None:
        self.put("LOADED", count)
        self.restart()
        self._plan()

    def _plan(self) -> None:
        times = [self.get(f"{name}_DONE") for name in _BUSY if self.get(f"{name}_DONE") > self.mcu.now]
        if self.get("ON"):
            times.append(self.time_of(self.get("LOADED") + 1))
        self.next_event = min(times, default=NEVER)

    def _refresh(self) -> None:
        self.put("REFRESHES", self.get("REFRESHES") + 1)
        if not self.get("ON"):
            return
        if self.counter() > self.get("WINR"):
            self.mcu.request_reset("iwdg")
        self._load(self.get("RLR"))

    def _busy(self, name: str) -> bool:
        done = self.get(f"{name}_DONE")
        return done > self.mcu.now or done < 0

    def peek(self, offset: int) -> int | None:
        name = self.register_at(offset)
        if name == "SR":
            return sum(bit for one, bit in _BUSY.items() if self._busy(one))
        return 0 if name == "KR" else super().peek(offset)

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name == "KR":
            self._key(value & 0xFFFF)
        elif name in _BUSY and self.get("UNLOCKED") and not self._busy(name):
            new = merged(self.get(name), offset, value, size)
            self.put(name, new & (7 if name == "PR" else _FULL))
            self._take_time(name)
            if name == "PR":
                self.rebase()
                self._plan()
            elif name == "WINR" and self.get("ON"):
                self._load(self.get("RLR"))
        return name is not None

    def _take_time(self, name: str) -> None:
        cycles = int(self.parameters.get("update_cycles", 5))
        hertz = self.mcu.source_hz("LSI") or self.mcu.source_hz("IRC40K")
        if cycles:
            self.put(f"{name}_DONE", self.mcu.now + cycles * TICKS_PER_SECOND // hertz if hertz else -1)
            self._plan()

    def _key(self, key: int) -> None:
        self.put("UNLOCKED", int(key == _ACCESS))
        if key == _START and not self.get("ON"):
            self._start()
        elif key == _RELOAD:
            self._refresh()

    def due(self) -> None:
        if self.get("ON") and self.counted() > self.get("LOADED"):
            self.mcu.request_reset("iwdg")
            self.next_event = NEVER
        else:
            self._plan()

    def clock_changed(self) -> None:
        for name in _BUSY:
            if self.get(f"{name}_DONE") < 0:
                self._take_time(name)
        self.rebase()
        self._plan()
