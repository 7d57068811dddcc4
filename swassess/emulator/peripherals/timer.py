"""Timers of the STM32 families, compiled: basic, general and advanced (RM0008 chapters 14, 15 and 17; RM0091 17 to 21).

Update, capture, compare, PWM, down and centre-aligned counting, one-pulse mode, main output enable. The counter is not
stepped: its value follows from the time since it last had a known value. PSC, and ARR with ARPE, take effect at the
next update. Not modelled: slave and encoder modes, repetition counter, preloaded compare values, dead time, input
filters, break inputs.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, njit

from swassess.emulator.arrays import Control, State
from swassess.emulator.layout import (
    C_TIMER_COUNT,
    C_TIMER_SETUP,
    DEADLINE,
    PIN_CHANGED,
    T_ARR,
    T_ARR_ACTIVE,
    T_BASE_COUNT,
    T_BASE_TICKS,
    T_BDTR,
    T_CCER,
    T_CCMR1,
    T_CCR1,
    T_CLOCK,
    T_COMPARED,
    T_CR1,
    T_CR2,
    T_DIER,
    T_EDGES,
    T_MASK,
    T_NEXT_UPDATE,
    T_PSC,
    T_PSC_ACTIVE,
    T_SR,
    TICKS,
    TIMER,
    TIMER_EVENTS,
    TIMER_WORDS,
)

_CEN, _UDIS, _URS, _OPM, _DIR, _CMS, _ARPE = 1, 2, 4, 8, 0x10, 0x60, 0x80
_UIF, _CC1IF, _COMIF, _TIF, _BIF, _CC1OF = 1, 2, 0x20, 0x40, 0x80, 0x200
_MASTER_UPDATE, _MASTER_MODE, _UPDATE_DMA = 0x20, 0x70, 0x100
_MAIN_OUTPUT, _BREAK_ENABLE = 0x8000, 0x1000
_CHANNELS = 4
BASIC, GENERAL, ADVANCED = 0, 1, 2
SETUP_WORDS = 8  # kind, mask, exceptions of update, capture and compare, break, trigger
NEVER = 1 << 62


@njit(cache=True)
def _count_ticks(S: State, base: int) -> int:
    return (S[base + T_PSC_ACTIVE] + 1) * S[base + T_CLOCK]


@njit(cache=True)
def _runs(S: State, base: int) -> bool:
    return S[base + T_CR1] & _CEN != 0 and S[base + T_ARR_ACTIVE] != 0 and S[base + T_CLOCK] != 0


@njit(cache=True)
def _counts(S: State, base: int, now: int) -> int:
    """Counts from zero through the base's count up to now, wraps not taken off. Down-counting is counted up as well:
    what the program sees is turned round by seen()."""
    if not _runs(S, base):
        return S[base + T_BASE_COUNT]
    return S[base + T_BASE_COUNT] + (now - S[base + T_BASE_TICKS]) // _count_ticks(S, base)


@njit(cache=True)
def _period(S: State, base: int) -> int:
    """Counts from one update to the next."""
    if S[base + T_CR1] & _CMS:
        return max(2 * S[base + T_ARR_ACTIVE], 1)
    return S[base + T_ARR_ACTIVE] + 1


@njit(cache=True)
def _seen(S: State, base: int, count: int) -> int:
    """The counter's value at a count since the latest update: itself, falling, or rising and falling."""
    if S[base + T_CR1] & _CMS:
        return count if count <= S[base + T_ARR_ACTIVE] else 2 * S[base + T_ARR_ACTIVE] - count
    if S[base + T_CR1] & _DIR:
        return S[base + T_ARR_ACTIVE] - count
    return count


@njit(cache=True)
def counter(S: State, timer: int, now: int) -> int:
    """The value of CNT at a time."""
    base = TIMER + TIMER_WORDS * timer
    if not _runs(S, base):  # a counter without reload value does not count, and keeps what was written
        return S[base + T_BASE_COUNT]
    return _seen(S, base, _counts(S, base, now) % _period(S, base))


