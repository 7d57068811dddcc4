"""General-purpose timers 2 to 4 (RM0008, chapter 15): up-counting, update, capture and compare.

The counter is not stepped: its value follows from the time since it last had a known value.
"""

from numba import njit

from swassess.emulator.layout import (
    CYCLE_TICKS,
    DEADLINE,
    PIN_CHANGED,
    T_ARR,
    T_BASE_COUNT,
    T_BASE_TICKS,
    T_CCER,
    T_CCMR1,
    T_CCR1,
    T_CR1,
    T_DIER,
    T_EDGES,
    T_NEXT_UPDATE,
    T_PSC,
    T_SR,
    TICKS,
    TIMER,
    TIMER_WORDS,
)


@njit(cache=True)
def _count_ticks(S, base):
    return (S[base + T_PSC] + 1) * S[CYCLE_TICKS]


@njit(cache=True)
def counter(S, timer, now):
    base = TIMER + TIMER_WORDS * timer
    if not S[base + T_CR1] & 1:
        return S[base + T_BASE_COUNT]
    elapsed = (now - S[base + T_BASE_TICKS]) // _count_ticks(S, base)
    return (S[base + T_BASE_COUNT] + elapsed) % (S[base + T_ARR] + 1)


@njit(cache=True)
def _restart(S, timer, count):
    base = TIMER + TIMER_WORDS * timer
    S[base + T_BASE_COUNT] = count
    S[base + T_BASE_TICKS] = S[TICKS]
    if S[base + T_CR1] & 1 and S[base + T_ARR]:
        left = S[base + T_ARR] + 1 - count
        S[base + T_NEXT_UPDATE] = S[TICKS] + max(left, 1) * _count_ticks(S, base)
    else:
        S[base + T_NEXT_UPDATE] = 0
    S[DEADLINE] = 0


@njit(cache=True)
def due(S, timer):
    """Sets the update flag for wraps up to now."""
    base = TIMER + TIMER_WORDS * timer
    if S[base + T_NEXT_UPDATE] and S[TICKS] >= S[base + T_NEXT_UPDATE]:
        S[base + T_SR] |= 1
        period = (S[base + T_ARR] + 1) * _count_ticks(S, base)
        behind = (S[TICKS] - S[base + T_NEXT_UPDATE]) // period
        S[base + T_NEXT_UPDATE] += (behind + 1) * period


@njit(cache=True)
def input_edge(S, timer, channel, when, rising):
    """An edge on a channel's pin: captures the counter after the input prescaler (RM0008 15.3.5)."""
    base = TIMER + TIMER_WORDS * timer
    mode = (S[base + T_CCMR1 + (channel >> 1)] >> (8 * (channel & 1))) & 0xFF
    enable = (S[base + T_CCER] >> (4 * channel)) & 3
    if mode & 3 != 1 or not enable & 1 or not S[base + T_CR1] & 1:
        return
    if (enable >> 1) == (1 if rising else 0):
        return
    S[base + T_EDGES + channel] += 1
    if S[base + T_EDGES + channel] < 1 << ((mode >> 2) & 3):
        return
    S[base + T_EDGES + channel] = 0
    S[base + T_CCR1 + channel] = counter(S, timer, when)
    if S[base + T_SR] & (2 << channel):
        S[base + T_SR] |= 0x200 << channel
    S[base + T_SR] |= 2 << channel
    S[DEADLINE] = 0


@njit(cache=True)
def interrupt_line(S, timer):
    base = TIMER + TIMER_WORDS * timer
    return 1 if S[base + T_SR] & S[base + T_DIER] & 0x5F else 0


@njit(cache=True)
def read(S, timer, offset):
    base = TIMER + TIMER_WORDS * timer
    if offset == 0x24:
        return counter(S, timer, S[TICKS]), True
    if offset == 0x10:
        due(S, timer)
    if 0x34 <= offset <= 0x40:
        channel = (offset - 0x34) >> 2
        mode = (S[base + T_CCMR1 + (channel >> 1)] >> (8 * (channel & 1))) & 3
        if mode:
            S[base + T_SR] &= ~(2 << channel)
    if offset <= 0x48 and offset != 0x14:
        return S[base + (offset >> 2)], True
    return 0, False


@njit(cache=True)
def write(S, timer, offset, value):
    base = TIMER + TIMER_WORDS * timer
    value &= 0xFFFF
    if offset == 0x00:
        count = counter(S, timer, S[TICKS])
        S[base + T_CR1] = value
        _restart(S, timer, count)
        S[PIN_CHANGED] = 1
    elif offset == 0x10:
        due(S, timer)
        S[base + T_SR] &= value
        S[DEADLINE] = 0
    elif offset == 0x14:
        if value & 1:
            _restart(S, timer, 0)
            S[base + T_SR] |= 1
        for channel in range(4):
            if value & (2 << channel):
                S[base + T_SR] |= 2 << channel
    elif offset == 0x24:
        _restart(S, timer, value)
    elif offset == 0x28 or offset == 0x2C:
        count = counter(S, timer, S[TICKS])
        S[base + (offset >> 2)] = value
        _restart(S, timer, count)
    elif offset <= 0x48:
        if S[base + (offset >> 2)] != value:
            S[base + (offset >> 2)] = value
            S[PIN_CHANGED] = 1
            S[DEADLINE] = 0
    else:
        return False
    return True
