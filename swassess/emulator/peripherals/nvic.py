"""Interrupt controller and system control block (Armv7-M architecture reference manual, B3.2 and B3.4)."""

from numba import njit

from swassess.emulator.arrays import State
from swassess.emulator.layout import (
    ACTIVE,
    AIRCR,
    BFAR,
    CCR,
    CFSR,
    DEADLINE,
    ENABLED,
    HFSR,
    MMFAR,
    PENDING,
    PRIORITY,
    RESET_REQUEST,
    RESET_SOFTWARE,
    SCR,
    SHCSR,
    SYSTICK_LOAD,
    VTOR,
)
from swassess.emulator.peripherals import systick

NMI, HARD_FAULT, MEMORY_FAULT, BUS_FAULT, USAGE_FAULT, SV_CALL, PEND_SV, SYSTICK = 2, 3, 4, 5, 6, 11, 14, 15
FIRST_INTERRUPT = 16
INTERRUPTS = 60
IDLE_PRIORITY = 256

# offsets from 0xE000E000
SYSTICK_CTRL_AT, SYSTICK_LOAD_AT, SYSTICK_VAL_AT, SYSTICK_CALIB_AT = 0x10, 0x14, 0x18, 0x1C
ISER, ICER, ISPR, ICPR, IABR = 0x100, 0x180, 0x200, 0x280, 0x300
_BIT_BYTES = 0x10
IPR, SHPR = 0x400, 0xD18
CPUID_AT, ICSR_AT, VTOR_AT, AIRCR_AT, SCR_AT, CCR_AT = 0xD00, 0xD04, 0xD08, 0xD0C, 0xD10, 0xD14
SHCSR_AT, CFSR_AT, HFSR_AT, MMFAR_AT, BFAR_AT, STIR_AT = 0xD24, 0xD28, 0xD2C, 0xD34, 0xD38, 0xF00
_CPUID = 0x411FC231  # Cortex-M3 r1p1
_SYSTICK_CALIB = 9000  # RM0008 10.1.1
_VECTKEY = 0x05FA
_SYSRESETREQ = 4
_FAULT_ENABLES = 0x70000
# bits of SHCSR that tell what is active, and what is pending
_SHCSR_ACTIVE = ((MEMORY_FAULT, 0), (BUS_FAULT, 1), (USAGE_FAULT, 3), (SV_CALL, 7), (PEND_SV, 10), (SYSTICK, 11))
_SHCSR_PENDING = ((USAGE_FAULT, 12), (MEMORY_FAULT, 13), (BUS_FAULT, 14), (SV_CALL, 15))


@njit(cache=True)
def group_mask(S: State) -> int:
    """The bits of a priority that count for pre-emption (PRIGROUP)."""
    return 0xFF & ~((2 << ((S[AIRCR] >> 8) & 7)) - 1)


@njit(cache=True)
def group_priority(S: State, exception: int) -> int:
    """Priority that decides pre-emption; lower is more urgent. NMI -2, HardFault -1."""
    if exception == NMI:
        return -2
    if exception == HARD_FAULT:
        return -1
    return S[PRIORITY + exception] & group_mask(S)


@njit(cache=True)
def execution_priority(S: State, masks: int) -> int:
    """What is active, raised by the masks (registers.packed_masks)."""
    best = IDLE_PRIORITY
    for exception in range(NMI, FIRST_INTERRUPT + INTERRUPTS):
        if S[ACTIVE + exception]:
            best = min(best, group_priority(S, exception))
    basepri = masks >> 8
    if basepri:
        best = min(best, basepri & group_mask(S))
    if masks & 1:
        best = min(best, 0)
    if masks & 2:
        best = min(best, -1)
    return best


@njit(cache=True)
def most_urgent_pending(S: State) -> int:
    """Exception number of the most urgent pending and enabled exception, 0 when there is none."""
    found = 0
    best = 0
    for exception in range(NMI, FIRST_INTERRUPT + INTERRUPTS):
        if S[PENDING + exception] and (exception < FIRST_INTERRUPT or S[ENABLED + exception]):
            subpriority = S[PRIORITY + exception] if exception > HARD_FAULT else 0
            rank = group_priority(S, exception) * 256 + subpriority
            if found == 0 or rank < best:
                found = exception
                best = rank
    return found


@njit(cache=True)
def anything_pending(S: State) -> bool:
    """Whether any exception is pending, enabled or not (SEVONPEND)."""
    return bool(S[PENDING : PENDING + FIRST_INTERRUPT + INTERRUPTS].any())


@njit(cache=True)
def _bits_read(S: State, base: int, word: int) -> int:
    value = 0
    for bit in range(32):
        exception = FIRST_INTERRUPT + 32 * word + bit
        if exception < FIRST_INTERRUPT + INTERRUPTS and S[base + exception]:
            value |= 1 << bit
    return value


@njit(cache=True)
def _bits_write(S: State, base: int, word: int, value: int, level: int) -> None:
    for bit in range(32):
        exception = FIRST_INTERRUPT + 32 * word + bit
        if (value >> bit) & 1 and exception < FIRST_INTERRUPT + INTERRUPTS:
            S[base + exception] = level
    S[DEADLINE] = 0


