"""RAM tests are recognised by what they do: sequence, direction, range, timing; never by name, and despite noise."""

import time

import numpy as np
import pytest
from traces import (
    CHECKERBOARD,
    FLASH,
    MARCH_C_MINUS,
    MARCH_X,
    MILLISECOND,
    ONES,
    RAM,
    RAM_SIZE,
    Machine,
    columns,
    march,
    transparent_block,
    words,
)

from swassess.model.declared import AddressRange
from swassess.model.trace import READ, WRITE, Trace
from swassess.rules.recognise.march import RamTest, recognise_ram_tests
from swassess.rules.recognise.march_table import algorithms

WHOLE = AddressRange(RAM, RAM + RAM_SIZE)
LOOP = FLASH + 0x900
TEXT = "{any(w0); up(r0,w1); up(r1,w0); down(r0,w1); down(r1,w0); any(r0)}"


def recognised(machine: Machine) -> tuple[RamTest, ...]:
    trace = machine.trace()
    return recognise_ram_tests(trace, WHOLE, trace.mark_ticks[trace.mark_address == LOOP])


def start_up(machine: Machine) -> None:
    for background in (0, 0x55555555):
        march(machine, words(RAM, RAM + RAM_SIZE), background=background)
    for cell in words(RAM, RAM + 0x200):  # the program's own initialisation
        machine.at(FLASH + 0x200)
        machine.write(cell, 0)
    for cell in words(RAM + 0x200, RAM + 0x240):
        machine.at(FLASH + 0x210)
        machine.write(cell, 0x12340000 + cell % 7)


def periodic(machine: Machine, cycles: int, end: int = RAM + RAM_SIZE, step: int = 60, per_tick: int = 1) -> None:
    """Blocks of 16 words, overlapping by one word, one each 10 ms, with a program and an interrupt between."""
    for _ in range(cycles):
        blocks = [words(at, min(at + 64, end)) for at in range(RAM, end - 4, step)]
        for number, block in enumerate(blocks):
            if number % per_tick == 0:
                machine.mark(LOOP)
                machine.idle(10 * MILLISECOND)
                program(machine, number)
                machine.interrupt(lambda: machine.write(RAM + 8, machine.read(RAM + 8) + 1))
            buffer = RAM + 0x300 if block[0] >= RAM + 0x380 or block[-1] < RAM + 0x300 else RAM + 0x700
            transparent_block(machine, block, buffer, code=FLASH + 0x500)


def program(machine: Machine, number: int) -> None:
    for cell in words(RAM, RAM + 0x100):
        machine.at(FLASH + 0x2000)
        machine.read(cell)
    machine.write(RAM + 4, ONES if number % 2 else 0)
    machine.read(RAM + 4)
    machine.write(RAM + 4, 0 if number % 2 else ONES)
    machine.read(RAM + 4)


