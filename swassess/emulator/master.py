"""Accesses of bus masters other than the core: DMA and the debugger. Memory, or registers with their side effects."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, int64, njit

from swassess.emulator.arrays import Control
from swassess.emulator.bus import (
    PERIPHERAL_SIZE,
    PERIPHERAL_START,
    SYSTEM_SIZE,
    SYSTEM_START,
    register_read,
    register_write,
)
from swassess.emulator.flash_writes import settle_flash, store_into_flash
from swassess.emulator.layout import C_FLASH, C_FLASH_SIZE, C_FLASH_START
from swassess.emulator.memory import ram_cell


@njit(cache=True)
def _memory_at(C: Control, address: int, size: int, writes: bool) -> int:
    """Host address of a memory cell, 0 where there is no memory (of a kind that can be written)."""
    cell = ram_cell(C, address, size)
    if cell:
        return cell
    if writes:
        return 0
    if C[C_FLASH_START] <= address and address + size <= C[C_FLASH_START] + C[C_FLASH_SIZE]:
        return C[C_FLASH] + address - C[C_FLASH_START]
    return 0


@njit(cache=True)
def _in_register_space(address: int) -> bool:
    peripheral = PERIPHERAL_START <= address < PERIPHERAL_START + PERIPHERAL_SIZE
    return peripheral or SYSTEM_START <= address < SYSTEM_START + SYSTEM_SIZE


@njit(cache=True)
def master_read(C: Control, address: int, size: int) -> int:
    """The value of 1, 2 or 4 bytes; -1 for a bus error."""
    memory = _memory_at(C, address, size, False)
    if memory:
        cells = carray(native.uint8_pointer(memory), (size,))
        value = 0
        for i in range(size):
            value |= int64(cells[i]) << (8 * i)
        return value
    return register_read(C, address, size) if _in_register_space(address) else -1


@njit(cache=True)
def master_write(C: Control, address: int, size: int, value: int) -> bool:
    """False for a bus error."""
    memory = _memory_at(C, address, size, True)
    if memory:
        cells = carray(native.uint8_pointer(memory), (size,))
        for i in range(size):
            cells[i] = (value >> (8 * i)) & 0xFF
        return True
    if store_into_flash(C, address, size, value):
        settle_flash(C)
        return True
    if _in_register_space(address):
        register_write(C, address, size, value)
        return True
    return False
