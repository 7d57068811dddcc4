"""Interrupt controller (Armv7-M ARM, B3.4; Armv6-M ARM, B3.4) and what else lies in the system control space."""

from numba import njit

from swassess.emulator.arrays import State
from swassess.emulator.layout import (
    ACTIVE,
    CORE_FEATURES,
    DEADLINE,
    ENABLED,
    EXCEPTION_COUNT,
    F_MAINLINE,
    F_V8M,
    PENDING,
    SYSTICK_CALIBRATION,
    SYSTICK_LOAD,
)
from swassess.emulator.peripherals import system_control, systick
from swassess.emulator.peripherals.priorities import (
    BUS_FAULT,
    FIRST_INTERRUPT,
    HARD_FAULT,
    MEMORY_FAULT,
    NMI,
    PEND_SV,
    USAGE_FAULT,
    anything_pending,
    execution_priority,
    group_priority,
    most_urgent_pending,
)
from swassess.emulator.peripherals.system_control import (
    CPUID_AT,
    SCR_AT,
    SHCSR_AT,
    priorities_read,
    priorities_write,
)

__all__ = [
    "BUS_FAULT", "CPUID_AT", "FIRST_INTERRUPT", "HARD_FAULT", "IPR", "MEMORY_FAULT", "NMI", "PEND_SV", "SCR_AT",
    "SHCSR_AT", "USAGE_FAULT", "anything_pending", "execution_priority", "group_priority", "most_urgent_pending",
    "read", "write",
]  # fmt: skip

# offsets from 0xE000E000
SYSTICK_CTRL_AT, SYSTICK_LOAD_AT, SYSTICK_VAL_AT, SYSTICK_CALIB_AT = 0x10, 0x14, 0x18, 0x1C
ISER, ICER, ISPR, ICPR, IABR = 0x100, 0x180, 0x200, 0x280, 0x300
_BIT_BYTES = 0x20
IPR, _IPR_END = 0x400, 0x4F0
STIR_AT = 0xF00


@njit(cache=True)
def _bits_read(S: State, base: int, word: int) -> int:
    value = 0
    for bit in range(32):
        exception = FIRST_INTERRUPT + 32 * word + bit
        if exception < S[EXCEPTION_COUNT] and S[base + exception]:
            value |= 1 << bit
    return value


@njit(cache=True)
def _bits_write(S: State, base: int, word: int, value: int, level: int) -> None:
    for bit in range(32):
        exception = FIRST_INTERRUPT + 32 * word + bit
        if (value >> bit) & 1 and exception < S[EXCEPTION_COUNT]:
            S[base + exception] = level
    S[DEADLINE] = 0


@njit(cache=True)
def read(S: State, offset: int, current_exception: int) -> tuple[int, bool]:
    """Word at 0xE000E000 + offset; the second result tells whether it is modelled."""
    if offset == SYSTICK_CTRL_AT:
        return systick.read_control(S), True
    if offset == SYSTICK_LOAD_AT:
        return S[SYSTICK_LOAD], True
    if offset == SYSTICK_VAL_AT:
        systick.due(S)
        return systick.value(S), True
    if offset == SYSTICK_CALIB_AT:
        return S[SYSTICK_CALIBRATION], True
    if ISER <= offset < ISER + _BIT_BYTES or ICER <= offset < ICER + _BIT_BYTES:
        return _bits_read(S, ENABLED, (offset & 0x7F) >> 2), True
    if ISPR <= offset < ISPR + _BIT_BYTES or ICPR <= offset < ICPR + _BIT_BYTES:
        return _bits_read(S, PENDING, (offset & 0x7F) >> 2), True
    if IABR <= offset < IABR + _BIT_BYTES:
        if S[CORE_FEATURES] & (F_MAINLINE | F_V8M):
            return _bits_read(S, ACTIVE, (offset - IABR) >> 2), True
        return 0, True
    if IPR <= offset < _IPR_END:
        if FIRST_INTERRUPT + offset - IPR < S[EXCEPTION_COUNT]:
            return priorities_read(S, FIRST_INTERRUPT + offset - IPR), True
        return 0, True
    value, modelled = system_control.read(S, offset, current_exception)
    return value, modelled or offset == STIR_AT


@njit(cache=True)
def _write_interrupts(S: State, offset: int, value: int) -> bool:
    """NVIC proper: 0x100 to 0x4FF and the software trigger."""
    word = (offset & 0x7F) >> 2
    if ISER <= offset < ISER + _BIT_BYTES:
        _bits_write(S, ENABLED, word, value, 1)
    elif ICER <= offset < ICER + _BIT_BYTES:
        _bits_write(S, ENABLED, word, value, 0)
    elif ISPR <= offset < ISPR + _BIT_BYTES:
        _bits_write(S, PENDING, word, value, 1)
    elif ICPR <= offset < ICPR + _BIT_BYTES:
        _bits_write(S, PENDING, word, value, 0)
    elif IPR <= offset < _IPR_END:
        if FIRST_INTERRUPT + offset - IPR < S[EXCEPTION_COUNT]:
            priorities_write(S, FIRST_INTERRUPT + offset - IPR, value)
    elif offset == STIR_AT and S[CORE_FEATURES] & F_MAINLINE:
        if FIRST_INTERRUPT + (value & 0x1FF) < S[EXCEPTION_COUNT]:
            S[PENDING + FIRST_INTERRUPT + (value & 0x1FF)] = 1
            S[DEADLINE] = 0
    else:
        return False
    return True


@njit(cache=True)
def write(S: State, offset: int, value: int) -> bool:
    """Writes the word at 0xE000E000 + offset; False when nothing is modelled there."""
    if offset == SYSTICK_CTRL_AT:
        systick.write_control(S, value)
    elif offset == SYSTICK_LOAD_AT:
        systick.write_load(S, value)
    elif offset == SYSTICK_VAL_AT:
        systick.write_value(S)
    elif ISER <= offset < _IPR_END or offset == STIR_AT:
        return _write_interrupts(S, offset, value)
    else:
        return system_control.write(S, offset, value)
    return True
