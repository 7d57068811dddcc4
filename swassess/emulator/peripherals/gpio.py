"""General-purpose ports of the STM32F1 generation (RM0008, chapter 9): CRL, CRH, IDR, ODR, BSRR, BRR, LCKR.

Not modelled: the configuration lock (LCKR keeps what is written, and locks nothing).
"""

from numba import njit

from swassess.emulator.arrays import State
from swassess.emulator.layout import (
    DEADLINE,
    GPIO,
    PIN_CHANGED,
    PIN_DRIVEN,
    PIN_LEVEL,
    T_ARR,
    T_CCER,
    T_CCR1,
    T_CR1,
    TIMER,
    TIMER_WORDS,
    TIMERS,
)

# pin number (16 * port + n) of the timers' channels 1..4, default mapping: compare outputs and capture inputs
TIMER_PINS = ((0, 1, 2, 3), (6, 7, 16, 17), (22, 23, 24, 25))
_CRL, _CRH, _ODR, _LCKR = 0, 1, 2, 3
# bits of a pin's configuration
_OUTPUT, _OPEN_DRAIN, _ALTERNATE = 3, 4, 8
_ANALOG, _PULLED = 0, 8


@njit(cache=True)
def _configuration(S: State, pin: int) -> int:
    port = pin >> 4
    number = pin & 15
    return (S[GPIO + 4 * port + (number >> 3)] >> (4 * (number & 7))) & 15


@njit(cache=True)
def _compare_output(S: State, pin: int) -> int:
    """Level of an alternate-function pin: a timer channel that is on with a compare value above zero counts as 1.

    A load such as a motor sees the mean of the pulses, so "energised" is what matters; other functions idle high.
    """
    for timer in range(TIMERS):
        for channel in range(4):
            if TIMER_PINS[timer][channel] == pin:
                base = TIMER + TIMER_WORDS * timer
                on = (S[base + T_CCER] >> (4 * channel)) & 1 and S[base + T_CR1] & 1
                if on and S[base + T_CCR1 + channel] > 0 and S[base + T_ARR] > 0:
                    return 1
                return 0
    return 1


@njit(cache=True)
def pin_level(S: State, pin: int) -> int:
    """The level at the pin: driven by its output stage, by the outside, or held by a resistor.

    An open-drain output that does not pull down shows the outside, else a pull-up that the board is taken to have.
    """
    configuration = _configuration(S, pin)
    output = (S[GPIO + 4 * (pin >> 4) + _ODR] >> (pin & 15)) & 1
    if configuration & _OUTPUT:
        level = _compare_output(S, pin) if configuration & _ALTERNATE else output
        if level and configuration & _OPEN_DRAIN and S[PIN_DRIVEN + pin]:
            return S[PIN_LEVEL + pin]
        return level
    if S[PIN_DRIVEN + pin]:
        return S[PIN_LEVEL + pin]
    if configuration == _PULLED:
        return output
    return 0


@njit(cache=True)
def read(S: State, port: int, offset: int) -> tuple[int, bool]:
    if offset == 0x00 or offset == 0x04:
        return S[GPIO + 4 * port + (offset >> 2)], True
    if offset == 0x08:
        value = 0
        for number in range(16):
            if _configuration(S, 16 * port + number) != _ANALOG:  # whose input stage is off
                value |= pin_level(S, 16 * port + number) << number
        return value, True
    if offset == 0x0C:
        return S[GPIO + 4 * port + _ODR], True
    if offset == 0x18:
        return S[GPIO + 4 * port + _LCKR], True
    return 0, offset == 0x10 or offset == 0x14


@njit(cache=True)
def write(S: State, port: int, offset: int, value: int) -> bool:
    cell = GPIO + 4 * port
    before = S[cell + _ODR]
    if offset == 0x00 or offset == 0x04:
        if S[cell + (offset >> 2)] != value:
            S[cell + (offset >> 2)] = value
            S[PIN_CHANGED] = 1
            S[DEADLINE] = 0
        return True
    if offset == 0x0C:
        S[cell + _ODR] = value & 0xFFFF
    elif offset == 0x10:
        S[cell + _ODR] = (before & ~(value >> 16)) | (value & 0xFFFF)
    elif offset == 0x14:
        S[cell + _ODR] = before & ~(value & 0xFFFF)
    elif offset == 0x18:
        S[cell + _LCKR] = value & 0x1FFFF
        return True
    else:
        return False
    if S[cell + _ODR] != before:
        S[PIN_CHANGED] = 1
        S[DEADLINE] = 0
    return True
