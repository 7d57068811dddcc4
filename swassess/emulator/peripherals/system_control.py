"""System control block (Armv7-M ARM, B3.2; Armv6-M ARM, B3.2), from 0xE000E000 on all but NVIC, SysTick and debug.

Armv6-M has no status of faults, no configurable faults and no priority groups: those registers read 0.
"""

from numba import njit

from swassess.emulator import mpu
from swassess.emulator.arrays import State
from swassess.emulator.layout import (
    ACTIVE,
    ACTLR,
    AIRCR,
    BFAR,
    CCR,
    CFSR,
    CORE_CPUID,
    CORE_FEATURES,
    CPACR,
    CSSELR,
    DEADLINE,
    EXCEPTION_COUNT,
    F_CACHES,
    F_ENGINE_FPU,
    F_FPU,
    F_MAINLINE,
    F_V8M,
    F_VTOR,
    FP_WATCH,
    FPCAR,
    FPCCR,
    FPDSCR,
    HFSR,
    MMFAR,
    PENDING,
    PRIORITY,
    PRIORITY_MASK,
    RESET_REQUEST,
    RESET_SOFTWARE,
    SCR,
    SHCSR,
    VTOR,
)
from swassess.emulator.peripherals.priorities import (
    BUS_FAULT,
    DEBUG_MONITOR,
    FIRST_INTERRUPT,
    MEMORY_FAULT,
    NMI,
    PEND_SV,
    SV_CALL,
    SYSTICK,
    USAGE_FAULT,
    active_count,
    most_urgent_pending,
)

# offsets from 0xE000E000
ICTR_AT, ACTLR_AT = 0x004, 0x008
CPUID_AT, ICSR_AT, VTOR_AT, AIRCR_AT, SCR_AT, CCR_AT, SHPR = 0xD00, 0xD04, 0xD08, 0xD0C, 0xD10, 0xD14, 0xD18
SHCSR_AT, CFSR_AT, HFSR_AT, MMFAR_AT, BFAR_AT, AFSR_AT = 0xD24, 0xD28, 0xD2C, 0xD34, 0xD38, 0xD3C
CSSELR_AT, CPACR_AT = 0xD84, 0xD88
FPCCR_AT, FPCAR_AT, FPDSCR_AT, MVFR_AT = 0xF34, 0xF38, 0xF3C, 0xF40
_CACHE_OPERATIONS, _CACHE_OPERATIONS_END = 0xF50, 0xF7C
_VECTKEY = 0x05FA
_VECTCLRACTIVE, _SYSRESETREQ = 2, 4
_FAULT_ENABLES = 0x70000
_SCR_BITS = 0x16
CCR_STACK_ALIGN = 1 << 9
CCR_UNALIGNED_TRAP, CCR_DIVIDE_BY_ZERO_TRAP = 1 << 3, 1 << 4
_CCR_V6M = 0x208  # STKALIGN and UNALIGN_TRP, fixed
_CCR_BITS = 0x31B
_CCR_CACHES = 0x70000  # BP, IC, DC of Cortex-M7
FPCCR_ACTIVE, FPCCR_LAZY, FPCCR_AUTOMATIC = 1, 1 << 30, 1 << 31
# bits of SHCSR that tell what is active, and what is pending
_SHCSR_ACTIVE = (
    (MEMORY_FAULT, 0),
    (BUS_FAULT, 1),
    (USAGE_FAULT, 3),
    (SV_CALL, 7),
    (DEBUG_MONITOR, 8),
    (PEND_SV, 10),
    (SYSTICK, 11),
)
_SHCSR_PENDING = ((USAGE_FAULT, 12), (MEMORY_FAULT, 13), (BUS_FAULT, 14), (SV_CALL, 15))


@njit(cache=True)
def reset_values(S: State) -> None:
    """After a reset, when all cells of the core's registers are 0."""
    S[CCR] = CCR_STACK_ALIGN if S[CORE_FEATURES] & F_MAINLINE else _CCR_V6M
    if S[CORE_FEATURES] & F_FPU:
        S[FPCCR] = FPCCR_LAZY | FPCCR_AUTOMATIC
    watch_floating_point(S)


