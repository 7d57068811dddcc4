"""Evidence: for each register touched, who served its reads and writes, and where it was touched first."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from typing import Any

from numba import carray, njit

from swassess.emulator.arrays import Control
from swassess.emulator.layout import (
    A_FIRST_BLOCK,
    A_KEY,
    A_LEARNED_READS,
    A_READS,
    A_SHADOW_READS,
    A_SHADOW_WRITES,
    A_WRITES,
    C_BLOCK,
    C_REGISTER_STATS,
    C_STATS_LOST,
    C_STATS_ON,
    STATISTICS_ROWS,
    STATISTICS_WORDS,
)

SERVED, SHADOWED, LEARNED = 0, 1, 2
_SPREAD = 2654435761


@njit(cache=True)
def _rows(C: Control) -> Any:
    return carray(native.int64_pointer(C[C_REGISTER_STATS]), (STATISTICS_ROWS, STATISTICS_WORDS))


@njit(cache=True)
def count_access(C: Control, address: int, write: bool, served: int) -> None:
    """One access to the word at `address`. What finds no row is counted in C_STATS_LOST."""
    if C[C_STATS_ON] == 0:
        return
    rows = _rows(C)
    at = ((address >> 2) * _SPREAD & 0xFFFFFFFF) % STATISTICS_ROWS
    for _ in range(64):
        if rows[at, A_KEY] == address + 1:
            break
        if rows[at, A_KEY] == 0:
            rows[at, A_KEY] = address + 1
            rows[at, A_FIRST_BLOCK] = C[C_BLOCK]
            break
        at = (at + 1) % STATISTICS_ROWS
    if rows[at, A_KEY] != address + 1:
        C[C_STATS_LOST] += 1
        return
    if write:
        rows[at, A_WRITES if served == SERVED else A_SHADOW_WRITES] += 1
    elif served == SERVED:
        rows[at, A_READS] += 1
    else:
        rows[at, A_SHADOW_READS] += 1
        if served == LEARNED:
            rows[at, A_LEARNED_READS] += 1
