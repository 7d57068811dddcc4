"""Time of a basic block: cycles and instructions, reckoned once for each block.

The stated model: one cycle an instruction; one more for each word moved to or from memory; on top of these, by core:

- Cortex-M3, M4, M33: two more at a block's end (refill of the pipeline), seven more for a division (the average);
  floating point: two more for multiply-accumulate, thirteen for division and square root.
- Cortex-M7: as Cortex-M4. It issues up to two instructions at a time, so real times are shorter.
- Cortex-M0: two more at a block's end; MRS, MSR and barriers four, BL four in all. M0+: one more at a block's end;
  MRS, MSR and barriers three, BL three in all. Multiplication one (the fast multiplier).

Sources: TRM of Cortex-M3 (3.3), M4 (3.3, 7.2.2), M0 (3.3), M0+ (3.3). A block end is reckoned as a taken branch.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

import numpy as np
import numpy.typing as npt
from numba import carray, int64, njit

from swassess.emulator.arrays import Control, State
from swassess.emulator.layout import (
    C_BLOCK,
    C_BLOCK_BYTES,
    C_COST,
    C_COST_SIZE,
    C_FLASH,
    C_FLASH_SIZE,
    C_FLASH_START,
    C_RAM,
    C_RAM_SIZE,
    C_RAM_START,
    C_RECIPES,
    C_STATE,
    CORE_FEATURES,
    CORE_TIMING,
    CYCLE_TICKS,
    EVENT_FLAG,
    F_MAINLINE,
    INSTRUCTIONS,
    STATE_WORDS,
    STEPS,
    TICKS,
    TIMING_M0,
    TIMING_M0PLUS,
)
from swassess.emulator.recipes import recipe

# what a block contains, in bits 12.. of its packed cost
HAS_FLOATING_POINT, HAS_SEND_EVENT = 1 << 12, 1 << 13
HAS_MULTIPLE = 1 << 14  # accesses of several words, for which there is a recipe (recipes.py)
HAS_IT = 1 << 15
HAS_CAUSE_FOR_ATTENTION = HAS_FLOATING_POINT | HAS_MULTIPLE
HAS_NEWS = HAS_SEND_EVENT | HAS_MULTIPLE
COST_INSTRUCTIONS = 0xFFF
_SEV, _SEV_WIDE = 0xBF40, 0x8004


@njit(cache=True)
def _bit_count(value: int) -> int:
    count = 0
    while value:
        value &= value - 1
        count += 1
    return count


@njit(cache=True)
def _wide_cost(first: int, second: int, timing: int) -> int:
    """Cycles of a 32-bit instruction, with the HAS_ flags."""
    small = timing in (TIMING_M0, TIMING_M0PLUS)
    if first & 0xFE40 == 0xE800:  # LDM, STM
        return 1 + _bit_count(second)
    if first & 0xFE00 == 0xE800:  # LDRD, STRD, exclusive, table branch
        return 3
    if first & 0xFE00 == 0xF800:
        return 2
    if first & 0xFFD0 == 0xFB90:  # SDIV, UDIV
        return 8
    if first & 0xFC00 == 0xEC00 and second & 0x0E00 == 0x0A00:  # coprocessors 10 and 11
        if first & 0xFE00 == 0xEC00:
            if first & 0xFF20 == 0xED00:  # VLDR, VSTR
                return (2 if second & 0x100 == 0 else 3) | HAS_FLOATING_POINT
            return (1 + (second & 0xFF)) | HAS_FLOATING_POINT
        if second & 0x10 == 0:
            operation = first & 0xFFB0
            if operation == 0xEE80 and second & 0x40 == 0:  # VDIV
                return 14 | HAS_FLOATING_POINT
            if first & 0xFFBF == 0xEEB1 and second & 0xC0 == 0xC0:  # VSQRT
                return 14 | HAS_FLOATING_POINT
            if operation in (0xEE00, 0xEE10, 0xEE90, 0xEEA0):  # multiply-accumulate
                return 3 | HAS_FLOATING_POINT
        return 1 | HAS_FLOATING_POINT
    if first & 0xFE00 == 0xFE00 and second & 0x0E00 == 0x0A00:  # VSEL, VMAXNM, VRINT of FPv5
        return 1 | HAS_FLOATING_POINT
    if first == 0xF3AF and second == _SEV_WIDE:
        return 1 | HAS_SEND_EVENT
    if small and second & 0x8000:
        if second & 0x5000 == 0x5000:  # BL
            return 2
        return 4 if timing == TIMING_M0 else 3
    return 1


@njit(cache=True)
def instruction_cost(first: int, second: int, timing: int) -> int:
    """Cycles of one instruction (refills apart) and the HAS_ flags; `second` counts for 32-bit instructions only."""
    top = first >> 11
    if top >= 29:
        return _wide_cost(first, second, timing)
    if top == 9 or 10 <= top <= 19:
        return 2
    if first & 0xF600 == 0xB400:
        return 1 + _bit_count(first & 0x1FF)
    if top == 24 or top == 25:
        return 1 + _bit_count(first & 0xFF)
    if first == _SEV:
        return 1 | HAS_SEND_EVENT
    return 1


@njit(cache=True)
def _sum_of(code: npt.NDArray[np.uint8], offset: int, end: int, timing: int) -> int:
    cycles = 0
    flags = 0
    instructions = 0
    at = offset
    while at < end:
        first = int64(code[at]) | int64(code[at + 1]) << 8
        second = 0
        if first >> 11 >= 29:
            second = int64(code[at + 2]) | int64(code[at + 3]) << 8
            at += 2
        at += 2
        cost = instruction_cost(first, second, timing)
        cycles += cost & 0xFFF
        flags |= cost & ~0xFFF
        if first >> 8 == 0xBF and first & 0xF:
            flags |= HAS_IT
        instructions += 1
    return cycles << 16 | flags | instructions


@njit(cache=True)
def refill(timing: int) -> int:
    """Cycles at the end of a block."""
    return 1 if timing == TIMING_M0PLUS else 2


@njit(cache=True)
def block_cost(code: npt.NDArray[np.uint8], offset: int, size: int, timing: int) -> int:
    """Cycles and instructions of a block, packed cycles << 16 | HAS_ flags | instructions."""
    return _sum_of(code, offset, offset + size, timing) + (refill(timing) << 16)


@njit(cache=True)
def _state(C: Control) -> State:
    return carray(native.int64_pointer(C[C_STATE]), (STATE_WORDS,))


@njit(cache=True)
def packed_cost(C: Control, S: State, address: int, size: int) -> int:
    """The packed cost of a block anywhere; in memory that is neither flash nor RAM 16-bit instructions are assumed."""
    offset = address - C[C_FLASH_START]
    if 0 <= offset < C[C_FLASH_SIZE]:
        half_words = C[C_FLASH_SIZE] >> 1
        sizes = carray(native.uint16_pointer(C[C_COST_SIZE]), (half_words,))
        costs = carray(native.uint32_pointer(C[C_COST]), (half_words,))
        index = offset >> 1
        if sizes[index] != size:
            code = carray(native.uint8_pointer(C[C_FLASH]), (C[C_FLASH_SIZE] + 4,))
            cost = block_cost(code, offset, size, S[CORE_TIMING])
            if S[CORE_FEATURES] & F_MAINLINE:
                origins = recipe(code, offset, size)
                carray(native.int64_pointer(C[C_RECIPES]), (half_words,))[index] = origins
                if origins:
                    cost |= HAS_MULTIPLE
            costs[index] = cost
            sizes[index] = size
        return int64(costs[index])
    if 0 <= address - C[C_RAM_START] < C[C_RAM_SIZE] - size:
        code = carray(native.uint8_pointer(C[C_RAM]), (C[C_RAM_SIZE],))
        return block_cost(code, address - C[C_RAM_START], size, S[CORE_TIMING])
    return (size + 2) << 16 | (size >> 1)


@njit(cache=True)
def cost_between(C: Control, start: int, end: int) -> tuple[int, int]:
    """Cycles and instructions from address `start` up to `end` inside one block, without the refill at its end."""
    S = _state(C)
    size = end - start
    if size <= 0:
        return 0, 0
    packed = size << 16 | (size >> 1)
    if 0 <= start - C[C_FLASH_START] < C[C_FLASH_SIZE]:
        code = carray(native.uint8_pointer(C[C_FLASH]), (C[C_FLASH_SIZE] + 4,))
        packed = _sum_of(code, start - C[C_FLASH_START], end - C[C_FLASH_START], S[CORE_TIMING])
    elif 0 <= start - C[C_RAM_START] < C[C_RAM_SIZE] - size:
        code = carray(native.uint8_pointer(C[C_RAM]), (C[C_RAM_SIZE],))
        packed = _sum_of(code, start - C[C_RAM_START], end - C[C_RAM_START], S[CORE_TIMING])
    return packed >> 16, packed & COST_INSTRUCTIONS


@njit(cache=True)
def recipe_of(C: Control, address: int) -> int:
    """The recipe of a block in flash whose cost is known."""
    half_words = C[C_FLASH_SIZE] >> 1
    return carray(native.int64_pointer(C[C_RECIPES]), (half_words,))[(address - C[C_FLASH_START]) >> 1]


@njit(cache=True)
def charge(C: Control, S: State, size: int, cost: int) -> None:
    """A block of `size` bytes with this packed cost is about to run: its time. SEV is noticed here too."""
    C[C_BLOCK_BYTES] = size
    S[TICKS] += (cost >> 16) * S[CYCLE_TICKS]
    S[INSTRUCTIONS] += cost & COST_INSTRUCTIONS
    S[STEPS] += 1
    if cost & HAS_SEND_EVENT:
        S[EVENT_FLAG] = 1


@njit(cache=True)
def refund(C: Control, S: State, pc: int) -> None:
    """Execution has left the block before the instruction at `pc`: takes back what has been charged from there on."""
    end = C[C_BLOCK] + C[C_BLOCK_BYTES]
    if C[C_BLOCK] <= pc < end:
        cycles, instructions = cost_between(C, pc, end)
        S[TICKS] -= (cycles + refill(S[CORE_TIMING])) * S[CYCLE_TICKS]
        S[INSTRUCTIONS] -= instructions
        C[C_BLOCK_BYTES] = pc - C[C_BLOCK]
