"""The run loop: execute natively until something is due, let time pass for peripherals and plant, take exceptions."""

from numba import njit
from unicorn.arm_const import UC_ARM_REG_PC

from swassess.emulator import debug_events, native, plant
from swassess.emulator.arrays import Control, State
from swassess.emulator.bus import state_of
from swassess.emulator.exceptions import enter_exception, leave_lockup
from swassess.emulator.interrupts import python_blocks_next_event, sample_lines
from swassess.emulator.layout import (
    ASK_DUE,
    ASK_TIMER_EVENTS,
    AWAKE,
    C_ANCHOR,
    C_ANCHOR_IS_POLL,
    C_BYPASS,
    C_DEBUG_EVENT,
    C_DEBUG_MASK_INTERRUPTS,
    C_ERROR,
    C_FAULT,
    C_FAULT_ADDRESS,
    C_FAULT_FIRST_READ,
    C_INSTRUCTION_LIMIT,
    C_INTERRUPT,
    C_MCU,
    C_REGISTER_READS,
    C_RUN_UNTIL,
    C_SPIN_FROM,
    C_SPIN_READS,
    C_STALL_ADDRESS,
    C_STEP_TICKS,
    C_STOP_ON_FAULT,
    C_STOP_ON_MONITOR,
    C_STOP_ON_RESET,
    C_TIMER_COUNT,
    C_TRACE_ON,
    C_WATCH_HIT,
    DEADLINE,
    DONE_BUDGET,
    DONE_DEBUG,
    DONE_ERROR,
    DONE_FAULT,
    DONE_MONITOR,
    DONE_RESET,
    DONE_SPIN,
    DONE_STALL,
    DONE_STEP,
    DONE_TIME,
    DONE_WATCH,
    EVENT_FLAG,
    FAULT_STALLED,
    IN_WFE,
    IN_WFI,
    INSTRUCTIONS,
    IWDG_EXPIRY,
    IWDG_ON,
    LOCKED_UP,
    MASKED_PENDING,
    PIN_CHANGED,
    PLANT_STEP,
    RESET_IWDG,
    RESET_REQUEST,
    SCR,
    SLEEPING,
    SPINNING,
    STALLED,
    STEPS,
    STOP_DEADLINE,
    STOP_INTERRUPT,
    STOP_NONE,
    STOP_REDIRECT,
    STOP_SPIN,
    STOP_STEP,
    STOP_WATCH,
    TICKS,
    TIMER_EVENTS,
    WATCH_STOP,
    WITHOUT_CLOCK,
)
from swassess.emulator.peripherals import nvic, systick, timer
from swassess.emulator.polls import skip_rounds
from swassess.emulator.registers import get_register, masks, set_register, stack_depth
from swassess.emulator.reset import reset
from swassess.emulator.spin import is_fixed_point
from swassess.emulator.stops import after_interrupt_stop, execute

NEVER = 1 << 62
SCR_EVENT_ON_PENDING = 0x10


@njit(cache=True)
def _next_event(C: Control, S: State) -> int:
    soonest = min(plant.next_outside_event(C, S), C[C_RUN_UNTIL])
    soonest = min(soonest, systick.next_event(S))
    if S[IWDG_ON]:
        soonest = min(soonest, S[IWDG_EXPIRY])
    soonest = min(soonest, python_blocks_next_event(C))
    for unit in range(C[C_TIMER_COUNT]):
        soonest = min(soonest, timer.next_event(S, unit))
    return soonest


@njit(cache=True)
def _let_time_pass(C: Control, S: State) -> int:
    """Everything that is due by now. Returns the number + 1 of a monitor that has just become true, or 0."""
    systick.due(S)
    for unit in range(C[C_TIMER_COUNT]):
        timer.due(S, unit)
    if S[TIMER_EVENTS]:
        events = S[TIMER_EVENTS]
        S[TIMER_EVENTS] = 0
        native.ask(C[C_MCU], ASK_TIMER_EVENTS, 0, 0, events)
    if python_blocks_next_event(C) <= S[TICKS]:
        native.ask(C[C_MCU], ASK_DUE, 0, 0, 0)
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
    sample_lines(C, S)
    return news


