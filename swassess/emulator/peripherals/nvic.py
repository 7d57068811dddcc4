"""Interrupt controller, system control block and SysTick (Armv7-M architecture reference manual, B3)."""

from numba import njit

from swassess.emulator.layout import (
    ACTIVE,
    AIRCR,
    BFAR,
    CCR,
    CFSR,
    CYCLE_TICKS,
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
    SYSTICK_CTRL,
    SYSTICK_FLAG,
    SYSTICK_FROZEN,
    SYSTICK_LOAD,
    SYSTICK_NEXT,
    TICKS,
    VTOR,
)

SYSTICK_EXCEPTION = 15
FIRST_INTERRUPT = 16
INTERRUPTS = 60


@njit(cache=True)
def set_pending(S, exception):
    S[PENDING + exception] = 1
    S[DEADLINE] = 0


@njit(cache=True)
def group_priority(S, exception):
    """Priority that decides pre-emption; lower is more urgent. Reset -3, NMI -2, HardFault -1."""
    if exception == 2:
        return -2
    if exception == 3:
        return -1
    prigroup = (S[AIRCR] >> 8) & 7
    return (S[PRIORITY + exception] >> (prigroup + 1)) << (prigroup + 1)


@njit(cache=True)
def execution_priority(S, primask, faultmask, basepri):
    best = 256
    for exception in range(2, FIRST_INTERRUPT + INTERRUPTS):
        if S[ACTIVE + exception]:
            priority = group_priority(S, exception)
            if priority < best:
                best = priority
    if basepri and basepri < best:
        best = basepri
    if primask and best > 0:
        best = 0
    if faultmask and best > -1:
        best = -1
    return best


@njit(cache=True)
def most_urgent_pending(S):
    """Exception number of the most urgent pending and enabled exception, 0 when there is none."""
    found = 0
    best = 0
    for exception in range(2, FIRST_INTERRUPT + INTERRUPTS):
        if S[PENDING + exception] and (exception < FIRST_INTERRUPT or S[ENABLED + exception]):
            subpriority = S[PRIORITY + exception] if exception > 3 else 0
            rank = group_priority(S, exception) * 256 + subpriority
            if found == 0 or rank < best:
                found = exception
                best = rank
    return found


@njit(cache=True)
def systick_value(S):
    if not S[SYSTICK_CTRL] & 1:
        return S[SYSTICK_FROZEN]
    left = (S[SYSTICK_NEXT] - S[TICKS]) // S[CYCLE_TICKS]
    return max(left, 0) & 0xFFFFFF


@njit(cache=True)
def systick_due(S):
    """Carries out every wrap up to now."""
    while S[SYSTICK_CTRL] & 1 and S[SYSTICK_LOAD] and S[TICKS] >= S[SYSTICK_NEXT]:
        S[SYSTICK_NEXT] += (S[SYSTICK_LOAD] + 1) * S[CYCLE_TICKS]
        S[SYSTICK_FLAG] = 1
        if S[SYSTICK_CTRL] & 2:
            S[PENDING + SYSTICK_EXCEPTION] = 1


@njit(cache=True)
def _bits_read(S, base, word):
    value = 0
    for bit in range(32):
        exception = FIRST_INTERRUPT + 32 * word + bit
        if exception < FIRST_INTERRUPT + INTERRUPTS and S[base + exception]:
            value |= 1 << bit
    return value


@njit(cache=True)
def _bits_write(S, base, word, value, level):
    for bit in range(32):
        exception = FIRST_INTERRUPT + 32 * word + bit
        if (value >> bit) & 1 and exception < FIRST_INTERRUPT + INTERRUPTS:
            S[base + exception] = level
    S[DEADLINE] = 0


