"""Single instructions of IT blocks, which the engine can only run as a whole.

The debug unit decides by the condition whether the instruction executes; if so, the engine runs it alone with the IT
state cleared, and the flags are kept where the instruction would not have set them inside an IT block.
"""

from unicorn import UcError
from unicorn import arm_const as arm

from swassess.emulator import layout as at
from swassess.emulator.cost import cost_between, refill
from swassess.emulator.mcu import Mcu
from swassess.emulator.registers import XPSR_IT, XPSR_THUMB

FLAGS = 0xF8000000
_TEST_OPERATIONS = (8, 10, 11)  # TST, CMP, CMN among the 16-bit data processing instructions


def it_state(xpsr: int) -> int:
    """ITSTATE[7:0] out of xPSR."""
    return (xpsr >> 8 & 0xFC) | (xpsr >> 25 & 3)


def with_it_state(xpsr: int, state: int) -> int:
    return xpsr & ~XPSR_IT | (state & 0xFC) << 8 | (state & 3) << 25


def advance(state: int) -> int:
    """ITSTATE after one more instruction (Armv7-M ARM A7.3.3)."""
    return 0 if state & 7 == 0 else (state & 0xE0) | (state << 1 & 0x1F)


def condition_holds(condition: int, xpsr: int) -> bool:
    """The condition field of an instruction against the flags."""
    n, z, c, v = (bool(xpsr >> bit & 1) for bit in (31, 30, 29, 28))
    holds = (z, c, n, v, c and not z, n == v, n == v and not z, True)[condition >> 1]
    return holds != (condition & 1 == 1) or condition == 15


def opens_it_block(half_word: int) -> bool:
    return half_word >> 8 == 0xBF and half_word & 0xF != 0


def keeps_flags(half_word: int) -> bool:
    """Whether a 16-bit instruction that sets flags elsewhere leaves them alone inside an IT block."""
    top = half_word >> 11
    if top <= 7:
        return top != 5  # shifts, add, subtract, move immediate; not compare
    return half_word >> 10 == 0b010000 and half_word >> 6 & 0xF not in _TEST_OPERATIONS


def ends_block(first: int, second: int) -> bool:
    """Whether a conditional instruction may branch, so that the engine ends a block there, taken or not."""
    if instruction_size(first) == 4:
        if first >> 11 == 30:
            return second & 0x9000 == 0x9000  # B, BL
        loads_pc = first & 0xFF70 == 0xF850 and second >> 12 == 15
        return loads_pc or (first & 0xFE50 == 0xE810 and bool(second >> 15)) or first & 0xFFF0 == 0xE8D0
    writes_pc = first & 0xFD00 == 0x4400 and first & 0x87 == 0x87
    return first >> 11 == 28 or first >> 8 in (0x47, 0xBD, 0xDF) or writes_pc


def half_word_at(mcu: Mcu, address: int) -> int:
    """What would be fetched there; 0 where nothing can be."""
    try:
        return int.from_bytes(mcu.engine.mem_read(address, 2), "little")
    except UcError:
        return 0


def instruction_size(half_word: int) -> int:
    return 4 if half_word >> 11 >= 29 else 2


def enter_it_block(mcu: Mcu) -> None:
    """Executes the IT instruction at PC."""
    pc, xpsr = mcu.pc, mcu.register(arm.UC_ARM_REG_XPSR)
    state = half_word_at(mcu, pc) & 0xFF
    mcu.engine.reg_write(arm.UC_ARM_REG_PC, pc + 2 | 1)
    mcu.engine.reg_write(arm.UC_ARM_REG_XPSR, with_it_state(xpsr | XPSR_THUMB, state))
    spend(mcu, 1)


def skip_conditional(mcu: Mcu) -> bool:
    """Passes the instruction at PC if its condition fails; False when it has to be executed."""
    xpsr = mcu.register(arm.UC_ARM_REG_XPSR)
    state = it_state(xpsr)
    if condition_holds(state >> 4, xpsr):
        return False
    pc = mcu.pc
    behind = pc + instruction_size(half_word_at(mcu, pc))
    mcu.engine.reg_write(arm.UC_ARM_REG_PC, behind | 1)
    mcu.engine.reg_write(arm.UC_ARM_REG_XPSR, with_it_state(xpsr, advance(state)))
    spend(mcu, int(cost_between(mcu.control, pc, behind)[0]))  # as the engine reckons it in a whole block
    if ends_block(half_word_at(mcu, pc), half_word_at(mcu, pc + 2)):
        mcu.state[at.TICKS] += int(refill(int(mcu.state[at.CORE_TIMING]))) * mcu.state[at.CYCLE_TICKS]
        mcu.state[at.STEPS] += 1
    return True


def spend(mcu: Mcu, cycles: int) -> None:
    """Time and count of one instruction that the engine does not execute itself."""
    mcu.state[at.TICKS] += cycles * mcu.state[at.CYCLE_TICKS]
    mcu.state[at.INSTRUCTIONS] += 1


def prepare_conditional(mcu: Mcu) -> tuple[int, int, int]:
    """Before the engine runs the conditional instruction at PC alone: (its address, xPSR, ITSTATE)."""
    xpsr = mcu.register(arm.UC_ARM_REG_XPSR)
    mcu.engine.reg_write(arm.UC_ARM_REG_XPSR, xpsr & ~XPSR_IT)
    return mcu.pc, xpsr, it_state(xpsr)


def finish_conditional(mcu: Mcu, before: tuple[int, int, int], faulted: bool) -> None:
    """After it: flags, and the IT state, which lies in the stacked xPSR when the instruction led to an exception."""
    address, old, state = before
    half_word = half_word_at(mcu, address)
    size = instruction_size(half_word)
    supervisor_call = half_word >> 8 == 0xDF
    if faulted:
        after = advance(state) if supervisor_call else state
        frame = mcu.register(arm.UC_ARM_REG_MSP if not mcu.register(arm.UC_ARM_REG_LR) & 4 else arm.UC_ARM_REG_PSP)
        offset = frame + 28 - mcu.ram_start
        if 0 <= offset <= mcu.ram_size - 4:
            stacked = int.from_bytes(mcu.ram[offset : offset + 4].tobytes(), "little")
            mcu.ram[offset : offset + 4] = list(with_it_state(stacked, after).to_bytes(4, "little"))
        return
    xpsr = mcu.register(arm.UC_ARM_REG_XPSR)
    if size == 2 and keeps_flags(half_word):
        xpsr = xpsr & ~FLAGS | old & FLAGS
    if mcu.pc == address + size:
        xpsr = with_it_state(xpsr, advance(state))
    mcu.engine.reg_write(arm.UC_ARM_REG_XPSR, xpsr)
