"""Ports of the STM32 families, compiled, and the level at every pin of the MCU.

Kind 1 (F1; RM0008, chapter 9): CRL, CRH, IDR, ODR, BSRR, BRR, LCKR. Kind 2 (all later families; RM0091, chapter 8):
MODER, OTYPER, OSPEEDR, PUPDR, IDR, ODR, BSRR, LCKR, AFRL, AFRH, BRR. Blocks in plain Python that are ports of other
makers describe their pins by configure_pin(). Not modelled: the configuration lock, and the remapping of kind 1.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, njit

from swassess.emulator.arrays import Control, State
from swassess.emulator.layout import (
    C_TIMER_PIN_COUNT,
    C_TIMER_PINS,
    DEADLINE,
    G_AFRL,
    G_CRL,
    G_KIND,
    G_LCKR,
    G_MODER,
    G_ODR,
    G_OTYPER,
    G_PUPDR,
    GPIO,
    GPIO_WORDS,
    PIN_CHANGED,
    PIN_DRIVEN,
    PIN_LEVEL,
    PIN_ROSE,
)
from swassess.emulator.peripherals import timer

INPUT, OUTPUT, ALTERNATE, ANALOG = 0, 1, 2, 3
PULL_UP, PULL_DOWN = 1, 2
_WITH_CRL, _WITH_MODER = 1, 2
# bits of a pin's configuration in CRL and CRH
_CRL_OUTPUT, _CRL_OPEN_DRAIN, _CRL_ALTERNATE, _CRL_PULLED = 3, 4, 8, 8
_DEFAULT_MAPPING = -1
# offsets of kind 2 up to AFRH -> cell of the port (0: not kept as such)
_CELL_OF_OFFSET = (G_MODER, G_OTYPER, 3, G_PUPDR, 0, G_ODR, 0, G_LCKR, G_AFRL, G_AFRL + 1)


@njit(cache=True)
def _crl(S: State, pin: int) -> int:
    number = pin & 15
    return (S[GPIO + GPIO_WORDS * (pin >> 4) + G_CRL + (number >> 3)] >> (4 * (number & 7))) & 15


@njit(cache=True)
def mode(S: State, pin: int) -> int:
    """INPUT, OUTPUT, ALTERNATE or ANALOG."""
    port = GPIO + GPIO_WORDS * (pin >> 4)
    if S[port + G_KIND] == _WITH_CRL:
        configuration = _crl(S, pin)
        if configuration & _CRL_OUTPUT:
            return ALTERNATE if configuration & _CRL_ALTERNATE else OUTPUT
        return ANALOG if configuration == 0 else INPUT
    return (S[port + G_MODER] >> (2 * (pin & 15))) & 3


@njit(cache=True)
def _open_drain(S: State, pin: int) -> bool:
    port = GPIO + GPIO_WORDS * (pin >> 4)
    if S[port + G_KIND] == _WITH_CRL:
        return _crl(S, pin) & _CRL_OPEN_DRAIN != 0
    return (S[port + G_OTYPER] >> (pin & 15)) & 1 != 0


@njit(cache=True)
def _pulled_up(S: State, pin: int) -> bool:
    port = GPIO + GPIO_WORDS * (pin >> 4)
    if S[port + G_KIND] == _WITH_CRL:
        return _crl(S, pin) == _CRL_PULLED and (S[port + G_ODR] >> (pin & 15)) & 1 != 0
    return (S[port + G_PUPDR] >> (2 * (pin & 15))) & 3 == PULL_UP


@njit(cache=True)
def is_output(S: State, pin: int) -> bool:
    kind = mode(S, pin)
    return kind in (OUTPUT, ALTERNATE)


@njit(cache=True)
def channel_at(C: Control, S: State, row: int, pin: int) -> bool:
    """Whether a row of the timers' pin table means this pin as it is configured now."""
    rows = carray(native.int64_pointer(C[C_TIMER_PINS]), (C[C_TIMER_PIN_COUNT] + 1, 4))
    if rows[row, 2] != pin:
        return False
    port = GPIO + GPIO_WORDS * (pin >> 4)
    if S[port + G_KIND] == _WITH_CRL or rows[row, 3] == _DEFAULT_MAPPING:
        return True
    number = pin & 15
    return (S[port + G_AFRL + (number >> 3)] >> (4 * (number & 7))) & 15 == rows[row, 3]


@njit(cache=True)
def _compare_output(C: Control, S: State, pin: int) -> int:
    """Level of an alternate-function pin: a timer channel that is on with a compare value above zero counts as 1.

    A load such as a motor sees the mean of the pulses, so "energised" is what matters; other functions idle high.
    """
    rows = carray(native.int64_pointer(C[C_TIMER_PINS]), (C[C_TIMER_PIN_COUNT] + 1, 4))
    for row in range(C[C_TIMER_PIN_COUNT]):
        if channel_at(C, S, row, pin):
            return timer.energises(C, S, rows[row, 0], rows[row, 1])
    return 1