@njit(cache=True)
def fpu_enabled(S: State) -> bool:
    """Whether CPACR grants coprocessors 10 and 11 (to privileged code at least)."""
    return S[CORE_FEATURES] & F_FPU != 0 and S[CPACR] & 0x100000 != 0


@njit(cache=True)
def watch_floating_point(S: State) -> None:
    """To be called after a change of CPACR or FPCCR.LSPACT: must floating point be noticed when it comes up?"""
    needed = S[FPCCR] & FPCCR_ACTIVE or not fpu_enabled(S)
    S[FP_WATCH] = 1 if S[CORE_FEATURES] & F_ENGINE_FPU and needed else 0


@njit(cache=True)
def priorities_read(S: State, exception: int) -> int:
    value = 0
    for byte in range(4):
        value |= S[PRIORITY + exception + byte] << (8 * byte)
    return value


@njit(cache=True)
def priorities_write(S: State, exception: int, value: int) -> None:
    """Four priority bytes, of which the upper bits exist."""
    for byte in range(4):
        if exception + byte < S[EXCEPTION_COUNT]:
            S[PRIORITY + exception + byte] = (value >> (8 * byte)) & S[PRIORITY_MASK]
    S[DEADLINE] = 0


@njit(cache=True)
def _system_priorities_write(S: State, exception: int, value: int) -> None:
    """Of the twelve bytes only those of exceptions that the architecture has."""
    if not S[CORE_FEATURES] & F_MAINLINE:
        value &= 0xFF000000 if exception == 8 else (0xFFFF0000 if exception == 12 else 0)
    elif exception == 4:
        value &= 0x00FFFFFF
    elif exception == 8:
        value &= 0xFF000000
    else:
        value &= 0xFFFF00FF
    priorities_write(S, exception, value)


@njit(cache=True)
def _icsr(S: State, current_exception: int) -> int:
    value = current_exception | (most_urgent_pending(S) << 12)
    value |= (S[PENDING + SYSTICK] << 26) | (S[PENDING + PEND_SV] << 28) | (S[PENDING + NMI] << 31)
    if S[PENDING + FIRST_INTERRUPT : PENDING + S[EXCEPTION_COUNT]].any():
        value |= 1 << 22
    if S[CORE_FEATURES] & F_MAINLINE and active_count(S) <= 1:
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
def _mvfr(S: State, offset: int) -> int:
    """Media and VFP feature registers: single precision of Cortex-M4 and M33 (Armv7-M ARM, B4.7)."""
    if offset == MVFR_AT:
        return 0x10110021
    if offset == MVFR_AT + 4:
        return 0x11000011
    return 0x40 if S[CORE_FEATURES] & F_V8M else 0


@njit(cache=True)
def read(S: State, offset: int, current_exception: int) -> tuple[int, bool]:
    """Word at 0xE000E000 + offset; the second result tells whether it is modelled."""
    mainline = S[CORE_FEATURES] & F_MAINLINE != 0
    if SHPR <= offset < SHPR + 12:
        return priorities_read(S, 4 + offset - SHPR), True
    if offset == CPUID_AT:
        return S[CORE_CPUID], True
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
        return _shcsr(S) if mainline else S[PENDING + SV_CALL] << 15, True
    if offset == CFSR_AT:
        return S[CFSR], True
    if offset == HFSR_AT:
        return S[HFSR], True
    if offset == MMFAR_AT:
        return S[MMFAR], True
    if offset == BFAR_AT:
        return S[BFAR], True
    if offset == ACTLR_AT:
        return S[ACTLR], True
    if offset == ICTR_AT:
        return (S[EXCEPTION_COUNT] - FIRST_INTERRUPT - 1) >> 5 if mainline else 0, True
    if offset == CPACR_AT:
        return S[CPACR], True
    if FPCCR_AT <= offset < MVFR_AT + 12:
        return _floating_point_read(S, offset), True
    if offset == CSSELR_AT:
        return S[CSSELR], True
    if mpu.TYPE_AT <= offset < mpu.END_AT:
        return mpu.read(S, offset), True
    return 0, offset == AFSR_AT or 0xD78 <= offset < CSSELR_AT


