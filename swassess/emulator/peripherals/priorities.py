"""Priorities of exceptions: what is active, what waits, what may pre-empt (Armv7-M and Armv6-M ARM, B1.5.4)."""

from numba import njit

from swassess.emulator.arrays import State
from swassess.emulator.layout import ACTIVE, AIRCR, ENABLED, EXCEPTION_COUNT, PENDING, PRIORITY, PRIORITY_MASK

NMI, HARD_FAULT, MEMORY_FAULT, BUS_FAULT, USAGE_FAULT, SV_CALL = 2, 3, 4, 5, 6, 11
DEBUG_MONITOR, PEND_SV, SYSTICK = 12, 14, 15
FIRST_INTERRUPT = 16
IDLE_PRIORITY = 256


@njit(cache=True)
def group_mask(S: State) -> int:
    """The bits of a priority that count for pre-emption (PRIGROUP)."""
    return 0xFF & ~((2 << ((S[AIRCR] >> 8) & 7)) - 1)


@njit(cache=True)
def group_priority(S: State, exception: int) -> int:
    """Priority that decides pre-emption; lower is more urgent. NMI -2, HardFault -1."""
    if exception == NMI:
        return -2
    if exception == HARD_FAULT:
        return -1
    return S[PRIORITY + exception] & group_mask(S)


@njit(cache=True)
def execution_priority(S: State, masks: int) -> int:
    """What is active, raised by the masks (registers.packed_masks)."""
    best = IDLE_PRIORITY
    for exception in range(NMI, S[EXCEPTION_COUNT]):
        if S[ACTIVE + exception]:
            best = min(best, group_priority(S, exception))
    basepri = (masks >> 8) & S[PRIORITY_MASK]
    if basepri:
        best = min(best, basepri & group_mask(S))
    if masks & 1:
        best = min(best, 0)
    if masks & 2:
        best = min(best, -1)
    return best


@njit(cache=True)
def most_urgent_pending(S: State) -> int:
    """Exception number of the most urgent pending and enabled exception, 0 when there is none."""
    found = 0
    best = 0
    for exception in range(NMI, S[EXCEPTION_COUNT]):
        if S[PENDING + exception] and (exception < FIRST_INTERRUPT or S[ENABLED + exception]):
            subpriority = S[PRIORITY + exception] if exception > HARD_FAULT else 0
            rank = group_priority(S, exception) * 256 + subpriority
            if found == 0 or rank < best:
                found = exception
                best = rank
    return found


@njit(cache=True)
def anything_pending(S: State) -> bool:
    """Whether any exception is pending, enabled or not (SEVONPEND)."""
    return bool(S[PENDING : PENDING + S[EXCEPTION_COUNT]].any())


@njit(cache=True)
def active_count(S: State) -> int:
    """How many exceptions are active."""
    active = 0
    for exception in range(NMI, S[EXCEPTION_COUNT]):
        active += S[ACTIVE + exception]
    return active
