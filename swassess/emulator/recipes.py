"""Where the addresses of a block's multiple accesses come from, as far as two bits of alignment go.

A recipe is one number: bits 0..14 registers whose value at the block's start decides, ALWAYS for an address known to be
unaligned, then SLOTS words in memory: a register (1 + number; 13 is SP) and an offset each. Sources that cannot be
followed are left out.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

import numpy as np
import numpy.typing as npt
from numba import int64, njit

assert native is not None
ALWAYS = 1 << 15
SLOTS = 2
_SLOT_AT, _SLOT_BITS = 16, 20
_UNKNOWN, _ALIGNED, _UNALIGNED, _SLOT = -1, -2, -3, 16
_STACK = 13


@njit(cache=True)
def slot_base(recipe: int, slot: int) -> int:
    return recipe >> (_SLOT_AT + _SLOT_BITS * slot) & 0xF


@njit(cache=True)
def slot_offset(recipe: int, slot: int) -> int:
    return recipe >> (_SLOT_AT + _SLOT_BITS * slot + 4) & 0xFFF


@njit(cache=True)
def _base_of_multiple(first: int, second: int) -> int:
    """The base register of LDM, STM, LDRD, STRD, VLDM, VSTM, VLDR, VSTR; -1 for anything else or for SP and PC."""
    top = first >> 11
    if top in (24, 25):
        return first >> 8 & 7
    if top < 29:
        return -1
    base = first & 15
    if base in (13, 15):
        return -1
    if first & 0xFE40 == 0xE800:
        return base
    if first & 0xFE40 == 0xE840 and first & 0x120:
        return base
    if first & 0xFE00 == 0xEC00 and first & 0x1A0 and second & 0x0E00 == 0x0A00:
        return base
    return -1


@njit(cache=True)
def _loaded(origin: npt.NDArray[np.int64], base: int, offset: int, slots: int) -> int:
    """Slot for a word loaded from [base, offset]: 0 when it cannot be followed, else base and offset packed."""
    if slots >= SLOTS or not 0 <= offset < 0x1000:
        return 0
    if base == _STACK:
        return 13 | offset << 4
    source = origin[base]
    if source == base and base < 12:
        return (1 + base) | offset << 4
    return 0


@njit(cache=True)
def recipe(code: npt.NDArray[np.uint8], start: int, size: int) -> int:
    """The recipe of the block at code[start : start + size]; 0 when nothing has to be looked at."""
    origin = np.empty(16, np.int64)
    for i in range(16):
        origin[i] = i
    origin[_STACK] = _ALIGNED
    result = 0
    slots = 0
    words = np.zeros(SLOTS, np.int64)
    at = start
    while at < start + size:
        first = int64(code[at]) | int64(code[at + 1]) << 8
        top = first >> 11
        second = int64(code[at + 2]) | int64(code[at + 3]) << 8 if top >= 29 else int64(0)
        base = _base_of_multiple(first, second)
        if base >= 0:
            source = origin[base]
            if source == _UNALIGNED:
                result |= ALWAYS
            elif source >= _SLOT:
                result |= words[source - _SLOT] << (_SLOT_AT + _SLOT_BITS * (source - _SLOT))
            elif source >= 0:
                result |= 1 << source
        target, source = -1, _UNKNOWN
        word = 0
        if top >= 29:
            if first & 0xFFF0 == 0xF8D0:
                target, word = second >> 12, _loaded(origin, first & 15, second & 0xFFF, slots)
            elif first & 0xFBF0 == 0xF240:
                target, source = second >> 8 & 15, _ALIGNED if second & 3 == 0 else _UNALIGNED
            elif first & 0xFBF0 != 0xF2C0 and first & 0xFE00 in (0xEA00, 0xF000, 0xF200, 0xFA00):
                target = second >> 8 & 15
            elif first & 0xFE10 == 0xF810 or first & 0xFE50 == 0xE850:
                target = second >> 12
                if first & 0xFE50 == 0xE850:
                    origin[second >> 8 & 15] = _UNKNOWN
            elif first & 0xFE50 == 0xE810:
                for i in range(15):
                    if second >> i & 1:
                        origin[i] = _UNKNOWN
        elif top == 9:
            literal = ((at + 4) & ~3) + 4 * (first & 0xFF)
            target = first >> 8 & 7
            if literal + 4 <= code.size:
                source = _ALIGNED if int64(code[literal]) & 3 == 0 else _UNALIGNED
        elif top == 13:
            target, word = first & 7, _loaded(origin, first >> 3 & 7, 4 * (first >> 6 & 31), slots)
        elif top == 19:
            target, word = first >> 8 & 7, _loaded(origin, _STACK, 4 * (first & 0xFF), slots)
        elif top in (20, 21):
            target, source = first >> 8 & 7, _ALIGNED
        elif first & 0xFF00 == 0x4600:
            target, source = (first & 7) | (first >> 4 & 8), origin[first >> 3 & 15]
        elif first & 0xFC00 == 0x1C00:
            target = first & 7
            if first >> 6 & 3 == 0:
                source = origin[first >> 3 & 7]
        elif top in (6, 7):
            target = first >> 8 & 7
            if first & 3 == 0:
                source = origin[target]
        elif top in (4,):
            target, source = first >> 8 & 7, _ALIGNED if first & 3 == 0 else _UNALIGNED
        elif top <= 3 or top == 8 or (10 <= top <= 17 and first & 0x0800 != 0) or top == 22:
            target = first & 7
        elif top == 25 or first & 0xFE00 == 0xBC00:
            for i in range(8):
                if first >> i & 1:
                    origin[i] = _UNKNOWN
        if word and target < _STACK:
            words[slots] = word
            source = _SLOT + slots
            slots += 1
        if 0 <= target < 15 and target != _STACK:
            origin[target] = source
        at += 4 if top >= 29 else 2
    return result
