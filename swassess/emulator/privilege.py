"""Unprivileged code and the private peripheral bus: a bus fault (Armv7-M ARM, B3.1; all but STIR if CCR lets it)."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import njit

from swassess.emulator.arrays import Control
from swassess.emulator.bus import state_of
from swassess.emulator.layout import C_BAD_ADDRESS, C_ENGINE, C_STOP, C_WATCH_HIT, CCR, STOP_INTERRUPT
from swassess.emulator.registers import is_privileged

REFUSED = -6  # what stops.py finds in C_WATCH_HIT
_STIR = 0xE000EF00
_USER_MAY_PEND = 2  # CCR.USERSETMPEND


@njit(cache=True)
def refuse_unprivileged(C: Control, address: int) -> bool:
    """Called by the engine's hook for an access at `address`. If it is refused, the engine leaves in front of the
    instruction: registers stay as they were. (Inside an IT block it leaves behind the block, with 0 as value read.)"""
    if is_privileged(C):
        return False
    if address == _STIR and state_of(C)[CCR] & _USER_MAY_PEND:
        return False
    C[C_BAD_ADDRESS] = address
    C[C_STOP] = STOP_INTERRUPT
    C[C_WATCH_HIT] = REFUSED
    native.uc_emu_stop(C[C_ENGINE])
    return True
