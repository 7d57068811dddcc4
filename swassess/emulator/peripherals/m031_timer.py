"""Timers of the Nuvoton M031 (TRM, chapter Timer): a 24-bit up counter with a prescaler.

One-shot, periodic, toggle (the pin is not modelled) and continuous counting; the flag when the count reaches CMP.
The clock is the tree's of the block's name (TIMER0 ...). Not modelled: event counting, capture, inter-timer triggers,
wake-up.
"""

from swassess.emulator.peripherals.behaviour import NEVER, Behaviour, merged
from swassess.emulator.peripherals.kernel_clock import clock_period

_RSTCNT, _INTEN, _CNTEN, _ACTSTS = 1 << 26, 1 << 29, 1 << 30, 1 << 25
_ONE_SHOT, _CONTINUOUS = 0, 3
_MODULO = 1 << 24
_TIF = 1


class Timer(Behaviour):
    # BASE: count at the time SINCE, both of the running counter; STEP: ticks of one count then
    extra = ("BASE", "SINCE", "STEP")
    times = frozenset({"SINCE", "BASE"})
    timed = frozenset({"CNT"})

    def _period(self) -> int:
        """Ticks of one count; 0 while the clock stands."""
        return clock_period(self) * ((self.get("CTL") & 0xFF) + 1)

    def _count(self) -> int:
        """The count now; it does not stop at the compare value, _catch_up has dealt with that."""
        base, step = self.get("BASE"), self.get("STEP")
        if not self.get("CTL") & _CNTEN or not step:
            return base
        return (base + (self.mcu.now - self.get("SINCE")) // step) % _MODULO

    def _rebase(self, count: int, at: int) -> None:
        self.put("BASE", count % _MODULO)
        self.put("SINCE", at)
        self.put("STEP", self._period())

    def _match_at(self) -> int:
        """When the count next reaches CMP."""
        step, compare = self.get("STEP"), self.get("CMP") & (_MODULO - 1)
        if not self.get("CTL") & _CNTEN or not step or compare < 2:
            return NEVER
        counts = (compare - self.get("BASE")) % _MODULO or _MODULO
        return self.get("SINCE") + counts * step

    def _catch_up(self) -> None:
        now = self.mcu.now
        while (at := self._match_at()) <= now:
            control = self.get("CTL")
            self.put("INTSTS", self.get("INTSTS") | _TIF)
            mode = control >> 27 & 3
            if mode == _CONTINUOUS:
                self._rebase(self.get("CMP"), at)
                continue
            self._rebase(0, at)
            if mode == _ONE_SHOT:
                self.put("CTL", control & ~_CNTEN)
            else:
                self._skip(now)

    def _skip(self, now: int) -> None:
        """Passes over periods while the flag stands already."""
        period = (self.get("CMP") & (_MODULO - 1)) * self.get("STEP")
        rounds = (now - self.get("SINCE")) // period
        if rounds > 0:
            self.put("SINCE", self.get("SINCE") + rounds * period)

    def _update(self) -> None:
        flag, control = self.get("INTSTS") & _TIF, self.get("CTL")
        self.set_line(0, bool(flag and control & _INTEN))
        # a flag that stands already does not change
        planned = self._match_at() if not flag or control >> 27 & 3 == _ONE_SHOT else NEVER
        if planned != self.next_event:
            self.next_event = planned

    # ---- Behaviour ---------------------------------------------------------------------------------------------
    def due(self) -> None:
        self._catch_up()
        self._update()

    def read(self, offset: int) -> int | None:
        self._catch_up()
        return self.peek(offset)

    def peek(self, offset: int) -> int | None:
        name = self.register_at(offset)
        if name == "CNT":
            self._catch_up()
            return self._count()
        if name == "CTL":
            return self.get("CTL") | (_ACTSTS if self.get("CTL") & _CNTEN else 0)
        return super().peek(offset)

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self._catch_up()
        value = merged(self.get(name), offset, value, size)
        if name == "CTL":
            self._control(value)
        elif name == "CMP":
            # in all modes but continuous counting a new compare value starts the count over
            count = self._count() if self.get("CTL") >> 27 & 3 == _CONTINUOUS else 0
            self.put(name, value & (_MODULO - 1))
            self._rebase(count, self.mcu.now)
        elif name in ("INTSTS", "EINTSTS"):
            self.put(name, self.get(name) & ~value)
        elif name == "CNT":
            self._rebase(0, self.mcu.now)  # a write of CNT resets the counter
        elif name != "CAP":
            self.put(name, value)
        self._update()
        return True

    def _control(self, value: int) -> None:
        before = self.get("CTL")
        count = self._count()
        if value & _RSTCNT:
            value &= ~(_RSTCNT | _CNTEN)
            count = 0
        elif (value ^ before) & 0xFF:
            count = 0  # a new prescaler resets the counter
        self.put("CTL", value & ~_ACTSTS)
        self._rebase(count, self.mcu.now)

    def clock_changed(self) -> None:
        self._catch_up()
        self._rebase(self._count(), self.mcu.now)
        self._update()
