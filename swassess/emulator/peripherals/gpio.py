"""General-purpose ports of the STM32F1 generation (RM0008, chapter 9): CRL, CRH, IDR, ODR, BSRR, BRR, LCKR."""

from numba import njit

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
)

# pin number (16 * port + n) of the compare outputs whose level matters to a load: timers 2..4, channels 1..4
_PWM_FIRST = ((0, 1, 2, 3), (6, 7, 16, 17), (22, 23, 24, 25))


@njit(cache=True)
def _configuration(S, pin):
    port = pin >> 4
    number = pin & 15
    return (S[GPIO + 4 * port + (number >> 3)] >> (4 * (number & 7))) & 15


@njit(cache=True)
def _compare_output(S, pin):
    """Level of an alternate-function pin: a timer channel that is on with a compare value above zero counts as 1.

    A load such as a motor sees the mean of the pulses, so "energised" is what matters; other functions idle high.
    """
    for timer in range(3):
        for channel in range(4):
            if _PWM_FIRST[timer][channel] == pin:
                base = TIMER + TIMER_WORDS * timer
                on = (S[base + T_CCER] >> (4 * channel)) & 1 and S[base + T_CR1] & 1
                if on and S[base + T_CCR1 + channel] > 0 and S[base + T_ARR] > 0:
                    return 1
                return 0
    return 1


@njit(cache=True)
def pin_level(S, pin):
    """The level at the pin: driven by its output stage, by the outside, or held by a pull resistor."""
    configuration = _configuration(S, pin)
    output = (S[GPIO + 4 * (pin >> 4) + 2] >> (pin & 15)) & 1
    if configuration & 3:
        if configuration & 8:
            return _compare_output(S, pin)
        return output
    if S[PIN_DRIVEN + pin]:
        return S[PIN_LEVEL + pin]
    if configuration & 12 == 8:
        return output
    return 0


@njit(cache=True)
def read(S, port, offset):
    if offset == 0x00 or offset == 0x04:
        return S[GPIO + 4 * port + (offset >> 2)], True
    if offset == 0x08:
        value = 0
        for number in range(16):
            value |= pin_level(S, 16 * port + number) << number
        return value, True
    if offset == 0x0C:
        return S[GPIO + 4 * port + 2], True
    if offset == 0x18:
        return S[GPIO + 4 * port + 3], True
    return 0, offset == 0x10 or offset == 0x14


@njit(cache=True)
def write(S, port, offset, value):
    cell = GPIO + 4 * port
    before = S[cell + 2]
    if offset == 0x00 or offset == 0x04:
        if S[cell + (offset >> 2)] != value:
            S[cell + (offset >> 2)] = value
            S[PIN_CHANGED] = 1
            S[DEADLINE] = 0
        return True
    if offset == 0x0C:
        S[cell + 2] = value & 0xFFFF
    elif offset == 0x10:
        S[cell + 2] = (before & ~(value >> 16)) | (value & 0xFFFF)
    elif offset == 0x14:
        S[cell + 2] = before & ~(value & 0xFFFF)
    elif offset == 0x18:
        S[cell + 3] = value & 0x1FFFF
        return True
    else:
        return False
    if S[cell + 2] != before:
        S[PIN_CHANGED] = 1
        S[DEADLINE] = 0
    return True
