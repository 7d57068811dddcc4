"""Callbacks of an engine under a debugger: breakpoints, watched data, single steps.

An instruction is stopped before it executes, at any place but inside an IT block, where Unicorn loses stops: there the
debug unit executes instruction by instruction itself (D_CONDITIONAL asks for that). The time charged for the rest of
the block is taken back, so that running on charges it once.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import unicorn
from numba import carray, cfunc, int64, njit

from swassess.emulator import bus
from swassess.emulator.arrays import Control, State
from swassess.emulator.cost import refund
from swassess.emulator.hooks import BLOCK_SIGNATURE, MEMORY_SIGNATURE, control_of
from swassess.emulator.layout import (
    C_BLOCK,
    C_BLOCK_BYTES,
    C_DEBUG_EVENT,
    C_DEBUG_IT_END,
    C_DEBUG_LOOK,
    C_DEBUG_PENDING,
    C_DEBUG_STEP,
    C_DEBUG_TABLE,
    C_ENGINE,
    C_FLASH_SIZE,
    C_FLASH_START,
    C_STOP,
    D_CONDITIONAL,
    D_STEPPED,
    D_WATCHPOINT,
    DT_ADDRESS,
    DT_COUNT,
    DT_EVENT,
    DT_FILTER,
    DT_IT_START,
    DT_MATCHED,
    DT_RANGE,
    DT_RANGE_COUNT,
    DT_WORDS,
    STEPS,
    STOP_DEBUG,
    STOP_NONE,
)
from swassess.emulator.registers import drop_stale_it_state

_KIND_READ = 16  # UC_MEM_READ
READS, WRITES, EXECUTES = 1, 2, 4


@njit(cache=True)
def _table(C: Control) -> State:
    return carray(native.int64_pointer(C[C_DEBUG_TABLE]), (DT_WORDS,))


@njit(cache=True)
def _it_block_end(C: Control, address: int) -> int:
    first = bus.look(C, address, 2)
    mask = first & 0xF
    if first >> 8 != 0xBF or mask == 0:
        return 0
    end = address + 2
    while mask & 0xF:
        mask <<= 1
        end += 4 if bus.look(C, end, 2) >> 11 >= 29 else 2
    return end


@njit(cache=True)
def it_block_end(C: Control, address: int) -> int:
    """Address behind the IT block that the instruction at `address` opens; 0 when it opens none."""
    if address < C[C_FLASH_SIZE] and address < C[C_FLASH_START]:  # the alias of flash
        end = _it_block_end(C, address + C[C_FLASH_START])
        return end - C[C_FLASH_START] if end else 0
    return _it_block_end(C, address)


@njit(cache=True)
def _give_back(C: Control, S: State, pc: int) -> None:
    """The block is left before the instruction at pc: running on from there counts as the same block."""
    if C[C_BLOCK] <= pc < C[C_BLOCK] + C[C_BLOCK_BYTES]:
        refund(C, S, pc)
        S[STEPS] -= 1


@njit(cache=True)
def _breakpoint_at(T: State, address: int) -> int:
    """Events of the breakpoints at an address."""
    events = 0
    if (T[DT_FILTER] >> ((address >> 1) & 63)) & 1:
        for i in range(T[DT_COUNT]):
            if T[DT_ADDRESS + i] == address:
                events |= T[DT_EVENT + i]
    return events


@njit(cache=True)
def _comparators_at(T: State, address: int) -> int:
    """Comparators of the data watchpoint unit that match executed addresses."""
    for i in range(T[DT_RANGE_COUNT]):
        row = DT_RANGE + 4 * i
        if T[row + 2] & EXECUTES and T[row] <= address < T[row + 1]:
            T[DT_MATCHED] |= 1 << T[row + 3]
            return D_WATCHPOINT
    return 0


@cfunc(BLOCK_SIGNATURE, cache=True)
def on_debug_instruction(engine: Any, address_unsigned: int, size: int, user: Any) -> None:
    C = control_of(user)
    if C[C_STOP] != STOP_NONE or not (C[C_DEBUG_LOOK] | C[C_DEBUG_STEP] | C[C_DEBUG_PENDING]):
        return
    address = int64(address_unsigned)
    T = _table(C)
    if T[DT_IT_START] < address < C[C_DEBUG_IT_END]:
        return
    events = C[C_DEBUG_PENDING]
    if C[C_DEBUG_STEP]:
        if C[C_DEBUG_STEP] == 1:
            events |= D_STEPPED
        else:
            C[C_DEBUG_STEP] -= 1
    if C[C_DEBUG_LOOK]:
        events |= _breakpoint_at(T, address) | _comparators_at(T, address)
    end = it_block_end(C, address)
    if end:
        T[DT_IT_START] = address
        C[C_DEBUG_IT_END] = end
        if C[C_DEBUG_LOOK] and not events:
            for inside in range(address + 2, end, 2):
                if _breakpoint_at(T, inside):
                    events = D_CONDITIONAL
    if events:
        C[C_DEBUG_PENDING] = 0
        C[C_DEBUG_EVENT] |= events
        C[C_STOP] = STOP_DEBUG
        _give_back(C, bus.state_of(C), address)
        native.uc_emu_stop(C[C_ENGINE])


@cfunc(MEMORY_SIGNATURE, cache=True)
def on_debug_access(engine: Any, kind: int, address: int, size: int, value: int, user: Any) -> None:
    """Data accesses of the core, while there are watchpoints. The core halts after the access, as on silicon."""
    C = control_of(user)
    drop_stale_it_state(C)
    T = _table(C)
    wanted = READS if kind == _KIND_READ else WRITES
    for i in range(T[DT_RANGE_COUNT]):
        row = DT_RANGE + 4 * i
        if T[row + 2] & wanted and int64(address) < T[row + 1] and int64(address) + int64(size) > T[row]:
            T[DT_MATCHED] |= 1 << T[row + 3]
            C[C_DEBUG_PENDING] |= D_WATCHPOINT


def add_hooks(
    add_hook: Callable[[int, Any], None], control: Control, array: Callable[[Any, int], npt.NDArray[Any]]
) -> npt.NDArray[np.int64]:
    """Makes a new engine ready for a debugger; returns the table of breakpoints and watchpoints."""
    table: npt.NDArray[np.int64] = array(np.int64, DT_WORDS)
    control[C_DEBUG_TABLE] = table.ctypes.data
    add_hook(unicorn.UC_HOOK_CODE, on_debug_instruction)
    return table
