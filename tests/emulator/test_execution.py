"""Plain execution: results, time, equal runs, snapshots; IT blocks under every kind of engine."""

import numpy as np
import pytest
from emulated import CYCLE, MS, RAM, Load

from swassess.emulator import layout as at
from swassess.emulator.cost import COST_INSTRUCTIONS, block_cost
from swassess.emulator.mcu import Mcu

TAPS = ("none", "trace", "faults", "instructions")


def test_loop_gives_the_sum_in_the_stated_number_of_cycles(load: Load) -> None:
    machine = load("arithmetic")
    machine.mcu.set_watch(machine.symbols["done"], at.WATCH_STOP)
    assert machine.run(10) == at.DONE_WATCH
    assert machine.result(0) == sum(range(101))
    first, again, last = 5 + 2, 3 + 2, 3 + 2 + 2  # instructions, refill, words moved
    assert machine.cycles == first + 99 * again + last
    assert machine.mcu.ticks == machine.cycles * CYCLE
    assert machine.state(at.INSTRUCTIONS) == 5 + 99 * 3 + 3
    assert machine.state(at.STEPS) == 1 + 99 + 1


@pytest.mark.parametrize(
    ("code", "cycles", "instructions"),
    [
        ("1c40", 1, 1),  # adds r0, r0, #1
        ("6800", 2, 1),  # ldr r0, [r0]
        ("b570", 5, 1),  # push {r4-r6, lr}
        ("bd70", 5, 1),  # pop {r4-r6, pc}
        ("c807", 4, 1),  # ldmia r0!, {r0-r2}
        ("b662", 1, 1),  # cpsie i
        ("e8bd0ff0", 9, 1),  # ldmia.w sp!, {r4-r11}
        ("f8d01100", 2, 1),  # ldr.w r1, [r0, #256]
        ("e9d01202", 3, 1),  # ldrd r1, r2, [r0, #8]
        ("fb90f0f1", 8, 1),  # sdiv r0, r0, r1
        ("fbb0f0f1", 8, 1),  # udiv r0, r0, r1
        ("fb01f000", 1, 1),  # mul r0, r1, r0
        ("bf08" + "1c40" + "e7fe", 3, 3),  # it eq; addeq; b .
    ],
)
def test_cycles_of_instructions(code: str, cycles: int, instructions: int) -> None:
    half_words = np.array([int(code[at_ : at_ + 4], 16) for at_ in range(0, len(code), 4)], "<u2")
    raw = np.concatenate([half_words.view(np.uint8), np.zeros(4, np.uint8)])
    packed = int(block_cost(raw, 0, 2 * half_words.size, at.TIMING_M3))
    assert (packed >> 16, packed & COST_INSTRUCTIONS) == (cycles + 2, instructions)


def test_it_blocks_leave_nothing_behind_in_any_engine(load: Load) -> None:
    """Unicorn keeps the IT state it restored for a memory hook; the block after the IT block would be skipped."""
    digests, results = set(), set()
    for taps in TAPS:
        machine = load("conditional", taps=taps)
        assert machine.run(20) == at.DONE_TIME
        assert machine.result(3) == 1, f"taps {taps}: the program has not come to its end"
        digests.add(machine.mcu.digest())
        results.add((machine.result(2), machine.state(at.INSTRUCTIONS)))
    assert len(results) == 1 and len(digests) == 1


def expected_checksum() -> int:
    """The program conditional.s in Python."""
    table = (0x11, 0x222, 0x3333, 0x44444, 0x555, 0x66, 0x7777, 0x8)
    r0, first, second, odr, mask = 0, 0, 0, 0, 0xFFFFFFFF
    for r1 in range(500):
        r2 = r1 & 7
        if r2 > 3:
            r0 = (r0 + table[r2]) & mask
            first = r0
        r0 = (r0 + 1) & mask
        r3 = odr if r2 == 5 else second
        r0 ^= r3
        if r1 & 1:
            odr = r0 & 0xFFFF
            r3 = table[1]
        r0 = (r0 + r3) & mask
        second = r0
        if r2 == 6:
            r0 = r0 * 9 & mask
    assert first >= 0
    return r0


def test_it_blocks_compute_what_they_should(load: Load) -> None:
    machine = load("conditional")
    machine.run(20)
    assert machine.result(2) == expected_checksum()


