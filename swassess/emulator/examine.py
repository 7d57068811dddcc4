"""Instructions examined before they execute, for what the engine itself does not check.

- the MPU; unaligned accesses and divisions by zero that are trapped; unaligned multiple accesses; floating point that
  CPACR does not grant.

A native hook on every instruction does it. It is added when firmware first asks for such a check, and it stays. From
then on execution takes about four times as long, with the MPU on about eight times. An instruction that may not
execute is not begun: the engine stops in front of it, and the run loop raises the fault. Inside an IT block the
engine cannot stop: undefined instructions are put in the place of those that would fault for as long as the block
runs, so that conditions, PC and the IT state come out right. Addresses that the IT block itself computes are not
foreseen.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from typing import Any

from numba import carray, cfunc, int64, njit
from unicorn.arm_const import UC_ARM_REG_CONTROL, UC_ARM_REG_FAULTMASK

from swassess.emulator import bus, mpu
from swassess.emulator.accesses import (
    ALIGNED_ADDRESS,
    NO_ACCESS,
    UNPRIVILEGED_ADDRESS,
    access_address,
    access_alignment,
    access_kind,
    access_of,
    access_size,
    access_writes,
    core_register,
)
from swassess.emulator.arrays import Control, State
from swassess.emulator.core_faults import (
    DATA_ACCESS_VIOLATION,
    DIVIDE_BY_ZERO,
    INSTRUCTION_ACCESS_VIOLATION,
    NO_COPROCESSOR,
    UNALIGNED_ACCESS,
)
from swassess.emulator.cost import HAS_FLOATING_POINT, instruction_cost
from swassess.emulator.hooks import BLOCK_SIGNATURE, control_of
from swassess.emulator.layout import (
    ASK_FLUSH,
    C_ENGINE,
    C_EXAMINE_IT_END,
    C_EXAMINE_IT_START,
    C_FLASH,
    C_FLASH_SIZE,
    C_FLASH_START,
    C_FOUND_ADDRESS,
    C_FOUND_FAULT,
    C_FOUND_STATUS,
    C_INTERRUPT,
    C_MCU,
    C_PLANTED,
    C_PLANTED_BYTES,
    C_RAM,
    C_RAM_SIZE,
    C_RAM_START,
    C_STOP,
    C_WATCH_HIT,
    CCR,
    CORE_FEATURES,
    CORE_TIMING,
    F_ALIGNED,
    F_MAINLINE,
    MPU_CTRL,
    STOP_INTERRUPT,
)
from swassess.emulator.peripherals.priorities import MEMORY_FAULT, USAGE_FAULT
from swassess.emulator.peripherals.system_control import (
    CCR_DIVIDE_BY_ZERO_TRAP,
    CCR_UNALIGNED_TRAP,
    fpu_enabled,
)
from swassess.emulator.registers import CONTROL_UNPRIVILEGED, get_register

EXAMINED, PLANT, UPROOT = -2, -3, -7  # what stops.py finds in C_WATCH_HIT
_UNDEFINED, _UNDEFINED_WIDE = 0xDE00, 0xA000F7F0
_IT_BLOCK_BYTES = 16


@njit(cache=True)
def wanted(S: State) -> bool:
    """Whether firmware has asked for checks that only the examination makes."""
    if S[MPU_CTRL] & mpu.ENABLE or S[CORE_FEATURES] & F_ALIGNED:
        return True
    traps = CCR_DIVIDE_BY_ZERO_TRAP | CCR_UNALIGNED_TRAP
    return S[CORE_FEATURES] & F_MAINLINE != 0 and S[CCR] & traps != 0


@njit(cache=True)
def _is_privileged(C: Control) -> bool:
    return C[C_INTERRUPT] != 0 or not get_register(C, UC_ARM_REG_CONTROL) & CONTROL_UNPRIVILEGED


@njit(cache=True)
def _found(C: Control, fault: int, status: int, address: int) -> bool:
    C[C_FOUND_FAULT] = fault
    C[C_FOUND_STATUS] = status
    C[C_FOUND_ADDRESS] = address
    return True


@njit(cache=True)
def _faults(C: Control, S: State, address: int, first: int, second: int, protected: bool) -> bool:
    """Whether the instruction faults; then C_FOUND_FAULT, C_FOUND_STATUS and C_FOUND_ADDRESS tell how."""
    mainline = S[CORE_FEATURES] & F_MAINLINE != 0
    if protected:
        privileged = _is_privileged(C)
        permitted = mpu.allowed(S, address, mpu.EXECUTE, privileged)
        if first >> 11 >= 29 and address & 31 == 30:  # it reaches into what may be another region
            permitted = permitted and mpu.allowed(S, address + 2, mpu.EXECUTE, privileged)
        if not permitted:
            return _found(C, MEMORY_FAULT, INSTRUCTION_ACCESS_VIOLATION, -1)
    if first >> 11 >= 29:
        if instruction_cost(first, second, S[CORE_TIMING]) & HAS_FLOATING_POINT and not fpu_enabled(S):
            return _found(C, USAGE_FAULT, NO_COPROCESSOR, -1)
        if first & 0xFFD0 == 0xFB90 and second & 0xF0 == 0xF0:
            zero = mainline and S[CCR] & CCR_DIVIDE_BY_ZERO_TRAP and core_register(C, second & 15) == 0
            return _found(C, USAGE_FAULT, DIVIDE_BY_ZERO, -1) if zero else False
    access = access_of(C, address, first, second)
    kind = access_kind(access)
    if kind == NO_ACCESS:
        return False
    target = access_address(access)
    strict = kind == ALIGNED_ADDRESS or S[CORE_FEATURES] & F_ALIGNED or (mainline and S[CCR] & CCR_UNALIGNED_TRAP)
    if strict and target & (access_alignment(access) - 1):
        return _found(C, USAGE_FAULT, UNALIGNED_ACCESS, -1)
    if protected:
        privileged = _is_privileged(C) and kind != UNPRIVILEGED_ADDRESS
        write = mpu.WRITE if access_writes(access) else mpu.READ
        bad = mpu.allowed_range(S, target, access_size(access), write, privileged)
        if bad >= 0:
            return _found(C, MEMORY_FAULT, DATA_ACCESS_VIOLATION, bad)
    return False


@njit(cache=True)
def _code(C: Control, address: int) -> int:
    """The half-word of code at an address; flash may be executed at its alias at 0 too."""
    if 0 <= address < C[C_FLASH_SIZE]:
        address += C[C_FLASH_START]
    return bus.look(C, address, 2)


@njit(cache=True)
def _suspects_in_it_block(C: Control, S: State, address: int, mask: int, protected: bool) -> bool:
    """Whether an instruction of the IT block at `address` would fault, as registers are now; keeps its extent.

    Once undefined instructions have been planted nothing is looked for.
    """
    at = address + 2
    found = False
    while mask & 0xF:
        mask <<= 1
        first = _code(C, at)
        wide = first >> 11 >= 29
        if C[C_PLANTED] == 0 and not found:
            found = _faults(C, S, at, first, _code(C, at + 2) if wide else 0, protected)
        at += 4 if wide else 2
    C[C_EXAMINE_IT_START] = address + 2
    C[C_EXAMINE_IT_END] = at
    return found


@njit(cache=True)
def _protected(C: Control, S: State) -> bool:
    return S[MPU_CTRL] & mpu.ENABLE != 0 and mpu.in_force(S, get_register(C, UC_ARM_REG_FAULTMASK) & 1)


@njit(cache=True)
def _stop(C: Control, reason: int) -> None:
    C[C_STOP] = STOP_INTERRUPT
    C[C_WATCH_HIT] = reason
    native.uc_emu_stop(C[C_ENGINE])


@cfunc(BLOCK_SIGNATURE, cache=True)
def on_examined(engine: Any, address_unsigned: int, size: int, user: Any) -> None:
    """Every instruction, once examination has begun."""
    C = control_of(user)
    S = bus.state_of(C)
    address = int64(address_unsigned)
    if C[C_EXAMINE_IT_START] <= address < C[C_EXAMINE_IT_END]:
        return
    protected = _protected(C, S)
    first = _code(C, address)
    if first >> 8 == 0xBF and first & 0xF:
        if _suspects_in_it_block(C, S, address, first & 0xF, protected):
            C[C_PLANTED] = address
            _stop(C, PLANT)
        return
    if C[C_PLANTED]:
        _stop(C, UPROOT)
        return
    C[C_EXAMINE_IT_END] = 0
    second = _code(C, address + 2) if first >> 11 >= 29 else 0
    if _faults(C, S, address, first, second, protected):
        _stop(C, EXAMINED)


@njit(cache=True)
def _code_byte(C: Control, address: int) -> int:
    """Where a byte of code lies on the host; 0: neither in flash nor in RAM."""
    if 0 <= address < C[C_FLASH_SIZE]:
        return C[C_FLASH] + address
    if C[C_FLASH_START] <= address < C[C_FLASH_START] + C[C_FLASH_SIZE]:
        return C[C_FLASH] + address - C[C_FLASH_START]
    if C[C_RAM_START] <= address < C[C_RAM_START] + C[C_RAM_SIZE]:
        return C[C_RAM] + address - C[C_RAM_START]
    return 0


@njit(cache=True)
def plant(C: Control) -> None:
    """Puts undefined instructions in the place of those of an IT block that would fault, until it has been left."""
    S = bus.state_of(C)
    start, end = C[C_EXAMINE_IT_START], C[C_EXAMINE_IT_END]
    place = _code_byte(C, start)
    if place == 0 or _code_byte(C, end - 1) == 0:
        C[C_PLANTED] = 0
        return
    kept = carray(native.uint8_pointer(C[C_PLANTED_BYTES]), (_IT_BLOCK_BYTES,))
    code = carray(native.uint8_pointer(place), (end - start,))
    kept[: end - start] = code
    protected = _protected(C, S)
    at = start
    while at < end:
        first = _code(C, at)
        wide = first >> 11 >= 29
        second = _code(C, at + 2) if wide else 0
        if _faults(C, S, at, first, second, protected):
            undefined = _UNDEFINED_WIDE if wide else _UNDEFINED
            for i in range(4 if wide else 2):
                code[at - start + i] = undefined >> (8 * i) & 0xFF
        at += 4 if wide else 2
    native.ask(C[C_MCU], ASK_FLUSH, 0, 0, 0)


@njit(cache=True)
def uproot(C: Control) -> None:
    """Puts the instructions back."""
    start, end = C[C_EXAMINE_IT_START], C[C_EXAMINE_IT_END]
    kept = carray(native.uint8_pointer(C[C_PLANTED_BYTES]), (_IT_BLOCK_BYTES,))
    carray(native.uint8_pointer(_code_byte(C, start)), (end - start,))[:] = kept[: end - start]
    C[C_PLANTED] = 0
    C[C_EXAMINE_IT_END] = 0
    native.ask(C[C_MCU], ASK_FLUSH, 0, 0, 0)


@njit(cache=True)
def planted_fault(C: Control, pc: int) -> bool:
    """A planted instruction has come up at `pc`: puts everything back; whether the one that belongs there faults."""
    uproot(C)
    S = bus.state_of(C)
    first = _code(C, pc)
    return _faults(C, S, pc, first, _code(C, pc + 2) if first >> 11 >= 29 else 0, _protected(C, S))
