"""The mechanisms that faults are made of: broken cells, flipped flash, calls not made, a stuck bit of PC, a stall."""

import pytest
from emulated import MS, RAM, Load, Machine

from swassess.emulator import layout as at

CELL = 0x20001000


def break_cell(machine: Machine, address: int, bit: int, value: int) -> None:
    control = machine.mcu.control
    control[at.C_FAULT] = at.FAULT_RAM_STUCK
    control[at.C_FAULT_ADDRESS] = address
    control[at.C_FAULT_OR] = value << bit
    control[at.C_FAULT_AND] = 0xFF if value else 0xFF & ~(1 << bit)


@pytest.mark.parametrize("taps", ["faults", "trace"])
@pytest.mark.parametrize(("byte", "bit"), [(0, 3), (3, 7)])
def test_stuck_cell_is_seen_by_every_read(load: Load, taps: str, byte: int, bit: int) -> None:
    machine = load("victim", taps=taps)
    machine.run(2)
    assert machine.result(0) == 0
    break_cell(machine, CELL + byte, bit, 1)
    machine.run(4)
    assert machine.result(0) == 1 << (8 * byte + bit)
    assert 2 * MS < machine.mcu.control[at.C_FAULT_FIRST_READ] <= 2 * MS + MS // 100
    machine.mcu.clear_fault()
    machine.run(6)
    assert machine.result(0) == 0


def test_cell_stuck_at_what_it_holds_changes_nothing(load: Load) -> None:
    machine, sound = load("victim", taps="faults"), load("victim", taps="faults")
    break_cell(machine, CELL, 3, 0)
    machine.run(4)
    sound.run(4)
    assert machine.mcu.digest() == sound.mcu.digest()
    assert machine.mcu.control[at.C_FAULT_FIRST_READ] == 0


def test_stuck_cell_under_an_exception_frame(load: Load) -> None:
    """Unstacking reads RAM too: R0 of the frame comes back spoilt."""
    machine = load("services", taps="faults")
    break_cell(machine, 0x20005000 - 32, 7, 1)
    machine.run(1)
    assert machine.result(1) == 42 | 0x80


def test_flipped_data_view_is_invisible_to_execution(load: Load) -> None:
    machine = load("victim", taps="faults")
    control = machine.mcu.control
    control[at.C_FAULT] = at.FAULT_FLASH_DATA
    control[at.C_FAULT_ADDRESS] = machine.symbols["constant"] + 1
    control[at.C_FAULT_OR] = 1 << 6
    image = machine.mcu.flash.copy()
    machine.run(4)
    assert machine.result(1) == 0x22 ^ 1 << 6
    assert control[at.C_FAULT_FIRST_READ] > 0
    assert (machine.mcu.flash == image).all(), "the executed view is what it was"
    spoilt, sound = load("victim", taps="faults"), load("victim", taps="faults")
    spoilt.mcu.control[at.C_FAULT] = at.FAULT_FLASH_DATA
    spoilt.mcu.control[at.C_FAULT_ADDRESS] = machine.symbols["call_site"]
    spoilt.mcu.control[at.C_FAULT_OR] = 1
    spoilt.run(4)
    sound.run(4)
    assert spoilt.mcu.digest() == sound.mcu.digest(), "an instruction's data view is never read"
    assert spoilt.mcu.control[at.C_FAULT_FIRST_READ] == 0


def test_flipped_execution_acts_and_can_be_undone(load: Load) -> None:
    machine = load("victim")
    mcu = machine.mcu
    machine.run(2)
    assert machine.result(0) == 0
    mcu.flip_executed(machine.symbols["round"], 0)  # movs r0, #0 becomes movs r0, #1
    machine.run(4)
    assert machine.result(0) == 1
    mcu.flip_executed(machine.symbols["round"], 0)
    machine.run(6)
    assert machine.result(0) == 0


