"""An MCU to try things on: rules in force, polls that stop, coverage that can be set aside."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from swassess.boot.progress import Coverage
from swassess.boot.rules import Poll, Rule
from swassess.emulator import layout as at
from swassess.emulator.mcu import Mcu
from swassess.emulator.snapshot import Snapshot
from swassess.model.time import TICKS_PER_SECOND

EQUAL_READS = 24
GAP = 2000
RING = 16_384
_MOST_RULES = 512

STALL, FAULT, RESET, BUDGET, TIME, ERROR = "stall", "fault", "reset", "budget", "time", "error"
_WHY = {
    at.DONE_STALL: STALL,
    at.DONE_FAULT: FAULT,
    at.DONE_RESET: RESET,
    at.DONE_BUDGET: BUDGET,
    at.DONE_TIME: TIME,
    at.DONE_ERROR: ERROR,
}


@dataclass(slots=True)
class Mark:
    """A state to come back to: of the MCU, and of what had been executed."""

    snapshot: Snapshot
    entries: npt.NDArray[np.int64]


class Runner:
    """Runs an MCU under a set of rules. It stops at polls that no rule knows, at faults and at resets."""

    def __init__(self, mcu: Mcu, low: int, high: int) -> None:
        """low, high: range of flash that the image fills; only there coverage is looked at."""
        self.mcu = mcu
        self._first, self._last = (low - mcu.flash_start) >> 1, (high - mcu.flash_start + 1) >> 1
        self._table = mcu.array(np.int64, (_MOST_RULES + 1) * at.RULE_WORDS).reshape(-1, at.RULE_WORDS)
        control = mcu.control
        control[at.C_RULES] = self._table.ctypes.data
        control[at.C_STALL_LIMIT] = EQUAL_READS
        control[at.C_STALL_GAP] = GAP
        control[at.C_STOP_ON_FAULT] = 1
        control[at.C_STOP_ON_RESET] = 1
        control[at.C_COVERAGE_ON] = 1
        control[at.C_STATS_ON] = 1
        control[at.C_SKIP_POLLS] = 0  # each read of a poll is counted, so no two rounds are equal
        mcu.ring.keep(RING)
        self.cold_start()

    def cold_start(self) -> None:
        """Power-on; nothing has been executed."""
        self.mcu.power_on()
        self.mcu.control[at.C_STALL_ADDRESS] = 0
        self.mcu.control[at.C_RING_COUNT] = 0
        self.mcu.block_entries[:] = 0

    def clear_statistics(self) -> None:
        """Accesses to registers are counted anew."""
        self.mcu.statistics[:] = 0

    def set_rules(self, rules: list[Rule], kept: int = 0) -> None:
        """The rules in force from now on. The first `kept` are those in force already: their counts go on."""
        rules = rules[:_MOST_RULES]
        if len(rules) > kept:
            self._table[kept : len(rules)] = [rule.row() for rule in rules[kept:]]
        self.mcu.control[at.C_RULE_COUNT] = len(rules)

    def applied(self, count: int) -> list[int]:
        """How often each of the first `count` rules was applied since it was set."""
        return [int(value) for value in self._table[:count, at.R_APPLIED]]

    def go(self, cycles: int) -> str:
        """Runs for so many core cycles (of the present clock) or until something stops it; one of the reasons above."""
        control, state = self.mcu.control, self.mcu.state
        control[at.C_STALL_ADDRESS] = 0
        before = self.instructions
        until = self.mcu.ticks + cycles * max(int(state[at.CYCLE_TICKS]), 1)
        why = _WHY.get(self.mcu.run(until), ERROR)
        if why == TIME and (self.instructions > before or int(state[at.SLEEPING]) != at.LOCKED_UP):
            return BUDGET
        return why

    @property
    def seconds(self) -> float:
        """Simulated time since power-on."""
        return self.mcu.ticks / TICKS_PER_SECOND

    @property
    def poll(self) -> Poll:
        """What the latest stop for a poll was about."""
        control = self.mcu.control
        return Poll(
            int(control[at.C_STALL_ADDRESS]),
            int(control[at.C_STALL_BLOCK]),
            int(control[at.C_STALL_VALUE]),
            int(control[at.C_STALL_SIZE]),
        )

    @property
    def instructions(self) -> int:
        return int(self.mcu.state[at.INSTRUCTIONS])

    # ---- coverage ----------------------------------------------------------------------------------------------
    @property
    def entries(self) -> npt.NDArray[np.int64]:
        """Entries of blocks, per half-word of the part of flash that the image fills."""
        return self.mcu.block_entries[self._first : self._last]

    def coverage(self) -> Coverage:
        return Coverage(self.mcu.flash_start, self.mcu.block_entries, self.mcu.block_sizes)

    def mark(self) -> Mark:
        return Mark(self.mcu.snapshot(), self.entries.copy())

    def back_to(self, mark: Mark) -> None:
        self.mcu.restore(mark.snapshot)
        self.mcu.control[at.C_STALL_ADDRESS] = 0
        self.entries[:] = mark.entries

    def address_of(self, place: int) -> int:
        """Address of a place in `entries`."""
        return self.mcu.flash_start + 2 * (self._first + place)

    def latest(self, count: int) -> npt.NDArray[Any]:
        """Addresses of the latest blocks, the latest last."""
        return self.mcu.ring.addresses(count)
