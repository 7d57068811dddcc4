"""Exceptions of the core: entry, return, tail-chaining, late arrival (Armv7-M ARM, B1.5; Armv8-M ARM, B3).

Not modelled: the exclusive monitor's clearing.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import njit
from unicorn.arm_const import (
    UC_ARM_REG_CONTROL,
    UC_ARM_REG_FAULTMASK,
    UC_ARM_REG_LR,
    UC_ARM_REG_MSP,
    UC_ARM_REG_PC,
    UC_ARM_REG_PSP,
    UC_ARM_REG_XPSR,
)

from swassess.emulator import debug_events
from swassess.emulator.arrays import Control, State
from swassess.emulator.bus import state_of
from swassess.emulator.core_faults import (
    INVALID_RETURN,
    INVALID_STATE,
    MEMORY_STACKING_ERROR,
    MEMORY_UNSTACKING_ERROR,
    STACKING_ERROR,
    UNSTACKING_ERROR,
    VECTOR_READ_ERROR,
    fault_target,
    lock_up,
    note_status,
    raise_fault,
)
from swassess.emulator.frames import frame_address, pop_frame, push_frame, uses_floating_point
from swassess.emulator.interrupts import sample_lines
from swassess.emulator.layout import (
    ACTIVE,
    ASK_HOLDS_NMI,
    AWAKE,
    C_DEBUG_MASK_INTERRUPTS,
    C_INTERRUPT,
    C_MCU,
    C_RAM_START,
    C_VECTORS,
    CCR,
    CHAIN_CYCLES,
    CORE_FEATURES,
    CYCLE_TICKS,
    DEEPEST_STACK,
    ENTRY_CYCLES,
    EVENT_FLAG,
    EXCEPTION_COUNT,
    EXCEPTION_TAKEN,
    F_FPU,
    F_MAINLINE,
    F_V8M,
    FPCCR,
    IN_WFI,
    PENDING,
    RETURN_CYCLES,
    SCR,
    SLEEPING,
    TICKS,
    VTOR,
)
from swassess.emulator.memory import vector_word
from swassess.emulator.peripherals import systick
from swassess.emulator.peripherals.priorities import (
    BUS_FAULT,
    HARD_FAULT,
    NMI,
    USAGE_FAULT,
    active_count,
    execution_priority,
    group_priority,
)
from swassess.emulator.peripherals.system_control import FPCCR_LAZY
from swassess.emulator.registers import (
    CONTROL_FLOATING_POINT,
    CONTROL_PROCESS_STACK,
    CONTROL_UNPRIVILEGED,
    XPSR_EXCEPTION,
    XPSR_IT,
    XPSR_THUMB,
    enter_handler_mode,
    enter_thread_mode,
    get_register,
    masks,
    set_register,
)

# EXC_RETURN: all ones but for bits 0 to 6. Bit 4 clear: with floating point; 3: to thread mode; 2: from PSP.
_RETURN_BASE, _RETURN_BASE_V8M = 0xFFFFFFF1, 0xFFFFFFB0
RETURN_BASIC, RETURN_TO_THREAD, RETURN_FROM_PROCESS_STACK = 1 << 4, 1 << 3, 1 << 2
_RETURN_FIXED, _RETURN_FIXED_V8M = 0xFFFFFFE3, 0xFFFFFFA2
_LOCKUP_ADDRESS = 0xFFFFFFFE
_FLOATING_POINT_CYCLES = 17  # the further words of an extended frame

CCR_RETURN_FROM_ANY_LEVEL = 1
SCR_SLEEP_ON_EXIT = 2


@njit(cache=True)
def _take_vector(C: Control, S: State, exception: int, link: int) -> None:
    """Handler mode, vector, LR. What was running has been stacked, or lies stacked below (tail-chaining)."""
    table = S[VTOR] if S[VTOR] else C[C_VECTORS]
    vector = vector_word(C, S, table + 4 * exception)
    if vector < 0:
        note_status(S, HARD_FAULT, VECTOR_READ_ERROR)
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
    if S[CORE_FEATURES] & F_FPU:
        control = get_register(C, UC_ARM_REG_CONTROL)
        if control & CONTROL_FLOATING_POINT:
            set_register(C, UC_ARM_REG_CONTROL, control & CONTROL_UNPRIVILEGED)
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
def _late_arrival(C: Control, S: State, exception: int) -> int:
    """Something more urgent that came up while the frame was stacked is taken first; the other one stays pending."""
    systick.due(S)
    sample_lines(C, S)
    other = debug_events.most_urgent(S, C[C_DEBUG_MASK_INTERRUPTS])
    if other and group_priority(S, other) < group_priority(S, exception):
        return other
    return exception


@njit(cache=True)
def enter_exception(C: Control, exception: int) -> None:
    """Stacks the frame, takes the vector. A stacking error is a fault of its own."""
    S = state_of(C)
    xpsr = get_register(C, UC_ARM_REG_XPSR)
    link = _RETURN_BASE_V8M if S[CORE_FEATURES] & F_V8M else _RETURN_BASE
    bank = UC_ARM_REG_MSP
    extended = uses_floating_point(C, S)
    if not extended:
        link |= RETURN_BASIC
    else:
        link &= ~RETURN_BASIC
    priority = execution_priority(S, masks(C))
    control = get_register(C, UC_ARM_REG_CONTROL)
    if xpsr & XPSR_EXCEPTION == 0:
        link |= RETURN_TO_THREAD
        if control & CONTROL_PROCESS_STACK:
            link |= RETURN_FROM_PROCESS_STACK
            bank = UC_ARM_REG_PSP
        # from here on as in handler mode, where both stack pointers can be reached
        enter_handler_mode(C, (xpsr & ~XPSR_IT) | XPSR_THUMB | exception, control)
    sp = get_register(C, bank) & ~3
    frame = frame_address(S, sp, extended)
    failed = push_frame(C, S, xpsr, sp, extended, control, priority)
    set_register(C, bank, frame)
    S[TICKS] += S[ENTRY_CYCLES] * S[CYCLE_TICKS]
    if failed == 0:
        if 0 <= frame - C[C_RAM_START] < S[DEEPEST_STACK]:
            S[DEEPEST_STACK] = frame - C[C_RAM_START]
        if extended and not S[FPCCR] & FPCCR_LAZY:
            S[TICKS] += _FLOATING_POINT_CYCLES * S[CYCLE_TICKS]
    else:
        note_status(S, failed, STACKING_ERROR if failed == BUS_FAULT else MEMORY_STACKING_ERROR)
        target = fault_target(S, failed, priority)
        if target:  # the more urgent of the two is taken; a HardFault runs although its frame is lost
            S[PENDING + target] = 1
            difference = group_priority(S, target) - group_priority(S, exception)
            if difference < 0 or (difference == 0 and target < exception):
                exception = target
    _take_vector(C, S, _late_arrival(C, S, exception), link)


@njit(cache=True)
def leave_lockup(C: Control, S: State) -> bool:
    """An NMI pre-empts a lockup at the priority of HardFault; it returns to the lockup's address, which locks up again
    (Armv7-M ARM, B1.5.15)."""
    if not S[PENDING + NMI] or S[ACTIVE + NMI]:
        return False
    set_register(C, UC_ARM_REG_PC, _LOCKUP_ADDRESS | 1)
    enter_exception(C, NMI)
    return True


@njit(cache=True)
def _fault_at_return(C: Control, S: State, fault: int, status: int, code: int) -> None:
    """An EXC_RETURN that cannot be carried out: the fault is taken at once, upon the frame that is still there."""
    note_status(S, fault, status)
    target = fault_target(S, fault, execution_priority(S, masks(C)))
    if target == 0:
        lock_up(S)
    else:
        S[TICKS] += S[CHAIN_CYCLES] * S[CYCLE_TICKS]
        _take_vector(C, S, target, code | 0xF0000000)


@njit(cache=True)
def _return_is_valid(S: State, exception: int, code: int) -> bool:
    if exception >= S[EXCEPTION_COUNT] or not S[ACTIVE + exception]:
        return False
    v8m = S[CORE_FEATURES] & F_V8M != 0
    fixed = _RETURN_FIXED_V8M if v8m else _RETURN_FIXED
    if code & fixed != fixed & ~2 or (not code & RETURN_BASIC and not S[CORE_FEATURES] & F_FPU):
        return False
    nested = active_count(S)
    if not code & RETURN_TO_THREAD:
        return not code & RETURN_FROM_PROCESS_STACK
    return nested == 1 or v8m or (S[CORE_FEATURES] & F_MAINLINE and S[CCR] & CCR_RETURN_FROM_ANY_LEVEL) != 0


@njit(cache=True)
def return_from_exception(C: Control, code: int) -> None:
    """EXC_RETURN in PC: unstacks the frame, or takes the next exception without unstacking (tail-chaining)."""
    S = state_of(C)
    exception = get_register(C, UC_ARM_REG_XPSR) & XPSR_EXCEPTION
    valid = _return_is_valid(S, exception, code)
    if exception < S[EXCEPTION_COUNT]:
        S[ACTIVE + exception] = 0
    if exception != NMI:
        set_register(C, UC_ARM_REG_FAULTMASK, 0)
    elif native.ask(C[C_MCU], ASK_HOLDS_NMI, 0, 0, 0) > 0:
        S[PENDING + NMI] = 1  # its line is still up
    if not valid:
        _fault_at_return(C, S, USAGE_FAULT, INVALID_RETURN, code)
        return
    sample_lines(C, S)
    following = debug_events.most_urgent(S, C[C_DEBUG_MASK_INTERRUPTS])
    if following and group_priority(S, following) < execution_priority(S, masks(C)):
        S[TICKS] += S[CHAIN_CYCLES] * S[CYCLE_TICKS]
        _take_vector(C, S, following, code)
        return
    bank = UC_ARM_REG_PSP if code & RETURN_FROM_PROCESS_STACK else UC_ARM_REG_MSP
    unprivileged = get_register(C, UC_ARM_REG_CONTROL) & CONTROL_UNPRIVILEGED and code & RETURN_TO_THREAD
    pc, psr, sp = pop_frame(C, S, get_register(C, bank) & ~3, not code & RETURN_BASIC, not unprivileged)
    if pc < 0:
        status = UNSTACKING_ERROR if pc == -BUS_FAULT else MEMORY_UNSTACKING_ERROR
        _fault_at_return(C, S, -pc, status, code)
        return
    set_register(C, bank, sp)
    if (psr & XPSR_EXCEPTION == 0) != (code & RETURN_TO_THREAD != 0):
        _contradiction(C, S, psr, pc, code, bank)
        return
    _resume(C, S, psr, pc, code)
    S[TICKS] += S[RETURN_CYCLES] * S[CYCLE_TICKS]
    S[EVENT_FLAG] = 1


@njit(cache=True)
def _contradiction(C: Control, S: State, psr: int, pc: int, code: int, bank: int) -> None:
    """The frame's exception number does not fit the mode returned to: what has been taken off is stacked again."""
    note_status(S, USAGE_FAULT, INVALID_RETURN)
    priority = execution_priority(S, masks(C))
    target = fault_target(S, USAGE_FAULT, priority)
    if target == 0:
        lock_up(S)
        return
    set_register(C, UC_ARM_REG_PC, pc | 1)
    present = get_register(C, UC_ARM_REG_XPSR) & XPSR_EXCEPTION  # the engine ties handler mode to a number
    set_register(C, UC_ARM_REG_XPSR, (psr & 0xF80F0000) | XPSR_THUMB | present)
    extended = not code & RETURN_BASIC
    sp = get_register(C, bank)
    push_frame(C, S, psr, sp, extended, get_register(C, UC_ARM_REG_CONTROL), priority)
    set_register(C, bank, frame_address(S, sp, extended))
    S[TICKS] += S[ENTRY_CYCLES] * S[CYCLE_TICKS]
    _take_vector(C, S, target, code | 0xF0000000)


@njit(cache=True)
def _resume(C: Control, S: State, psr: int, pc: int, code: int) -> None:
    """xPSR and PC from the frame. A frame without Thumb state faults where it leads to."""
    state = psr & 0xFF0FFC00
    number = psr & XPSR_EXCEPTION
    floating = 0 if code & RETURN_BASIC else CONTROL_FLOATING_POINT
    if not code & RETURN_TO_THREAD:
        set_register(C, UC_ARM_REG_XPSR, state | number)
        if S[CORE_FEATURES] & F_FPU:
            control = get_register(C, UC_ARM_REG_CONTROL) & CONTROL_UNPRIVILEGED
            set_register(C, UC_ARM_REG_CONTROL, control | floating)
    else:
        enter_thread_mode(C, state, code & RETURN_FROM_PROCESS_STACK != 0, floating)
    set_register(C, UC_ARM_REG_PC, pc | 1 if psr & XPSR_THUMB else pc & ~1)
    C[C_INTERRUPT] = number
    if not psr & XPSR_THUMB:
        raise_fault(C, USAGE_FAULT, INVALID_STATE)
    elif code & RETURN_TO_THREAD and S[SCR] & SCR_SLEEP_ON_EXIT:
        S[SLEEPING] = IN_WFI
