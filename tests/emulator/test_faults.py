"""Faults of the core: which exception, which status, which return address; escalation and lockup."""

import pytest
from emulated import Load

from swassess.emulator import layout as at

FORCED, DEBUG_EVENT = 1 << 30, 1 << 31
OWN_HANDLERS, FAULT_AGAIN, SPOILT_STACK = 0x100, 0x200, 0x400
PRECISE = 1 << 9 | 1 << 15
MEMORY, BUS, USAGE = 4, 5, 6

# select, place of the fault (symbol or address), bits of CFSR, fault address, exception when it has its own handler
CASES = [
    (0, "unmapped_read", PRECISE, 0x60000004, BUS),
    (1, "unmapped_write", PRECISE, 0x60000008, BUS),
    (2, "flash_write", PRECISE, 0x0800000C, BUS),
    (3, "undefined", 1 << 16, 0, USAGE),
    (4, "arm_code", 1 << 17, 0, USAGE),
    (6, 0x60000000, 1 << 8, 0, BUS),
    (7, 0x40000000, 1, 0, MEMORY),
    (8, "coprocessor", 1 << 19, 0, USAGE),
    (9, 0xFFFFFFF8, 1, 0, MEMORY),
    (10, "unaligned", 1 << 24, 0, USAGE),
    (11, "conditional_read", PRECISE, 0x60000004, BUS),
]


@pytest.mark.parametrize(("select", "place", "cfsr", "address", "own"), CASES)
def test_fault_becomes_hard_fault(load: Load, select: int, place: str | int, cfsr: int, address: int, own: int) -> None:
    machine = load("faults", select)
    machine.run(1)
    exception, pc, xpsr, status, hard_status, fault_address, _, recovered = machine.results(8)
    assert exception == 3
    assert pc == (machine.symbols[place] if isinstance(place, str) else place)
    assert status == cfsr
    assert hard_status == FORCED
    if address:
        assert fault_address == address
    assert bool(xpsr & 1 << 24) == (cfsr != 1 << 17), "the stacked Thumb bit"
    assert recovered == 100
    assert machine.taken(3) == 1


@pytest.mark.parametrize(("select", "place", "cfsr", "address", "own"), CASES)
def test_enabled_fault_has_its_own_handler(
    load: Load, select: int, place: str | int, cfsr: int, address: int, own: int
) -> None:
    machine = load("faults", select | OWN_HANDLERS)
    machine.run(1)
    exception, _, _, status, hard_status, _, shcsr, recovered = machine.results(8)
    assert exception == own
    assert status == cfsr
    assert hard_status == 0
    assert shcsr & 0xFFFF == {MEMORY: 1, BUS: 2, USAGE: 8}[own]  # its active bit
    assert recovered == 100


def test_stacked_it_state_is_that_of_the_faulting_instruction(load: Load) -> None:
    machine = load("faults", 11)
    machine.run(1)
    xpsr = machine.result(2)
    it = (xpsr >> 25 & 3) | (xpsr >> 10 & 0x3F) << 2
    assert it == 0b0000_0100, "eq, for this instruction and one more"


def test_breakpoint_without_debugger_is_a_hard_fault(load: Load) -> None:
    machine = load("faults", 5 | OWN_HANDLERS)
    machine.run(1)
    exception, pc, _, status, hard_status = machine.results(5)
    assert (exception, status, hard_status) == (3, 0, DEBUG_EVENT)
    assert pc == machine.symbols["breakpoint"]


def test_fault_in_hard_fault_locks_up(load: Load) -> None:
    machine = load("faults", 3 | FAULT_AGAIN)
    machine.run(5)
    assert machine.state(at.SLEEPING) == at.LOCKED_UP
    assert machine.taken(3) == 1
    assert machine.mcu.ticks >= 5 * 10**9, "time goes on"
    assert machine.result(7) == 0


def test_fault_in_a_fault_handler_escalates(load: Load) -> None:
    machine = load("faults", 3 | FAULT_AGAIN | OWN_HANDLERS)
    machine.run(5)
    # UsageFault, then a BusFault of equal priority: HardFault, then one more: lockup
    assert [machine.taken(exception) for exception in (6, 5, 3)] == [1, 0, 1]
    assert machine.state(at.SLEEPING) == at.LOCKED_UP


def test_no_stack_left_at_a_hard_fault_runs_it_all_the_same(load: Load) -> None:
    """Cortex-M3 TRM r1p1, 5.12.1: the handler executes although its frame is lost."""
    machine = load("faults", 3 | SPOILT_STACK)
    machine.mcu.set_watch(machine.symbols["hard_fault"], at.WATCH_STOP)
    assert machine.run(5) == at.DONE_WATCH
    assert machine.taken(3) == 1
    assert machine.state(at.CFSR) & 1 << 12  # STKERR


def test_no_stack_left_at_a_lesser_fault_is_a_bus_fault_first(load: Load) -> None:
    machine = load("faults", 3 | SPOILT_STACK | OWN_HANDLERS)
    machine.run(5)
    assert machine.state(at.CFSR) & 1 << 12
    assert machine.taken(5) + machine.taken(6) >= 1
    assert machine.state(at.EXCEPTION_TAKEN + 3) <= 1
