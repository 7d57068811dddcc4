"""Interrupt lines of the peripherals, as the NVIC samples them; the target data tell which exception each raises."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, njit

from swassess.emulator.arrays import Control, State
from swassess.emulator.layout import (
    ACTIVE,
    BLOCK_ROW,
    C_ASSERTED,
    C_BLOCK_COUNT,
    C_BLOCKS,
    C_CELL_COUNT,
    C_CELLS,
    C_EXTI_EXCEPTIONS,
    C_TIMER_COUNT,
    EXCEPTIONS,
    EXTI_BANKS,
    LINE_UP,
    PENDING,
)
from swassess.emulator.peripherals import exti, timer

NEVER = 1 << 62


@njit(cache=True)
def python_blocks_next_event(C: Control) -> int:
    """The soonest time for which a block in plain Python has planned something."""
    soonest = NEVER
    cells = carray(native.int64_pointer(C[C_CELLS]), (C[C_CELL_COUNT] + 1,))
    blocks = carray(native.int64_pointer(C[C_BLOCKS]), (C[C_BLOCK_COUNT] + 1, BLOCK_ROW))
    for i in range(C[C_BLOCK_COUNT]):
        event = cells[blocks[i, 0]]
        if event and event < soonest:
            soonest = event
    return soonest


@njit(cache=True)
def _assert_lines(C: Control, S: State, asserted: State) -> None:
    for unit in range(C[C_TIMER_COUNT]):
        timer.raise_lines(C, S, unit, asserted)
    exceptions = carray(native.int64_pointer(C[C_EXTI_EXCEPTIONS]), (32 * EXTI_BANKS,))
    for bank in range(EXTI_BANKS):
        active = exti.active_lines(S, bank)
        if active:
            for bit in range(32):
                if (active >> bit) & 1:
                    asserted[exceptions[32 * bank + bit]] = 1
    cells = carray(native.int64_pointer(C[C_CELLS]), (C[C_CELL_COUNT] + 1,))
    blocks = carray(native.int64_pointer(C[C_BLOCKS]), (C[C_BLOCK_COUNT] + 1, BLOCK_ROW))
    for i in range(C[C_BLOCK_COUNT]):
        for line in range(blocks[i, 1]):
            if cells[blocks[i, 0] + 1 + line]:
                asserted[blocks[i, 2 + line]] = 1


@njit(cache=True)
def sample_lines(C: Control, S: State) -> None:
    """A line that goes up makes its interrupt pending; one that stays up does so again once the handler is left."""
    asserted = carray(native.int64_pointer(C[C_ASSERTED]), (EXCEPTIONS,))
    asserted[:] = 0
    _assert_lines(C, S, asserted)
    for exception in range(16, EXCEPTIONS):
        if asserted[exception]:
            if not S[LINE_UP + exception] or not S[ACTIVE + exception]:
                S[PENDING + exception] = 1
            S[LINE_UP + exception] = 1
        else:
            S[LINE_UP + exception] = 0