@njit(cache=True)
def _priorities_read(S: State, exception: int) -> int:
    value = 0
    for byte in range(4):
        value |= S[PRIORITY + exception + byte] << (8 * byte)
    return value


@njit(cache=True)
def _priorities_write(S: State, exception: int, value: int) -> None:
    """Four priority bytes, of which the upper four bits exist."""
    for byte in range(4):
        S[PRIORITY + exception + byte] = (value >> (8 * byte)) & 0xF0
    S[DEADLINE] = 0


@njit(cache=True)
def _icsr(S: State, current_exception: int) -> int:
    value = current_exception | (most_urgent_pending(S) << 12)
    value |= (S[PENDING + SYSTICK] << 26) | (S[PENDING + PEND_SV] << 28) | (S[PENDING + NMI] << 31)
    if S[PENDING + FIRST_INTERRUPT : PENDING + FIRST_INTERRUPT + INTERRUPTS].any():
        value |= 1 << 22
    active = 0
    for exception in range(NMI, FIRST_INTERRUPT + INTERRUPTS):
        active += S[ACTIVE + exception]
    if active <= 1:
        value |= 1 << 11
    return value


@njit(cache=True)
def _shcsr(S: State) -> int:
    value = S[SHCSR]
    for exception, bit in _SHCSR_ACTIVE:
        value |= S[ACTIVE + exception] << bit
    for exception, bit in _SHCSR_PENDING:
        value |= S[PENDING + exception] << bit
    return value


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
        return _SYSTICK_CALIB, True
    if ISER <= offset < ISER + _BIT_BYTES or ICER <= offset < ICER + _BIT_BYTES:
        return _bits_read(S, ENABLED, (offset & 0x7F) >> 2), True
    if ISPR <= offset < ISPR + _BIT_BYTES or ICPR <= offset < ICPR + _BIT_BYTES:
        return _bits_read(S, PENDING, (offset & 0x7F) >> 2), True
    if IABR <= offset < IABR + _BIT_BYTES:
        return _bits_read(S, ACTIVE, (offset - IABR) >> 2), True
    if IPR <= offset < IPR + INTERRUPTS:
        return _priorities_read(S, FIRST_INTERRUPT + offset - IPR), True
    if SHPR <= offset < SHPR + 12:
        return _priorities_read(S, 4 + offset - SHPR), True
    if offset == CPUID_AT:
        return _CPUID, True
    if offset == ICSR_AT:
        return _icsr(S, current_exception), True
    if offset == VTOR_AT:
        return S[VTOR], True
    if offset == AIRCR_AT:
        return 0xFA050000 | S[AIRCR], True
    if offset == SCR_AT:
        return S[SCR], True
    if offset == CCR_AT:
        return S[CCR], True
    if offset == SHCSR_AT:
        return _shcsr(S), True
    if offset == CFSR_AT:
        return S[CFSR], True
    if offset == HFSR_AT:
        return S[HFSR], True
    if offset == MMFAR_AT:
        return S[MMFAR], True
    if offset == BFAR_AT:
        return S[BFAR], True
    return 0, offset == STIR_AT


@njit(cache=True)
def _write_icsr(S: State, value: int) -> None:
    if value & (1 << 31):
        S[PENDING + NMI] = 1
    if value & (1 << 28):
        S[PENDING + PEND_SV] = 1
    if value & (1 << 27):
        S[PENDING + PEND_SV] = 0
    if value & (1 << 26):
        S[PENDING + SYSTICK] = 1
    if value & (1 << 25):
        S[PENDING + SYSTICK] = 0
    S[DEADLINE] = 0


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
    elif IPR <= offset < IPR + INTERRUPTS:
        _priorities_write(S, FIRST_INTERRUPT + offset - IPR, value)
    elif offset == STIR_AT:
        if (value & 0x1FF) < INTERRUPTS:
            S[PENDING + FIRST_INTERRUPT + (value & 0x1FF)] = 1
            S[DEADLINE] = 0
    else:
        return False
    return True


@njit(cache=True)
def _write_system(S: State, offset: int, value: int) -> bool:
    """System control block, 0xD00 to 0xD3F."""
    if offset == ICSR_AT:
        _write_icsr(S, value)
    elif offset == VTOR_AT:
        S[VTOR] = value & 0x3FFFFF80
    elif offset == AIRCR_AT:
        if value >> 16 == _VECTKEY:
            S[AIRCR] = value & 0x700
            if value & _SYSRESETREQ:
                S[RESET_REQUEST] = RESET_SOFTWARE
            S[DEADLINE] = 0
    elif offset == SCR_AT:
        S[SCR] = value & 0x16
    elif offset == CCR_AT:
        S[CCR] = value & 0x31B
    elif SHPR <= offset < SHPR + 12:
        _priorities_write(S, 4 + offset - SHPR, value)
    elif offset == SHCSR_AT:
        S[SHCSR] = value & _FAULT_ENABLES
    elif offset == CFSR_AT:
        S[CFSR] &= ~value
    elif offset == HFSR_AT:
        S[HFSR] &= ~value
    elif offset == MMFAR_AT:
        S[MMFAR] = value
    elif offset == BFAR_AT:
        S[BFAR] = value
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
    elif 0xD00 <= offset < 0xD40:
        return _write_system(S, offset, value)
    else:
        return _write_interrupts(S, offset, value)
    return True
