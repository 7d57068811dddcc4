"""Independent watchdog (RM0008, chapter 19): its own oscillator, keys 0x5555 / 0xAAAA / 0xCCCC, sets the reset cause.

Starting it counts down from 0xFFF, whatever the reload register holds; only a refresh loads the reload value.
Simplified: writes of prescaler and reload value take effect at once (SR reads 0).
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import njit

from swassess.emulator.arrays import Control, State
from swassess.emulator.layout import (
    ASK_HOLD_LSI,
    C_MCU,
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

_ACCESS, _RELOAD, _START = 0x5555, 0xAAAA, 0xCCCC
_FULL = 0xFFF


@njit(cache=True)
def _prescaler(S: State) -> int:
    return 4 << min(S[IWDG_PR], 6)


@njit(cache=True)
def _load(S: State, count: int) -> None:
    S[IWDG_EXPIRY] = S[TICKS] + (count + 1) * _prescaler(S) * S[LSI_TICKS]
    S[DEADLINE] = 0


@njit(cache=True)
def set_clock(S: State, ticks: int) -> None:
    """Its oscillator has another period from now on; the counter goes on from its value."""
    if S[IWDG_ON]:
        left = max(S[IWDG_EXPIRY] - S[TICKS], 0) // S[LSI_TICKS]
        S[IWDG_EXPIRY] = S[TICKS] + left * ticks
        S[DEADLINE] = 0
    S[LSI_TICKS] = ticks


@njit(cache=True)
def read(S: State, offset: int) -> tuple[int, bool]:
    if offset == 0x04:
        return S[IWDG_PR], True
    if offset == 0x08:
        return S[IWDG_RLR], True
    return 0, offset == 0x0C or offset == 0x00


@njit(cache=True)
def write(C: Control, S: State, offset: int, value: int) -> bool:
    value &= 0xFFFF
    if offset == 0x00:
        S[IWDG_UNLOCKED] = 1 if value == _ACCESS else 0
        if value == _START:
            if not S[IWDG_ON]:
                S[IWDG_ON] = 1
                native.ask(C[C_MCU], ASK_HOLD_LSI, 0, 0, 0)  # starting turns its oscillator on
                _load(S, _FULL)
        elif value == _RELOAD:
            S[IWDG_REFRESHES] += 1
            if S[IWDG_ON]:
                _load(S, S[IWDG_RLR])
    elif offset == 0x04:
        if S[IWDG_UNLOCKED]:
            before = _prescaler(S)
            S[IWDG_PR] = value & 7
            if S[IWDG_ON]:  # the counter keeps its value and goes on at the new rate
                left = max(S[IWDG_EXPIRY] - S[TICKS], 0) // before
                S[IWDG_EXPIRY] = S[TICKS] + left * _prescaler(S)
                S[DEADLINE] = 0
    elif offset == 0x08:
        if S[IWDG_UNLOCKED]:
            S[IWDG_RLR] = value & _FULL
    else:
        return False
    return True
