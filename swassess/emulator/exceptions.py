"""Exceptions of the core: entry, stacking, return, tail-chaining, faults, escalation, lockup (Armv7-M ARM, B1.5).

Faults are made pending and taken by the run loop before the next instruction, as in the architecture's own pseudocode.
Not modelled: late arrival (it saves time only), the exclusive monitor's clearing, MPU and unprivileged access checks.
"""

from numba import njit
from unicorn.arm_const import (
    UC_ARM_REG_CONTROL,
    UC_ARM_REG_FAULTMASK,
    UC_ARM_REG_LR,
    UC_ARM_REG_MSP,
    UC_ARM_REG_PC,
    UC_ARM_REG_PSP,
    UC_ARM_REG_R0,
    UC_ARM_REG_R12,
    UC_ARM_REG_XPSR,
)

from swassess.emulator import debug_events
from swassess.emulator.arrays import Control, State
from swassess.emulator.bus import state_of
from swassess.emulator.interrupts import sample_lines
from swassess.emulator.layout import (
    ACTIVE,
    AWAKE,
    C_DEBUG_MASK_INTERRUPTS,
    C_FLASH_START,
    C_INTERRUPT,
    C_RAM_START,
    CCR,
    CFSR,
    CYCLE_TICKS,
    DEEPEST_STACK,
    EVENT_FLAG,
    EXCEPTION_TAKEN,
    EXCEPTIONS,
    HFSR,
    IN_WFI,
    LOCKED_UP,
    PENDING,
    SCR,
    SHCSR,
    SLEEPING,
    TICKS,
    VTOR,
)
from swassess.emulator.memory import STACKED, UNSTACKED, in_ram, ram_read, ram_write, vector_word
from swassess.emulator.peripherals.nvic import (
    BUS_FAULT,
    HARD_FAULT,
    NMI,
    USAGE_FAULT,
    execution_priority,
    group_priority,
)
from swassess.emulator.registers import (
    CONTROL_PROCESS_STACK,
    XPSR_ALIGNED,
    XPSR_EXCEPTION,
    XPSR_IT,
    XPSR_THUMB,
    enter_handler_mode,
    enter_thread_mode,
    get_register,
    masks,
    set_register,
)

ENTRY_CYCLES = 12
RETURN_CYCLES = 12
TAIL_CHAIN_CYCLES = 6
RETURN_TO_HANDLER, RETURN_TO_THREAD, RETURN_TO_THREAD_PROCESS = 0xFFFFFFF1, 0xFFFFFFF9, 0xFFFFFFFD

# bits of CFSR and HFSR
INSTRUCTION_ACCESS_VIOLATION = 1
INSTRUCTION_BUS_ERROR = 1 << 8
PRECISE_BUS_ERROR = 1 << 9 | 1 << 15  # with BFAR valid
UNSTACKING_ERROR = 1 << 11
STACKING_ERROR = 1 << 12
UNDEFINED_INSTRUCTION = 1 << 16
INVALID_STATE = 1 << 17
INVALID_RETURN = 1 << 18
NO_COPROCESSOR = 1 << 19
UNALIGNED_ACCESS = 1 << 24
VECTOR_READ_ERROR = 1 << 1
FORCED = 1 << 30
DEBUG_EVENT = 1 << 31

CCR_RETURN_FROM_ANY_LEVEL = 1
CCR_STACK_ALIGN = 1 << 9
SCR_SLEEP_ON_EXIT = 2

_FRAME_BYTES = 32
_FRAME_REGISTERS = (
    UC_ARM_REG_R0,
    UC_ARM_REG_R0 + 1,
    UC_ARM_REG_R0 + 2,
    UC_ARM_REG_R0 + 3,
    UC_ARM_REG_R12,
    UC_ARM_REG_LR,
)


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
    if fault != HARD_FAULT:
        S[HFSR] |= FORCED
    return HARD_FAULT


@njit(cache=True)
def raise_fault(C: Control, fault: int, status: int) -> None:
    """A fault of the instruction at PC: `status` are its bits in CFSR (in HFSR for a HardFault)."""
    S = state_of(C)
    S[HFSR if fault == HARD_FAULT else CFSR] |= status
    target = fault_target(S, fault, execution_priority(S, masks(C)))
    if target == 0:
        lock_up(S)
    else:
        S[PENDING + target] = 1


