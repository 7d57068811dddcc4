"""Exception frames: eight words, with floating point 26, now or when its registers are next used (Armv7-M ARM, B1.5.6).

Everything goes through RAM's own functions, so that broken cells, traces and the MPU see it.
"""

from numba import njit
from unicorn.arm_const import (
    UC_ARM_REG_CONTROL,
    UC_ARM_REG_FAULTMASK,
    UC_ARM_REG_FPSCR,
    UC_ARM_REG_LR,
    UC_ARM_REG_PC,
    UC_ARM_REG_R0,
    UC_ARM_REG_R12,
    UC_ARM_REG_S0,
)

from swassess.emulator import mpu
from swassess.emulator.arrays import Control, State
from swassess.emulator.bus import state_of
from swassess.emulator.core_faults import LAZY_ERROR, MEMORY_LAZY_ERROR, raise_fault
from swassess.emulator.layout import (
    CCR,
    CORE_FEATURES,
    F_FPU,
    FPCAR,
    FPCCR,
    SHCSR,
)
from swassess.emulator.memory import STACKED, UNSTACKED, in_ram, ram_read, ram_write
from swassess.emulator.peripherals.priorities import BUS_FAULT, MEMORY_FAULT, group_priority
from swassess.emulator.peripherals.system_control import (
    CCR_STACK_ALIGN,
    FPCCR_ACTIVE,
    FPCCR_AUTOMATIC,
    FPCCR_LAZY,
    watch_floating_point,
)
from swassess.emulator.registers import (
    CONTROL_FLOATING_POINT,
    CONTROL_UNPRIVILEGED,
    XPSR_ALIGNED,
    XPSR_EXCEPTION,
    get_register,
    set_register,
)

BASIC_BYTES, EXTENDED_BYTES = 32, 104
_FLOATING_AT = 32  # S0..S15, then FPSCR
_FPCCR_USER, _FPCCR_THREAD, _FPCCR_HARD, _FPCCR_MEMORY, _FPCCR_BUS = 1 << 1, 1 << 3, 1 << 4, 1 << 5, 1 << 6
_REGISTERS = (
    UC_ARM_REG_R0,
    UC_ARM_REG_R0 + 1,
    UC_ARM_REG_R0 + 2,
    UC_ARM_REG_R0 + 3,
    UC_ARM_REG_R12,
    UC_ARM_REG_LR,
)


@njit(cache=True)
def uses_floating_point(C: Control, S: State) -> bool:
    """Whether what runs has a floating-point context that an exception must keep (CONTROL.FPCA)."""
    return (
        S[CORE_FEATURES] & F_FPU != 0
        and S[FPCCR] & FPCCR_AUTOMATIC != 0
        and get_register(C, UC_ARM_REG_CONTROL) & CONTROL_FLOATING_POINT != 0
    )


@njit(cache=True)
def frame_address(S: State, sp: int, extended: bool) -> int:
    frame = sp - (EXTENDED_BYTES if extended else BASIC_BYTES)
    if S[CCR] & CCR_STACK_ALIGN or extended:
        frame &= ~7
    return frame & 0xFFFFFFFF


@njit(cache=True)
def push_frame(C: Control, S: State, xpsr: int, sp: int, extended: bool, control: int, priority: int) -> int:
    """Writes the frame below `sp`; of a floating-point context, its place only when FPCCR.LSPEN says so.

    xpsr, control, priority: of what is being left. Returns 0, or the fault: BUS_FAULT where there is no RAM.
    """
    frame = frame_address(S, sp, extended)
    if mpu.in_force(S, get_register(C, UC_ARM_REG_FAULTMASK) & 1):
        privileged = xpsr & XPSR_EXCEPTION != 0 or not control & CONTROL_UNPRIVILEGED
        size = EXTENDED_BYTES if extended else BASIC_BYTES
        if mpu.allowed_range(S, frame, size, mpu.WRITE, privileged) >= 0:
            return MEMORY_FAULT
    failed = False
    for i in range(6):
        failed |= not ram_write(C, S, frame + 4 * i, 4, get_register(C, _REGISTERS[i]), STACKED)
    failed |= not ram_write(C, S, frame + 24, 4, get_register(C, UC_ARM_REG_PC) & ~1, STACKED)
    psr = xpsr & ~XPSR_ALIGNED
    if sp - frame > (EXTENDED_BYTES if extended else BASIC_BYTES):
        psr |= XPSR_ALIGNED
    failed |= not ram_write(C, S, frame + 28, 4, psr, STACKED)
    if extended:
        if S[FPCCR] & FPCCR_LAZY:
            _promise(S, xpsr, control, priority, frame + _FLOATING_AT)
        else:
            failed |= not _save_floating_point(C, S, frame + _FLOATING_AT)
    return BUS_FAULT if failed else 0


