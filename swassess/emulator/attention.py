"""Blocks that need a look before they run: floating point, and multiple accesses at addresses that are not aligned.

The engine lets floating point run whatever CPACR says, knows no lazy state preservation, and loads and stores multiple
words at any address. A block with such instructions is told by its cost (cost.py). For multiple accesses, a recipe says
which registers, as they are when the block begins, give their addresses, or from where in memory those come. A recipe
may be wrong; what it finds is only that instructions should be examined one by one (examine.py), and that is exact.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, int64, njit

from swassess.emulator.accesses import core_register
from swassess.emulator.arrays import Control, State
from swassess.emulator.cost import HAS_FLOATING_POINT, HAS_MULTIPLE, recipe_of
from swassess.emulator.frames import save_promised
from swassess.emulator.layout import (
    C_EXAMINING,
    C_FLASH,
    C_FLASH_SIZE,
    C_FLASH_START,
    C_RAM,
    C_RAM_SIZE,
    C_RAM_START,
    C_WATCH_HIT,
    FP_WATCH,
    STOP_INTERRUPT,
)
from swassess.emulator.peripherals.system_control import fpu_enabled
from swassess.emulator.recipes import ALWAYS, SLOTS, slot_base, slot_offset

EXAMINE, LAZY_FAILED = -4, -5  # what stops.py finds in C_WATCH_HIT


@njit(cache=True)
def _lowest_byte(C: Control, address: int) -> int:
    """Of a word in RAM or flash; 0 elsewhere."""
    if C[C_RAM_START] <= address < C[C_RAM_START] + C[C_RAM_SIZE]:
        return int64(carray(native.uint8_pointer(C[C_RAM]), (C[C_RAM_SIZE],))[address - C[C_RAM_START]])
    if C[C_FLASH_START] <= address < C[C_FLASH_START] + C[C_FLASH_SIZE]:
        return int64(carray(native.uint8_pointer(C[C_FLASH]), (C[C_FLASH_SIZE],))[address - C[C_FLASH_START]])
    return 0


@njit(cache=True)
def _misaligned(C: Control, recipe: int) -> bool:
    if recipe & ALWAYS:
        return True
    for number in range(15):
        if recipe >> number & 1 and core_register(C, number) & 3:
            return True
    for slot in range(SLOTS):
        base = slot_base(recipe, slot)
        if base:
            start = core_register(C, 13 if base == 13 else base - 1)
            if _lowest_byte(C, start + slot_offset(recipe, slot)) & 3:
                return True
    return False


@njit(cache=True)
def attend(C: Control, S: State, address: int, cost: int) -> int:
    """0 when the block may run; else the STOP_ value, with the reason in C_WATCH_HIT."""
    if C[C_EXAMINING] == 0 and cost & HAS_MULTIPLE and _misaligned(C, recipe_of(C, address)):
        C[C_WATCH_HIT] = EXAMINE
        return STOP_INTERRUPT
    if cost & HAS_FLOATING_POINT and S[FP_WATCH]:
        if not fpu_enabled(S):
            if C[C_EXAMINING]:
                return 0
            C[C_WATCH_HIT] = EXAMINE
            return STOP_INTERRUPT
        if save_promised(C, S):
            return 0
        C[C_WATCH_HIT] = LAZY_FAILED
        return STOP_INTERRUPT
    return 0
