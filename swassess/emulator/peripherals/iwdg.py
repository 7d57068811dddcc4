"""Independent watchdog (RM0008, chapter 19): its own oscillator, keys 0x5555 / 0xAAAA / 0xCCCC, sets the reset cause.

Starting it counts down from 0xFFF, whatever the reload register holds; only a refresh loads the reload value.
"""

from numba import njit

from swassess.emulator.layout import (
    DEADLINE,
    IWDG_EXPIRY,
    IWDG_ON,
    IWDG_PR,
    IWDG_REFRESHES,
    IWDG_RLR,
    IWDG_UNLOCKED,
    LSI_TICKS,
    TICKS,
)


@njit(cache=True)
def _load(S, count):
    prescaler = 4 << min(S[IWDG_PR], 6)
    S[IWDG_EXPIRY] = S[TICKS] + (count + 1) * prescaler * S[LSI_TICKS]
    S[DEADLINE] = 0


@njit(cache=True)
def read(S, offset):
    if offset == 0x04:
        return S[IWDG_PR], True
    if offset == 0x08:
        return S[IWDG_RLR], True
    return 0, offset == 0x0C or offset == 0x00


@njit(cache=True)
def write(S, offset, value):
    value &= 0xFFFF
    if offset == 0x00:
        S[IWDG_UNLOCKED] = 1 if value == 0x5555 else 0
        if value == 0xCCCC:
            if not S[IWDG_ON]:
                S[IWDG_ON] = 1
                _load(S, 0xFFF)
        elif value == 0xAAAA:
            S[IWDG_REFRESHES] += 1
            if S[IWDG_ON]:
                _load(S, S[IWDG_RLR])
    elif offset == 0x04:
        if S[IWDG_UNLOCKED]:
            before = 4 << min(S[IWDG_PR], 6)
            S[IWDG_PR] = value & 7
            if S[IWDG_ON]:  # the counter keeps its value and goes on at the new rate
                left = max(S[IWDG_EXPIRY] - S[TICKS], 0) // before
                S[IWDG_EXPIRY] = S[TICKS] + left * (4 << min(S[IWDG_PR], 6))
                S[DEADLINE] = 0
    elif offset == 0x08:
        if S[IWDG_UNLOCKED]:
            S[IWDG_RLR] = value & 0xFFF
    else:
        return False
    return True
