"""Registers of the core, reached through libunicorn."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, int64, njit
from unicorn.arm_const import (
    UC_ARM_REG_BASEPRI,
    UC_ARM_REG_CONTROL,
    UC_ARM_REG_FAULTMASK,
    UC_ARM_REG_FPSCR,
    UC_ARM_REG_LR,
    UC_ARM_REG_PC,
    UC_ARM_REG_PRIMASK,
    UC_ARM_REG_R0,
    UC_ARM_REG_S0,
    UC_ARM_REG_SP,
    UC_ARM_REG_XPSR,
)

from swassess.emulator.arrays import Control, State
from swassess.emulator.layout import (
    C_ENGINE,
    C_HAS_IT,
    C_RAM_START,
    C_SAVED,
    C_SCRATCH,
    C_STATE,
    CORE_FEATURES,
    DEEPEST_STACK,
    F_FPU,
    STATE_WORDS,
)

XPSR_EXCEPTION = 0x1FF
XPSR_ALIGNED = 1 << 9  # in a stacked xPSR: four bytes of padding lie above the frame
XPSR_THUMB = 1 << 24
XPSR_IT = 0x0600FC00
CONTROL_UNPRIVILEGED = 1
_SAVED = (*range(UC_ARM_REG_R0, UC_ARM_REG_R0 + 13), UC_ARM_REG_SP, UC_ARM_REG_LR, UC_ARM_REG_PC, UC_ARM_REG_XPSR)
SAVED_WORDS = len(_SAVED) + 1
FLOATING_POINT_REGISTERS = (*range(UC_ARM_REG_S0, UC_ARM_REG_S0 + 32), UC_ARM_REG_FPSCR)
CONTROL_PROCESS_STACK = 2
CONTROL_FLOATING_POINT = 4  # FPCA: there is a floating-point context; the engine sets it upon first use


@njit(cache=True)
def get_register(C: Control, register: int) -> int:
    scratch = carray(native.uint32_pointer(C[C_SCRATCH]), (2,))
    scratch[0] = 0
    native.uc_reg_read(C[C_ENGINE], register, C[C_SCRATCH])
    return int64(scratch[0])


@njit(cache=True)
def set_register(C: Control, register: int, value: int) -> None:
    scratch = carray(native.uint32_pointer(C[C_SCRATCH]), (2,))
    scratch[0] = value & 0xFFFFFFFF
    native.uc_reg_write(C[C_ENGINE], register, C[C_SCRATCH])


@njit(cache=True)
def in_it_block(C: Control) -> bool:
    return get_register(C, UC_ARM_REG_XPSR) & XPSR_IT != 0


@njit(cache=True)
def drop_stale_it_state(C: Control) -> None:
    """Unicorn restores the IT state when it calls a memory hook inside an IT block, and nothing clears it again: the
    next block would then run as if it were conditional. Clearing is right, since translated code does not read it."""
    if C[C_HAS_IT] == 0:
        return
    xpsr = get_register(C, UC_ARM_REG_XPSR)
    if xpsr & XPSR_IT:
        set_register(C, UC_ARM_REG_XPSR, xpsr & ~XPSR_IT)


@njit(cache=True)
def packed_masks(C: Control) -> int:
    """PRIMASK in bit 0, FAULTMASK in bit 1, BASEPRI in bits 8..15. Zero when unprivileged code runs: the engine
    hides them from it, see masks()."""
    return (
        (get_register(C, UC_ARM_REG_PRIMASK) & 1)
        | (get_register(C, UC_ARM_REG_FAULTMASK) & 1) << 1
        | (get_register(C, UC_ARM_REG_BASEPRI) & 0xFF) << 8
    )


@njit(cache=True)
def masks(C: Control) -> int:
    """As packed_masks, whatever runs. Not for use inside a hook: it visits handler mode to see them."""
    xpsr = get_register(C, UC_ARM_REG_XPSR)
    if xpsr & XPSR_EXCEPTION or not get_register(C, UC_ARM_REG_CONTROL) & CONTROL_UNPRIVILEGED:
        return packed_masks(C)
    set_register(C, UC_ARM_REG_XPSR, xpsr | 3)
    packed = packed_masks(C)
    set_register(C, UC_ARM_REG_XPSR, xpsr)
    return packed


@njit(cache=True)
def is_privileged(C: Control) -> bool:
    if get_register(C, UC_ARM_REG_XPSR) & XPSR_EXCEPTION:
        return True
    return not get_register(C, UC_ARM_REG_CONTROL) & CONTROL_UNPRIVILEGED


@njit(cache=True)
def save_registers(C: Control) -> None:
    """Keeps R0 to R12, SP, LR, xPSR and PC in C_SAVED; only the first time until they are put back."""
    saved = carray(native.int64_pointer(C[C_SAVED]), (len(_SAVED) + 1,))
    if saved[len(_SAVED)] == 0:
        saved[len(_SAVED)] = 1
        for i in range(len(_SAVED)):
            saved[i] = get_register(C, _SAVED[i])


@njit(cache=True)
def put_back_registers(C: Control) -> None:
    """Undoes what instructions have done to registers since save_registers(), if it has been called."""
    saved = carray(native.int64_pointer(C[C_SAVED]), (len(_SAVED) + 1,))
    if saved[len(_SAVED)]:
        saved[len(_SAVED)] = 0
        for i in range(len(_SAVED)):
            set_register(C, _SAVED[i], saved[i] | 1 if _SAVED[i] == UC_ARM_REG_PC else saved[i])


@njit(cache=True)
def enter_handler_mode(C: Control, xpsr: int, control: int) -> None:
    """From thread mode: CONTROL selects the main stack, xPSR becomes `xpsr` (with an exception number)."""
    if control & CONTROL_PROCESS_STACK:
        if control & CONTROL_UNPRIVILEGED:  # the engine lets only privileged code change CONTROL
            thread = get_register(C, UC_ARM_REG_XPSR)
            set_register(C, UC_ARM_REG_XPSR, xpsr)
            set_register(C, UC_ARM_REG_CONTROL, 0)
            set_register(C, UC_ARM_REG_XPSR, thread)
        set_register(C, UC_ARM_REG_CONTROL, 0)
        set_register(C, UC_ARM_REG_XPSR, xpsr)
        set_register(C, UC_ARM_REG_CONTROL, control & CONTROL_UNPRIVILEGED)
    else:
        set_register(C, UC_ARM_REG_XPSR, xpsr)


@njit(cache=True)
def enter_thread_mode(C: Control, xpsr: int, process_stack: bool, floating: int) -> None:
    """From handler mode: xPSR becomes `xpsr` (exception number 0), CONTROL selects the stack and takes FPCA."""
    control = get_register(C, UC_ARM_REG_CONTROL) & CONTROL_UNPRIVILEGED
    set_register(C, UC_ARM_REG_CONTROL, 0)
    set_register(C, UC_ARM_REG_XPSR, xpsr)
    set_register(C, UC_ARM_REG_CONTROL, control | (CONTROL_PROCESS_STACK if process_stack else 0) | floating)


@njit(cache=True)
def register_sum(C: Control) -> int:
    """A number that two different register sets are unlikely to share; equal sets always do."""
    total = 0
    for i in range(13):
        total = total * 1000003 + get_register(C, UC_ARM_REG_R0 + i)
    total = total * 1000003 + get_register(C, UC_ARM_REG_LR)
    total = total * 1000003 + get_register(C, UC_ARM_REG_XPSR)
    if carray(native.int64_pointer(C[C_STATE]), (STATE_WORDS,))[CORE_FEATURES] & F_FPU:
        for i in range(len(FLOATING_POINT_REGISTERS)):
            total = total * 1000003 + get_register(C, FLOATING_POINT_REGISTERS[i])
    return total


@njit(cache=True)
def stack_depth(C: Control, S: State) -> None:
    """Keeps the deepest stack pointer seen at block boundaries (offset from the start of RAM)."""
    offset = get_register(C, UC_ARM_REG_SP) - C[C_RAM_START]
    if 0 <= offset < S[DEEPEST_STACK]:
        S[DEEPEST_STACK] = offset
