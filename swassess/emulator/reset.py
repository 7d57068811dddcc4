"""Reset: what starts anew, what belongs to the outside and to the observer. Blocks in plain Python reset themselves."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, njit
from unicorn.arm_const import UC_ARM_REG_LR, UC_ARM_REG_MSP, UC_ARM_REG_PC

from swassess.emulator import shadow
from swassess.emulator.arrays import Control, State
from swassess.emulator.bus import state_of
from swassess.emulator.core_faults import INVALID_STATE, lock_up, raise_fault
from swassess.emulator.layout import (
    ADC_CODES,
    ASK_RESET,
    C_BASE_CONTEXT,
    C_ENGINE,
    C_EXTI_RESET,
    C_GPIO_RESET,
    C_INTERRUPT,
    C_MCU,
    C_TIMER_COUNT,
    C_VECTORS,
    CORE_END,
    CORE_FEATURES,
    CYCLE_TICKS,
    CYCLES_SINCE,
    DEEPEST_STACK,
    DEMCR,
    EVENT_NEXT,
    EXCEPTION_TAKEN,
    EXCEPTIONS,
    EXTI_BANKS,
    EXTI_IMR,
    EXTI_WORDS,
    FAULT_SINCE,
    FRAME_NEXT,
    G_KIND,
    GPIO,
    GPIO_PORTS,
    GPIO_WORDS,
    INSTRUCTIONS,
    IWDG_REFRESHES,
    IWDG_RLR,
    LSI_TICKS,
    MONITOR_FIRST,
    MONITORS_END,
    OBSERVER_END,
    PIN_CHANGED,
    PIN_DRIVEN,
    PIN_LEVEL,
    PINS,
    PLANT_STEP,
    RESET_COUNT,
    RESET_LOG,
    RESET_LOG_PAIRS,
    RESET_POWER_ON,
    SIGNAL_NEXT,
    SIGNALS_END,
    STEPS,
    SYSTICK_EXTERNAL_TICKS,
    TICKS,
)
from swassess.emulator.memory import vector_word
from swassess.emulator.peripherals import system_control, timer
from swassess.emulator.peripherals.nvic import USAGE_FAULT
from swassess.emulator.registers import set_register

# Time, counters, the outside (pins, codes, signals, frames, events) and the observer's cells: [first, end) pairs.
_KEPT = (
    (TICKS, LSI_TICKS + 1),
    (RESET_COUNT, PLANT_STEP + 1),
    (DEEPEST_STACK, DEEPEST_STACK + 1),
    (IWDG_REFRESHES, IWDG_REFRESHES + 1),
    (ADC_CODES, ADC_CODES + 18),
    (FRAME_NEXT, EVENT_NEXT + 1),
    (PIN_DRIVEN, PIN_DRIVEN + PINS),
    (PIN_LEVEL, PIN_LEVEL + PINS),
    (SIGNAL_NEXT, SIGNALS_END),
    (MONITOR_FIRST, MONITORS_END),
    (RESET_LOG, RESET_LOG + 2 * RESET_LOG_PAIRS),
    (FAULT_SINCE, OBSERVER_END),
    (EXCEPTION_TAKEN, EXCEPTION_TAKEN + EXCEPTIONS),
    (SYSTICK_EXTERNAL_TICKS, SYSTICK_EXTERNAL_TICKS + 1),
    (CORE_FEATURES, CORE_END),
    (DEMCR, CYCLES_SINCE + 1),
)
assert TICKS < INSTRUCTIONS < STEPS < CYCLE_TICKS < LSI_TICKS  # neighbours named above


@njit(cache=True)
def _clear(S: State) -> None:
    before = S.copy()
    S[:] = 0
    for first, end in _KEPT:
        S[first:end] = before[first:end]


@njit(cache=True)
def reset_ports(C: Control, S: State) -> None:
    """Kind and configuration of every port after a reset (the target data tell)."""
    values = carray(native.int64_pointer(C[C_GPIO_RESET]), (GPIO_PORTS, 5))
    for port in range(GPIO_PORTS):
        S[GPIO + GPIO_WORDS * port : GPIO + GPIO_WORDS * (port + 1)] = 0
        for i in range(5):
            S[GPIO + GPIO_WORDS * port + G_KIND + i] = values[port, i]


@njit(cache=True)
def _reset_values(C: Control, S: State) -> None:
    reset_ports(C, S)
    for timer_unit in range(C[C_TIMER_COUNT]):
        timer.reset_timer(C, S, timer_unit)
    masks = carray(native.int64_pointer(C[C_EXTI_RESET]), (EXTI_BANKS,))
    for bank in range(EXTI_BANKS):
        S[EXTI_IMR + EXTI_WORDS * bank] = masks[bank]
    S[IWDG_RLR] = 0xFFF
    system_control.reset_values(S)


@njit(cache=True)
def reset(C: Control, cause: int) -> None:
    """Reset of everything but the RAM's content, the outside and the time; blocks know what they keep."""
    S = state_of(C)
    _clear(S)
    _reset_values(C, S)
    native.ask(C[C_MCU], ASK_RESET, 0, 0, cause)
    shadow.forget(C)
    S[PIN_CHANGED] = 1
    if cause != RESET_POWER_ON:
        if S[RESET_COUNT] < RESET_LOG_PAIRS:
            S[RESET_LOG + 2 * S[RESET_COUNT]] = S[TICKS]
            S[RESET_LOG + 2 * S[RESET_COUNT] + 1] = cause
        S[RESET_COUNT] += 1
    native.uc_context_restore(C[C_ENGINE], C[C_BASE_CONTEXT])
    sp = vector_word(C, S, C[C_VECTORS])
    pc = vector_word(C, S, C[C_VECTORS] + 4)
    set_register(C, UC_ARM_REG_MSP, sp & ~3)
    set_register(C, UC_ARM_REG_LR, 0xFFFFFFFF)
    set_register(C, UC_ARM_REG_PC, pc)
    C[C_INTERRUPT] = 0
    if sp < 0 or pc < 0:
        lock_up(S)
    elif not pc & 1:
        raise_fault(C, USAGE_FAULT, INVALID_STATE)