@njit(cache=True)
def _save_floating_point(C: Control, S: State, address: int) -> bool:
    failed = False
    for i in range(16):
        failed |= not ram_write(C, S, address + 4 * i, 4, get_register(C, UC_ARM_REG_S0 + i), STACKED)
    failed |= not ram_write(C, S, address + 64, 4, get_register(C, UC_ARM_REG_FPSCR), STACKED)
    return not failed


@njit(cache=True)
def _promise(S: State, xpsr: int, control: int, priority: int, address: int) -> None:
    """Lazy state preservation: the registers are kept until their first use, with what a fault may then become."""
    status = S[FPCCR] & (FPCCR_AUTOMATIC | FPCCR_LAZY) | FPCCR_ACTIVE
    if xpsr & XPSR_EXCEPTION == 0:
        status |= _FPCCR_THREAD
        if control & CONTROL_UNPRIVILEGED:
            status |= _FPCCR_USER
    if priority > -1:
        status |= _FPCCR_HARD
    if S[SHCSR] & 1 << 17 and group_priority(S, BUS_FAULT) < priority:
        status |= _FPCCR_BUS
    if S[SHCSR] & 1 << 16 and group_priority(S, MEMORY_FAULT) < priority:
        status |= _FPCCR_MEMORY
    S[FPCCR] = status
    S[FPCAR] = address
    watch_floating_point(S)


@njit(cache=True)
def save_promised(C: Control, S: State) -> bool:
    """Just before the first block with floating point since an exception entry. False if S0..S15 and FPSCR could not
    be saved: a fault is due."""
    S[FPCCR] &= ~FPCCR_ACTIVE
    watch_floating_point(S)
    privileged = not S[FPCCR] & _FPCCR_USER
    if mpu.in_force(S, 0) and mpu.allowed_range(S, S[FPCAR], 72, mpu.WRITE, privileged) >= 0:
        S[FPCAR] |= 1  # told by the caller's fault
        return False
    return _save_floating_point(C, S, S[FPCAR])


@njit(cache=True)
def lazy_fault(C: Control) -> None:
    """Raises the fault of save_promised()."""
    S = state_of(C)
    if S[FPCAR] & 1:
        S[FPCAR] &= ~1
        raise_fault(C, MEMORY_FAULT, MEMORY_LAZY_ERROR)
    else:
        raise_fault(C, BUS_FAULT, LAZY_ERROR)


@njit(cache=True)
def pop_frame(C: Control, S: State, sp: int, extended: bool, privileged: bool) -> tuple[int, int, int]:
    """Reads the frame at `sp` into the registers. Returns PC, xPSR and the stack pointer behind it.

    privileged: what is returned to. A fault is told by minus its number in the place of PC.
    """
    size = EXTENDED_BYTES if extended else BASIC_BYTES
    if mpu.in_force(S, 0) and mpu.allowed_range(S, sp, size, mpu.READ, privileged) >= 0:
        return -MEMORY_FAULT, 0, sp
    if not in_ram(C, sp, size):
        return -BUS_FAULT, 0, sp
    pc = ram_read(C, S, sp + 24, 4, UNSTACKED)
    psr = ram_read(C, S, sp + 28, 4, UNSTACKED)
    for i in range(6):
        set_register(C, _REGISTERS[i], ram_read(C, S, sp + 4 * i, 4, UNSTACKED))
    if extended:
        if S[FPCCR] & FPCCR_ACTIVE:
            S[FPCCR] &= ~FPCCR_ACTIVE  # nobody has used the registers since
            watch_floating_point(S)
        else:
            for i in range(16):
                set_register(C, UC_ARM_REG_S0 + i, ram_read(C, S, sp + _FLOATING_AT + 4 * i, 4, UNSTACKED))
            set_register(C, UC_ARM_REG_FPSCR, ram_read(C, S, sp + _FLOATING_AT + 64, 4, UNSTACKED))
    if psr & XPSR_ALIGNED and (S[CCR] & CCR_STACK_ALIGN or extended):
        size += 4
    return pc, psr, (sp + size) & 0xFFFFFFFF
