"""Real-time clock of the STM32F1: a counter of seconds behind a prescaler, kept through resets (RM0008, chapter 18).

Simplified: write operations finish at once (RTOFF), and the registers are always synchronised (RSF).
"""

from swassess.emulator.peripherals.behaviour import NEVER, POWER_ON, merged
from swassess.emulator.peripherals.ticking import Ticking

_SECF, _ALRF, _OWF, _RSF, _CNF, _RTOFF = 1, 2, 4, 8, 0x10, 0x20
_EVENTS = _SECF | _ALRF | _OWF
_FULL = 0xFFFFFFFF
_ALARM_LINE = 17  # of EXTI


class RtcStm32F1(Ticking):
    """Cells: PRL (20 bits), COUNT (32 bits, up to the latest whole period), ALARM. The count of Ticking is in cycles of
    the RTC's clock since that period began."""

    extra = (*Ticking.extra, "PRL", "COUNT", "ALARM")
    kept = frozenset({*Ticking.extra, "PRL", "COUNT", "ALARM"})
    times = frozenset({*Ticking.extra, "COUNT"})
    timed = frozenset({"DIVH", "DIVL", "CNTH", "CNTL", "CRL"})
    outside = frozenset({"DIVH", "DIVL", "CNTH", "CNTL", "CRL"})

    def reset(self, cause: int) -> None:
        super().reset(cause)
        if cause == POWER_ON:
            self.put("PRL", 0x8000)
            self.put("ALARM", _FULL)
            self.restart()
        else:
            self.rebase()
        self._plan()

    def count_ticks(self) -> int:
        return self.mcu.period("RTC")

    def clock_changed(self) -> None:
        if self.count_ticks() != self.get("TICK_PERIOD"):
            self._catch_up()
            self.restart()  # the prescaler starts anew with another clock
            self._plan()

    def due(self) -> None:
        self._catch_up()
        self._plan()

    def _catch_up(self) -> None:
        """Carries out the periods that have passed."""
        whole = self.counted() // (self.get("PRL") + 1)
        if whole <= 0:
            return
        count = self.get("COUNT")
        flags = _SECF
        if (self.get("ALARM") - count - 1) & _FULL < whole:
            flags |= _ALRF
            self.mcu.line_edge(_ALARM_LINE, True)
        if count + whole > _FULL:
            flags |= _OWF
        began = self.time_of(whole * (self.get("PRL") + 1))
        self.put("COUNT", (count + whole) & _FULL)
        self.put("TICK_BASE", began)
        self.put("TICK_WHOLE", 0)
        self.put("TICK_PART", 0)
        self.put("CRL", self.get("CRL") | flags)
        self._update_line()

    def _update_line(self) -> None:
        self.set_line(0, self.get("CRL") & self.get("CRH") & _EVENTS)

    def _plan(self) -> None:
        """The next period is an event when somebody listens."""
        wanted = self.get("CRH") & _EVENTS
        self.next_event = self.time_of(self.get("PRL") + 1) if wanted else NEVER

    def peek(self, offset: int) -> int | None:
        name = self.register_at(offset)
        if name is None:
            return None
        self._catch_up()
        if name == "CRL":
            return self.get("CRL") & (_EVENTS | _CNF) | _RSF | _RTOFF
        if name == "CRH":
            return self.get("CRH")
        if name in ("DIVH", "DIVL"):
            left = self.get("PRL") - self.counted() if self.count_ticks() else self.get("PRL")
            return (left >> 16) & 0xF if name == "DIVH" else left & 0xFFFF
        if name == "CNTH":
            return self.get("COUNT") >> 16
        return self.get("COUNT") & 0xFFFF if name == "CNTL" else 0

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self._catch_up()
        value = merged(0, offset, value, size) & 0xFFFF
        if name == "CRH":
            self.put("CRH", value & _EVENTS)
        elif name == "CRL":
            self.put("CRL", self.get("CRL") & value & _EVENTS | value & _CNF)
        elif self.get("CRL") & _CNF and self._open():
            self._configure(name, value)
        self._update_line()
        self._plan()
        return True

    def _open(self) -> bool:
        asked = getattr(self.mcu.block("RCC"), "backup_writable", None)
        return asked is None or bool(asked())

    def _configure(self, name: str, value: int) -> None:
        halves = {"PRL": "PRL", "CNT": "COUNT", "ALR": "ALARM"}
        cell = halves.get(name[:3])
        if cell is None:  # DIVH, DIVL: read only
            return
        value &= 0xF if name == "PRLH" else 0xFFFF
        old = self.get(cell)
        self.put(cell, old & 0xFFFF | value << 16 if name[3] == "H" else old & 0xFFFF0000 | value)
        if cell != "ALARM":
            self.restart()  # the prescaler is loaded anew
