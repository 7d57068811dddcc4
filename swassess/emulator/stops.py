"""Native execution, and what its end means: a stop asked for, SVC, EXC_RETURN, a fault, WFE, YIELD."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from numba import carray, int64, njit
from unicorn.arm_const import UC_ARM_REG_LR, UC_ARM_REG_PC, UC_ARM_REG_XPSR
from unicorn.unicorn_const import (
    UC_ERR_EXCEPTION,
    UC_ERR_FETCH_PROT,
    UC_ERR_FETCH_UNMAPPED,
    UC_ERR_INSN_INVALID,
    UC_ERR_READ_PROT,
    UC_ERR_READ_UNMAPPED,
    UC_ERR_WRITE_PROT,
    UC_ERR_WRITE_UNMAPPED,
)

from swassess.emulator.arrays import Control, State
from swassess.emulator.attention import EXAMINE, LAZY_FAILED
from swassess.emulator.bus import state_of
from swassess.emulator.core_faults import (
    DEBUG_EVENT,
    INSTRUCTION_ACCESS_VIOLATION,
    INSTRUCTION_BUS_ERROR,
    INVALID_STATE,
    NO_COPROCESSOR,
    PRECISE_BUS_ERROR,
    STACK_OVERFLOW,
    UNALIGNED_ACCESS,
    UNDEFINED_INSTRUCTION,
    call_supervisor,
    raise_fault,
)
from swassess.emulator.cost import refund
from swassess.emulator.examine import EXAMINED, PLANT, UPROOT, plant, planted_fault, uproot, wanted
from swassess.emulator.exceptions import return_from_exception
from swassess.emulator.flash_writes import settle_flash
from swassess.emulator.frames import lazy_fault
from swassess.emulator.layout import (
    ASK_EXAMINE,
    ASK_FLUSH,
    BFAR,
    C_ATTENTION,
    C_BAD_ADDRESS,
    C_BLOCK,
    C_DEBUG_EVENT,
    C_DEBUG_ON,
    C_ENGINE,
    C_ERROR,
    C_EXAMINING,
    C_FLASH,
    C_FLASH_CHANGED,
    C_FLASH_SIZE,
    C_FLASH_START,
    C_FOUND_ADDRESS,
    C_FOUND_FAULT,
    C_FOUND_STATUS,
    C_INTERRUPT,
    C_MCU,
    C_PLANTED,
    C_RAM,
    C_RAM_SIZE,
    C_RAM_START,
    C_STOP,
    C_UNDO_LINK,
    C_UNDO_TO,
    C_WATCH_HIT,
    D_BREAKPOINT,
    EVENT_FLAG,
    IN_WFE,
    MMFAR,
    SLEEPING,
    STOP_DEADLINE,
    STOP_FAILED,
    STOP_NONE,
)
from swassess.emulator.peripherals import nvic
from swassess.emulator.privilege import REFUSED
from swassess.emulator.registers import XPSR_THUMB, get_register, put_back_registers, set_register

_END = 0xFFFFFFFE
_FIRST_EXCEPTION_RETURN = 0xF0000000
# why the engine calls on_interrupt
_SUPERVISOR_CALL, _PREFETCH_ABORT, _DATA_ABORT, _BREAKPOINT = 2, 3, 4, 7
_NO_COPROCESSOR, _INVALID_STATE, _STACK_OVERFLOW = 17, 18, 19
_FETCH_ERROR = -1
_WFE, _YIELD = 0xBF20, 0xBF10
_WIDE_HINT, _WFE_WIDE, _YIELD_WIDE = 0xF3AF, 0x8002, 0x8001


@njit(cache=True)
def _fetch_fault(C: Control, pc: int) -> None:
    """Nothing executable at PC: a violation where the memory map forbids execution, else a bus error."""
    region = pc >> 29
    if region == 2 or region >= 5:  # peripherals, devices, system
        raise_fault(C, nvic.MEMORY_FAULT, INSTRUCTION_ACCESS_VIOLATION)
    else:
        raise_fault(C, nvic.BUS_FAULT, INSTRUCTION_BUS_ERROR)


@njit(cache=True)
def _raise_found(C: Control) -> None:
    """The fault that the examination has found."""
    if C[C_FOUND_ADDRESS] >= 0:
        state_of(C)[MMFAR] = C[C_FOUND_ADDRESS]
    raise_fault(C, C[C_FOUND_FAULT], C[C_FOUND_STATUS])


@njit(cache=True)
def after_interrupt_stop(C: Control) -> None:
    number = C[C_WATCH_HIT]
    pc = get_register(C, UC_ARM_REG_PC)
    refund(C, state_of(C), pc & ~1)
    if pc >= _FIRST_EXCEPTION_RETURN and C[C_INTERRUPT]:
        thumb = get_register(C, UC_ARM_REG_XPSR) & XPSR_THUMB
        return_from_exception(C, pc | 1 if thumb else pc & ~1)  # the engine has moved bit 0 there
    elif number == _SUPERVISOR_CALL:
        call_supervisor(C)
    elif number in (_PREFETCH_ABORT, _FETCH_ERROR):
        _fetch_fault(C, pc)
    elif number == _DATA_ABORT:
        raise_fault(C, nvic.USAGE_FAULT, UNALIGNED_ACCESS)
    elif number == _BREAKPOINT:
        if C[C_DEBUG_ON]:
            C[C_DEBUG_EVENT] |= D_BREAKPOINT
        else:
            raise_fault(C, nvic.HARD_FAULT, DEBUG_EVENT)
    elif number == _NO_COPROCESSOR:
        raise_fault(C, nvic.USAGE_FAULT, NO_COPROCESSOR)
    elif number == _INVALID_STATE:
        raise_fault(C, nvic.USAGE_FAULT, INVALID_STATE)
    elif number == _STACK_OVERFLOW:
        raise_fault(C, nvic.USAGE_FAULT, STACK_OVERFLOW)
    elif number == EXAMINED:
        _raise_found(C)
    elif number == PLANT:
        plant(C)
    elif number == UPROOT:
        uproot(C)
    elif number == EXAMINE:
        native.ask(C[C_MCU], ASK_EXAMINE, 0, 0, 0)
    elif number == LAZY_FAILED:
        lazy_fault(C)
    elif number == REFUSED:
        state_of(C)[BFAR] = C[C_BAD_ADDRESS]
        raise_fault(C, nvic.BUS_FAULT, PRECISE_BUS_ERROR)
    else:
        raise_fault(C, nvic.USAGE_FAULT, UNDEFINED_INSTRUCTION)


@njit(cache=True)
def _hint_before(C: Control, pc: int) -> int:
    """The WFE or YIELD that has just ended the block, else 0; the engine leaves both as if they were undefined."""
    if C[C_FLASH_START] <= pc < C[C_FLASH_START] + C[C_FLASH_SIZE]:
        code = carray(native.uint8_pointer(C[C_FLASH]), (C[C_FLASH_SIZE],))
        start = C[C_FLASH_START]
    elif C[C_RAM_START] <= pc < C[C_RAM_START] + C[C_RAM_SIZE]:
        code = carray(native.uint8_pointer(C[C_RAM]), (C[C_RAM_SIZE],))
        start = C[C_RAM_START]
    else:
        return 0
    at = C[C_BLOCK]
    last = 0
    while start <= at < pc:
        last = int64(code[at - start]) | int64(code[at - start + 1]) << 8
        if last == _WIDE_HINT:
            second = int64(code[at - start + 2]) | int64(code[at - start + 3]) << 8
            last = _WFE if second == _WFE_WIDE else (_YIELD if second == _YIELD_WIDE else 0)
            at += 4
        else:
            at += 4 if last >> 11 >= 29 else 2
    return last if at == pc and last in (_WFE, _YIELD) else 0


@njit(cache=True)
def _after_error(C: Control, S: State, error: int) -> None:
    """Unicorn gave up: bus errors, undefined instructions, missing Thumb state."""
    put_back_registers(C)
    pc = get_register(C, UC_ARM_REG_PC)
    refund(C, S, pc & ~1)
    if error in (UC_ERR_FETCH_UNMAPPED, UC_ERR_FETCH_PROT):
        C[C_WATCH_HIT] = _FETCH_ERROR
        after_interrupt_stop(C)
    elif error == UC_ERR_EXCEPTION or not get_register(C, UC_ARM_REG_XPSR) & XPSR_THUMB:
        raise_fault(C, nvic.USAGE_FAULT, INVALID_STATE)
    elif error == UC_ERR_INSN_INVALID and C[C_PLANTED]:
        if planted_fault(C, pc & ~1):
            _raise_found(C)
    elif error == UC_ERR_INSN_INVALID:
        hint = _hint_before(C, pc)
        if hint == 0:
            raise_fault(C, nvic.USAGE_FAULT, UNDEFINED_INSTRUCTION)
        elif hint == _WFE:
            if not S[EVENT_FLAG]:
                S[SLEEPING] = IN_WFE
            S[EVENT_FLAG] = 0
    elif error in (UC_ERR_READ_UNMAPPED, UC_ERR_WRITE_UNMAPPED, UC_ERR_READ_PROT, UC_ERR_WRITE_PROT):
        S[BFAR] = C[C_BAD_ADDRESS]
        raise_fault(C, nvic.BUS_FAULT, PRECISE_BUS_ERROR)
    else:
        C[C_ERROR] = error


@njit(cache=True)
def execute(C: Control, S: State) -> int:
    """One stretch of native execution; returns a STOP_ value, or STOP_FAILED after an error has been dealt with."""
    C[C_STOP] = STOP_NONE
    pc = get_register(C, UC_ARM_REG_PC)
    if C[C_FLASH_CHANGED]:
        C[C_FLASH_CHANGED] = 0
        native.ask(C[C_MCU], ASK_FLUSH, 0, 0, 0)
    if C[C_EXAMINING] == 0 and wanted(S):
        native.ask(C[C_MCU], ASK_EXAMINE, 0, 0, 0)
    C[C_ATTENTION] = 1  # the first block looks whether anything is on
    error = native.uc_emu_start(C[C_ENGINE], pc | 1, _END, 0, 0)
    settle_flash(C)
    if C[C_UNDO_TO]:
        set_register(C, UC_ARM_REG_LR, C[C_UNDO_LINK])
        set_register(C, UC_ARM_REG_PC, C[C_UNDO_TO] | 1)
        C[C_UNDO_TO] = 0
        return STOP_DEADLINE
    if error != 0:
        _after_error(C, S, error)
        return STOP_FAILED
    return C[C_STOP]