@njit(cache=True)
def energises(C: Control, S: State, timer: int, channel: int) -> int:
    """1 while a channel's output is on and its compare value is above zero; complementary outputs count as theirs."""
    base = TIMER + TIMER_WORDS * timer
    on = (S[base + T_CCER] >> (4 * channel)) & 5 != 0 and S[base + T_CR1] & _CEN != 0
    if _setup(C, timer, 0) == ADVANCED and not S[base + T_BDTR] & _MAIN_OUTPUT:
        return 0
    return 1 if on and S[base + T_CCR1 + channel] > 0 and S[base + T_ARR] > 0 else 0


@njit(cache=True)
def _setup(C: Control, timer: int, column: int) -> int:
    return carray(native.int64_pointer(C[C_TIMER_SETUP]), (C[C_TIMER_COUNT] + 1, SETUP_WORDS))[timer, column]


@njit(cache=True)
def set_clock(S: State, timer: int, ticks: int) -> None:
    """The timer's clock has another period from now on (0: stopped); the counter goes on from its value."""
    base = TIMER + TIMER_WORDS * timer
    if S[base + T_CLOCK] == ticks:
        return
    due(S, timer)
    count = _counts(S, base, S[TICKS]) % _period(S, base)
    S[base + T_CLOCK] = ticks
    _restart(S, timer, count, S[TICKS])


@njit(cache=True)
def trip_break(C: Control, S: State, timer: int) -> None:
    """A break event: outputs of an advanced timer that has its break enabled go off (RM0008 14.3.12)."""
    base = TIMER + TIMER_WORDS * timer
    if _setup(C, timer, 0) == ADVANCED and S[base + T_BDTR] & _BREAK_ENABLE:
        S[base + T_BDTR] &= ~_MAIN_OUTPUT
        S[base + T_SR] |= _BIF


@njit(cache=True)
def reset_timer(C: Control, S: State, timer: int) -> None:
    """Register values after a reset; the clock and the counter's width stay."""
    base = TIMER + TIMER_WORDS * timer
    clock = S[base + T_CLOCK]
    S[base : base + TIMER_WORDS] = 0
    S[base + T_MASK] = _setup(C, timer, 1)
    S[base + T_ARR] = S[base + T_MASK]
    S[base + T_ARR_ACTIVE] = S[base + T_MASK]
    S[base + T_CLOCK] = clock


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
    if _runs(S, base):
        left = _period(S, base) - count
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
    period = _period(S, base)
    for channel in range(_CHANNELS):
        flag = _CC1IF << channel
        value = _meeting(S, base, channel)
        met = (counts - value) // period > (compared - value) // period
        if met and not S[base + T_SR] & flag and value < period and _channel_mode(S, base, channel) & 3 == 0:
            S[base + T_SR] |= flag


@njit(cache=True)
def _meeting(S: State, base: int, channel: int) -> int:
    """The count since an update at which the counter meets a compare value; a falling counter meets it from above."""
    value = S[base + T_CCR1 + channel]
    if S[base + T_CR1] & _DIR and not S[base + T_CR1] & _CMS:
        return S[base + T_ARR_ACTIVE] - value if value <= S[base + T_ARR_ACTIVE] else 1 << 40
    return value


