"""Writes into flash: the flash controller decides what becomes of them.

The engine cannot leave out a store, so it is let through, and what the controller made of it is put in place right
after: at the next block or at the next store into flash, whichever comes first.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, int64, njit

from swassess.emulator.arrays import Control
from swassess.emulator.layout import (
    ASK_PROGRAM,
    C_FLASH,
    C_FLASH_CHANGED,
    C_FLASH_FIX_ADDRESS,
    C_FLASH_FIX_SIZE,
    C_FLASH_FIX_VALUE,
    C_FLASH_SIZE,
    C_FLASH_START,
    C_MCU,
)

_OPTIONS_FROM, _OPTIONS_TO = 0x1FFF0000, 0x20000000  # where parts have their option bytes


@njit(cache=True)
def settle_flash(C: Control) -> None:
    """Puts the outcome of the latest store in place."""
    size = C[C_FLASH_FIX_SIZE]
    if size == 0:
        return
    C[C_FLASH_FIX_SIZE] = 0
    flash = carray(native.uint8_pointer(C[C_FLASH]), (C[C_FLASH_SIZE],))
    for i in range(size):
        flash[C[C_FLASH_FIX_ADDRESS] - C[C_FLASH_START] + i] = (C[C_FLASH_FIX_VALUE] >> (8 * i)) & 0xFF


@njit(cache=True)
def store_into_flash(C: Control, address: int, size: int, value: int) -> bool:
    """A store by any master. False for a bus error: no controller takes it, or it refuses."""
    settle_flash(C)
    mask = 0xFFFFFFFF if size == 4 else (1 << (8 * size)) - 1
    if not C[C_FLASH_START] <= address <= C[C_FLASH_START] + C[C_FLASH_SIZE] - size:
        if not _OPTIONS_FROM <= address < _OPTIONS_TO:
            return False
        return native.ask(C[C_MCU], ASK_PROGRAM, address, size, value & mask) >= 0
    if native.ask(C[C_MCU], ASK_PROGRAM, address, size, value & mask) < 0:
        return False
    flash = carray(native.uint8_pointer(C[C_FLASH]), (C[C_FLASH_SIZE],))
    outcome = int64(0)
    for i in range(size):
        outcome |= int64(flash[address - C[C_FLASH_START] + i]) << (8 * i)
    C[C_FLASH_FIX_ADDRESS] = address
    C[C_FLASH_FIX_VALUE] = outcome
    C[C_FLASH_FIX_SIZE] = size
    C[C_FLASH_CHANGED] = 1
    return True