@njit(cache=True)
def _take_exception(C: Control, S: State) -> bool:
    """Enters the most urgent pending exception that may pre-empt. Returns whether one was entered."""
    S[MASKED_PENDING] = 0
    if S[SLEEPING] == LOCKED_UP and leave_lockup(C, S):
        return True
    if S[SLEEPING] in (LOCKED_UP, SPINNING, WITHOUT_CLOCK):
        return False
    if S[SLEEPING] == IN_WFE and (S[EVENT_FLAG] or (S[SCR] & SCR_EVENT_ON_PENDING and nvic.anything_pending(S))):
        S[EVENT_FLAG] = 0
        S[SLEEPING] = AWAKE
    exception = debug_events.most_urgent(S, C[C_DEBUG_MASK_INTERRUPTS])
    if exception == 0:
        return False
    present = masks(C)
    urgency = nvic.group_priority(S, exception)
    if urgency < nvic.execution_priority(S, present):
        stalled = S[SLEEPING] == STALLED
        enter_exception(C, exception)
        if stalled and S[SLEEPING] == AWAKE:
            C[C_BYPASS] = 0
        return True
    if S[SLEEPING] == IN_WFI and urgency < nvic.execution_priority(S, present & ~1):
        S[SLEEPING] = AWAKE  # WFI ends although PRIMASK keeps the handler from running
    if present and urgency < nvic.execution_priority(S, 0):
        S[MASKED_PENDING] = 1 + present
    return False


@njit(cache=True)
def run(C: Control) -> int:
    """Runs until C_RUN_UNTIL, a watched function, a monitor, a reset (if asked for) or the budget; a DONE_ value."""
    S = state_of(C)
    while True:
        if C[C_DEBUG_EVENT]:
            return DONE_DEBUG
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
        if C[C_STALL_ADDRESS]:
            return DONE_STALL
        if _take_exception(C, S) and C[C_STOP_ON_FAULT] and C[C_INTERRUPT] <= nvic.USAGE_FAULT:
            return DONE_FAULT
        if C[C_STOP_ON_FAULT] and S[SLEEPING] == LOCKED_UP:
            return DONE_FAULT
        next_event = _next_event(C, S)
        if S[SLEEPING] != AWAKE:
            S[TICKS] = max(next_event, S[TICKS])
            continue
        S[DEADLINE] = next_event
        stop = execute(C, S)
        if C[C_TRACE_ON]:
            stack_depth(C, S)
        if stop == STOP_DEADLINE:
            continue
        if stop == STOP_INTERRUPT:
            after_interrupt_stop(C)
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
        elif stop == STOP_SPIN and C[C_ANCHOR_IS_POLL]:
            skip_rounds(C, S, next_event)
        elif stop == STOP_SPIN:
            reads = C[C_REGISTER_READS]
            if is_fixed_point(C, S):
                if not S[IWDG_ON] and python_blocks_next_event(C) == NEVER:  # no watchdog, or anything else, will come
                    return DONE_SPIN
                if C[C_SPIN_READS] == C[C_REGISTER_READS]:
                    S[SLEEPING] = SPINNING  # the loop sees nothing of the outside: only a reset ends it
                S[TICKS] = max(S[TICKS], next_event)  # nothing can change before the next event
                C[C_ANCHOR] = 0
                C[C_SPIN_FROM] = S[STEPS]
            C[C_SPIN_READS] = reads
        elif stop == STOP_REDIRECT:
            set_register(C, UC_ARM_REG_PC, C[C_WATCH_HIT] | 1)
        elif stop == STOP_NONE:
            S[SLEEPING] = IN_WFI