@njit(cache=True)
def _floating_point_read(S: State, offset: int) -> int:
    if not S[CORE_FEATURES] & F_FPU:
        return 0
    if offset == FPCCR_AT:
        return S[FPCCR]
    if offset == FPCAR_AT:
        return S[FPCAR]
    if offset == FPDSCR_AT:
        return S[FPDSCR]
    return _mvfr(S, offset)


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
def _write_status(S: State, offset: int, value: int) -> bool:
    """Status and control of configurable faults, which Armv6-M does not have."""
    if not S[CORE_FEATURES] & F_MAINLINE:
        return False
    if offset == SHCSR_AT:
        S[SHCSR] = value & _FAULT_ENABLES
        for exception, bit in _SHCSR_ACTIVE:
            S[ACTIVE + exception] = (value >> bit) & 1
        for exception, bit in _SHCSR_PENDING:
            S[PENDING + exception] = (value >> bit) & 1
        S[DEADLINE] = 0
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
def _write_floating_point(S: State, offset: int, value: int) -> None:
    if not S[CORE_FEATURES] & F_FPU:
        return
    if offset == CPACR_AT:
        S[CPACR] = value & 0xF00000
    elif offset == FPCCR_AT:
        S[FPCCR] = (S[FPCCR] & ~(FPCCR_LAZY | FPCCR_AUTOMATIC | 1)) | value & (FPCCR_LAZY | FPCCR_AUTOMATIC | 1)
    elif offset == FPCAR_AT:
        S[FPCAR] = value & ~7
    elif offset == FPDSCR_AT:
        S[FPDSCR] = value & 0x07C00000
    watch_floating_point(S)
    S[DEADLINE] = 0


@njit(cache=True)
def write(S: State, offset: int, value: int) -> bool:
    """Writes the word at 0xE000E000 + offset; False when nothing is modelled there."""
    mainline = S[CORE_FEATURES] & F_MAINLINE != 0
    if offset == ICSR_AT:
        _write_icsr(S, value)
    elif offset == VTOR_AT:
        if S[CORE_FEATURES] & F_VTOR:
            S[VTOR] = value & 0xFFFFFF80
    elif offset == AIRCR_AT:
        if value >> 16 == _VECTKEY:
            if mainline:
                S[AIRCR] = value & 0x700
            if value & _SYSRESETREQ:
                S[RESET_REQUEST] = RESET_SOFTWARE
            S[DEADLINE] = 0
    elif offset == SCR_AT:
        S[SCR] = value & _SCR_BITS
    elif offset == CCR_AT:
        if mainline:
            S[CCR] = value & (_CCR_BITS | _CCR_CACHES if S[CORE_FEATURES] & F_CACHES else _CCR_BITS)
            S[DEADLINE] = 0
    elif SHPR <= offset < SHPR + 12:
        _system_priorities_write(S, 4 + offset - SHPR, value)
    elif offset == ACTLR_AT:
        S[ACTLR] = value
    elif offset == CSSELR_AT:
        S[CSSELR] = value & 0xF
    elif mpu.TYPE_AT <= offset < mpu.END_AT:
        mpu.write(S, offset, value)
    elif offset == CPACR_AT or FPCCR_AT <= offset <= FPDSCR_AT:
        _write_floating_point(S, offset, value)
    elif _CACHE_OPERATIONS <= offset < _CACHE_OPERATIONS_END:
        return S[CORE_FEATURES] & F_CACHES != 0  # the caches are not modelled: memory is always up to date
    else:
        return _write_status(S, offset, value)
    return True
