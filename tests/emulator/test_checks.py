"""What the engine does not check by itself: traps, alignment, privilege, IT blocks, hints (Armv7-M ARM, A3.2, B3.2)."""

import pytest
from emulated import Load
from unicorn.arm_const import UC_ARM_REG_R0

from swassess.emulator import layout as at

DIVIDE, UNALIGNED, NO_COPROCESSOR, PRECISE = 1 << 25, 1 << 24, 1 << 19, 1 << 9 | 1 << 15
BUS, USAGE = 5, 6

# select, where it faults, exception, CFSR
CASES = [
    (0, "division", USAGE, DIVIDE),
    (2, "trapped", USAGE, UNALIGNED),
    (3, "multiple_access", USAGE, UNALIGNED),
    (4, "double_access", USAGE, UNALIGNED),
    (5, "pointer_access", USAGE, UNALIGNED),
    (6, "conditional_division", USAGE, DIVIDE),
    (8, "user_access", BUS, PRECISE),
    (9, "user_store", BUS, PRECISE),
    (10, "bad_store", BUS, PRECISE),
    (12, "no_coprocessor", USAGE, NO_COPROCESSOR),
    (14, "other_half", USAGE, DIVIDE),
    (17, "early_access", USAGE, UNALIGNED),
]


@pytest.mark.parametrize(("select", "place", "exception", "cfsr"), CASES)
def test_fault_at_the_instruction(load: Load, select: int, place: str, exception: int, cfsr: int) -> None:
    machine = load("checks", select)
    machine.run(1)
    assert machine.result(0) == exception
    assert machine.result(1) == machine.symbols[place]
    assert machine.result(4) == cfsr
    assert machine.result(5) == 0
    assert machine.result(8) == 100
    assert machine.taken(exception) == 1


@pytest.mark.parametrize(("select", "left"), [(6, 2), (10, 3), (14, 1)])
def test_it_state_of_the_frame_is_that_of_the_faulting_instruction(load: Load, select: int, left: int) -> None:
    machine = load("checks", select)
    machine.run(1)
    xpsr = machine.result(2)
    it = (xpsr >> 25 & 3) | (xpsr >> 10 & 0x3F) << 2
    mask = it & 0xF
    assert mask and (mask & -mask).bit_length() == 5 - left, "one bit for each instruction left, and an end mark"


def test_addresses_of_refused_accesses(load: Load) -> None:
    for select, address in ((8, 0xE000ED04), (9, 0xE000E010), (10, 0x60000004)):
        machine = load("checks", select)
        machine.run(1)
        assert machine.result(7) == address


def test_what_is_not_trapped_goes_on(load: Load) -> None:
    machine = load("checks", 1)
    machine.run(1)
    assert machine.results(2) == [0, 1], "a division by zero gives 0"
    machine = load("checks", 13)
    machine.run(1)
    assert machine.result(0) == 0x11223344, "a word at an odd address"
    machine = load("checks", 7)
    machine.run(1)
    assert machine.results(2) == [8, machine.symbols["not_taken_end"]], "the condition of the division has failed"
    machine = load("checks", 16)
    machine.run(1)
    assert machine.result(0) == 7, "table branch, PUSH and POP with both traps on"
    assert machine.mcu.control[at.C_EXAMINING] == 1


def test_programs_that_ask_for_nothing_are_not_examined(load: Load) -> None:
    for program in ("services", "priorities", "timers", "conditional"):
        machine = load(program)
        machine.run(5)
        assert machine.mcu.control[at.C_EXAMINING] == 0


def test_code_is_whole_again_after_a_fault_in_an_it_block(load: Load) -> None:
    for select in (6, 7, 14):
        machine = load("checks", select)
        before = machine.mcu.flash.copy()
        machine.run(1)
        assert (machine.mcu.flash == before).all()
        assert machine.mcu.control[at.C_PLANTED] == 0


def test_rest_of_an_it_block_behind_a_bad_store_is_undone(load: Load) -> None:
    machine = load("checks", 10)
    machine.run(1)
    assert machine.taken(BUS) == 1
    assert machine.mcu.register(UC_ARM_REG_R0 + 1) == 3  # r1: 1 + 2, without the 4 and the 8 that follow the store


def test_unprivileged_code_may_pend_an_interrupt_if_allowed(load: Load) -> None:
    machine = load("checks", 15)
    machine.run(1)
    assert machine.results(2) == [33, 77]


def test_hints_and_send_event(load: Load) -> None:
    machine = load("checks", 11)
    machine.run(1)
    assert machine.result(0) == 5, "two events have been sent for two WFE; the third sleeps"
    assert machine.state(at.SLEEPING) == at.IN_WFE


def test_time_of_instructions_not_executed_is_not_charged(load: Load) -> None:
    """The fault leaves the block at its second instruction; the branch behind it has not run."""
    machine = load("checks", 12)
    machine.mcu.set_watch(machine.symbols["floating"], at.WATCH_STOP)
    machine.mcu.set_watch(machine.symbols["usage_fault"], at.WATCH_STOP)
    assert machine.run(1) == at.DONE_WATCH
    instructions, cycles = machine.state(at.INSTRUCTIONS), machine.cycles
    assert machine.run(1) == at.DONE_WATCH
    assert machine.state(at.INSTRUCTIONS) - instructions == 1
    assert machine.cycles - cycles == 1 + 12
