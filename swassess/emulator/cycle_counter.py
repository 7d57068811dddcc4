"""The cycle counter (DWT CYCCNT) as firmware and debuggers see it (Armv7-M ARM C1.8.8). Armv6-M cores have none.

It counts through sleep as well, which silicon does only while a debugger keeps the core's clock running.
"""

from numba import njit

from swassess.emulator.arrays import State
from swassess.emulator.layout import (
    CORE_FEATURES,
    CYCLE_TICKS,
    CYCLES,
    CYCLES_SINCE,
    DEMCR,
    DWT_CONTROL,
    F_MAINLINE,
    TICKS,
)

CONTROL_AT, COUNT_AT, DEMCR_AT = 0xE0001000, 0xE0001004, 0xE000EDFC
TRACE_ENABLED = 1 << 24
_COMPARATORS = 4 << 28


@njit(cache=True)
def serves(S: State, address: int) -> bool:
    """Whether the word is one of the counter's."""
    return address in (CONTROL_AT, COUNT_AT, DEMCR_AT) and S[CORE_FEATURES] & F_MAINLINE != 0


@njit(cache=True)
def count(S: State) -> int:
    passed = 0
    if S[DWT_CONTROL] & 1 and S[DEMCR] & TRACE_ENABLED and S[CYCLE_TICKS] > 0:
        passed = (S[TICKS] - S[CYCLES_SINCE]) // S[CYCLE_TICKS]
    return (S[CYCLES] + passed) & 0xFFFFFFFF


@njit(cache=True)
def rebase(S: State) -> None:
    """Before anything changes that the count depends on: its switches, the core's clock."""
    S[CYCLES] = count(S)
    S[CYCLES_SINCE] = S[TICKS]


@njit(cache=True)
def read(S: State, address: int) -> int:
    if address == COUNT_AT:
        return count(S)
    return S[DEMCR] if address == DEMCR_AT else _COMPARATORS | S[DWT_CONTROL]


@njit(cache=True)
def write(S: State, address: int, value: int) -> None:
    rebase(S)
    if address == COUNT_AT:
        S[CYCLES] = value & 0xFFFFFFFF
    elif address == DEMCR_AT:
        S[DEMCR] = value & 0x010007F1
    else:
        S[DWT_CONTROL] = value & 1