def test_start_up_march() -> None:
    machine = Machine()
    start_up(machine)
    (test,) = recognised(machine)
    assert (test.phase, test.algorithm, test.elements) == ("startup", "March C-", TEXT)
    assert test.ranges == (WHOLE,)
    assert test.backgrounds == (0, 0x55555555)
    assert test.operations == 10
    assert {"SAF", "AF", "BF"} <= test.detects
    assert not test.transparent
    assert test.uncoupled == ()
    assert test.visits.tolist() == [1] * (RAM_SIZE // 4)
    assert test.cycle is None


def test_transparent_blocks_in_operation() -> None:
    machine = Machine()
    start_up(machine)
    periodic(machine, 3)
    first, second = recognised(machine)
    assert (first.phase, first.algorithm, first.ranges) == ("startup", "March C-", (WHOLE,))
    assert (second.phase, second.algorithm, second.ranges) == ("periodic", "March C-", (WHOLE,))
    assert second.transparent
    assert second.uncoupled == ()
    blocks = len(range(RAM, RAM + RAM_SIZE - 4, 60))
    assert second.cycle is not None
    assert blocks * 10 * MILLISECOND < second.cycle < blocks * 10.6 * MILLISECOND
    assert second.visits.min() == 3
    assert set(second.blocks) >= {FLASH + 0x500 + 16 * n for n in range(6)}
    assert FLASH + 0x2000 not in second.blocks


def test_the_gap_of_a_cell_runs_from_visit_to_visit() -> None:
    machine = Machine()
    periodic(machine, 2)
    (test,) = recognised(machine)
    cell = RAM + 0x100
    mine = test.visit_cells == cell
    expected = int(test.visit_end[mine][1] - test.visit_start[mine][0])
    assert test.longest_gap[test.cells == cell].tolist() == [expected]


def test_a_run_that_ends_before_the_next_visit_counts() -> None:
    machine = Machine()
    periodic(machine, 2)
    machine.idle(5000 * MILLISECOND)
    (test,) = recognised(machine)
    assert test.longest_gap.min() >= 5000 * MILLISECOND


def test_two_blocks_in_one_tick_without_overlap() -> None:
    machine = Machine()
    periodic(machine, 2, step=64, per_tick=2)
    (test,) = recognised(machine)
    assert (test.algorithm, test.ranges) == ("March C-", (WHOLE,))
    assert test.uncoupled[0] == (RAM + 60, RAM + 64)
    assert len(test.uncoupled) == RAM_SIZE // 64 - 1


def test_untested_cells_lie_outside_the_ranges() -> None:
    machine = Machine()
    start_up(machine)
    periodic(machine, 2, end=RAM + RAM_SIZE - 256)
    second = recognised(machine)[1]
    assert second.ranges == (AddressRange(RAM, RAM + RAM_SIZE - 256),)


def test_an_off_by_one_word_shows() -> None:
    """The loop that inverts first stops one word early."""
    machine = Machine()
    every = words(RAM, RAM + RAM_SIZE)
    for number, element in enumerate(MARCH_C_MINUS):
        march(machine, every[:-1] if number == 1 else every, (element,), code=FLASH + 0x400 + 16 * number)
    tests = recognised(machine)
    known = [test for test in tests if test.listed]
    assert [test.ranges for test in known] == [(AddressRange(RAM, RAM + RAM_SIZE - 4),)]
    assert all(RAM + RAM_SIZE - 4 in test.cells for test in tests if not test.listed)


def test_a_missing_element_is_an_unknown_sequence() -> None:
    machine = Machine()
    march(machine, words(RAM, RAM + RAM_SIZE), MARCH_C_MINUS[:4])
    (test,) = recognised(machine)
    assert not test.recognised
    assert test.elements == "{up(w0); up(r0,w1); up(r1,w0); down(r0,w1)}"


def test_a_wrong_direction_is_not_march_c_minus() -> None:
    machine = Machine()
    march(machine, words(RAM, RAM + RAM_SIZE), tuple(("up", operations) for _, operations in MARCH_C_MINUS))
    (test,) = recognised(machine)
    assert not test.recognised


@pytest.mark.parametrize(
    ("elements", "background", "name"),
    [
        (MARCH_X, 0, "March X"),
        (CHECKERBOARD, 0x55555555, "Checkerboard"),
        (CHECKERBOARD, 0, "All-0/all-1 test"),
        (tuple(({"up": "down", "down": "up"}[d], o) for d, o in MARCH_C_MINUS), 0, "March C-"),
        (tuple((d, o.translate({48: 49, 49: 48})) for d, o in MARCH_C_MINUS), 0, "March C-"),
        ((("up", "w0r0w1r1"),), 0x55555555, "cell-by-cell pattern"),
    ],
)
def test_other_tests(elements: tuple[tuple[str, str], ...], background: int, name: str) -> None:
    machine = Machine()
    march(machine, words(RAM, RAM + RAM_SIZE), elements, background)
    (test,) = recognised(machine)
    assert test.algorithm == name
    assert test.ranges == (WHOLE,)


@pytest.mark.parametrize("algorithm", algorithms(), ids=lambda a: a.name)
def test_every_algorithm_of_the_table_is_recognised_as_itself(algorithm: object) -> None:
    elements = tuple(
        ("down" if e.direction == "down" else "up", "".join(e.operations))
        for e in algorithm.elements  # type: ignore[attr-defined]
    )
    background = 0x55 if algorithm.alternating else 0  # type: ignore[attr-defined]
    machine = Machine()
    march(machine, words(RAM, RAM + 0x80), elements, background * 0x01010101)
    (test,) = recognised(machine)
    assert test.algorithm == algorithm.name  # type: ignore[attr-defined]


def test_background_is_the_content() -> None:
    machine = Machine()
    for cell in words(RAM, RAM + 0x400):
        machine.at(FLASH + 0x200)
        machine.write(cell, cell * 2654435761 & ONES)
    every = words(RAM, RAM + 0x400)
    for number, (direction, operations) in enumerate(MARCH_C_MINUS[1:]):
        for cell in every if direction == "up" else reversed(every):
            machine.at(FLASH + 0x500 + 16 * number)
            value = machine.read(cell)
            if "w" in operations:
                machine.write(cell, ~value)
    (test,) = recognised(machine)
    assert test.algorithm == "March C-"
    assert test.backgrounds == ()


def test_bytes() -> None:
    machine = Machine()
    march(machine, range(RAM, RAM + 256), background=0x55, size=1)
    (test,) = recognised(machine)
    assert (test.algorithm, test.cell_size, test.ranges) == ("March C-", 1, (AddressRange(RAM, RAM + 256),))


def test_an_ordinary_program_is_no_test() -> None:
    machine = Machine()
    for number in range(200):
        program(machine, number)
        for cell in words(RAM + 0x200, RAM + 0x300):
            machine.at(FLASH + 0x2100)
            machine.write(cell, machine.read(cell) + 1)
    assert recognised(machine) == ()


def test_two_million_accesses_take_seconds() -> None:
    """20 KiB, 39 passes of March C- over all words; ten million take five times as long."""
    cells = np.arange(0x20000000, 0x20005000, 4, dtype=np.uint32)
    address, value, kind, block = [], [], [], []
    for number, (direction, operations) in enumerate(MARCH_C_MINUS):
        order = cells if direction == "up" else cells[::-1]
        count = len(operations) // 2
        address.append(np.repeat(order, count))
        value.append(np.tile([0 if operations[2 * i + 1] == "0" else ONES for i in range(count)], len(order)))
        kind.append(np.tile([READ if operations[2 * i] == "r" else WRITE for i in range(count)], len(order)))
        block.append(np.full(len(order) * count, FLASH + 0x400 + 16 * number))
    single = len(np.concatenate(address))
    passes = 2_000_000 // single
    memory = columns([])
    memory.address = np.tile(np.concatenate(address), passes)
    memory.value = np.tile(np.concatenate(value).astype(np.uint32), passes)
    memory.kind = np.tile(np.concatenate(kind).astype(np.uint8), passes)
    memory.block = np.tile(np.concatenate(block).astype(np.uint32), passes)
    memory.size = np.full(len(memory.address), 4, dtype=np.uint8)
    memory.step = np.arange(len(memory.address)) + np.repeat(np.arange(passes) * 1000, single)
    memory.ticks = memory.step * 100_000
    empty = np.zeros(0, dtype=np.int64)
    names = empty.astype(np.uint32)
    end = int(memory.ticks[-1])
    trace = Trace("s", memory, columns([]), empty, empty.astype(np.uint16), empty, names, empty, empty, (), end)
    start = time.process_time()
    (test,) = recognise_ram_tests(trace, AddressRange(0x20000000, 0x20005000))
    assert time.process_time() - start < 8
    assert test.algorithm == "March C-"
    assert test.visits.tolist() == [passes] * len(cells)


def test_loops_entered_through_another_block() -> None:
    """The first cell of each element is visited by the block before the loop, as compilers and assemblers make it."""
    machine = Machine()
    every = words(RAM, RAM + RAM_SIZE)
    for number, (direction, operations) in enumerate(MARCH_C_MINUS):
        first, *rest = every if direction == "up" else every[::-1]
        march(machine, [first], ((direction, operations),), code=FLASH + 0x400 + 32 * number)
        march(machine, rest if direction == "up" else rest[::-1], ((direction, operations),),
              code=FLASH + 0x410 + 32 * number)  # fmt: skip
    (test,) = recognised(machine)
    assert (test.algorithm, test.ranges) == ("March C-", (WHOLE,))


def test_a_program_that_shares_a_stack_cell_with_the_test() -> None:
    """The caller pushes and pops in the block under test, right before and after it, with code nearby."""
    machine = Machine()
    for _ in range(2):
        for at in range(RAM, RAM + RAM_SIZE - 4, 60):
            machine.mark(LOOP)
            machine.idle(10 * MILLISECOND)
            for cell in (RAM + 0x7F0, RAM + 0x7F4):
                machine.at(FLASH + 0x4F0)
                machine.write(cell, 0)
            buffer = RAM + 0x300 if at >= RAM + 0x380 or at + 64 <= RAM + 0x300 else RAM + 0x500
            transparent_block(machine, words(at, min(at + 64, RAM + RAM_SIZE)), buffer, code=FLASH + 0x500)
            for cell in (RAM + 0x7F0, RAM + 0x7F4):
                machine.at(FLASH + 0x560)
                machine.read(cell)
    (test,) = recognised(machine)
    assert (test.algorithm, test.ranges) == ("March C-", (WHOLE,))