@njit(cache=True)
def read(S, offset, current_exception):
    """Word at 0xE000E000 + offset; the second result tells whether it is modelled."""
    if offset == 0x10:
        value = S[SYSTICK_CTRL] | (S[SYSTICK_FLAG] << 16)
        S[SYSTICK_FLAG] = 0
        return value, True
    if offset == 0x14:
        return S[SYSTICK_LOAD], True
    if offset == 0x18:
        return systick_value(S), True
    if offset == 0x1C:
        return 9000, True
    if 0x100 <= offset < 0x110 or 0x180 <= offset < 0x190:
        return _bits_read(S, ENABLED, (offset & 0x7F) >> 2), True
    if 0x200 <= offset < 0x210 or 0x280 <= offset < 0x290:
        return _bits_read(S, PENDING, (offset & 0x7F) >> 2), True
    if 0x300 <= offset < 0x310:
        return _bits_read(S, ACTIVE, (offset - 0x300) >> 2), True
    if 0x400 <= offset < 0x400 + INTERRUPTS:
        value = 0
        for byte in range(4):
            value |= S[PRIORITY + FIRST_INTERRUPT + offset - 0x400 + byte] << (8 * byte)
        return value, True
    if offset == 0xD00:
        return 0x411FC231, True
    if offset == 0xD04:
        value = current_exception | (S[PENDING + 15] << 26) | (S[PENDING + 14] << 28) | (S[PENDING + 2] << 31)
        return value | (most_urgent_pending(S) << 12), True
    if offset == 0xD08:
        return S[VTOR], True
    if offset == 0xD0C:
        return 0xFA050000 | S[AIRCR], True
    if offset == 0xD10:
        return S[SCR], True
    if offset == 0xD14:
        return S[CCR], True
    if 0xD18 <= offset < 0xD24:
        value = 0
        for byte in range(4):
            value |= S[PRIORITY + 4 + offset - 0xD18 + byte] << (8 * byte)
        return value, True
    if offset == 0xD24:
        return S[SHCSR], True
    if offset == 0xD28:
        return S[CFSR], True
    if offset == 0xD2C:
        return S[HFSR], True
    if offset == 0xD34:
        return S[MMFAR], True
    if offset == 0xD38:
        return S[BFAR], True
    return 0, False


@njit(cache=True)
def write(S, offset, value):
    """Writes the word at 0xE000E000 + offset; False when nothing is modelled there."""
    if offset == 0x10:
        if value & 1 and not S[SYSTICK_CTRL] & 1:
            start = S[SYSTICK_FROZEN] if S[SYSTICK_FROZEN] else S[SYSTICK_LOAD] + 1
            S[SYSTICK_NEXT] = S[TICKS] + start * S[CYCLE_TICKS]
        if not value & 1 and S[SYSTICK_CTRL] & 1:
            S[SYSTICK_FROZEN] = systick_value(S)
        S[SYSTICK_CTRL] = value & 7
        S[DEADLINE] = 0
    elif offset == 0x14:
        S[SYSTICK_LOAD] = value & 0xFFFFFF
    elif offset == 0x18:
        S[SYSTICK_FROZEN] = 0
        S[SYSTICK_FLAG] = 0
        S[SYSTICK_NEXT] = S[TICKS] + (S[SYSTICK_LOAD] + 1) * S[CYCLE_TICKS]
        S[DEADLINE] = 0
    elif 0x100 <= offset < 0x110:
        _bits_write(S, ENABLED, (offset - 0x100) >> 2, value, 1)
    elif 0x180 <= offset < 0x190:
        _bits_write(S, ENABLED, (offset - 0x180) >> 2, value, 0)
    elif 0x200 <= offset < 0x210:
        _bits_write(S, PENDING, (offset - 0x200) >> 2, value, 1)
    elif 0x280 <= offset < 0x290:
        _bits_write(S, PENDING, (offset - 0x280) >> 2, value, 0)
    elif 0x400 <= offset < 0x400 + INTERRUPTS:
        for byte in range(4):
            S[PRIORITY + FIRST_INTERRUPT + offset - 0x400 + byte] = (value >> (8 * byte)) & 0xF0
    elif offset == 0xD04:
        if value & (1 << 31):
            S[PENDING + 2] = 1
        if value & (1 << 28):
            S[PENDING + 14] = 1
        if value & (1 << 27):
            S[PENDING + 14] = 0
        if value & (1 << 26):
            S[PENDING + 15] = 1
        if value & (1 << 25):
            S[PENDING + 15] = 0
        S[DEADLINE] = 0
    elif offset == 0xD08:
        S[VTOR] = value & 0x3FFFFF80
    elif offset == 0xD0C:
        if value >> 16 == 0x05FA:
            S[AIRCR] = value & 0x700
            if value & 4:
                S[RESET_REQUEST] = RESET_SOFTWARE
                S[DEADLINE] = 0
    elif offset == 0xD10:
        S[SCR] = value & 0x16
    elif offset == 0xD14:
        S[CCR] = value & 0x31B
    elif 0xD18 <= offset < 0xD24:
        for byte in range(4):
            S[PRIORITY + 4 + offset - 0xD18 + byte] = (value >> (8 * byte)) & 0xF0
    elif offset == 0xD24:
        S[SHCSR] = value
    elif offset == 0xD28:
        S[CFSR] &= ~value
    elif offset == 0xD2C:
        S[HFSR] &= ~value
    elif offset == 0xF00:
        if (value & 0x1FF) < INTERRUPTS:
            set_pending(S, FIRST_INTERRUPT + (value & 0x1FF))
    else:
        return False
    return True
