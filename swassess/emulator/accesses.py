"""Which memory an instruction is about to touch, from its encoding and the registers (Armv7-M ARM, A5 and A7.7)."""

from numba import njit
from unicorn.arm_const import UC_ARM_REG_LR, UC_ARM_REG_R0, UC_ARM_REG_SP

from swassess.emulator.arrays import Control
from swassess.emulator.registers import get_register

# what kind of access; ANY_ADDRESS: words and half-words that need not be aligned unless CCR.UNALIGN_TRP is set
NO_ACCESS, ANY_ADDRESS, ALIGNED_ADDRESS, UNPRIVILEGED_ADDRESS = 0, 1, 2, 3
# an access in one number: address, bytes << 32, kind << 44, write << 48, alignment << 50
_BYTES, _KIND, _WRITE, _ALIGNMENT = 32, 44, 48, 50


@njit(cache=True)
def core_register(C: Control, number: int) -> int:
    """R0 to R12, SP, LR by number."""
    if number < 13:
        return get_register(C, UC_ARM_REG_R0 + number)
    return get_register(C, UC_ARM_REG_SP if number == 13 else UC_ARM_REG_LR)


@njit(cache=True)
def _pack(address: int, size: int, kind: int, write: int, alignment: int) -> int:
    return address & 0xFFFFFFFF | size << _BYTES | kind << _KIND | write << _WRITE | alignment << _ALIGNMENT


@njit(cache=True)
def access_address(packed: int) -> int:
    return packed & 0xFFFFFFFF


@njit(cache=True)
def access_size(packed: int) -> int:
    return packed >> _BYTES & 0xFFF


@njit(cache=True)
def access_kind(packed: int) -> int:
    return packed >> _KIND & 0xF


@njit(cache=True)
def access_writes(packed: int) -> bool:
    return packed >> _WRITE & 1 != 0


@njit(cache=True)
def access_alignment(packed: int) -> int:
    """Bytes to which the address has to be aligned (for ANY_ADDRESS: only if such accesses are trapped)."""
    return packed >> _ALIGNMENT & 0xF


@njit(cache=True)
def _count(mask: int) -> int:
    count = 0
    while mask:
        mask &= mask - 1
        count += 1
    return count


@njit(cache=True)
def access_of(C: Control, pc: int, first: int, second: int) -> int:
    """The access of the instruction at pc, packed; 0: none."""
    if first >> 11 >= 29:
        return _wide(C, pc, first, second)
    top = first >> 11
    low = core_register(C, first >> 3 & 7) if 10 <= top <= 17 else 0
    offset = first >> 6 & 0x1F
    if top == 9:
        return _pack((pc + 4 & ~3) + 4 * (first & 0xFF), 4, ANY_ADDRESS, 0, 4)
    if top in (10, 11):
        kind = first >> 9 & 7
        address = low + core_register(C, first >> 6 & 7)
        size = 4 if kind in (0, 4) else (2 if kind in (1, 5, 7) else 1)
        return _pack(address, size, ANY_ADDRESS, 1 if kind < 3 else 0, size)
    if 12 <= top <= 17:
        size = 4 if top < 14 else (1 if top < 16 else 2)
        return _pack(low + size * offset, size, ANY_ADDRESS, 1 - (top & 1), size)
    if top in (18, 19):
        return _pack(core_register(C, 13) + 4 * (first & 0xFF), 4, ANY_ADDRESS, 19 - top, 4)
    if top in (24, 25):
        address = core_register(C, first >> 8 & 7)
        return _pack(address, 4 * _count(first & 0xFF), ALIGNED_ADDRESS, 25 - top, 4)
    if first & 0xF600 == 0xB400:  # PUSH, POP
        size = 4 * _count(first & 0x1FF)
        address = core_register(C, 13) & ~3
        if first & 0x800:
            return _pack(address, size, ALIGNED_ADDRESS, 0, 4)
        return _pack(address - size, size, ALIGNED_ADDRESS, 1, 4)
    return 0