@njit(cache=True)
def pin_level(C: Control, S: State, pin: int) -> int:
    """The level at the pin: driven by its output stage, by the outside, or held by a resistor.

    An open-drain output that does not pull down shows the outside, else a pull-up that the board is taken to have.
    """
    kind = mode(S, pin)
    if kind in (OUTPUT, ALTERNATE):
        output = (S[GPIO + GPIO_WORDS * (pin >> 4) + G_ODR] >> (pin & 15)) & 1
        level = _compare_output(C, S, pin) if kind == ALTERNATE else output
        if level and S[PIN_DRIVEN + pin] and _open_drain(S, pin):
            return S[PIN_LEVEL + pin]
        return level
    if S[PIN_DRIVEN + pin]:
        return S[PIN_LEVEL + pin]
    return 1 if _pulled_up(S, pin) else 0


@njit(cache=True)
def _inputs(C: Control, S: State, port: int) -> int:
    value = 0
    for number in range(16):
        if mode(S, 16 * port + number) != ANALOG:  # whose input stage is off
            value |= pin_level(C, S, 16 * port + number) << number
    return value


@njit(cache=True)
def read(C: Control, S: State, port: int, offset: int) -> tuple[int, bool]:
    cell = GPIO + GPIO_WORDS * port
    if S[cell + G_KIND] == _WITH_CRL:
        if offset == 0x00 or offset == 0x04:
            return S[cell + G_CRL + (offset >> 2)], True
        if offset == 0x08:
            return _inputs(C, S, port), True
        if offset == 0x0C:
            return S[cell + G_ODR], True
        if offset == 0x18:
            return S[cell + G_LCKR], True
        return 0, offset == 0x10 or offset == 0x14
    if offset == 0x10:
        return _inputs(C, S, port), True
    if offset == 0x18 or offset == 0x28:
        return 0, True
    if offset <= 0x24:
        return S[cell + _CELL_OF_OFFSET[offset >> 2]], True
    return 0, False


@njit(cache=True)
def _set_output(S: State, port: int, value: int) -> None:
    cell = GPIO + GPIO_WORDS * port + G_ODR
    value &= 0xFFFF
    if S[cell] != value:
        S[PIN_ROSE + port] |= value & ~S[cell]
        S[cell] = value
        S[PIN_CHANGED] = 1
        S[DEADLINE] = 0


@njit(cache=True)
def _set_configuration(S: State, cell: int, value: int) -> None:
    if S[cell] != value:
        S[cell] = value
        S[PIN_CHANGED] = 1
        S[DEADLINE] = 0


@njit(cache=True)
def write(S: State, port: int, offset: int, value: int) -> bool:
    cell = GPIO + GPIO_WORDS * port
    before = S[cell + G_ODR]
    if S[cell + G_KIND] == _WITH_CRL:
        if offset <= 0x04:
            _set_configuration(S, cell + G_CRL + (offset >> 2), value)
        elif offset == 0x0C:
            _set_output(S, port, value)
        elif offset == 0x10:
            _set_output(S, port, (before & ~(value >> 16)) | value)
        elif offset == 0x14:
            _set_output(S, port, before & ~value)
        elif offset == 0x18:
            S[cell + G_LCKR] = value & 0x1FFFF
        else:
            return False
        return True
    if offset == 0x14:
        _set_output(S, port, value)
    elif offset == 0x18:
        _set_output(S, port, (before & ~(value >> 16)) | value)
    elif offset == 0x28:
        _set_output(S, port, before & ~value)
    elif offset == 0x10:
        return True
    elif offset <= 0x24:
        _set_configuration(S, cell + _CELL_OF_OFFSET[offset >> 2], value)
    else:
        return False
    return True


@njit(cache=True)
def configure_pin(S: State, pin: int, kind: int, open_drain: int, pull: int, output: int) -> None:
    """A pin as a port of another maker has it: kind INPUT, OUTPUT, ALTERNATE or ANALOG; pull 0, PULL_UP, PULL_DOWN."""
    cell = GPIO + GPIO_WORDS * (pin >> 4)
    number = pin & 15
    S[cell + G_KIND] = _WITH_MODER
    S[cell + G_MODER] = (S[cell + G_MODER] & ~(3 << 2 * number)) | kind << 2 * number
    S[cell + G_OTYPER] = (S[cell + G_OTYPER] & ~(1 << number)) | open_drain << number
    S[cell + G_PUPDR] = (S[cell + G_PUPDR] & ~(3 << 2 * number)) | pull << 2 * number
    S[PIN_ROSE + (pin >> 4)] |= (output << number) & ~S[cell + G_ODR]
    S[cell + G_ODR] = (S[cell + G_ODR] & ~(1 << number)) | output << number
    S[PIN_CHANGED] = 1
    S[DEADLINE] = 0
