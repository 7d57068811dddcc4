"""SysTick (Armv7-M ARM, B3.3). Its external clock is the core clock divided by eight (RM0008 10.1.1).

The counter is not stepped: SYSTICK_NEXT is the time when it reaches 0; one clock later it is loaded again.
"""

from numba import njit

from swassess.emulator.arrays import State
from swassess.emulator.layout import (
    CYCLE_TICKS,
    DEADLINE,
    PENDING,
    SYSTICK_CTRL,
    SYSTICK_EXTERNAL_TICKS,
    SYSTICK_FLAG,
    SYSTICK_FROZEN,
    SYSTICK_LOAD,
    SYSTICK_NEXT,
    SYSTICK_RELOAD,
    TICKS,
)

EXCEPTION = 15
NEVER = 1 << 62
_ENABLE, _TICKINT, _CLKSOURCE = 1, 2, 4
_COUNTFLAG_AT = 16


@njit(cache=True)
def _clock_ticks(S: State) -> int:
    return S[CYCLE_TICKS] if S[SYSTICK_CTRL] & _CLKSOURCE else S[SYSTICK_EXTERNAL_TICKS]


@njit(cache=True)
def next_event(S: State) -> int:
    if S[SYSTICK_CTRL] & _ENABLE and S[SYSTICK_NEXT]:
        return S[SYSTICK_NEXT]
    return NEVER


@njit(cache=True)
def due(S: State) -> None:
    """Carries out every time the counter reached 0 up to now."""
    while S[SYSTICK_CTRL] & _ENABLE and S[SYSTICK_NEXT] and S[TICKS] >= S[SYSTICK_NEXT]:
        S[SYSTICK_FLAG] = 1
        if S[SYSTICK_CTRL] & _TICKINT:
            S[PENDING + EXCEPTION] = 1
        _run_from(S, 0, S[SYSTICK_NEXT])


@njit(cache=True)
def _run_from(S: State, value: int, ticks: int) -> None:
    """The counter has `value` at `ticks` and goes on; from 0 it loads LOAD first, and a LOAD of 0 stops it."""
    if value == 0:
        S[SYSTICK_RELOAD] = S[SYSTICK_LOAD]
        value = S[SYSTICK_LOAD] + 1 if S[SYSTICK_LOAD] else 0
    S[SYSTICK_NEXT] = ticks + value * _clock_ticks(S) if value else 0


@njit(cache=True)
def value(S: State) -> int:
    if not S[SYSTICK_CTRL] & _ENABLE:
        return S[SYSTICK_FROZEN]
    if S[SYSTICK_NEXT] == 0:
        return 0
    left = -((S[TICKS] - S[SYSTICK_NEXT]) // _clock_ticks(S))
    return 0 if left > S[SYSTICK_RELOAD] or left < 0 else left


@njit(cache=True)
def set_clock(S: State, cycle: int, external: int) -> None:
    """The core's clock and SysTick's external one have other periods from now on; the counter keeps its value."""
    due(S)
    present = value(S)
    S[CYCLE_TICKS] = cycle
    S[SYSTICK_EXTERNAL_TICKS] = external
    if S[SYSTICK_CTRL] & _ENABLE and S[SYSTICK_NEXT]:
        _run_from(S, present, S[TICKS])


@njit(cache=True)
def read_control(S: State) -> int:
    """CTRL; reading clears COUNTFLAG."""
    due(S)
    control = S[SYSTICK_CTRL] | (S[SYSTICK_FLAG] << _COUNTFLAG_AT)
    S[SYSTICK_FLAG] = 0
    return control


@njit(cache=True)
def write_control(S: State, control: int) -> None:
    """CTRL; a counter that goes on with the same clock keeps its place within the present count."""
    due(S)
    present = value(S)
    changed = S[SYSTICK_CTRL] ^ control
    S[SYSTICK_CTRL] = control & (_ENABLE | _TICKINT | _CLKSOURCE)
    if not changed & (_ENABLE | _CLKSOURCE):
        S[DEADLINE] = 0
        return
    if S[SYSTICK_CTRL] & _ENABLE:
        if present > S[SYSTICK_RELOAD]:
            S[SYSTICK_RELOAD] = present
        _run_from(S, present, S[TICKS])
    else:
        S[SYSTICK_FROZEN] = present
    S[DEADLINE] = 0


@njit(cache=True)
def write_load(S: State, reload: int) -> None:
    """LOAD; it is used when the counter next leaves 0."""
    due(S)
    S[SYSTICK_LOAD] = reload & 0xFFFFFF
    if not S[SYSTICK_CTRL] & _ENABLE:
        return
    whole = (S[SYSTICK_RELOAD] + 1) * _clock_ticks(S)
    if S[SYSTICK_NEXT] == 0:
        _run_from(S, 0, S[TICKS])
        S[DEADLINE] = 0
    elif S[SYSTICK_NEXT] - S[TICKS] > whole - _clock_ticks(S):  # still at 0
        _run_from(S, 0, S[SYSTICK_NEXT] - whole)
        S[DEADLINE] = 0


@njit(cache=True)
def write_value(S: State) -> None:
    """VAL: any write clears the counter and COUNTFLAG."""
    due(S)
    S[SYSTICK_FROZEN] = 0
    S[SYSTICK_FLAG] = 0
    _run_from(S, 0, S[TICKS])
    S[DEADLINE] = 0
