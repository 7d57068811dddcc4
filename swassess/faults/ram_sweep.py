"""All stuck-at faults of RAM from reset, in one golden sweep inside native code.

The golden run is carried forward to the block in which a fault is first seen; each fault of that block is run from
there until the oracle function is entered and the core then rests in a state that can never change, with the outputs
safe. A fault that ends in any other way is left to a full run of its own. The starting point is exact, because before
its first activation a fault changes nothing.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

import numpy as np
import numpy.typing as npt
from numba import njit

from swassess.emulator import layout as at
from swassess.emulator.bus import state_of
from swassess.emulator.layout import (
    C_BLOCK,
    C_BYPASS,
    C_ENGINE,
    C_FAULT,
    C_FAULT_ADDRESS,
    C_FAULT_AND,
    C_FAULT_FIRST_READ,
    C_FAULT_OR,
    C_INTERRUPT,
    C_RUN_UNTIL,
    C_SPIN_FROM,
    C_SPIN_LIMIT,
    C_SPIN_TRIES,
    C_STEP_STOP,
    DONE_SPIN,
    DONE_STEP,
    DONE_WATCH,
    FAULT_RAM_STUCK,
    MONITOR_VALUE,
    STEPS,
    TICKS,
)
from swassess.emulator.mcu import Mcu
from swassess.emulator.plant import watch_monitors
from swassess.emulator.polls import forget_polls
from swassess.emulator.run import run

UNRESOLVED, SAFE_FOR_EVER = 0, 1
_LONGEST_TAIL = 2_000_000_000  # ticks (2 ms) from activation to the oracle, and from there to rest; else a full run
_SPIN_LIMIT = 16


@njit(cache=True)
def _sweep(C, arena, kept, context, faults, steps, safe_monitor, outcome, detected, entry):  # type: ignore[no-untyped-def]
    """faults: int64 (n, 3) address, or-mask, and-mask, sorted by step. Returns how many were reached."""
    S = state_of(C)
    at_fault = 0
    count = steps.size
    while at_fault < count:
        step = steps[at_fault]
        C[C_FAULT] = 0
        C[C_SPIN_LIMIT] = 0
        C[C_STEP_STOP] = step
        C[C_RUN_UNTIL] = 1 << 62
        if S[STEPS] != step:
            done = run(C)
            if done != DONE_STEP:
                return at_fault
        C[C_STEP_STOP] = -1
        native.copy_bytes(kept.ctypes.data, arena.ctypes.data, arena.size)
        native.uc_context_save(C[C_ENGINE], context)
        interrupt = C[C_INTERRUPT]
        block = C[C_BLOCK]
        bypass = C[C_BYPASS]
        start = S[TICKS]
        while at_fault < count and steps[at_fault] == step:
            C[C_FAULT] = FAULT_RAM_STUCK
            C[C_FAULT_ADDRESS] = faults[at_fault, 0]
            C[C_FAULT_OR] = faults[at_fault, 1]
            C[C_FAULT_AND] = faults[at_fault, 2]
            C[C_FAULT_FIRST_READ] = 0
            C[C_RUN_UNTIL] = start + _LONGEST_TAIL
            if run(C) == DONE_WATCH:
                detected[at_fault] = S[TICKS]
                C[C_SPIN_LIMIT] = _SPIN_LIMIT
                C[C_SPIN_FROM] = S[STEPS]
                C[C_SPIN_TRIES] = 0
                forget_polls(C)
                C[C_RUN_UNTIL] = S[TICKS] + _LONGEST_TAIL
                entry[at_fault] = C[C_BYPASS]
                if run(C) == DONE_SPIN:
                    watch_monitors(C, S)
                    if S[MONITOR_VALUE + safe_monitor]:
                        outcome[at_fault] = SAFE_FOR_EVER
                C[C_SPIN_LIMIT] = 0
            native.copy_bytes(arena.ctypes.data, kept.ctypes.data, arena.size)
            native.uc_context_restore(C[C_ENGINE], context)
            forget_polls(C)
            C[C_INTERRUPT] = interrupt
            C[C_BLOCK] = block
            C[C_BYPASS] = bypass
            at_fault += 1
        C[C_FAULT] = 0
    return at_fault


def sweep_stuck_at(
    mcu: Mcu, faults: npt.NDArray[np.int64], steps: npt.NDArray[np.int64], safe_monitor: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Runs faults (address, bit, stuck value), sorted by activating step, on an MCU with taps "faults".

    Returns outcome (UNRESOLVED or SAFE_FOR_EVER), ticks of the detection, entry address of the oracle function.
    """
    masks = np.zeros((len(faults), 3), np.int64)
    masks[:, 0] = faults[:, 0]
    bit = np.left_shift(1, faults[:, 1])
    masks[:, 1] = np.where(faults[:, 2] == 1, bit, 0)
    masks[:, 2] = np.where(faults[:, 2] == 1, 0xFF, 0xFF & ~bit)
    outcome = np.zeros(len(faults), np.uint8)
    detected = np.zeros(len(faults), np.int64)
    entry = np.zeros(len(faults), np.int64)
    mcu.power_on()
    mcu.control[at.C_STOP_ON_RESET] = 0
    mcu.control[at.C_INSTRUCTION_LIMIT] = 1 << 62
    kept = mcu.array(np.uint8, mcu.arena.size)
    context = mcu.new_context()
    batch = 20_000  # keeps Ctrl-C working between native calls
    for first in range(0, len(faults), batch):
        part = slice(first, first + batch)
        _sweep(
            mcu.control, mcu.arena, kept, context, masks[part], steps[part], safe_monitor,
            outcome[part], detected[part], entry[part],
        )  # fmt: skip
    mcu.control[at.C_STEP_STOP] = -1
    mcu.clear_fault()
    return outcome, detected, entry


__all__ = ["SAFE_FOR_EVER", "UNRESOLVED", "sweep_stuck_at"]
