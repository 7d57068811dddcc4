"""Real-time clock and backup domain (RM0008, chapters 5, 6 and 18): counts its own oscillator, survives a reset.

Simplified: write operations finish at once, the registers are always synchronised, no clock from HSE / 128.
"""

from numba import njit

from swassess.emulator.arrays import State
from swassess.emulator.layout import (
    BKP,
    BKP_WORDS,
    DEADLINE,
    IWDG_ON,
    LSI_TICKS,
    PWR_CR,
    RCC_BDCR,
    RCC_CSR,
    RTC_ALR,
    RTC_BASE_COUNT,
    RTC_BASE_TICKS,
    RTC_CRH,
    RTC_CRL,
    RTC_PRL,
    TICKS,
)

DBP = 0x100  # in PWR_CR: the backup domain may be written
LSION = 1
_LSE_TICKS = 30517578
_LSEON, _RTCEN, _BDRST = 1, 0x8000, 0x10000
_RTCSEL = 0x300
_SECF, _ALRF, _OWF, _CNF = 1, 2, 4, 0x10
_SYNCHRONISED_AND_IDLE = 0x28


@njit(cache=True)
def clock_ticks(S: State) -> int:
    """Picoseconds per RTC clock cycle by RTCSEL; 0 while no source is selected or it does not run."""
    if not S[RCC_BDCR] & _RTCEN:
        return 0
    source = (S[RCC_BDCR] & _RTCSEL) >> 8
    if source == 2 and (S[RCC_CSR] & LSION or S[IWDG_ON]):
        return S[LSI_TICKS]
    if source == 1 and S[RCC_BDCR] & _LSEON:
        return _LSE_TICKS
    return 0


@njit(cache=True)
def due(S: State) -> None:
    """Counts the whole seconds (periods of the prescaler) up to now and sets their flags."""
    period = clock_ticks(S) * (S[RTC_PRL] + 1)
    if period == 0:
        return
    whole = (S[TICKS] - S[RTC_BASE_TICKS]) // period
    if whole <= 0:
        return
    count = S[RTC_BASE_COUNT] + whole
    S[RTC_CRL] |= _SECF
    if (S[RTC_ALR] - S[RTC_BASE_COUNT] - 1) & 0xFFFFFFFF < whole:
        S[RTC_CRL] |= _ALRF
    if count > 0xFFFFFFFF:
        S[RTC_CRL] |= _OWF
    S[RTC_BASE_COUNT] = count & 0xFFFFFFFF
    S[RTC_BASE_TICKS] += whole * period


@njit(cache=True)
def next_event(S: State) -> int:
    """Time of the next count when its interrupt is wanted, else 0."""
    period = clock_ticks(S) * (S[RTC_PRL] + 1)
    if period == 0 or S[RTC_CRH] == 0:
        return 0
    return S[RTC_BASE_TICKS] + period


@njit(cache=True)
def interrupt_line(S: State) -> int:
    return 1 if S[RTC_CRL] & S[RTC_CRH] & 7 else 0


@njit(cache=True)
def clock_changed(S: State, before: int) -> None:
    """After a change of the clock's source: the prescaler starts anew."""
    if clock_ticks(S) != before:
        S[RTC_BASE_TICKS] = S[TICKS]
        S[DEADLINE] = 0


@njit(cache=True)
def write_domain_control(S: State, value: int) -> None:
    """RCC_BDCR. The clock source cannot be changed once chosen; BDRST resets the domain."""
    if not S[PWR_CR] & DBP:
        return
    due(S)
    before = clock_ticks(S)
    if value & _BDRST:
        for cell in range(BKP, BKP + BKP_WORDS):
            S[cell] = 0
        S[RTC_PRL] = 0x8000
        S[RTC_ALR] = 0xFFFFFFFF
        S[RTC_BASE_COUNT] = 0
        S[RCC_BDCR] = _BDRST
    else:
        chosen = S[RCC_BDCR] & _RTCSEL
        if chosen:
            value = (value & ~_RTCSEL) | chosen
        S[RCC_BDCR] = value & 0x8305
    clock_changed(S, before)


@njit(cache=True)
def read(S: State, offset: int) -> tuple[int, bool]:
    due(S)
    if offset == 0x00:
        return S[RTC_CRH], True
    if offset == 0x04:
        return S[RTC_CRL] | _SYNCHRONISED_AND_IDLE, True
    if offset == 0x08 or offset == 0x0C or offset == 0x20 or offset == 0x24:
        return 0, True  # write-only
    if offset == 0x10 or offset == 0x14:
        ticks = clock_ticks(S)
        left = S[RTC_PRL]
        if ticks:
            left -= (S[TICKS] - S[RTC_BASE_TICKS]) // ticks
        return (left >> 16) & 0xF if offset == 0x10 else left & 0xFFFF, True
    if offset == 0x18:
        return S[RTC_BASE_COUNT] >> 16, True
    if offset == 0x1C:
        return S[RTC_BASE_COUNT] & 0xFFFF, True
    return 0, False


@njit(cache=True)
def write(S: State, offset: int, value: int) -> bool:
    if offset > 0x24:
        return False
    due(S)
    value &= 0xFFFF
    S[DEADLINE] = 0
    if offset == 0x00:
        S[RTC_CRH] = value & 7
        return True
    if offset == 0x04:
        S[RTC_CRL] = (S[RTC_CRL] & value & 7) | (value & _CNF)
        return True
    if not S[PWR_CR] & DBP or not S[RTC_CRL] & _CNF:
        return True
    if offset == 0x08:
        S[RTC_PRL] = (S[RTC_PRL] & 0xFFFF) | ((value & 0xF) << 16)
    elif offset == 0x0C:
        S[RTC_PRL] = (S[RTC_PRL] & 0xF0000) | value
    elif offset == 0x18:
        S[RTC_BASE_COUNT] = (S[RTC_BASE_COUNT] & 0xFFFF) | (value << 16)
    elif offset == 0x1C:
        S[RTC_BASE_COUNT] = (S[RTC_BASE_COUNT] & 0xFFFF0000) | value
    elif offset == 0x20:
        S[RTC_ALR] = (S[RTC_ALR] & 0xFFFF) | (value << 16)
    elif offset == 0x24:
        S[RTC_ALR] = (S[RTC_ALR] & 0xFFFF0000) | value
    if offset < 0x20:
        S[RTC_BASE_TICKS] = S[TICKS]  # the prescaler is loaded anew
    return True


@njit(cache=True)
def backup_read(S: State, offset: int) -> tuple[int, bool]:
    if 0x04 <= offset < 0x04 + 4 * BKP_WORDS:
        return S[BKP + ((offset - 4) >> 2)], True
    return 0, False


@njit(cache=True)
def backup_write(S: State, offset: int, value: int) -> bool:
    if 0x04 <= offset < 0x04 + 4 * BKP_WORDS:
        if S[PWR_CR] & DBP:
            S[BKP + ((offset - 4) >> 2)] = value & 0xFFFF
        return True
    return False
