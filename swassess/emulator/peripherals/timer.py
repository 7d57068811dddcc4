"""General-purpose timers 2 to 4 (RM0008, chapter 15): up-counting, update, capture and compare.

The counter is not stepped: its value follows from the time since it last had a known value. PSC, and ARR with ARPE,
take effect at the next update. Not modelled: down and centre-aligned counting, slave modes, preloaded compare values,
input filters.
"""

from numba import njit

from swassess.emulator.arrays import State
from swassess.emulator.layout import (
    CYCLE_TICKS,
    DEADLINE,
    PIN_CHANGED,
    T_ARR,
    T_ARR_ACTIVE,
    T_BASE_COUNT,
    T_BASE_TICKS,
    T_CCER,
    T_CCMR1,
    T_CCR1,
    T_COMPARED,
    T_CR1,
    T_DIER,
    T_EDGES,
    T_NEXT_UPDATE,
    T_PSC,
    T_PSC_ACTIVE,
    T_SR,
    TICKS,
    TIMER,
    TIMER_WORDS,
)

_CEN, _UDIS, _URS, _OPM, _ARPE = 1, 2, 4, 8, 0x80
_UIF, _CC1IF, _CC1OF = 1, 2, 0x200
_INTERRUPTS = 0x5F
_CHANNELS = 4
NEVER = 1 << 62


@njit(cache=True)
def _count_ticks(S: State, base: int) -> int:
    return (S[base + T_PSC_ACTIVE] + 1) * S[CYCLE_TICKS]


@njit(cache=True)
def _counts(S: State, base: int, now: int) -> int:
    """Counts from zero through the base's count up to now, wraps not taken off."""
    if not S[base + T_CR1] & _CEN or S[base + T_ARR_ACTIVE] == 0:
        return S[base + T_BASE_COUNT]
    return S[base + T_BASE_COUNT] + (now - S[base + T_BASE_TICKS]) // _count_ticks(S, base)


@njit(cache=True)
def counter(S: State, timer: int, now: int) -> int:
    base = TIMER + TIMER_WORDS * timer
    return _counts(S, base, now) % (S[base + T_ARR_ACTIVE] + 1)


@njit(cache=True)
def _channel_mode(S: State, base: int, channel: int) -> int:
    """The channel's byte of CCMR1 or CCMR2; its bits 1:0 are 0 for an output."""
    return (S[base + T_CCMR1 + (channel >> 1)] >> (8 * (channel & 1))) & 0xFF


@njit(cache=True)
def _restart(S: State, timer: int, count: int, ticks: int) -> None:
    """The counter had the value `count` at `ticks`."""
    base = TIMER + TIMER_WORDS * timer
    S[base + T_BASE_COUNT] = count
    S[base + T_BASE_TICKS] = ticks
    S[base + T_COMPARED] = count
    if S[base + T_CR1] & _CEN and S[base + T_ARR_ACTIVE]:
        left = S[base + T_ARR_ACTIVE] + 1 - count
        S[base + T_NEXT_UPDATE] = ticks + max(left, 1) * _count_ticks(S, base)
    else:
        S[base + T_NEXT_UPDATE] = 0
    S[DEADLINE] = 0


@njit(cache=True)
def _load_preloaded(S: State, base: int) -> None:
    S[base + T_PSC_ACTIVE] = S[base + T_PSC]
    S[base + T_ARR_ACTIVE] = S[base + T_ARR]


@njit(cache=True)
def _compare(S: State, base: int, until: int) -> None:
    """Sets the flags of output channels whose value the counter has met since the program last wrote a register."""
    counts = _counts(S, base, until)
    compared = S[base + T_COMPARED]
    period = S[base + T_ARR_ACTIVE] + 1
    for channel in range(_CHANNELS):
        flag = _CC1IF << channel
        value = S[base + T_CCR1 + channel]
        met = (counts - value) // period > (compared - value) // period
        if met and not S[base + T_SR] & flag and value < period and _channel_mode(S, base, channel) & 3 == 0:
            S[base + T_SR] |= flag