@njit(cache=True)
def call_supervisor(C: Control) -> None:
    """SVC; where its handler may not run it is a HardFault."""
    S = state_of(C)
    if group_priority(S, 11) < execution_priority(S, masks(C)):
        S[PENDING + 11] = 1
    else:
        raise_fault(C, HARD_FAULT, FORCED)


@njit(cache=True)
def _take_vector(C: Control, S: State, exception: int, link: int) -> None:
    """Handler mode, vector, LR. What was running has been stacked, or lies stacked below (tail-chaining)."""
    table = S[VTOR] if S[VTOR] else C[C_FLASH_START]
    vector = vector_word(C, S, table + 4 * exception)
    if vector < 0:
        S[HFSR] |= VECTOR_READ_ERROR
        vector = vector_word(C, S, table + 4 * HARD_FAULT)
        if exception in (HARD_FAULT, NMI) or vector < 0:
            lock_up(S)
            return
        exception = HARD_FAULT
    xpsr = get_register(C, UC_ARM_REG_XPSR)
    entered = (xpsr & ~XPSR_IT & ~XPSR_EXCEPTION) | XPSR_THUMB | exception
    if xpsr & XPSR_EXCEPTION:
        set_register(C, UC_ARM_REG_XPSR, entered)
    else:
        enter_handler_mode(C, entered, get_register(C, UC_ARM_REG_CONTROL))
    set_register(C, UC_ARM_REG_LR, link)
    set_register(C, UC_ARM_REG_PC, vector)
    S[PENDING + exception] = 0
    S[ACTIVE + exception] = 1
    S[EXCEPTION_TAKEN + exception] += 1
    S[SLEEPING] = AWAKE
    S[EVENT_FLAG] = 1
    C[C_INTERRUPT] = exception
    debug_events.exception_taken(C, exception)
    if not vector & 1:  # no Thumb state: the handler's first instruction faults
        raise_fault(C, USAGE_FAULT, INVALID_STATE)


@njit(cache=True)
def _push_frame(C: Control, S: State, xpsr: int, sp: int) -> bool:
    frame = _frame_address(S, sp)
    failed = False
    for i in range(6):
        failed |= not ram_write(C, S, frame + 4 * i, 4, get_register(C, _FRAME_REGISTERS[i]), STACKED)
    failed |= not ram_write(C, S, frame + 24, 4, get_register(C, UC_ARM_REG_PC) & ~1, STACKED)
    psr = xpsr & ~XPSR_ALIGNED
    if sp - frame > _FRAME_BYTES:
        psr |= XPSR_ALIGNED
    failed |= not ram_write(C, S, frame + 28, 4, psr, STACKED)
    return not failed


@njit(cache=True)
def _frame_address(S: State, sp: int) -> int:
    frame = sp - _FRAME_BYTES
    if S[CCR] & CCR_STACK_ALIGN:
        frame &= ~7
    return frame


@njit(cache=True)
def enter_exception(C: Control, exception: int) -> None:
    """Stacks the frame, takes the vector. A stacking error is a bus fault of its own; at HardFault it locks up."""
    S = state_of(C)
    xpsr = get_register(C, UC_ARM_REG_XPSR)
    link = RETURN_TO_HANDLER
    bank = UC_ARM_REG_MSP
    if xpsr & XPSR_EXCEPTION == 0:
        link = RETURN_TO_THREAD
        control = get_register(C, UC_ARM_REG_CONTROL)
        if control & CONTROL_PROCESS_STACK:
            link = RETURN_TO_THREAD_PROCESS
            bank = UC_ARM_REG_PSP
        priority = execution_priority(S, masks(C))
        enter_handler_mode(C, (xpsr & ~XPSR_IT) | XPSR_THUMB | exception, control)
    else:
        priority = execution_priority(S, masks(C))
    sp = get_register(C, bank)
    frame = _frame_address(S, sp)
    stacked = _push_frame(C, S, xpsr, sp)
    set_register(C, bank, frame)
    if stacked:
        if 0 <= frame - C[C_RAM_START] < S[DEEPEST_STACK]:
            S[DEEPEST_STACK] = frame - C[C_RAM_START]
    else:
        S[CFSR] |= STACKING_ERROR
        target = fault_target(S, BUS_FAULT, priority)
        if target == 0 or (target == HARD_FAULT and exception <= HARD_FAULT):
            lock_up(S)
            return
        S[PENDING + target] = 1
        if group_priority(S, target) < group_priority(S, exception):
            exception = target
    S[TICKS] += ENTRY_CYCLES * S[CYCLE_TICKS]
    _take_vector(C, S, exception, link)


