"""SysTick and sleeping."""

import pytest
from emulated import CYCLE, MS, Load

from swassess.emulator import layout as at

LOAD = 999
ENABLE, TICKINT, CORE_CLOCK = 1, 2, 4


@pytest.mark.parametrize(("control", "clock_cycles"), [(7, 1), (3, 8)])
def test_systick_interrupts_each_load_plus_one_clocks(load: Load, control: int, clock_cycles: int) -> None:
    machine = load("systick", control)
    machine.run(50)
    period = (LOAD + 1) * clock_cycles
    expected = 50 * MS // CYCLE // period
    assert machine.taken(15) in (expected - 1, expected)
    assert machine.result(3) == machine.taken(15)


def test_systick_does_not_drift(load: Load) -> None:
    machine = load("systick", 7)
    machine.run(10)
    first = machine.state(at.SYSTICK_NEXT)
    machine.run(60)
    assert (machine.state(at.SYSTICK_NEXT) - first) % ((LOAD + 1) * CYCLE) == 0


def test_systick_value_stays_within_load(load: Load) -> None:
    machine = load("systick", ENABLE | CORE_CLOCK)
    machine.run(50)
    largest, smallest, flags, interrupts = machine.results(4)
    assert LOAD - 40 <= largest <= LOAD
    assert smallest <= 40
    periods = 50 * MS // CYCLE // (LOAD + 1)
    assert flags in (periods - 1, periods), "each wrap shows once in COUNTFLAG, and reading clears it"
    assert interrupts == 0


def test_systick_starts_and_stops_with_enable(load: Load) -> None:
    machine = load("systick", 0)
    machine.run(50)
    assert machine.results(4) == [0, 0, 0, 0]


def test_waiting_costs_no_instructions_and_wakes_on_time(load: Load) -> None:
    machine = load("sleep")
    machine.run(1005)
    assert machine.results(2) == [100, 100]
    assert machine.state(at.INSTRUCTIONS) < 100 * 20
    assert machine.state(at.SLEEPING) == at.IN_WFI


def test_wfi_behind_primask_wakes_without_the_handler(load: Load) -> None:
    machine = load("sleep", 1)
    machine.run(12)
    woken, _, handled_before, handled_after = machine.results(4)
    assert woken == 1
    assert handled_before == 0
    assert handled_after == 1


def test_wfe_waits_for_an_event(load: Load) -> None:
    machine = load("sleep", 2)
    machine.run(1005)
    rounds, interrupts = machine.results(2)
    assert interrupts == 100
    assert 100 <= rounds <= 201, "each interrupt ends one wait, and the event it leaves behind may end one more"
    assert machine.state(at.SLEEPING) == at.IN_WFE
    assert machine.taken(3) == 0


def test_sleep_on_exit_returns_to_sleep(load: Load) -> None:
    machine = load("sleep", 3)
    machine.run(15)
    assert machine.state(at.SLEEPING) == at.IN_WFI
    before = machine.state(at.INSTRUCTIONS)
    machine.run(1005)
    assert machine.result(1) == 100
    assert machine.state(at.INSTRUCTIONS) - before == 99 * 5  # only the handler's instructions


def test_yield_is_no_operation_and_an_undefined_instruction_behind_it_is_one(load: Load) -> None:
    machine = load("sleep", 4)
    machine.run(2)
    assert machine.result(0) == 2
    assert machine.result(4) == 99
    assert machine.taken(3) == 1
