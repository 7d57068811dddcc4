"""Core registers as a halted core's debugger reads and writes them (DCRSR, Armv7-M ARM C1.6.3)."""

from unicorn import arm_const as arm

from swassess.emulator import layout as at
from swassess.emulator.mcu import Mcu
from swassess.emulator.registers import XPSR_EXCEPTION, XPSR_THUMB, masks

PC, XPSR, MSP, PSP, SPECIAL, FPSCR, FIRST_FLOAT = 15, 16, 17, 18, 20, 33, 64
FLOATS = 32
_NUMBERS = {
    **{index: arm.UC_ARM_REG_R0 + index for index in range(13)},
    13: arm.UC_ARM_REG_SP,
    14: arm.UC_ARM_REG_LR,
    XPSR: arm.UC_ARM_REG_XPSR,
    MSP: arm.UC_ARM_REG_MSP,
    PSP: arm.UC_ARM_REG_PSP,
}
_STACK_POINTERS = (13, MSP, PSP)
_UNPRIVILEGED = 1


def read_register(mcu: Mcu, number: int) -> int:
    """The register with a DCRSR number; 0 for numbers that select nothing."""
    if number == PC:
        return mcu.pc
    if number == SPECIAL:
        packed = int(masks(mcu.control))
        control = mcu.register(arm.UC_ARM_REG_CONTROL)
        return control << 24 | (packed >> 1 & 1) << 16 | (packed >> 8 & 0xFF) << 8 | packed & 1
    if mcu.target.fpu and number == FPSCR:
        return mcu.register(arm.UC_ARM_REG_FPSCR)
    if mcu.target.fpu and FIRST_FLOAT <= number < FIRST_FLOAT + FLOATS:
        return mcu.register(arm.UC_ARM_REG_S0 + number - FIRST_FLOAT)
    place = _NUMBERS.get(number)
    return 0 if place is None else mcu.register(place) & 0xFFFFFFFF


def write_register(mcu: Mcu, number: int, value: int) -> None:
    value &= 0xFFFFFFFF
    if number == PC:
        thumb = mcu.register(arm.UC_ARM_REG_XPSR) & XPSR_THUMB
        mcu.engine.reg_write(arm.UC_ARM_REG_PC, value | 1 if thumb else value & ~1)
    elif number == SPECIAL:
        _write_special(mcu, value)
    elif number == XPSR:
        mcu.engine.reg_write(arm.UC_ARM_REG_XPSR, value)
        mcu.control[at.C_INTERRUPT] = value & XPSR_EXCEPTION
    elif mcu.target.fpu and number == FPSCR:
        mcu.engine.reg_write(arm.UC_ARM_REG_FPSCR, value)
    elif mcu.target.fpu and FIRST_FLOAT <= number < FIRST_FLOAT + FLOATS:
        mcu.engine.reg_write(arm.UC_ARM_REG_S0 + number - FIRST_FLOAT, value)
    elif number in _NUMBERS:
        mcu.engine.reg_write(_NUMBERS[number], value & ~3 if number in _STACK_POINTERS else value)


def _write_special(mcu: Mcu, value: int) -> None:
    """CONTROL, FAULTMASK, BASEPRI, PRIMASK. The engine obeys the rules of MSR, so unprivileged code's registers are
    written from handler mode."""
    engine = mcu.engine
    xpsr = mcu.register(arm.UC_ARM_REG_XPSR)
    visit = not xpsr & XPSR_EXCEPTION and mcu.register(arm.UC_ARM_REG_CONTROL) & _UNPRIVILEGED
    if visit:
        engine.reg_write(arm.UC_ARM_REG_XPSR, xpsr | 3)
        engine.reg_write(arm.UC_ARM_REG_CONTROL, 0)
    engine.reg_write(arm.UC_ARM_REG_PRIMASK, value & 1)
    engine.reg_write(arm.UC_ARM_REG_BASEPRI, value >> 8 & 0xFF)
    engine.reg_write(arm.UC_ARM_REG_FAULTMASK, value >> 16 & 1)
    if visit:
        engine.reg_write(arm.UC_ARM_REG_XPSR, xpsr)
    engine.reg_write(arm.UC_ARM_REG_CONTROL, value >> 24 & 3)
