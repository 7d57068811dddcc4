"""Loops that change nothing: proved by equal states at two visits of one block; their repetitions are skipped."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, njit

from swassess.emulator.arrays import Control, State
from swassess.emulator.layout import (
    C_ANCHOR,
    C_ANCHOR_SKIP,
    C_CELL_COUNT,
    C_CELLS,
    C_RAM,
    C_RAM_SIZE,
    C_SPIN_FROM,
    C_SPIN_LIMIT,
    C_SPIN_STATE,
    C_SPIN_SUM,
    C_SPIN_TIMED,
    C_SPIN_TRIES,
    C_TIMED_READS,
    CYCLE_TICKS,
    DEADLINE,
    STATE_WORDS,
    STEPS,
)
from swassess.emulator.registers import register_sum

_SPIN_TRIES = 3


@njit(cache=True)
def _state_sum(C: Control, S: State) -> int:
    """A number over RAM, peripherals and pending work; what only counts or tells the time is left out."""
    total = 0
    for i in range(CYCLE_TICKS, STATE_WORDS):
        if i != DEADLINE:
            total = total * 1000003 + S[i]
    cells = carray(native.int64_pointer(C[C_CELLS]), (C[C_CELL_COUNT] + 1,))
    for i in range(C[C_CELL_COUNT]):
        total = total * 1000003 + cells[i]
    words = carray(native.int64_pointer(C[C_RAM]), (C[C_RAM_SIZE] >> 3,))
    for i in range(C[C_RAM_SIZE] >> 3):
        total = total * 1000003 + words[i]
    return total


@njit(cache=True)
def is_fixed_point(C: Control, S: State) -> bool:
    """At the anchor block: whether core, RAM and peripherals equal those at the last visit, no clock having been read.

    Then the loop repeats itself until something outside the core happens. An unequal visit becomes the new reference.
    """
    C[C_ANCHOR_SKIP] = 1
    registers = register_sum(C)
    if C[C_SPIN_SUM] != registers or C[C_SPIN_TIMED] != C[C_TIMED_READS]:
        C[C_SPIN_SUM] = registers
        C[C_SPIN_TIMED] = C[C_TIMED_READS]
        C[C_SPIN_STATE] = 0
        C[C_SPIN_TRIES] += 1
        if C[C_SPIN_TRIES] > _SPIN_TRIES:  # a loop at work: look again much later
            C[C_SPIN_TRIES] = 0
            C[C_ANCHOR] = 0
            C[C_ANCHOR_SKIP] = 0
            C[C_SPIN_FROM] = S[STEPS] + 64 * C[C_SPIN_LIMIT]
        return False
    state = _state_sum(C, S)
    same = C[C_SPIN_STATE] == state
    C[C_SPIN_STATE] = state
    return same
