"""A count that a clock advances: whole counts since a start, exact through changes of the clock and stops of it."""

from typing import ClassVar

from swassess.emulator.peripherals.behaviour import NEVER, Behaviour

_PART_BITS = 40  # a fraction of a count is kept in 2**-40


class Ticking(Behaviour):
    """Base of blocks with such a count. A subclass says how long one count takes now and calls restart() to begin."""

    times: ClassVar[frozenset[str]] = frozenset({"TICK_BASE", "TICK_PERIOD", "TICK_WHOLE", "TICK_PART"})
    extra: ClassVar[tuple[str, ...]] = ("TICK_BASE", "TICK_PERIOD", "TICK_WHOLE", "TICK_PART")

    def count_ticks(self) -> int:
        """Ticks of one count at present; 0 while its clock stands still."""
        raise NotImplementedError

    def restart(self) -> None:
        """The count begins at 0 now."""
        self.put("TICK_BASE", self.mcu.now)
        self.put("TICK_PERIOD", self.count_ticks())
        self.put("TICK_WHOLE", 0)
        self.put("TICK_PART", 0)

    def counted(self) -> int:
        """Whole counts since the start."""
        return self._at(self.mcu.now)[0]

    def rebase(self) -> None:
        """To be called when count_ticks() has become another value: what has been counted stays."""
        whole, part = self._at(self.mcu.now)
        self.put("TICK_BASE", self.mcu.now)
        self.put("TICK_PERIOD", self.count_ticks())
        self.put("TICK_WHOLE", whole)
        self.put("TICK_PART", part)

    def time_of(self, count: int) -> int:
        """When counted() will first be `count`; NEVER while the clock stands still."""
        period = self.get("TICK_PERIOD")
        if not period:
            return NEVER
        ahead = (count - self.get("TICK_WHOLE")) * period - (self.get("TICK_PART") * period >> _PART_BITS)
        return self.get("TICK_BASE") + ahead

    def _at(self, time: int) -> tuple[int, int]:
        whole, part, period = self.get("TICK_WHOLE"), self.get("TICK_PART"), self.get("TICK_PERIOD")
        if not period:
            return whole, part
        passed = time - self.get("TICK_BASE") + (part * period >> _PART_BITS)
        return whole + passed // period, (passed % period << _PART_BITS) // period
