"""Floating point and exceptions: access control, extended frames, lazy state preservation (Armv7-M ARM, B1.5.7)."""

import pytest
from emulated import Load
from unicorn.arm_const import UC_ARM_REG_S0

TOP = 0x20005000 - 256
ONE_HALF, TWO_HALF, THREE_HALF, FOUR, SEVEN = 0x3FC00000, 0x40200000, 0x40600000, 0x40800000, 0x40E00000
LAZY_ACTIVE, AUTOMATIC, LAZY = 1, 1 << 31, 1 << 30


@pytest.mark.parametrize("core", ["cortex-m4", "cortex-m7"])
def test_denied_until_cpacr_grants_it(load: Load, core: str) -> None:
    machine = load("floating", 0, core=core)
    machine.run(1)
    assert machine.result(0) == 6
    assert machine.result(1) == machine.symbols["denied_instruction"]
    assert machine.result(4) == 1 << 19


def test_core_without_floating_point(load: Load) -> None:
    machine = load("floating", 4, core="cortex-m4", fpu=False)
    machine.run(1)
    assert machine.result(0) == 6 and machine.result(4) == 1 << 19
    machine = load("floating", 5, core="cortex-m4", fpu=False)
    machine.run(1)
    assert machine.results(4) == [0, 0, 0, 0]


def test_registers(load: Load) -> None:
    machine = load("floating", 5, core="cortex-m4")
    machine.run(1)
    assert machine.results(4) == [0, 0xF00000, AUTOMATIC | LAZY, 0x10110021]


def test_lazy_frame_is_filled_at_the_first_use(load: Load) -> None:
    machine = load("floating", 1, core="cortex-m4")
    machine.run(1)
    link, frame, fpccr, fpcar, control, _, after, control_after = machine.results(8)
    assert link == 0xFFFFFFE9
    assert frame == TOP - 104
    assert fpccr & (AUTOMATIC | LAZY | LAZY_ACTIVE) == AUTOMATIC | LAZY | LAZY_ACTIVE
    assert fpccr & 1 << 3, "left thread mode"
    assert fpcar == frame + 32
    assert (control, control_after) == (0, 4)
    assert after == ONE_HALF
    assert machine.results(14)[8:] == [ONE_HALF, TWO_HALF, THREE_HALF, 4, machine.result(12), TOP]
    assert not machine.result(12) & LAZY_ACTIVE
    assert machine.word(fpcar + 60) == TWO_HALF


def test_frame_of_a_handler_without_floating_point_stays_empty(load: Load) -> None:
    machine = load("floating", 4, core="cortex-m4")
    machine.run(1)
    assert machine.result(0) == 0xFFFFFFE9
    assert machine.results(14)[8:12] == [ONE_HALF, TWO_HALF, THREE_HALF, 4]
    assert not machine.result(12) & LAZY_ACTIVE
    assert machine.word(machine.result(3)) == 0, "S0 has never been written to its place"


def test_eager_frame_is_filled_at_once(load: Load) -> None:
    machine = load("floating", 2, core="cortex-m4")
    machine.run(1)
    assert machine.result(0) == 0xFFFFFFE9
    assert not machine.result(2) & LAZY_ACTIVE
    assert machine.result(5) == ONE_HALF
    assert machine.results(12)[8:] == [ONE_HALF, TWO_HALF, THREE_HALF, 4]


def test_basic_frame_without_a_context(load: Load) -> None:
    machine = load("floating", 3, core="cortex-m4")
    machine.run(1)
    assert machine.results(2) == [0xFFFFFFF9, TOP - 32]
    assert machine.result(11) == 0 and machine.result(13) == TOP


def test_nested_handlers_keep_each_others_registers(load: Load) -> None:
    machine = load("floating", 6, core="cortex-m4")
    machine.run(1)
    assert machine.result(0) == 0xFFFFFFE1
    assert machine.result(14) == FOUR, "the SVC handler's 7.0 has been undone"
    assert machine.results(12)[8:] == [ONE_HALF, TWO_HALF, THREE_HALF, 4]
    assert machine.result(6) == FOUR


def test_process_stack_takes_the_extended_frame(load: Load) -> None:
    machine = load("floating", 7, core="cortex-m4")
    machine.run(1)
    assert machine.result(0) == 0xFFFFFFED
    assert machine.results(14)[8:12] == [ONE_HALF, TWO_HALF, THREE_HALF, 7]
    assert machine.result(2) & 1 << 1, "FPCCR.USER"
    assert machine.result(13) == 0x20003000


def test_snapshot_holds_floating_point(load: Load) -> None:
    machine = load("floating", 1, core="cortex-m4")
    machine.mcu.set_watch(machine.symbols["sv_call"], 1)
    machine.run(1)
    snapshot = machine.mcu.snapshot()
    machine.run(1)
    first = machine.results(14)
    machine.mcu.restore(snapshot)
    machine.run(1)
    assert machine.results(14) == first


def test_digest_tells_floating_point_registers_apart(load: Load) -> None:
    machine = load("floating", 4, core="cortex-m4")
    machine.run(1)
    digest = machine.mcu.digest()
    assert machine.mcu.digest() == digest
    machine.mcu.engine.reg_write(UC_ARM_REG_S0 + 3, 1)
    assert machine.mcu.digest() != digest
