"""Callbacks of the engines that look closer: accesses to memory, and single instructions.

Nothing here may raise: an exception inside a callback is lost. They run inside IT blocks too, where the engine can
neither stop nor branch.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from typing import Any

from numba import carray, cfunc, int64, njit
from unicorn.arm_const import UC_ARM_REG_LR, UC_ARM_REG_PC

from swassess.emulator import bus
from swassess.emulator.arrays import Control
from swassess.emulator.hooks import BLOCK_SIGNATURE, MEMORY_SIGNATURE, control_of
from swassess.emulator.layout import (
    C_ATTENTION,
    C_CODE_FORWARD,
    C_ENGINE,
    C_FAULT,
    C_FAULT_ADDRESS,
    C_FAULT_AND,
    C_FAULT_FIRST_BLOCK,
    C_FAULT_FIRST_READ,
    C_FAULT_OR,
    C_FAULT_UNDO,
    C_FLASH,
    C_FLASH_SIZE,
    C_FLASH_START,
    C_IN_IT_SKIPS,
    C_IT_END,
    C_REDIRECTS,
    C_STOP,
    C_TRACE_ON,
    C_UNDO_LINK,
    C_UNDO_TO,
    C_WATCH_HIT,
    CYCLE_TICKS,
    DEADLINE,
    FAULT_CALL_REMOVED,
    FAULT_FLASH_DATA,
    FAULT_PC_STUCK,
    FAULT_RAM_STUCK,
    STOP_REDIRECT,
    TICKS,
)
from swassess.emulator.memory import READ, WRITE, apply_cell_fault, record_access
from swassess.emulator.registers import drop_stale_it_state, get_register, register_sum, set_register

_KIND_READ = 16  # UC_MEM_READ
_FIRST_EXCEPTION_RETURN = 0xF0000000


@cfunc(MEMORY_SIGNATURE, cache=True)
def on_ram_access(engine: Any, kind: int, address: int, size: int, value: int, user: Any) -> None:
    """RAM: the trace, and cells that are broken. Runs before the access."""
    C = control_of(user)
    drop_stale_it_state(C)
    S = bus.state_of(C)
    if kind == _KIND_READ:
        if C[C_FAULT] == FAULT_RAM_STUCK:
            apply_cell_fault(C, S, int64(address), int64(size))
        if C[C_TRACE_ON]:
            record_access(C, S, int64(address), bus.look(C, int64(address), int64(size)), int64(size), READ)
    elif C[C_TRACE_ON]:
        record_access(C, S, int64(address), int64(value) & ((1 << (8 * int64(size))) - 1), int64(size), WRITE)


@cfunc(MEMORY_SIGNATURE, cache=True)
def on_flash_read(engine: Any, kind: int, address: int, size: int, value: int, user: Any) -> None:
    """Flash read as data: the trace, and a cell whose data view is flipped for this one read."""
    C = control_of(user)
    drop_stale_it_state(C)
    S = bus.state_of(C)
    if C[C_FAULT] == FAULT_FLASH_DATA:
        cell = C[C_FAULT_ADDRESS]
        if int64(address) <= cell < int64(address) + int64(size):
            memory = carray(native.uint8_pointer(C[C_FLASH]), (C[C_FLASH_SIZE],))
            index = cell - C[C_FLASH_START]
            memory[index] = int64(memory[index]) ^ C[C_FAULT_OR]
            C[C_FAULT_UNDO] = 1
            if C[C_FAULT_FIRST_READ] == 0:
                C[C_FAULT_FIRST_READ] = 1 + S[TICKS]
    if C[C_TRACE_ON]:
        record_access(C, S, int64(address), bus.look(C, int64(address), int64(size)), int64(size), READ)


@cfunc(MEMORY_SIGNATURE, cache=True)
def on_flash_read_done(engine: Any, kind: int, address: int, size: int, value: int, user: Any) -> None:
    """Puts the byte back right after the read, so that execution never sees it."""
    C = control_of(user)
    drop_stale_it_state(C)
    if C[C_FAULT_UNDO]:
        memory = carray(native.uint8_pointer(C[C_FLASH]), (C[C_FLASH_SIZE],))
        index = C[C_FAULT_ADDRESS] - C[C_FLASH_START]
        memory[index] = int64(memory[index]) ^ C[C_FAULT_OR]
        C[C_FAULT_UNDO] = 0


@njit(cache=True)
def follow_it_blocks(C: Control, address: int) -> None:
    """Keeps C_IT_END. xPSR does not tell it here, and instructions whose condition fails do not come by."""
    if address >= C[C_IT_END]:
        C[C_IT_END] = 0
    if C[C_IT_END]:
        return
    first = bus.look(C, address, 2)
    mask = first & 0xF
    if first >> 8 != 0xBF or mask == 0:
        return
    end = address + 2
    while mask & 0xF:
        mask <<= 1
        end += 4 if bus.look(C, end, 2) >> 11 >= 29 else 2
    C[C_IT_END] = end


@cfunc(BLOCK_SIGNATURE, cache=True)
def on_instruction(engine: Any, address_unsigned: int, size: int, user: Any) -> None:
    """Every instruction, in the engine for programme-counter faults: a stuck bit of PC, or a call that is not made."""
    C = control_of(user)
    address = int64(address_unsigned)
    if C[C_FAULT] == FAULT_PC_STUCK:
        follow_it_blocks(C, address)
        forced = (address | C[C_FAULT_OR]) & C[C_FAULT_AND]
        if forced != address and address < _FIRST_EXCEPTION_RETURN:
            if C[C_IT_END]:
                C[C_IN_IT_SKIPS] += 1
                return
            S = bus.state_of(C)
            C[C_REDIRECTS] += 1
            S[TICKS] += 2 * S[CYCLE_TICKS]
            if C[C_FAULT_FIRST_READ] == 0:
                C[C_FAULT_FIRST_READ] = 1 + S[TICKS]
            if C[C_REDIRECTS] & 31 == 0:
                total = register_sum(C)
                if total == C[C_CODE_FORWARD] and forced == C[C_FAULT_FIRST_BLOCK]:
                    S[TICKS] = max(S[TICKS], S[DEADLINE])
                C[C_CODE_FORWARD] = total
                C[C_FAULT_FIRST_BLOCK] = forced
            if S[TICKS] >= S[DEADLINE]:
                C[C_STOP] = STOP_REDIRECT
                C[C_WATCH_HIT] = forced
                native.uc_emu_stop(C[C_ENGINE])
                return
            set_register(C, UC_ARM_REG_PC, forced | 1)
    elif C[C_FAULT] == FAULT_CALL_REMOVED and address == C[C_FAULT_ADDRESS]:
        if C[C_FAULT_FIRST_READ] == 0:
            C[C_FAULT_FIRST_READ] = 1 + bus.state_of(C)[TICKS]
        C[C_ATTENTION] = 1
        C[C_UNDO_TO] = address + C[C_FAULT_OR]  # undone at the next block: within an IT block a jump would be lost
        C[C_UNDO_LINK] = get_register(C, UC_ARM_REG_LR)