@njit(cache=True)
def _fault_at_return(C: Control, S: State, fault: int, status: int, code: int) -> None:
    """An EXC_RETURN that cannot be carried out: the fault is taken at once, upon the frame that is still there."""
    S[CFSR] |= status
    target = fault_target(S, fault, execution_priority(S, masks(C)))
    if target == 0:
        lock_up(S)
    else:
        S[TICKS] += TAIL_CHAIN_CYCLES * S[CYCLE_TICKS]
        _take_vector(C, S, target, code | 0xF0000000)


@njit(cache=True)
def _return_is_valid(S: State, exception: int, code: int) -> bool:
    if exception >= EXCEPTIONS or not S[ACTIVE + exception]:
        return False
    nested = 0
    for i in range(EXCEPTIONS):
        nested += S[ACTIVE + i]
    if code == RETURN_TO_HANDLER:
        return nested > 1
    if code in (RETURN_TO_THREAD, RETURN_TO_THREAD_PROCESS):
        return nested == 1 or S[CCR] & CCR_RETURN_FROM_ANY_LEVEL != 0
    return False


@njit(cache=True)
def return_from_exception(C: Control, code: int) -> None:
    """EXC_RETURN in PC: unstacks the frame, or takes the next exception without unstacking (tail-chaining)."""
    S = state_of(C)
    exception = get_register(C, UC_ARM_REG_XPSR) & XPSR_EXCEPTION
    valid = _return_is_valid(S, exception, code)
    if exception < EXCEPTIONS:
        S[ACTIVE + exception] = 0
    if exception != NMI:
        set_register(C, UC_ARM_REG_FAULTMASK, 0)
    if not valid:
        _fault_at_return(C, S, USAGE_FAULT, INVALID_RETURN, code)
        return
    sample_lines(C, S)
    following = debug_events.most_urgent(S, C[C_DEBUG_MASK_INTERRUPTS])
    if following and group_priority(S, following) < execution_priority(S, masks(C)):
        S[TICKS] += TAIL_CHAIN_CYCLES * S[CYCLE_TICKS]
        _take_vector(C, S, following, code)
        return
    bank = UC_ARM_REG_PSP if code == RETURN_TO_THREAD_PROCESS else UC_ARM_REG_MSP
    sp = get_register(C, bank)
    if not in_ram(C, sp, _FRAME_BYTES):
        _fault_at_return(C, S, BUS_FAULT, UNSTACKING_ERROR, code)
        return
    pc = ram_read(C, S, sp + 24, 4, UNSTACKED)
    psr = ram_read(C, S, sp + 28, 4, UNSTACKED)
    for i in range(6):
        set_register(C, _FRAME_REGISTERS[i], ram_read(C, S, sp + 4 * i, 4, UNSTACKED))
    set_register(C, bank, sp + _FRAME_BYTES + (4 if psr & XPSR_ALIGNED and S[CCR] & CCR_STACK_ALIGN else 0))
    _resume(C, S, psr, pc, code)
    S[TICKS] += RETURN_CYCLES * S[CYCLE_TICKS]
    S[EVENT_FLAG] = 1


@njit(cache=True)
def _resume(C: Control, S: State, psr: int, pc: int, code: int) -> None:
    """xPSR and PC from the frame. Frames that contradict the return, or lack Thumb state, fault where they lead to."""
    state = psr & 0xFF0FFC00
    number = psr & XPSR_EXCEPTION
    if code == RETURN_TO_HANDLER:
        invalid = number == 0
        if invalid:  # keep handler mode, which the engine ties to a number
            number = HARD_FAULT if S[ACTIVE + HARD_FAULT] else USAGE_FAULT
        set_register(C, UC_ARM_REG_XPSR, state | number)
    else:
        invalid = number != 0
        number = 0
        enter_thread_mode(C, state, code == RETURN_TO_THREAD_PROCESS)
    set_register(C, UC_ARM_REG_PC, pc | 1 if psr & XPSR_THUMB else pc & ~1)
    C[C_INTERRUPT] = number
    if invalid:
        raise_fault(C, USAGE_FAULT, INVALID_RETURN)
    elif not psr & XPSR_THUMB:
        raise_fault(C, USAGE_FAULT, INVALID_STATE)
    elif code != RETURN_TO_HANDLER and S[SCR] & SCR_SLEEP_ON_EXIT:
        S[SLEEPING] = IN_WFI
