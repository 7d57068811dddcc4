"""Memory protection unit: eight regions (Armv7-M ARM, B3.5; the same in Armv6-M; Armv8-M ARM, B11).

Where no region holds an address, privileged code sees the default memory map if MPU_CTRL.PRIVDEFENA is set. The private
peripheral bus is never checked; code never runs there.
"""

from numba import njit

from swassess.emulator.arrays import State
from swassess.emulator.layout import (
    ACTIVE,
    CORE_FEATURES,
    DEADLINE,
    F_V8M,
    MPU_CTRL,
    MPU_MAIR,
    MPU_RASR,
    MPU_RBAR,
    MPU_REGIONS,
    MPU_RNR,
)

# offsets from 0xE000E000
TYPE_AT, CTRL_AT, RNR_AT, RBAR_AT, RASR_AT, END_AT = 0xD90, 0xD94, 0xD98, 0xD9C, 0xDA0, 0xDC8
_MAIR_AT = 0xDC0
ENABLE, ALSO_IN_FAULTS, PRIVILEGED_DEFAULT = 1, 2, 4
READ, WRITE, EXECUTE = 0, 1, 2
_NMI, _HARD_FAULT = 2, 3
_VALID, _REGION = 0x10, 0xF
_V7M_NEVER_EXECUTE = 1 << 28


@njit(cache=True)
def _region_of(offset: int, S: State) -> int:
    """The region that an address of the aliases RBAR_A1 .. RASR_A3 belongs to (Armv8-M counts on from RNR & ~3)."""
    alias = (offset - RBAR_AT) >> 3
    if S[CORE_FEATURES] & F_V8M and alias:
        return (S[MPU_RNR] & ~3) + alias
    return S[MPU_RNR]


@njit(cache=True)
def read(S: State, offset: int) -> int:
    if S[MPU_REGIONS] == 0:
        return 0
    if offset == TYPE_AT:
        return S[MPU_REGIONS] << 8
    if offset == CTRL_AT:
        return S[MPU_CTRL]
    if offset == RNR_AT:
        return S[MPU_RNR]
    if S[CORE_FEATURES] & F_V8M and offset >= _MAIR_AT:
        return S[MPU_MAIR + ((offset - _MAIR_AT) >> 2 & 1)]
    if offset >= RBAR_AT + 32:
        return 0
    region = _region_of(offset, S)
    if (offset - RBAR_AT) & 4:
        return S[MPU_RASR + region]
    if S[CORE_FEATURES] & F_V8M:
        return S[MPU_RBAR + region]
    return S[MPU_RBAR + region] | region


@njit(cache=True)
def write(S: State, offset: int, value: int) -> None:
    if S[MPU_REGIONS] == 0:
        return
    S[DEADLINE] = 0
    if offset == CTRL_AT:
        S[MPU_CTRL] = value & 7 if value & ENABLE or S[CORE_FEATURES] & F_V8M else value & 6
    elif offset == RNR_AT:
        S[MPU_RNR] = min(value & 0xFF, S[MPU_REGIONS] - 1)
    elif S[CORE_FEATURES] & F_V8M and offset >= _MAIR_AT:
        S[MPU_MAIR + ((offset - _MAIR_AT) >> 2 & 1)] = value
    elif RBAR_AT <= offset < RBAR_AT + 32:
        region = _region_of(offset, S)
        if (offset - RBAR_AT) & 4:
            S[MPU_RASR + region] = value
        elif S[CORE_FEATURES] & F_V8M:
            S[MPU_RBAR + region] = value
        else:
            if value & _VALID:
                region = min(value & _REGION, S[MPU_REGIONS] - 1)
                S[MPU_RNR] = region
            S[MPU_RBAR + region] = value & ~0x1F


@njit(cache=True)
def in_force(S: State, fault_mask: int) -> bool:
    """Whether accesses are checked now: not in NMI, HardFault and behind FAULTMASK unless MPU_CTRL.HFNMIENA says so."""
    if not S[MPU_CTRL] & ENABLE:
        return False
    if S[MPU_CTRL] & ALSO_IN_FAULTS:
        return True
    return not (S[ACTIVE + _NMI] or S[ACTIVE + _HARD_FAULT] or fault_mask)


@njit(cache=True)
def _by_default(S: State, address: int, access: int, privileged: bool) -> bool:
    """The default memory map, for privileged code and only if the background region is on."""
    if not privileged or not S[MPU_CTRL] & PRIVILEGED_DEFAULT:
        return False
    if access != EXECUTE:
        return True
    top = address >> 29
    return top in (0, 1, 3, 4)  # code, RAM, external RAM


@njit(cache=True)
def _permission(access: int, permission: int, privileged: bool) -> bool:
    """By AP of RASR: 0 nobody, 1 privileged, 2 others read only, 3 all; 5 and 6, 7 the same for reading only."""
    if permission == 0 or permission == 4:
        return False
    if permission & 4 and access == WRITE:
        return False
    if privileged or permission == 3 or permission >= 6:
        return True
    return permission == 2 and access != WRITE


@njit(cache=True)
def _allowed_v7m(S: State, address: int, access: int, privileged: bool) -> bool:
    for region in range(S[MPU_REGIONS] - 1, -1, -1):
        attributes = S[MPU_RASR + region]
        if not attributes & 1:
            continue
        exponent = (attributes >> 1 & 0x1F) + 1
        if exponent < 5:
            continue
        offset = address - (S[MPU_RBAR + region] & ~((1 << exponent) - 1))
        if not 0 <= offset < 1 << exponent:
            continue
        if exponent >= 8 and attributes >> (8 + (offset >> (exponent - 3))) & 1:
            continue
        if access == EXECUTE and attributes & _V7M_NEVER_EXECUTE:
            return False
        return _permission(access, attributes >> 24 & 7, privileged)
    return _by_default(S, address, access, privileged)


@njit(cache=True)
def _allowed_v8m(S: State, address: int, access: int, privileged: bool) -> bool:
    found = -1
    for region in range(S[MPU_REGIONS]):
        if S[MPU_RASR + region] & 1 and S[MPU_RBAR + region] & ~0x1F <= address <= S[MPU_RASR + region] | 0x1F:
            if found >= 0:
                return False  # regions must not overlap
            found = region
    if found < 0:
        return _by_default(S, address, access, privileged)
    attributes = S[MPU_RBAR + found]
    if access == EXECUTE and attributes & 1:
        return False
    if access == WRITE and attributes & 4:
        return False
    return privileged or attributes & 2 != 0


@njit(cache=True)
def allowed(S: State, address: int, access: int, privileged: bool) -> bool:
    """Whether one byte may be read, written or executed. To be asked while in_force() only."""
    if 0xE0000000 <= address < 0xE0100000:
        return access != EXECUTE
    if S[CORE_FEATURES] & F_V8M:
        return _allowed_v8m(S, address, access, privileged)
    return _allowed_v7m(S, address, access, privileged)


@njit(cache=True)
def allowed_range(S: State, address: int, size: int, access: int, privileged: bool) -> int:
    """-1, or the first address of the range that may not be accessed (regions are multiples of 32 bytes)."""
    at = address
    while at < address + size:
        if not allowed(S, at & 0xFFFFFFFF, access, privileged):
            return at & 0xFFFFFFFF
        at = (at & ~31) + 32
    return -1
