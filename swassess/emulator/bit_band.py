"""Bit-band regions: each bit of RAM and peripherals has a word of its own (PM0056, 2.2.5).

A write is a read and a write of the word that holds the bit, with all that a peripheral does upon either.
"""

from numba import njit

from swassess.emulator.arrays import Control
from swassess.emulator.bus import PERIPHERAL_START, register_read, register_write, state_of
from swassess.emulator.layout import C_RAM_START
from swassess.emulator.memory import READ, WRITE, ram_read, ram_write

RATIO = 32
REGION_BYTES = 0x100000  # of RAM and of peripheral space, from their start on
PERIPHERAL_ALIAS, PERIPHERAL_ALIAS_SIZE = 0x42000000, REGION_BYTES * RATIO
RAM_START, RAM_ALIAS = 0x20000000, 0x22000000


@njit(cache=True)
def read_peripheral_bit(C: Control, offset: int) -> int:
    bit = offset >> 2
    return (register_read(C, PERIPHERAL_START + (bit >> 5) * 4, 4) >> (bit & 31)) & 1


@njit(cache=True)
def write_peripheral_bit(C: Control, offset: int, value: int) -> None:
    bit = offset >> 2
    address = PERIPHERAL_START + (bit >> 5) * 4
    word = register_read(C, address, 4) & ~(1 << (bit & 31))
    register_write(C, address, 4, word | (value & 1) << (bit & 31))


@njit(cache=True)
def read_ram_bit(C: Control, offset: int) -> int:
    bit = offset >> 2
    return (ram_read(C, state_of(C), C[C_RAM_START] + (bit >> 3), 1, READ) >> (bit & 7)) & 1


@njit(cache=True)
def write_ram_bit(C: Control, offset: int, value: int) -> None:
    S = state_of(C)
    bit = offset >> 2
    address = C[C_RAM_START] + (bit >> 3)
    byte = ram_read(C, S, address, 1, READ) & ~(1 << (bit & 7))
    ram_write(C, S, address, 1, byte | (value & 1) << (bit & 7), WRITE)