@njit(cache=True)
def _base(C: Control, pc: int, number: int) -> int:
    return pc + 4 & ~3 if number == 15 else core_register(C, number)


@njit(cache=True)
def _wide(C: Control, pc: int, first: int, second: int) -> int:
    base = first & 15
    load = first >> 4 & 1
    if first & 0xFE40 == 0xE800:  # LDM, STM
        size = 4 * _count(second)
        address = core_register(C, base) if base != 15 else 0
        if base == 13:
            address &= ~3
        if first & 0x100:
            address -= size
        return _pack(address, size, ALIGNED_ADDRESS, 1 - load, 4)
    if first & 0xFE40 == 0xE840:
        return _double_or_exclusive(C, pc, first, second)
    if first & 0xFE00 == 0xF800:
        return _single(C, pc, first, second)
    if first & 0xFE00 == 0xEC00 and second & 0x0E00 == 0x0A00:
        return _floating_point(C, pc, first, second)
    return 0


@njit(cache=True)
def _double_or_exclusive(C: Control, pc: int, first: int, second: int) -> int:
    base = first & 15
    load = first >> 4 & 1
    offset = 4 * (second & 0xFF)
    if first & 0x120:  # LDRD, STRD
        address = _base(C, pc, base)
        if first & 0x100:
            address += offset if first & 0x80 else -offset
        return _pack(address, 8, ALIGNED_ADDRESS, 1 - load, 4)
    if not first & 0x80:  # LDREX, STREX; TT of Armv8-M touches nothing
        if not load and second & 0xF03F == 0xF000:
            return 0
        return _pack(core_register(C, base) + offset, 4, ALIGNED_ADDRESS, 1 - load, 4)
    operation = second >> 4 & 15
    if load and operation < 2:  # TBB, TBH
        table = pc + 4 if base == 15 else core_register(C, base)
        size = 1 + operation
        return _pack(table + size * core_register(C, second & 15), size, ANY_ADDRESS, 0, size)
    size = 1 << (operation & 3)
    return _pack(core_register(C, base), size, ALIGNED_ADDRESS, 1 - load, size)


@njit(cache=True)
def _single(C: Control, pc: int, first: int, second: int) -> int:
    base = first & 15
    load = first >> 4 & 1
    width = first >> 5 & 3
    if width == 3 or (load and width < 2 and second >> 12 == 15) or (base == 15 and not load):
        return 0  # undefined, or a preload
    size = 1 << width
    kind = ANY_ADDRESS
    if base == 15:
        offset = second & 0xFFF
        return _pack((pc + 4 & ~3) + (offset if first & 0x80 else -offset), size, kind, 0, size)
    address = core_register(C, base)
    if first & 0x80:
        address += second & 0xFFF
    elif second & 0x800:
        if second & 0x700 == 0x600:
            kind = UNPRIVILEGED_ADDRESS  # LDRT, STRT
        if second & 0x400:
            address += second & 0xFF if second & 0x200 else -(second & 0xFF)
    else:
        address += core_register(C, second & 15) << (second >> 4 & 3) if second & 15 != 15 else 0
    return _pack(address, size, kind, 1 - load, size)


@njit(cache=True)
def _floating_point(C: Control, pc: int, first: int, second: int) -> int:
    if first & 0x1A0 == 0:
        return 0  # a move of two registers
    load = first >> 4 & 1
    address = _base(C, pc, first & 15)
    offset = 4 * (second & 0xFF)
    if first & 0x120 == 0x100:  # VLDR, VSTR
        address += offset if first & 0x80 else -offset
        return _pack(address, 8 if second & 0x100 else 4, ALIGNED_ADDRESS, 1 - load, 4)
    if not first & 0x80:
        address -= offset
    return _pack(address, offset, ALIGNED_ADDRESS, 1 - load, 4)
