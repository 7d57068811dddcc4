"""The run loop: execute natively until something is due, let time pass for peripherals and plant, take exceptions."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, njit
from unicorn.arm_const import UC_ARM_REG_PC

from swassess.emulator import plant
from swassess.emulator.bus import state_of
from swassess.emulator.core import (
    enter_exception,
    get_register,
    hard_fault,
    lock_up,
    masks,
    reset,
    return_from_exception,
    set_register,
    stack_depth,
)
from swassess.emulator.hooks import register_sum
from swassess.emulator.layout import (
    ACTIVE,
    AWAKE,
    C_ANCHOR,
    C_ANCHOR_SKIP,
    C_BYPASS,
    C_ENGINE,
    C_ERROR,
    C_FAULT,
    C_FAULT_ADDRESS,
    C_FAULT_FIRST_READ,
    C_INSTRUCTION_LIMIT,
    C_INTERRUPT,
    C_RAM,
    C_RAM_SIZE,
    C_RUN_UNTIL,
    C_SPIN_FROM,
    C_REGISTER_READS,
    C_SPIN_LIMIT,
    C_SPIN_READS,
    C_SPIN_STATE,
    C_SPIN_SUM,
    C_SPIN_TIMED,
    C_SPIN_TRIES,
    C_TIMED_READS,
    C_STEP_STOP,
    C_STEP_TICKS,
    C_STOP,
    C_STOP_ON_MONITOR,
    C_STOP_ON_RESET,
    C_TRACE_ON,
    C_WATCH_HIT,
    CFSR,
    CYCLE_TICKS,
    DEADLINE,
    DONE_BUDGET,
    DONE_ERROR,
    DONE_MONITOR,
    DONE_RESET,
    DONE_SPIN,
    DONE_STEP,
    DONE_TIME,
    DONE_WATCH,
    ENABLED,
    FAULT_STALLED,
    IN_WFI,
    INSTRUCTIONS,
    IWDG_EXPIRY,
    IWDG_ON,
    LOCKED_UP,
    MASKED_PENDING,
    PENDING,
    PIN_CHANGED,
    PLANT_STEP,
    RESET_IWDG,
    RESET_REQUEST,
    SLEEPING,
    SPINNING,
    STALLED,
    STATE_WORDS,
    STEPS,
    STOP_DEADLINE,
    STOP_INTERRUPT,
    STOP_NONE,
    STOP_REDIRECT,
    STOP_SPIN,
    STOP_STEP,
    STOP_WATCH,
    SYSTICK_CTRL,
    SYSTICK_LOAD,
    SYSTICK_NEXT,
    T_DIER,
    T_NEXT_UPDATE,
    TICKS,
    TIMER,
    TIMER_WORDS,
    USART_TX_DONE,
    WATCH_STALL,
    WATCH_STOP,
)
from swassess.emulator.peripherals import adc, exti, nvic, timer, usart

NEVER = 1 << 62
_TIMER_INTERRUPTS = (28, 29, 30)
_EXTI_INTERRUPTS = (6, 7, 8, 9, 10, 23, 40)
_END = 0xFFFFFFFE
_SPIN_TRIES = 3


@njit(cache=True)
def _raise_lines(S):
    """Interrupt sources that hold their line keep the interrupt pending until the flag is cleared."""
    for unit in range(3):
        exception = 16 + _TIMER_INTERRUPTS[unit]
        if timer.interrupt_line(S, unit) and not S[ACTIVE + exception]:
            S[PENDING + exception] = 1
    if usart.interrupt_line(S) and not S[ACTIVE + 16 + 37]:
        S[PENDING + 16 + 37] = 1
    for i in range(7):
        exception = 16 + _EXTI_INTERRUPTS[i]
        if exti.interrupt_line(S, _EXTI_INTERRUPTS[i]) and not S[ACTIVE + exception]:
            S[PENDING + exception] = 1


@njit(cache=True)
def _next_event(C, S):
    soonest = min(plant.next_outside_event(C, S), C[C_RUN_UNTIL])
    if S[SYSTICK_CTRL] & 1 and S[SYSTICK_LOAD]:
        soonest = min(soonest, S[SYSTICK_NEXT])
    if S[IWDG_ON]:
        soonest = min(soonest, S[IWDG_EXPIRY])
    if S[USART_TX_DONE]:
        soonest = min(soonest, S[USART_TX_DONE])
    for unit in range(3):
        base = TIMER + TIMER_WORDS * unit
        if S[base + T_NEXT_UPDATE] and S[base + T_DIER] & 1:
            soonest = min(soonest, S[base + T_NEXT_UPDATE])
    return soonest


@njit(cache=True)
def _let_time_pass(C, S):
    """Everything that is due by now. Returns the number + 1 of a monitor that has just become true, or 0."""
    nvic.systick_due(S)
    for unit in range(3):
        timer.due(S, unit)
    usart.due(S)
    adc.due(S)
    plant.signals_due(C, S)
    plant.frames_due(C, S)
    stepped = False
    while S[TICKS] >= S[PLANT_STEP] * C[C_STEP_TICKS]:
        plant.step_plant(C, S)
        stepped = True
    news = 0
    if stepped or S[PIN_CHANGED]:
        S[PIN_CHANGED] = 0
        news = plant.watch_monitors(C, S)
    if S[IWDG_ON] and S[TICKS] >= S[IWDG_EXPIRY] and S[RESET_REQUEST] == 0:
        S[RESET_REQUEST] = RESET_IWDG
    _raise_lines(S)
    return news


@njit(cache=True)
def _take_exception(C, S):
    """Enters the most urgent pending exception that may pre-empt. Returns whether one was entered."""
    S[MASKED_PENDING] = 0
    if S[SLEEPING] == LOCKED_UP or S[SLEEPING] == SPINNING:
        return False
    exception = nvic.most_urgent_pending(S)
    if exception == 0:
        return False
    primask, faultmask, basepri = masks(C)
    urgency = nvic.group_priority(S, exception)
    if urgency < nvic.execution_priority(S, primask, faultmask, basepri):
        stalled = S[SLEEPING] == STALLED
        enter_exception(C, exception)
        if stalled and S[SLEEPING] == AWAKE:
            C[C_BYPASS] = 0
        return True
    if S[SLEEPING] == IN_WFI and urgency < nvic.execution_priority(S, 0, faultmask, basepri):
        S[SLEEPING] = AWAKE  # WFI ends although PRIMASK keeps the handler from running
    S[MASKED_PENDING] = primask
    return False


@njit(cache=True)
def _after_interrupt_stop(C, S):
    """SVC (2), EXC_RETURN or a fetch from nowhere (3, 8), breakpoint (7), undefined instruction (1)."""
    number = C[C_WATCH_HIT]
    pc = get_register(C, UC_ARM_REG_PC)
    if pc >= 0xFFFFFFE0 and C[C_INTERRUPT]:
        return_from_exception(C, pc | 1)
    elif number == 2:
        S[PENDING + 11] = 1
    else:
        S[CFSR] |= 1 << 16 if number == 1 else 1 << 8
        hard_fault(C)


@njit(cache=True)
def _state_sum(C, S):
    """A number over RAM, peripherals and pending work; what only counts or tells the time is left out."""
    total = 0
    for i in range(CYCLE_TICKS, STATE_WORDS):
        if i != DEADLINE:
            total = total * 1000003 + S[i]
    words = carray(native.int64_pointer(C[C_RAM]), (C[C_RAM_SIZE] >> 3,))
    for i in range(C[C_RAM_SIZE] >> 3):
        total = total * 1000003 + words[i]
    return total


@njit(cache=True)
def _is_fixed_point(C, S):
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


@njit(cache=True)
def _execute(C, S):
    """One stretch of native execution; returns a STOP_ value, or -1 when the core ran into a bus error."""
    C[C_STOP] = STOP_NONE
    pc = get_register(C, UC_ARM_REG_PC)
    error = native.uc_emu_start(C[C_ENGINE], pc | 1, _END, 0, 0)
    if error != 0:
        after = get_register(C, UC_ARM_REG_PC)
        if after >= 0xFFFFFFE0 and C[C_INTERRUPT]:
            C[C_WATCH_HIT] = 8
            return STOP_INTERRUPT
        if error == 10:
            S[CFSR] |= 1 << 16
        else:
            S[CFSR] |= 1 << 9
        return -1
    return C[C_STOP]


@njit(cache=True)
def run(C):
    """Runs until C_RUN_UNTIL, a watched function, a monitor, a reset (if asked for) or the budget; a DONE_ value."""
    S = state_of(C)
    while True:
        news = _let_time_pass(C, S)
        if C[C_ERROR]:
            return DONE_ERROR
        if S[RESET_REQUEST]:
            reset(C, S[RESET_REQUEST])
            C[C_BYPASS] = 0
            C[C_ANCHOR] = 0
            if C[C_STOP_ON_RESET]:
                return DONE_RESET
            continue
        if news and C[C_STOP_ON_MONITOR] == news:
            return DONE_MONITOR
        if S[TICKS] >= C[C_RUN_UNTIL]:
            return DONE_TIME
        if S[INSTRUCTIONS] >= C[C_INSTRUCTION_LIMIT]:
            return DONE_BUDGET
        _take_exception(C, S)
        next_event = _next_event(C, S)
        if S[SLEEPING] != AWAKE:
            S[TICKS] = max(next_event, S[TICKS])
            continue
        S[DEADLINE] = next_event
        stop = _execute(C, S)
        if C[C_TRACE_ON]:
            stack_depth(C, S)
        if stop == STOP_DEADLINE:
            continue
        if stop == STOP_INTERRUPT:
            _after_interrupt_stop(C, S)
        elif stop == STOP_STEP:
            return DONE_STEP
        elif stop == STOP_WATCH:
            pc = get_register(C, UC_ARM_REG_PC) & ~1
            C[C_BYPASS] = pc
            if C[C_FAULT] == FAULT_STALLED and pc == C[C_FAULT_ADDRESS]:
                C[C_BYPASS] = 0
                if C[C_FAULT_FIRST_READ] == 0:
                    C[C_FAULT_FIRST_READ] = 1 + S[TICKS]
                S[SLEEPING] = STALLED
            elif C[C_WATCH_HIT] & WATCH_STOP:
                return DONE_WATCH
        elif stop == STOP_SPIN:
            reads = C[C_REGISTER_READS]
            if _is_fixed_point(C, S):
                if not S[IWDG_ON]:
                    return DONE_SPIN
                if C[C_SPIN_READS] == C[C_REGISTER_READS]:
                    S[SLEEPING] = SPINNING  # the loop sees nothing of the outside: only a reset ends it
                S[TICKS] = max(S[TICKS], next_event)  # nothing can change before the next event
                C[C_ANCHOR] = 0
                C[C_SPIN_FROM] = S[STEPS]
            C[C_SPIN_READS] = reads
        elif stop == STOP_REDIRECT:
            set_register(C, UC_ARM_REG_PC, C[C_WATCH_HIT] | 1)
        elif stop == -1:
            hard_fault(C)
        else:
            S[SLEEPING] = IN_WFI