@pytest.mark.parametrize(("site", "removed", "kept"), [("call_site", 2, 3), ("conditional_call", 3, 2)])
def test_removed_call_is_not_made(load: Load, site: str, removed: int, kept: int) -> None:
    machine = load("victim", taps="instructions")
    machine.run(2)
    before = machine.results(5)
    assert before[removed] > 0
    control = machine.mcu.control
    control[at.C_FAULT] = at.FAULT_CALL_REMOVED
    control[at.C_FAULT_ADDRESS] = machine.symbols[site]
    control[at.C_FAULT_OR] = 4
    machine.run(4)
    after = machine.results(5)
    assert after[removed] - before[removed] <= 1
    assert after[kept] - before[kept] > 50
    assert after[4] - before[4] > 50, "the loop goes on behind the call"
    assert machine.taken(3) == 0
    assert control[at.C_FAULT_FIRST_READ] > 0


def test_stuck_bit_of_pc_leads_elsewhere(load: Load) -> None:
    machine = load("victim", taps="instructions")
    machine.run(2)
    bit = 10
    assert not machine.symbols["round"] & 1 << bit and machine.symbols["elsewhere"] & 1 << bit
    control = machine.mcu.control
    control[at.C_FAULT] = at.FAULT_PC_STUCK
    control[at.C_FAULT_OR] = 1 << bit
    control[at.C_FAULT_AND] = 0xFFFFFFFF
    rounds = machine.result(4)
    machine.run(4)
    assert machine.result(5) == 55
    assert machine.result(4) == rounds
    assert control[at.C_FAULT_FIRST_READ] > 0 and control[at.C_REDIRECTS] > 0


def test_stuck_bit_of_pc_waits_for_the_end_of_an_it_block(load: Load) -> None:
    """A jump inside an IT block would be lost by the engine; it is made right behind the block, and counted."""
    machine = load("stuck_pc", taps="instructions")
    control = machine.mcu.control
    control[at.C_FAULT] = at.FAULT_PC_STUCK
    control[at.C_FAULT_OR] = 1 << 5
    control[at.C_FAULT_AND] = 0xFFFFFFFF
    machine.run(1)
    assert machine.results(3) == [1, 2, 0]
    assert control[at.C_IN_IT_SKIPS] == 1


def test_stuck_bit_that_is_always_so_changes_nothing(load: Load) -> None:
    machine, sound = load("victim", taps="instructions"), load("victim", taps="instructions")
    control = machine.mcu.control
    control[at.C_FAULT] = at.FAULT_PC_STUCK
    control[at.C_FAULT_OR] = 1 << 27
    control[at.C_FAULT_AND] = 0xFFFFFFFF
    machine.run(4)
    sound.run(4)
    assert control[at.C_REDIRECTS] == 0
    assert machine.mcu.digest() == sound.mcu.digest()


def test_stalled_function_never_returns_but_interrupts_run(load: Load) -> None:
    machine = load("sleep")
    machine.run(2)
    stalled = load("victim")
    mcu = stalled.mcu
    mcu.control[at.C_FAULT] = at.FAULT_STALLED
    mcu.control[at.C_FAULT_ADDRESS] = stalled.symbols["counted"]
    mcu.set_watch(stalled.symbols["counted"], at.WATCH_STALL)
    stalled.run(2)
    assert stalled.state(at.SLEEPING) == at.STALLED
    assert stalled.result(2) == 0 and stalled.result(4) == 0
    assert mcu.ticks >= 2 * MS
    assert mcu.pc == stalled.symbols["counted"]


def test_watched_function_stops_each_time(load: Load) -> None:
    machine = load("victim")
    machine.mcu.set_watch(machine.symbols["counted"], at.WATCH_STOP)
    for calls in range(5):
        assert machine.run(5) == at.DONE_WATCH
        assert machine.mcu.pc == machine.symbols["counted"]
        assert machine.result(2) == calls


def test_ram_survives_power_on_only_as_zero(load: Load) -> None:
    machine = load("victim")
    machine.run(2)
    machine.mcu.power_on()
    assert not machine.mcu.ram.any()
    assert machine.mcu.ticks == 0
    assert machine.mcu.pc == machine.symbols["start"]
    assert machine.word(RAM) == 0