@njit(cache=True)
def due(S: State, timer: int) -> None:
    """Carries out updates and compare matches up to now."""
    base = TIMER + TIMER_WORDS * timer
    while S[base + T_NEXT_UPDATE] and S[TICKS] >= S[base + T_NEXT_UPDATE]:
        update = S[base + T_NEXT_UPDATE]
        if not S[base + T_CR1] & _UDIS:
            S[base + T_SR] |= _UIF
        ahead = S[base + T_PSC] != S[base + T_PSC_ACTIVE] or S[base + T_ARR] != S[base + T_ARR_ACTIVE]
        if S[base + T_CR1] & _OPM:
            _compare(S, base, update)
            S[base + T_CR1] &= ~_CEN
            _restart(S, timer, 0, update)
        elif ahead and not S[base + T_CR1] & _UDIS:
            _compare(S, base, update)
            _load_preloaded(S, base)
            _restart(S, timer, 0, update)
        else:
            period = (S[base + T_ARR_ACTIVE] + 1) * _count_ticks(S, base)
            S[base + T_NEXT_UPDATE] = update + ((S[TICKS] - update) // period + 1) * period
    _compare(S, base, S[TICKS])


@njit(cache=True)
def next_event(S: State, timer: int) -> int:
    """Time of the next update or compare match whose interrupt is wanted, NEVER when there is none."""
    base = TIMER + TIMER_WORDS * timer
    wanted = S[base + T_DIER]
    soonest = NEVER
    if S[base + T_NEXT_UPDATE] == 0 or wanted & 0x1F == 0:
        return soonest
    ahead = S[base + T_PSC] != S[base + T_PSC_ACTIVE] or S[base + T_ARR] != S[base + T_ARR_ACTIVE]
    if wanted & 1 or ahead or S[base + T_CR1] & _OPM:
        soonest = S[base + T_NEXT_UPDATE]
    if wanted & 0x1E:
        counts = _counts(S, base, S[TICKS])
        period = S[base + T_ARR_ACTIVE] + 1
        for channel in range(_CHANNELS):
            value = S[base + T_CCR1 + channel]
            if wanted & (_CC1IF << channel) and value < period and _channel_mode(S, base, channel) & 3 == 0:
                until = (value - counts - 1) % period + 1
                match = S[base + T_BASE_TICKS] + (counts + until - S[base + T_BASE_COUNT]) * _count_ticks(S, base)
                soonest = min(soonest, match)
    return soonest


@njit(cache=True)
def input_edge(S: State, timer: int, channel: int, when: int, rising: bool) -> None:
    """An edge on a channel's pin: captures the counter after the input prescaler (RM0008 15.3.5)."""
    base = TIMER + TIMER_WORDS * timer
    mode = _channel_mode(S, base, channel)
    enable = (S[base + T_CCER] >> (4 * channel)) & 3
    if mode & 3 != 1 or not enable & 1 or not S[base + T_CR1] & _CEN:
        return
    if (enable >> 1) == (1 if rising else 0):
        return
    S[base + T_EDGES + channel] += 1
    if S[base + T_EDGES + channel] < 1 << ((mode >> 2) & 3):
        return
    S[base + T_EDGES + channel] = 0
    S[base + T_CCR1 + channel] = counter(S, timer, when)
    if S[base + T_SR] & (_CC1IF << channel):
        S[base + T_SR] |= _CC1OF << channel
    S[base + T_SR] |= _CC1IF << channel
    S[DEADLINE] = 0


@njit(cache=True)
def interrupt_line(S: State, timer: int) -> int:
    base = TIMER + TIMER_WORDS * timer
    return 1 if S[base + T_SR] & S[base + T_DIER] & _INTERRUPTS else 0


@njit(cache=True)
def read(S: State, timer: int, offset: int) -> tuple[int, bool]:
    base = TIMER + TIMER_WORDS * timer
    due(S, timer)
    if offset == 0x24:
        return counter(S, timer, S[TICKS]), True
    if 0x34 <= offset <= 0x40:
        channel = (offset - 0x34) >> 2
        if _channel_mode(S, base, channel) & 3:
            S[base + T_SR] &= ~(_CC1IF << channel)
    if offset <= 0x48 and offset != 0x14:
        return S[base + (offset >> 2)], True
    return 0, False


@njit(cache=True)
def _generate(S: State, timer: int, value: int) -> None:
    """EGR: software events."""
    base = TIMER + TIMER_WORDS * timer
    if value & 1:
        if not S[base + T_CR1] & _UDIS:
            _load_preloaded(S, base)
        _restart(S, timer, 0, S[TICKS])
        if not S[base + T_CR1] & (_UDIS | _URS):
            S[base + T_SR] |= _UIF
    for channel in range(_CHANNELS):
        if value & (_CC1IF << channel):
            if _channel_mode(S, base, channel) & 3:
                S[base + T_CCR1 + channel] = counter(S, timer, S[TICKS])
            S[base + T_SR] |= _CC1IF << channel
    S[DEADLINE] = 0


@njit(cache=True)
def _set_auto_reload(S: State, timer: int, value: int) -> None:
    base = TIMER + TIMER_WORDS * timer
    S[base + T_ARR] = value
    if not S[base + T_CR1] & _ARPE and S[base + T_ARR_ACTIVE] != value:
        count = counter(S, timer, S[TICKS])
        ticks = S[TICKS]
        if S[base + T_CR1] & _CEN and S[base + T_ARR_ACTIVE]:  # the prescaler goes on
            ticks -= (ticks - S[base + T_BASE_TICKS]) % _count_ticks(S, base)
        S[base + T_ARR_ACTIVE] = value
        _restart(S, timer, count, ticks)


@njit(cache=True)
def write(S: State, timer: int, offset: int, value: int) -> bool:
    """A write that changes nothing leaves the state as it is: loops that repeat it can be recognised as such."""
    base = TIMER + TIMER_WORDS * timer
    value &= 0xFFFF
    due(S, timer)
    if offset == 0x14:
        _generate(S, timer, value)
    elif offset == 0x24:
        _restart(S, timer, value, S[TICKS])
    elif offset == 0x2C:
        _set_auto_reload(S, timer, value)
    elif offset <= 0x48:
        if offset == 0x10:
            value &= S[base + T_SR]
        before = S[base + (offset >> 2)]
        if before != value:
            S[base + T_COMPARED] = _counts(S, base, S[TICKS])
            count = counter(S, timer, S[TICKS])
            S[base + (offset >> 2)] = value
            if offset == 0x00 and (before ^ value) & _CEN:
                _restart(S, timer, count, S[TICKS])
            S[PIN_CHANGED] = 1
            S[DEADLINE] = 0
    else:
        return False
    return True
