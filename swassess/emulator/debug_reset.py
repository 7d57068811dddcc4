"""A reset of the core alone (AIRCR.VECTRESET): registers and interrupt controller start anew, peripherals go on."""

from swassess.emulator import layout as at
from swassess.emulator.mcu import Mcu
from swassess.emulator.reset import reset

# cells that belong to the core
_CORE_CELLS = (
    (at.SLEEPING, at.SLEEPING + 1),
    (at.MASKED_PENDING, at.MASKED_PENDING + 1),
    (at.VTOR, at.MMFAR + 1),
    (at.SYSTICK_CTRL, at.SYSTICK_FROZEN + 1),
    (at.SYSTICK_RELOAD, at.SYSTICK_RELOAD + 1),
    (at.EVENT_FLAG, at.EVENT_FLAG + 1),
    (at.PENDING, at.PRIORITY + at.EXCEPTIONS),
    (1536, 1792),
)


def reset_core(mcu: Mcu) -> None:
    """Takes the reset vector. RAM, peripherals, clocks and time stay as they are."""
    before = mcu.arena.copy()
    reset(mcu.control, at.RESET_SOFTWARE)
    after = mcu.state.copy()
    mcu.arena[:] = before
    for first, behind in _CORE_CELLS:
        mcu.state[first:behind] = after[first:behind]
    mcu.blocks.clock_tree_changed()
    mcu.control[at.C_BYPASS] = 0
