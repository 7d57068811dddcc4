"""Low-power timer of the STM32L4, G0 and G4 (RM0351 34, RM0444 26): single and continuous counting up to ARR, compare.

Writes of ARR and CMP take three cycles of the timer's clock before their OK flags stand. Not modelled: external clock
and trigger, encoder, time-out mode, output pin (the compare flag comes all the same).
"""

from swassess.emulator.peripherals.behaviour import NEVER, Behaviour, merged
from swassess.emulator.peripherals.kernel_clock import clock_period

_CMPM, _ARRM, _CMPOK, _ARROK = 1, 2, 8, 0x10
_ENABLE, _SNGSTRT, _CNTSTRT, _COUNTRST, _RSTARE = 1, 2, 4, 8, 0x10
_STOPPED, _SINGLE, _CONTINUOUS = 0, 1, 2
_SYNCHRONISATION_CYCLES = 3


class LpTimer(Behaviour):
    # SINCE: time of count 0 of this round; STEP: ticks of one count then; HELD: the count while it does not run;
    # SEEN: which of CMP (1) and ARR (2) this round has reached; CMP_AT, ARR_AT: end of the writes under way
    extra = ("RUNS", "SINCE", "STEP", "HELD", "SEEN", "CMP_AT", "ARR_AT")
    times = frozenset({"SINCE", "HELD", "CMP_AT", "ARR_AT"})
    timed = frozenset({"CNT"})

    def is_clean(self, name: str) -> bool:
        return True  # flags change at planned events; the count is in `timed`

    def _step(self) -> int:
        return clock_period(self) << (self.get("CFGR") >> 9 & 7)

    def _count(self) -> int:
        step = self.get("STEP")
        if not self.get("RUNS") or not step:
            return self.get("HELD")
        return min((self.mcu.now - self.get("SINCE")) // step, self.get("ARR"))

    def _hold(self, runs: int, count: int) -> None:
        """Goes on from a count in another state."""
        self.put("RUNS", runs)
        self.put("HELD", count)
        self.put("STEP", self._step())
        self.put("SINCE", self.mcu.now - count * self.get("STEP"))
        self.put("SEEN", 0)

    def _match(self, bit: int) -> int:
        """When this round reaches CMP (bit 1) or ARR (bit 2)."""
        step, count = self.get("STEP"), self.get("CMP" if bit == 1 else "ARR")
        if not self.get("RUNS") or not step or self.get("SEEN") & bit or count > self.get("ARR"):
            return NEVER
        return self.get("SINCE") + count * step

    def _catch_up(self) -> None:
        now = self.mcu.now
        for name, flag in (("CMP_AT", _CMPOK), ("ARR_AT", _ARROK)):
            if 0 < self.get(name) <= now:
                self.put(name, 0)
                self.put("ISR", self.get("ISR") | flag)
        while self.get("RUNS") and self.get("STEP"):
            for bit, flag in ((1, _CMPM), (2, _ARRM)):
                if self._match(bit) <= now:
                    self.put("SEEN", self.get("SEEN") | bit)
                    self.put("ISR", self.get("ISR") | flag)
            period = (self.get("ARR") + 1) * self.get("STEP")
            if now < self.get("SINCE") + period:
                return
            if self.get("RUNS") == _SINGLE:
                self._hold(_STOPPED, 0)
                return
            rounds = (now - self.get("SINCE")) // period
            if rounds > 1:  # rounds that were over before now have set both flags
                self.put("ISR", self.get("ISR") | _ARRM | (_CMPM if self.get("CMP") <= self.get("ARR") else 0))
            self.put("SINCE", self.get("SINCE") + rounds * period)
            self.put("SEEN", 0)

    def _update(self) -> None:
        status = self.get("ISR")
        self.set_line(0, bool(status & self.get("IER")))
        times = [time for name in ("CMP_AT", "ARR_AT") if (time := self.get(name))]
        if self.get("RUNS") and self.get("STEP"):
            period = (self.get("ARR") + 1) * self.get("STEP")
            for bit, flag in ((1, _CMPM), (2, _ARRM)):
                if not status & flag:  # a flag that stands already does not change
                    at = self._match(bit)
                    times.append(at if at < NEVER or not self.get("SEEN") & bit else self._next_round(bit, period))
            if self.get("RUNS") == _SINGLE:
                times.append(self.get("SINCE") + period)
        planned = min(times, default=NEVER)
        if planned != self.next_event:
            self.next_event = planned

    def _next_round(self, bit: int, period: int) -> int:
        if self.get("RUNS") == _SINGLE:
            return NEVER
        return self.get("SINCE") + period + self.get("CMP" if bit == 1 else "ARR") * self.get("STEP")

    # ---- Behaviour ---------------------------------------------------------------------------------------------
    def due(self) -> None:
        self._catch_up()
        self._update()

    def read(self, offset: int) -> int | None:
        self._catch_up()
        value = self.peek(offset)
        if self.register_at(offset) == "CNT" and self.get("CR") & _RSTARE:
            self._hold(self.get("RUNS"), 0)
        self._update()
        return value

    def peek(self, offset: int) -> int | None:
        return self._count() if self.register_at(offset) == "CNT" else super().peek(offset)

    def write(self, offset: int, value: int, size: int) -> bool:
        name = self.register_at(offset)
        if name is None:
            return False
        self._catch_up()
        value = merged(self.get(name), offset, value, size)
        enabled = self.get("CR") & _ENABLE
        if name == "ICR":
            self.put("ISR", self.get("ISR") & ~value)
        elif name == "CR":
            self._control(value)
        elif name in ("CMP", "ARR"):
            if enabled:  # can only be written while the timer is on
                count, runs = self._count(), self.get("RUNS")
                self.put(name, value & 0xFFFF)
                self._hold(runs, min(count, self.get("ARR")))
                self.put(f"{name}_AT", self.mcu.now + _SYNCHRONISATION_CYCLES * max(clock_period(self), 1))
        elif name in ("CFGR", "IER"):
            if not enabled or name == "IER":
                self.put(name, value)
        elif name not in ("ISR", "CNT"):
            self.put(name, value)
        self._update()
        return True

    def _control(self, value: int) -> None:
        if not value & _ENABLE:
            self.put("CR", 0)
            self.put("ISR", 0)
            self._hold(_STOPPED, 0)
            return
        was_on = self.get("CR") & _ENABLE
        self.put("CR", value & (_ENABLE | _RSTARE))
        if value & _COUNTRST:
            self._hold(self.get("RUNS"), 0)
        if was_on and value & _CNTSTRT:
            self._hold(_CONTINUOUS, self._count())
        elif was_on and value & _SNGSTRT:
            self._hold(_SINGLE, self._count())

    def clock_changed(self) -> None:
        self._catch_up()
        seen = self.get("SEEN")
        self._hold(self.get("RUNS"), self._count())
        self.put("SEEN", seen)
        self._update()
