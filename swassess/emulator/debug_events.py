"""What exceptions and the run loop tell a debugger, and which exceptions wait while it masks interrupts."""

from numba import njit

from swassess.emulator.arrays import Control, State
from swassess.emulator.layout import (
    C_DEBUG_CATCH,
    C_DEBUG_PENDING,
    C_DEBUG_STEP,
    D_CAUGHT,
    PENDING,
)
from swassess.emulator.peripherals import nvic

_FIRST_MASKED = nvic.PEND_SV  # DHCSR.C_MASKINTS holds back PendSV, SysTick and the interrupts


@njit(cache=True)
def most_urgent(S: State, interrupts_masked: int) -> int:
    """The pending exception that is to be taken next, 0 when there is none (Armv7-M ARM C1.6.2 for the mask)."""
    exception = nvic.most_urgent_pending(S)
    if not interrupts_masked or exception < _FIRST_MASKED:
        return exception
    best, found = 0, 0
    for number in range(nvic.NMI, _FIRST_MASKED):
        if S[PENDING + number]:
            urgency = nvic.group_priority(S, number)
            if found == 0 or urgency < best:
                found, best = number, urgency
    return found


@njit(cache=True)
def exception_taken(C: Control, exception: int) -> None:
    """The handler of an exception has been entered: a step ends at its first instruction, and so does vector catch."""
    if C[C_DEBUG_STEP] > 1:
        C[C_DEBUG_STEP] = 1
    if exception < 16 and (C[C_DEBUG_CATCH] >> exception) & 1:
        C[C_DEBUG_PENDING] |= D_CAUGHT
