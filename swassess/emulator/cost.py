"""Time of a basic block: cycles and instructions, reckoned once for each block."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

import numpy as np
import numpy.typing as npt
from numba import carray, int64, njit

from swassess.emulator.arrays import Control, State
from swassess.emulator.layout import (
    C_COST,
    C_COST_SIZE,
    C_FLASH,
    C_FLASH_SIZE,
    C_FLASH_START,
    C_RAM,
    C_RAM_SIZE,
    C_RAM_START,
    CYCLE_TICKS,
    INSTRUCTIONS,
    STEPS,
    TICKS,
)


@njit(cache=True)
def _bit_count(value: int) -> int:
    count = 0
    while value:
        value &= value - 1
        count += 1
    return count


@njit(cache=True)
def block_cost(code: npt.NDArray[np.uint8], offset: int, size: int) -> int:
    """Cycles and instructions of a block, packed cycles << 16 | instructions.

    The stated model: one cycle an instruction, one more for each word moved to or from memory, two more for refilling
    the pipeline at the block's end, eight for a division (Cortex-M3 TRM, chapter 3.3, averages).
    """
    cycles = 2
    instructions = 0
    at = offset
    end = offset + size
    while at < end:
        first = int64(code[at]) | int64(code[at + 1]) << 8
        cycles += 1
        instructions += 1
        top = first >> 11
        if top >= 29:
            if first & 0xFE40 == 0xE800:
                cycles += _bit_count(int64(code[at + 2]) | int64(code[at + 3]) << 8)
            elif first & 0xFE00 == 0xE800:
                cycles += 2
            elif first & 0xFE00 == 0xF800:
                cycles += 1
            elif first & 0xFFD0 == 0xFB90:
                cycles += 7
            at += 4
        else:
            if top == 9 or 10 <= top <= 19:
                cycles += 1
            elif first & 0xF600 == 0xB400 or top == 24 or top == 25:
                cycles += _bit_count(first & 0x1FF if top < 24 else first & 0xFF)
            at += 2
    return cycles << 16 | instructions


@njit(cache=True)
def charge(C: Control, S: State, address: int, size: int) -> None:
    offset = address - C[C_FLASH_START]
    if 0 <= offset < C[C_FLASH_SIZE]:
        half_words = C[C_FLASH_SIZE] >> 1
        sizes = carray(native.uint16_pointer(C[C_COST_SIZE]), (half_words,))
        costs = carray(native.uint32_pointer(C[C_COST]), (half_words,))
        index = offset >> 1
        if sizes[index] != size:
            code = carray(native.uint8_pointer(C[C_FLASH]), (C[C_FLASH_SIZE] + 4,))
            costs[index] = block_cost(code, offset, size)
            sizes[index] = size
        cost = int64(costs[index])
    else:
        cost = (size + 2) << 16 | (size >> 1)
        if 0 <= address - C[C_RAM_START] < C[C_RAM_SIZE] - size:
            code = carray(native.uint8_pointer(C[C_RAM]), (C[C_RAM_SIZE],))
            cost = block_cost(code, address - C[C_RAM_START], size)
    S[TICKS] += (cost >> 16) * S[CYCLE_TICKS]
    S[INSTRUCTIONS] += cost & 0xFFFF
    S[STEPS] += 1
