"""Interrupt lines of the peripherals, as the NVIC samples them (positions: RM0008, table 63)."""

from numba import njit

from swassess.emulator.arrays import State
from swassess.emulator.layout import ACTIVE, LINES, PENDING, TIMERS
from swassess.emulator.peripherals import adc, exti, rtc, timer, usart
from swassess.emulator.peripherals.nvic import FIRST_INTERRUPT

_RTC = 3
_ADC = 18
_TIMER = (28, 29, 30)
_USART1 = 37
_EXTI = (6, 7, 8, 9, 10, 23, 40)


@njit(cache=True)
def _sample(S: State, interrupt: int, asserted: int) -> None:
    """A line that goes up makes its interrupt pending; one that stays up does so again once the handler is left."""
    bit = 1 << interrupt
    if asserted:
        if not S[LINES] & bit or not S[ACTIVE + FIRST_INTERRUPT + interrupt]:
            S[PENDING + FIRST_INTERRUPT + interrupt] = 1
        S[LINES] |= bit
    else:
        S[LINES] &= ~bit


@njit(cache=True)
def sample_lines(S: State) -> None:
    for unit in range(TIMERS):
        _sample(S, _TIMER[unit], timer.interrupt_line(S, unit))
    for i in range(len(_EXTI)):
        _sample(S, _EXTI[i], exti.interrupt_line(S, _EXTI[i]))
    _sample(S, _USART1, usart.interrupt_line(S))
    _sample(S, _ADC, adc.interrupt_line(S))
    _sample(S, _RTC, rtc.interrupt_line(S))
