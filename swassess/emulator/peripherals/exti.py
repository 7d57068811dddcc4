"""External interrupt lines and the pin multiplexer of AFIO (RM0008, chapters 9 and 10)."""

from numba import njit

from swassess.emulator.arrays import State
from swassess.emulator.layout import AFIO, DEADLINE, EVENT_FLAG, EXTI_EMR, EXTI_FTSR, EXTI_IMR, EXTI_PR, EXTI_RTSR


@njit(cache=True)
def edge(S: State, pin: int, rising: bool) -> None:
    """A level change at a pin reaches its line when AFIO selects the pin's port and the edge is enabled."""
    line = pin & 15
    port = (S[AFIO + 2 + (line >> 2)] >> (4 * (line & 3))) & 15
    if port != pin >> 4:
        return
    enabled = S[EXTI_RTSR] if rising else S[EXTI_FTSR]
    if (enabled >> line) & 1:
        S[EXTI_PR] |= 1 << line
        if (S[EXTI_EMR] >> line) & 1:
            S[EVENT_FLAG] = 1
        S[DEADLINE] = 0


@njit(cache=True)
def read(S: State, offset: int) -> tuple[int, bool]:
    if offset == 0x00:
        return S[EXTI_IMR], True
    if offset == 0x04:
        return S[EXTI_EMR], True
    if offset == 0x08:
        return S[EXTI_RTSR], True
    if offset == 0x0C:
        return S[EXTI_FTSR], True
    if offset == 0x14:
        return S[EXTI_PR], True
    return 0, offset == 0x10


@njit(cache=True)
def write(S: State, offset: int, value: int) -> bool:
    value &= 0x7FFFF
    if offset == 0x00:
        S[EXTI_IMR] = value
    elif offset == 0x04:
        S[EXTI_EMR] = value
    elif offset == 0x08:
        S[EXTI_RTSR] = value
    elif offset == 0x0C:
        S[EXTI_FTSR] = value
    elif offset == 0x10:
        S[EXTI_PR] |= value
    elif offset == 0x14:
        S[EXTI_PR] &= ~value
    else:
        return False
    S[DEADLINE] = 0
    return True


@njit(cache=True)
def interrupt_line(S: State, interrupt: int) -> int:
    """Whether EXTI asserts this interrupt (6..10: lines 0..4, 23: lines 5..9, 40: lines 10..15)."""
    active = S[EXTI_PR] & S[EXTI_IMR]
    if 6 <= interrupt <= 10:
        return (active >> (interrupt - 6)) & 1
    if interrupt == 23:
        return 1 if active & 0x3E0 else 0
    if interrupt == 40:
        return 1 if active & 0xFC00 else 0
    return 0
