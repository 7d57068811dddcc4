"""Faults of the core: status, escalation, lockup (Armv7-M ARM, B1.5.14; Armv6-M ARM, B1.5.6).

Faults are made pending and taken by the run loop before the next instruction, as in the architecture's own pseudocode.
Armv6-M and Armv8-M Baseline know one fault only: HardFault, without a status.
"""

from numba import njit

from swassess.emulator.arrays import Control, State
from swassess.emulator.bus import state_of
from swassess.emulator.layout import (
    CFSR,
    CORE_FEATURES,
    F_MAINLINE,
    HFSR,
    LOCKED_UP,
    PENDING,
    SHCSR,
    SLEEPING,
)
from swassess.emulator.peripherals.priorities import HARD_FAULT, SV_CALL, execution_priority, group_priority
from swassess.emulator.registers import masks

# bits of CFSR and HFSR
INSTRUCTION_ACCESS_VIOLATION = 1
DATA_ACCESS_VIOLATION = 1 << 1 | 1 << 7  # with MMFAR valid
MEMORY_UNSTACKING_ERROR = 1 << 3
MEMORY_STACKING_ERROR = 1 << 4
MEMORY_LAZY_ERROR = 1 << 5
INSTRUCTION_BUS_ERROR = 1 << 8
PRECISE_BUS_ERROR = 1 << 9 | 1 << 15  # with BFAR valid
UNSTACKING_ERROR = 1 << 11
STACKING_ERROR = 1 << 12
LAZY_ERROR = 1 << 13
UNDEFINED_INSTRUCTION = 1 << 16
INVALID_STATE = 1 << 17
INVALID_RETURN = 1 << 18
NO_COPROCESSOR = 1 << 19
STACK_OVERFLOW = 1 << 20
UNALIGNED_ACCESS = 1 << 24
DIVIDE_BY_ZERO = 1 << 25
VECTOR_READ_ERROR = 1 << 1
FORCED = 1 << 30
DEBUG_EVENT = 1 << 31


@njit(cache=True)
def lock_up(S: State) -> None:
    S[SLEEPING] = LOCKED_UP


@njit(cache=True)
def fault_target(S: State, fault: int, priority: int) -> int:
    """The exception that a fault becomes at an execution priority: itself, HardFault, or 0 for lockup."""
    enabled = (S[SHCSR] >> (16 + fault - 4)) & 1  # MEMFAULTENA, BUSFAULTENA, USGFAULTENA
    if fault != HARD_FAULT and enabled and group_priority(S, fault) < priority:
        return fault
    if priority <= -1:
        return 0
    if fault != HARD_FAULT and S[CORE_FEATURES] & F_MAINLINE:
        S[HFSR] |= FORCED
    return HARD_FAULT


@njit(cache=True)
def note_status(S: State, fault: int, status: int) -> None:
    """Bits of CFSR, or of HFSR for a HardFault; only Mainline has them."""
    if S[CORE_FEATURES] & F_MAINLINE:
        S[HFSR if fault == HARD_FAULT else CFSR] |= status


@njit(cache=True)
def raise_fault(C: Control, fault: int, status: int) -> None:
    """A fault of the instruction at PC: `status` are its bits in CFSR (in HFSR for a HardFault)."""
    S = state_of(C)
    note_status(S, fault, status)
    target = fault_target(S, fault, execution_priority(S, masks(C)))
    if target == 0:
        lock_up(S)
    else:
        S[PENDING + target] = 1


@njit(cache=True)
def call_supervisor(C: Control) -> None:
    """SVC; where its handler may not run it is a HardFault."""
    S = state_of(C)
    if group_priority(S, SV_CALL) < execution_priority(S, masks(C)):
        S[PENDING + SV_CALL] = 1
    else:
        raise_fault(C, HARD_FAULT, FORCED)