@njit(cache=True)
def due(S: State, timer: int) -> None:
    """Carries out updates and compare matches up to now."""
    base = TIMER + TIMER_WORDS * timer
    while S[base + T_NEXT_UPDATE] and S[TICKS] >= S[base + T_NEXT_UPDATE]:
        update = S[base + T_NEXT_UPDATE]
        if not S[base + T_CR1] & _UDIS:
            S[base + T_SR] |= _UIF
            if _tells_others(S, base):
                S[TIMER_EVENTS] |= 1 << timer
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
            period = _period(S, base) * _count_ticks(S, base)
            S[base + T_NEXT_UPDATE] = update + ((S[TICKS] - update) // period + 1) * period
    _compare(S, base, S[TICKS])


@njit(cache=True)
def _tells_others(S: State, base: int) -> bool:
    """Whether an update is a trigger for other blocks (TRGO) or a request to the DMA."""
    return S[base + T_CR2] & _MASTER_MODE == _MASTER_UPDATE or S[base + T_DIER] & _UPDATE_DMA != 0


@njit(cache=True)
def next_event(S: State, timer: int) -> int:
    """Time of the next update or compare match that interrupt, DMA or other blocks want, NEVER if there is none."""
    base = TIMER + TIMER_WORDS * timer
    wanted = S[base + T_DIER]
    soonest = NEVER
    if S[base + T_NEXT_UPDATE] == 0:
        return soonest
    if _tells_others(S, base):
        soonest = S[base + T_NEXT_UPDATE]
    if wanted & 0x1F == 0:
        return soonest
    ahead = S[base + T_PSC] != S[base + T_PSC_ACTIVE] or S[base + T_ARR] != S[base + T_ARR_ACTIVE]
    if wanted & 1 or ahead or S[base + T_CR1] & _OPM:
        soonest = min(soonest, S[base + T_NEXT_UPDATE])
    if wanted & 0x1E:
        counts = _counts(S, base, S[TICKS])
        period = _period(S, base)
        for channel in range(_CHANNELS):
            value = _meeting(S, base, channel)
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
def raise_lines(C: Control, S: State, timer: int, asserted: State) -> None:
    """Sets the exceptions whose lines this timer holds up; basic and general timers have one for everything."""
    base = TIMER + TIMER_WORDS * timer
    active = S[base + T_SR] & S[base + T_DIER]
    if active & _UIF:
        asserted[_setup(C, timer, 2)] = 1
    if active & 0x1E:
        asserted[_setup(C, timer, 3)] = 1
    if active & _BIF:
        asserted[_setup(C, timer, 4)] = 1
    if active & (_TIF | _COMIF):
        asserted[_setup(C, timer, 5)] = 1


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
    if offset <= 0x7C:
        return S[base + (offset >> 2)] if offset != 0x14 else 0, True
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
        if _runs(S, base):  # the prescaler goes on
            count = _counts(S, base, ticks) % _period(S, base)
            ticks -= (ticks - S[base + T_BASE_TICKS]) % _count_ticks(S, base)
        S[base + T_ARR_ACTIVE] = value
        _restart(S, timer, count, ticks)


@njit(cache=True)
def write(S: State, timer: int, offset: int, value: int) -> bool:
    """A write that changes nothing leaves the state as it is: loops that repeat it can be recognised as such."""
    base = TIMER + TIMER_WORDS * timer
    if offset in (0x24, 0x2C) or 0x34 <= offset <= 0x40:
        value &= S[base + T_MASK]
    elif offset == 0x28:
        value &= 0xFFFF
    due(S, timer)
    if offset == 0x14:
        _generate(S, timer, value)
    elif offset == 0x24:
        _restart(S, timer, _seen(S, base, value) if _runs(S, base) else value, S[TICKS])
    elif offset == 0x2C:
        _set_auto_reload(S, timer, value)
    elif offset <= 0x7C:
        if offset == 0x10:
            value &= S[base + T_SR]
        before = S[base + (offset >> 2)]
        if before != value:
            S[base + T_COMPARED] = _counts(S, base, S[TICKS])
            count = _counts(S, base, S[TICKS]) % _period(S, base)
            S[base + (offset >> 2)] = value
            if offset == 0x00 and (before ^ value) & (_CEN | _DIR | _CMS):
                _restart(S, timer, count, S[TICKS])
            S[PIN_CHANGED] = 1
            S[DEADLINE] = 0
    else:
        return False
    return True
