"""External interrupt lines of the STM32 families, compiled.

Generation 1 (F1, F0, F4, L4, G4; RM0008 chapter 10, RM0351 chapter 14): one pending register a bank. Generation 2 (G0;
RM0444 chapter 13): rising and falling edges pend apart, and the pin multiplexer sits here. Where it sits in AFIO or
SYSCFG instead, those blocks call route().
"""

from numba import njit

from swassess.emulator.arrays import State
from swassess.emulator.layout import (
    DEADLINE,
    EVENT_FLAG,
    EXTI_BANKS,
    EXTI_EMR,
    EXTI_FPR,
    EXTI_FTSR,
    EXTI_IMR,
    EXTI_PORT,
    EXTI_PR,
    EXTI_RTSR,
    EXTI_WORDS,
)

# register offsets within a bank of generation 1 -> cell
_IMR, _EMR, _RTSR, _FTSR, _SWIER, _PR = 0x00, 0x04, 0x08, 0x0C, 0x10, 0x14
_BANK_BYTES_1 = 0x20
# generation 2: banks of triggers and flags 0x28 apart, multiplexer, then masks 0x10 apart
_BANK_BYTES_2 = 0x28
_MULTIPLEXER, _MASKS = 0x60, 0x80


@njit(cache=True)
def route(S: State, line: int, port: int) -> None:
    """Line 0..15 listens to its pin of `port` (0 is A)."""
    S[EXTI_PORT + line] = port


@njit(cache=True)
def line_edge(S: State, line: int, rising: bool) -> None:
    """An edge at a line 0..63, from a pin or from inside the MCU (RTC alarm, comparator, ...)."""
    bank = EXTI_WORDS * (line >> 5)
    bit = 1 << (line & 31)
    enabled = S[bank + (EXTI_RTSR if rising else EXTI_FTSR)]
    if enabled & bit:
        S[bank + (EXTI_PR if rising else EXTI_FPR)] |= bit
        if S[bank + EXTI_EMR] & bit:
            S[EVENT_FLAG] = 1
        S[DEADLINE] = 0


@njit(cache=True)
def edge(S: State, pin: int, rising: bool) -> None:
    """A level change at a pin reaches its line when the multiplexer selects the pin's port and the edge is enabled."""
    if S[EXTI_PORT + (pin & 15)] == pin >> 4:
        line_edge(S, pin & 15, rising)


@njit(cache=True)
def shows_outside(generation: int, offset: int) -> bool:
    if generation == 1:
        return offset & ~_BANK_BYTES_1 == _PR
    return offset in (0x0C, 0x10, 0x34, 0x38)


@njit(cache=True)
def _read_1(S: State, offset: int) -> tuple[int, bool]:
    bank = EXTI_WORDS * (offset // _BANK_BYTES_1)
    at = offset % _BANK_BYTES_1
    if at == _PR:
        return S[bank + EXTI_PR] | S[bank + EXTI_FPR], True
    if at <= _FTSR:
        return S[bank + EXTI_IMR + (at >> 2)], True
    return 0, at == _SWIER


@njit(cache=True)
def _read_2(S: State, offset: int) -> tuple[int, bool]:
    if _MULTIPLEXER <= offset < _MULTIPLEXER + 16:
        value = 0
        for i in range(4):
            value |= S[EXTI_PORT + (offset - _MULTIPLEXER) + i] << (8 * i)
        return value, True
    if _MASKS <= offset < _MASKS + 0x20:
        bank = EXTI_WORDS * ((offset - _MASKS) >> 4)
        at = offset & 0xF
        return (S[bank + EXTI_IMR] if at == 0 else S[bank + EXTI_EMR]) if at <= 4 else 0, at <= 4
    if offset < 2 * _BANK_BYTES_2:
        bank = EXTI_WORDS * (offset // _BANK_BYTES_2)
        at = offset % _BANK_BYTES_2
        if at == 0x00:
            return S[bank + EXTI_RTSR], True
        if at == 0x04:
            return S[bank + EXTI_FTSR], True
        if at == 0x0C:
            return S[bank + EXTI_PR], True
        if at == 0x10:
            return S[bank + EXTI_FPR], True
        return 0, at == 0x08
    return 0, False


@njit(cache=True)
def read(S: State, generation: int, offset: int) -> tuple[int, bool]:
    if generation == 1:
        return _read_1(S, offset) if offset < EXTI_BANKS * _BANK_BYTES_1 else (0, False)
    return _read_2(S, offset)


@njit(cache=True)
def _write_1(S: State, offset: int, value: int) -> bool:
    bank = EXTI_WORDS * (offset // _BANK_BYTES_1)
    at = offset % _BANK_BYTES_1
    if at == _PR:
        S[bank + EXTI_PR] &= ~value
        S[bank + EXTI_FPR] &= ~value
    elif at == _SWIER:
        S[bank + EXTI_PR] |= value
    elif at <= _FTSR:
        S[bank + EXTI_IMR + (at >> 2)] = value
    else:
        return False
    return True


@njit(cache=True)
def _write_2(S: State, offset: int, value: int) -> bool:
    if _MULTIPLEXER <= offset < _MULTIPLEXER + 16:
        for i in range(4):
            route(S, (offset - _MULTIPLEXER) + i, (value >> (8 * i)) & 0xFF)
        return True
    if _MASKS <= offset < _MASKS + 0x20:
        bank = EXTI_WORDS * ((offset - _MASKS) >> 4)
        at = offset & 0xF
        if at <= 4:
            S[bank + (EXTI_IMR if at == 0 else EXTI_EMR)] = value
        return at <= 4
    if offset >= 2 * _BANK_BYTES_2:
        return False
    bank = EXTI_WORDS * (offset // _BANK_BYTES_2)
    at = offset % _BANK_BYTES_2
    if at == 0x00:
        S[bank + EXTI_RTSR] = value
    elif at == 0x04:
        S[bank + EXTI_FTSR] = value
    elif at == 0x08:
        S[bank + EXTI_PR] |= value
    elif at == 0x0C:
        S[bank + EXTI_PR] &= ~value
    elif at == 0x10:
        S[bank + EXTI_FPR] &= ~value
    else:
        return False
    return True


@njit(cache=True)
def write(S: State, generation: int, offset: int, value: int) -> bool:
    if generation == 1:
        done = offset < EXTI_BANKS * _BANK_BYTES_1 and _write_1(S, offset, value)
    else:
        done = _write_2(S, offset, value)
    S[DEADLINE] = 0
    return done


@njit(cache=True)
def active_lines(S: State, bank: int) -> int:
    """Lines of a bank that are pending and not masked."""
    first = EXTI_WORDS * bank
    return (S[first + EXTI_PR] | S[first + EXTI_FPR]) & S[first + EXTI_IMR]
