"""Polls: loops that read a register until something outside the core changes it. Their repetitions are reckoned.

Equal reads of one register from one block raise the suspicion; the proof is spin.py's: core, RAM and peripherals are
equal at two visits of that block, and no register that tells the time was read in between. Then every further round
takes the same time and changes nothing until the next event, and whole rounds are skipped: the result is the same to
the last bit as if they had been executed.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, njit

from swassess.emulator.arrays import Control, State
from swassess.emulator.layout import (
    C_ANCHOR,
    C_ANCHOR_IS_POLL,
    C_ANCHOR_SKIP,
    C_ATTENTION,
    C_BLOCK,
    C_INSTRUCTION_LIMIT,
    C_POLL_HOLD,
    C_POLLS,
    C_SKIP_POLLS,
    C_SPIN_INSTRUCTIONS,
    C_SPIN_LIMIT,
    C_SPIN_STEPS,
    C_SPIN_SUM,
    C_SPIN_TICKS,
    C_SPIN_TRIES,
    C_TRACE_ON,
    C_VERSION,
    INSTRUCTIONS,
    POLL_ROWS,
    POLL_WORDS,
    STEPS,
    TICKS,
)
from swassess.emulator.spin import is_fixed_point

_EQUAL_READS = 12
_TRIES = 3
_HOLD_BLOCKS = 2048


@njit(cache=True)
def suspect_poll(C: Control, S: State, address: int, value: int) -> None:
    """Notes a read; after enough equal ones the block becomes the anchor at which states are compared."""
    if C[C_SKIP_POLLS] == 0 or C[C_TRACE_ON] or C[C_SPIN_LIMIT] or C[C_ANCHOR] or S[STEPS] < C[C_POLL_HOLD]:
        return
    rows = carray(native.int64_pointer(C[C_POLLS]), (POLL_ROWS, POLL_WORDS))
    at = ((address >> 2) ^ (C[C_BLOCK] >> 1)) % POLL_ROWS
    if rows[at, 0] != address or rows[at, 1] != C[C_BLOCK] or rows[at, 2] != value:
        rows[at, 0] = address
        rows[at, 1] = C[C_BLOCK]
        rows[at, 2] = value
        rows[at, 3] = 0
    rows[at, 3] += 1
    if rows[at, 3] >= _EQUAL_READS:
        rows[at, 3] = 0
        C[C_ANCHOR] = C[C_BLOCK]
        C[C_ANCHOR_IS_POLL] = 1
        C[C_ATTENTION] = 1
        C[C_ANCHOR_SKIP] = 0
        C[C_SPIN_SUM] = 0
        C[C_SPIN_TRIES] = 0
        C[C_SPIN_STEPS] = S[STEPS]


@njit(cache=True)
def drop_anchor(C: Control, S: State) -> None:
    C[C_ANCHOR] = 0
    C[C_ANCHOR_IS_POLL] = 0
    C[C_ANCHOR_SKIP] = 0
    C[C_POLL_HOLD] = S[STEPS] + _HOLD_BLOCKS


@njit(cache=True)
def forget_polls(C: Control) -> None:
    """Another state has been restored: what was seen of polls belongs to another time."""
    C[C_ANCHOR] = 0
    C[C_ANCHOR_IS_POLL] = 0
    C[C_ANCHOR_SKIP] = 0
    C[C_POLL_HOLD] = 0
    C[C_VERSION] += 1


@njit(cache=True)
def skip_rounds(C: Control, S: State, next_event: int) -> None:
    """At the anchor: when the round just made changed nothing, all whole rounds before the next event are made."""
    tries = C[C_SPIN_TRIES]
    same = is_fixed_point(C, S)
    ticks = S[TICKS] - C[C_SPIN_TICKS]
    instructions = S[INSTRUCTIONS] - C[C_SPIN_INSTRUCTIONS]
    steps = S[STEPS] - C[C_SPIN_STEPS]
    C[C_SPIN_TICKS] = S[TICKS]
    C[C_SPIN_INSTRUCTIONS] = S[INSTRUCTIONS]
    C[C_SPIN_STEPS] = S[STEPS]
    if same and ticks > 0:
        rounds = max((next_event - 1 - S[TICKS]) // ticks, 0)
        rounds = min(rounds, max((C[C_INSTRUCTION_LIMIT] - S[INSTRUCTIONS]) // max(instructions, 1), 0))
        S[TICKS] += rounds * ticks
        S[INSTRUCTIONS] += rounds * instructions
        S[STEPS] += rounds * steps
        drop_anchor(C, S)
        C[C_POLL_HOLD] = 0
    elif tries >= _TRIES or C[C_ANCHOR] == 0:
        drop_anchor(C, S)