def test_equal_runs_are_equal_and_slices_do_not_matter(load: Load) -> None:
    def signal_scenario() -> Mcu:
        return load("timers", signals=[("PA0", "730")], digital={"PB4": "t > 0.004"}).mcu

    whole, again, sliced = signal_scenario(), signal_scenario(), signal_scenario()
    whole.run(40 * MS)
    again.run(40 * MS)
    for end in range(3 * MS // 7, 40 * MS, 3 * MS // 7):
        sliced.run(end)
    sliced.run(40 * MS)
    assert whole.digest() == again.digest() == sliced.digest()
    again.run(40 * MS + CYCLE)
    assert again.digest() != whole.digest()


@pytest.mark.parametrize(("program", "select"), [("timers", 3), ("timers", 5), ("backup", 3), ("converter", 3)])
def test_slices_do_not_matter_to_what_runs_by_itself(load: Load, program: str, select: int) -> None:
    whole, sliced = load(program, select).mcu, load(program, select).mcu
    whole.run(50 * MS)
    for end in range(MS // 3, 50 * MS, MS // 3):
        sliced.run(end)
    sliced.run(50 * MS)
    assert whole.digest() == sliced.digest()


def test_digest_tells_states_apart(load: Load) -> None:
    mcu = load("arithmetic").mcu
    mcu.run(MS)
    digest = mcu.digest()
    assert mcu.digest() == digest
    mcu.ram[0x2000] ^= 1
    assert mcu.digest() != digest
    mcu.ram[0x2000] ^= 1
    mcu.state[at.IWDG_RLR] ^= 1
    assert mcu.digest() != digest
    mcu.state[at.IWDG_RLR] ^= 1
    assert mcu.digest() == digest


@pytest.mark.parametrize(("program", "select"), [("timers", 0), ("systick", 7), ("sleep", 0), ("victim", 0)])
def test_snapshot_goes_on_as_the_first_run_did(load: Load, program: str, select: int) -> None:
    mcu = load(program, select, signals=[("PA0", "730")]).mcu
    mcu.run(7 * MS)
    snapshot, middle = mcu.snapshot(), mcu.digest()
    mcu.run(25 * MS)
    end = mcu.digest()
    assert end != middle
    for _ in range(2):
        mcu.restore(snapshot)
        assert mcu.digest() == middle
        mcu.run(25 * MS)
        assert mcu.digest() == end


def test_budget_counts_instructions(load: Load) -> None:
    mcu = load("arithmetic").mcu
    assert mcu.run(10 * MS, budget=200) == at.DONE_BUDGET
    assert 200 <= mcu.state[at.INSTRUCTIONS] < 200 + 30_000  # seen at the next stop: here the plant step after 1 ms


def test_step_stop_is_exact(load: Load) -> None:
    mcu = load("arithmetic").mcu
    mcu.control[at.C_STEP_STOP] = 50
    assert mcu.run(10 * MS) == at.DONE_STEP
    assert mcu.state[at.STEPS] == 50
    mcu.control[at.C_STEP_STOP] = -1
    assert mcu.run(10 * MS) == at.DONE_TIME


def test_deepest_stack_counts_exception_frames(load: Load) -> None:
    machine = load("services")
    machine.run(1)
    assert machine.state(at.DEEPEST_STACK) == 0x20005000 - 32 - RAM


def test_trace_records_every_access_with_its_value(load: Load) -> None:
    machine = load("arithmetic", taps="trace")
    mcu, columns = machine.mcu, {}
    for name, cell, kind in (
        ("address", at.C_TR_ADDRESS, np.uint32), ("value", at.C_TR_VALUE, np.uint32), ("size", at.C_TR_SIZE, np.uint8),
        ("kind", at.C_TR_KIND, np.uint8), ("block", at.C_TR_BLOCK, np.uint32), ("ticks", at.C_TR_TICKS, np.int64),
        ("step", at.C_TR_STEP, np.int64),
    ):  # fmt: skip
        columns[name] = mcu.array(kind, 100)
        mcu.control[cell] = columns[name].ctypes.data
    mcu.control[at.C_TR_CAPACITY] = 100
    mcu.control[at.C_TRACE_ON] = 1
    machine.run(1)
    assert mcu.control[at.C_TR_COUNT] == 2  # the literal of ldr r6, and the result
    rows = {name: column[:2].tolist() for name, column in columns.items()}
    assert rows["kind"] == [0, 1]
    assert rows["address"][1] == 0x20000100
    assert rows["value"] == [0x20000100, 5050]
    assert rows["size"] == [4, 4]
    assert rows["step"] == [100, 100]
