"""Polls: skipped rounds leave the very state that executed rounds leave."""

import pytest
from emulated import MS, Load, Machine

from swassess.emulator import layout as at


def run_until_pressed(load: Load, select: int, skip: bool, until: float = 12) -> Machine:
    machine = load("polls", select, digital={"PA0": "t > 0.0095"})
    machine.mcu.control[at.C_SKIP_POLLS] = int(skip)
    machine.run(until)
    return machine


@pytest.mark.parametrize("select", [0, 1, 2, 3])
def test_skipping_changes_nothing(load: Load, select: int) -> None:
    skipped, executed = (run_until_pressed(load, select, skip) for skip in (True, False))
    assert skipped.result(1) == executed.result(1) == 11, "SysTick interrupts by then"
    assert skipped.mcu.ticks == executed.mcu.ticks
    assert skipped.mcu.digest() == executed.mcu.digest()


@pytest.mark.parametrize("select", [0, 1])
def test_a_poll_costs_few_reads(load: Load, select: int) -> None:
    """9 ms with an event each half millisecond or so: a few reads an event instead of thousands."""
    skipped, executed = (run_until_pressed(load, select, skip, 9) for skip in (True, False))
    reads = [int(machine.mcu.control[at.C_REGISTER_READS]) for machine in (skipped, executed)]
    assert reads[1] > 3000
    assert reads[0] < 800


def test_a_loop_that_counts_or_reads_a_clock_is_executed(load: Load) -> None:
    for select in (2, 3):
        skipped, executed = (run_until_pressed(load, select, skip, 5) for skip in (True, False))
        reads = {int(machine.mcu.control[at.C_REGISTER_READS]) for machine in (skipped, executed)}
        assert len(reads) == 1, f"case {select}: every round is made"


def test_snapshots_within_a_poll(load: Load) -> None:
    machine = load("polls", 0, digital={"PA0": "t > 0.0095"})
    machine.run(4.3)
    snapshot = machine.mcu.snapshot()
    machine.mcu.run(12 * MS)
    first = machine.mcu.digest()
    machine.mcu.restore(snapshot)
    machine.mcu.run(12 * MS)
    assert machine.mcu.digest() == first
