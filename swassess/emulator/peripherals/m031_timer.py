"""Timers of the Nuvoton M031 (TRM, chapter Timer): two 24-bit up counters a block, 32 bytes apart.

One-shot, periodic, toggle (the pin is not modelled) and continuous counting; the flag when the count reaches CMP.
Parameter first: number of the block's first timer (0 or 2, by its name unless given); clocks by the names TMR0.. of the
tree. Not modelled: event counting, capture, inter-timer triggers, wake-up.
"""

import re

from swassess.emulator.peripherals.behaviour import NEVER, Behaviour, merged

_RSTCNT, _INTEN, _CNTEN, _ACTSTS, _TRGADC = 1 << 26, 1 << 29, 1 << 30, 1 << 25, 1 << 21
_ONE_SHOT, _CONTINUOUS = 0, 3
_MODULO = 1 << 24
_TIF = 1


class Timer(Behaviour):
    # BASE: count at the time SINCE, both of the running counter; STEP: ticks of one count then
    extra = tuple(f"{name}{n}" for n in range(2) for name in ("BASE", "SINCE", "STEP"))
    times = frozenset({"SINCE0", "SINCE1", "BASE0", "BASE1"})
    timed = frozenset({"CNT"})

    def _number(self, n: int) -> int:
        """Number of a timer among those of the part."""
        first = self.parameters.get("first")
        if first is None:
            digits = re.search(r"\d", self.block.name)
            first = int(digits[0]) if digits else 0
        return int(first) + n

    def _period(self, n: int) -> int:
        """Ticks of one count; 0 while the clock stands."""
        number = self._number(n)
        names = (f"TMR{number}", f"TIMER{number}", f"PCLK{number // 2}", "PCLK1")
        clock = next((period for name in names if (period := self.mcu.period(name))), 0)
        return clock * ((self.get(f"CTL[{n}]") & 0xFF) + 1)

    def _count(self, n: int) -> int:
        """The count now; it does not stop at the compare value, _catch_up has dealt with that."""
        base, step = self.get(f"BASE{n}"), self.get(f"STEP{n}")
        if not self.get(f"CTL[{n}]") & _CNTEN or not step:
            return base
        return (base + (self.mcu.now - self.get(f"SINCE{n}")) // step) % _MODULO

    def _rebase(self, n: int, count: int, at: int) -> None:
        self.put(f"BASE{n}", count % _MODULO)
        self.put(f"SINCE{n}", at)
        self.put(f"STEP{n}", self._period(n))

    def _match_at(self, n: int) -> int:
        """When the count next reaches CMP."""
        step, compare = self.get(f"STEP{n}"), self.get(f"CMP[{n}]") & (_MODULO - 1)
        if not self.get(f"CTL[{n}]") & _CNTEN or not step or compare < 2:
            return NEVER
        counts = (compare - self.get(f"BASE{n}")) % _MODULO or _MODULO
        return self.get(f"SINCE{n}") + counts * step

    def _catch_up(self) -> None:
        now = self.mcu.now
        for n in range(2):
            while (at := self._match_at(n)) <= now:
                control = self.get(f"CTL[{n}]")
                self.put(f"INTSTS[{n}]", self.get(f"INTSTS[{n}]") | _TIF)
                mode = control >> 27 & 3
                if mode == _CONTINUOUS:
                    self._rebase(n, self.get(f"CMP[{n}]"), at)
                    continue
                self._rebase(n, 0, at)
                if mode == _ONE_SHOT:
                    self.put(f"CTL[{n}]", control & ~_CNTEN)
                else:
                    self._skip(n, now)

    def _skip(self, n: int, now: int) -> None:
        """Passes over periods while the flag stands already."""
        period = (self.get(f"CMP[{n}]") & (_MODULO - 1)) * self.get(f"STEP{n}")
        rounds = (now - self.get(f"SINCE{n}")) // period
        if rounds > 0:
            self.put(f"SINCE{n}", self.get(f"SINCE{n}") + rounds * period)

    def _update(self) -> None:
        times = []
        for n in range(2):
            flag = self.get(f"INTSTS[{n}]") & _TIF
            if n < len(self.block.interrupts):
                self.set_line(n, bool(flag and self.get(f"CTL[{n}]") & _INTEN))
            one_shot = self.get(f"CTL[{n}]") >> 27 & 3 == _ONE_SHOT
            if not flag or one_shot:  # a flag that stands already does not change
                times.append(self._match_at(n))
        planned = min(times, default=NEVER)
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
        name = self.register_at(offset) or ""
        if name.startswith("CNT["):
            self._catch_up()
            return self._count(int(name[4]))
        if name.startswith("CTL["):
            control = self.get(name)
            return control | (_ACTSTS if control & _CNTEN else 0)
        return super().peek(offset)

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self._catch_up()
        value = merged(self.get(name), offset, value, size)
        n = int(name[name.index("[") + 1])
        if name.startswith("CTL["):
            self._control(n, value)
        elif name.startswith("CMP["):
            count = self._count(n)
            self.put(name, value & (_MODULO - 1))
            # in all modes but continuous counting a new compare value starts the count over
            self._rebase(n, count if self.get(f"CTL[{n}]") >> 27 & 3 == _CONTINUOUS else 0, self.mcu.now)
        elif name.startswith(("INTSTS[", "EINTSTS[")):
            self.put(name, self.get(name) & ~value)
        elif not name.startswith(("CNT[", "CAP[")):
            self.put(name, value)
        elif name.startswith("CNT["):
            self._rebase(n, 0, self.mcu.now)  # a write of CNT resets the counter
        self._update()
        return True

    def _control(self, n: int, value: int) -> None:
        before = self.get(f"CTL[{n}]")
        count = self._count(n)
        if value & _RSTCNT:
            value &= ~(_RSTCNT | _CNTEN)
            count = 0
        elif (value ^ before) & 0xFF:
            count = 0  # a new prescaler resets the counter
        self.put(f"CTL[{n}]", value & ~_ACTSTS)
        self._rebase(n, count, self.mcu.now)

    def clock_changed(self) -> None:
        self._catch_up()
        for n in range(2):
            self._rebase(n, self._count(n), self.mcu.now)
        self._update()
