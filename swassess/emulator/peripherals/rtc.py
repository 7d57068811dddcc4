"""Real-time clock and backup domain (RM0008, chapters 5, 6 and 18): counts its own oscillator, survives a reset."""

from numba import njit

from swassess.emulator.layout import (
    BKP,
    LSI_TICKS,
    PWR_CR,
    RCC_BDCR,
    RTC_ALR,
    RTC_BASE_COUNT,
    RTC_BASE_TICKS,
    RTC_CRH,
    RTC_CRL,
    RTC_PRL,
    TICKS,
)


@njit(cache=True)
def clock_ticks(S):
    """Picoseconds per RTC clock cycle by RTCSEL; 0 while no source is selected or the clock is off."""
    if not S[RCC_BDCR] & 0x8000:
        return 0
    source = (S[RCC_BDCR] >> 8) & 3
    if source == 2:
        return S[LSI_TICKS]
    if source == 1:
        return 30517578
    return 0


@njit(cache=True)
def _elapsed(S):
    ticks = clock_ticks(S)
    if ticks == 0:
        return 0
    return (S[TICKS] - S[RTC_BASE_TICKS]) // ticks


@njit(cache=True)
def count(S):
    return S[RTC_BASE_COUNT] + _elapsed(S) // (S[RTC_PRL] + 1)


@njit(cache=True)
def hold(S):
    """Fixes the present count before something that it depends on changes."""
    S[RTC_BASE_COUNT] = count(S) & 0xFFFFFFFF
    S[RTC_BASE_TICKS] = S[TICKS]


@njit(cache=True)
def read(S, offset):
    if offset == 0x00:
        return S[RTC_CRH], True
    if offset == 0x04:
        flags = S[RTC_CRL] | 0x20 | 0x08  # operation finished and synchronised: a stated simplification
        if count(S) != S[RTC_BASE_COUNT]:
            flags |= 1
        return flags, True
    if offset == 0x08:
        return S[RTC_PRL] >> 16, True
    if offset == 0x0C:
        return S[RTC_PRL] & 0xFFFF, True
    if offset == 0x10 or offset == 0x14:
        left = S[RTC_PRL] - _elapsed(S) % (S[RTC_PRL] + 1)
        return (left >> 16) & 0xF if offset == 0x10 else left & 0xFFFF, True
    if offset == 0x18:
        return (count(S) >> 16) & 0xFFFF, True
    if offset == 0x1C:
        return count(S) & 0xFFFF, True
    return 0, offset == 0x20 or offset == 0x24


@njit(cache=True)
def write(S, offset, value):
    value &= 0xFFFF
    if offset == 0x00:
        S[RTC_CRH] = value & 7
        return True
    if offset == 0x04:
        S[RTC_CRL] = value & 0x10
        if not value & 1:
            base = S[RTC_BASE_COUNT]
            if count(S) != base:  # clearing the second flag: later seconds set it again
                whole = (count(S) - base) * (S[RTC_PRL] + 1) * clock_ticks(S)
                S[RTC_BASE_TICKS] += whole
                S[RTC_BASE_COUNT] = base + whole // ((S[RTC_PRL] + 1) * clock_ticks(S))
        return True
    if not S[PWR_CR] & 0x100:
        return True
    if offset == 0x08:
        hold(S)
        S[RTC_PRL] = (S[RTC_PRL] & 0xFFFF) | ((value & 0xF) << 16)
    elif offset == 0x0C:
        hold(S)
        S[RTC_PRL] = (S[RTC_PRL] & 0xF0000) | value
    elif offset == 0x18:
        hold(S)
        S[RTC_BASE_COUNT] = (S[RTC_BASE_COUNT] & 0xFFFF) | (value << 16)
    elif offset == 0x1C:
        hold(S)
        S[RTC_BASE_COUNT] = (S[RTC_BASE_COUNT] & 0xFFFF0000) | value
    elif offset == 0x20:
        S[RTC_ALR] = (S[RTC_ALR] & 0xFFFF) | (value << 16)
    elif offset == 0x24:
        S[RTC_ALR] = (S[RTC_ALR] & 0xFFFF0000) | value
    else:
        return False
    return True


@njit(cache=True)
def backup_read(S, offset):
    if 0x04 <= offset <= 0x34:
        return S[BKP + ((offset - 4) >> 2)], True
    return 0, False


@njit(cache=True)
def backup_write(S, offset, value):
    if 0x04 <= offset <= 0x34:
        if S[PWR_CR] & 0x100:
            S[BKP + ((offset - 4) >> 2)] = value & 0xFFFF
        return True
    return False

