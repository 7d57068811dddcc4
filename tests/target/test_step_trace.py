"""Stepping through a program visits what QEMU visits: every register and the IT state before every instruction."""

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from broken import BREAKS
from debuggee import read_image

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lockstep"))

LIMIT = 700
IT_AND_FLAGS = 0xFF00FDFF


def reference_trace() -> Any:
    import reference
    from compare import without_repetitions
    from machines import M3

    return without_repetitions(reference.run(M3, read_image("debuggee_at_0")[0], LIMIT).rows)


def stepped_trace(steps: int) -> Any:
    """r0 .. pc and xPSR before each instruction, as a halted core shows them. A step that only enters PendSV executes
    none: the interrupted instruction is not listed then."""
    from emulated import make_scenario
    from machines import M3, describe

    from swassess.emulator import layout as at
    from swassess.emulator.debug import DHCSR, DebugUnit
    from swassess.emulator.debug_registers import read_register
    from swassess.emulator.mcu import Mcu
    from swassess.emulator.scenario_programs import compile_scenario
    from swassess.expressions.names import Names
    from swassess.firmware.image import LoadImage

    programs = compile_scenario(make_scenario(), Names(registers={}), (), "")
    image = LoadImage(((0, read_image("debuggee_at_0")[0]),))
    mcu = Mcu(describe(M3), image, programs, clock_hz=25_000_000, lsi_hz=40_000, taps="debug")
    unit = DebugUnit(mcu)
    unit.write(DHCSR, 0xA05F0003)
    rows = []
    while len(rows) < steps:
        row, before = [read_register(mcu, number) for number in range(17)], int(mcu.state[at.INSTRUCTIONS])
        unit.write(DHCSR, 0xA05F0005)
        if mcu.state[at.INSTRUCTIONS] != before or read_register(mcu, 16) & 0x1FF != 14:
            rows.append(row)
    return np.array(rows, np.uint32)


def same(theirs: Any, ours: Any) -> bool:
    ours = ours.copy()
    ours[:, 16] &= IT_AND_FLAGS
    theirs = theirs.copy()
    theirs[:, 16] &= IT_AND_FLAGS
    for index, (left, right) in enumerate(zip(theirs, ours, strict=True)):
        if (left != right).any():
            print(index, [f"{value:08x}" for value in left], [f"{value:08x}" for value in right])
            return False
    return True


@pytest.fixture(scope="module")
def theirs() -> Any:
    if shutil.which("qemu-system-arm") is None:
        pytest.skip("qemu-system-arm is not installed")
    return reference_trace()


def test_steps_are_those_of_the_reference(theirs: Any) -> None:
    assert len(theirs) > 400
    assert same(theirs, stepped_trace(len(theirs)))


@pytest.mark.parametrize("broken", ["steps_of_two", "it_blocks_run_whole", "flags_set_in_it_blocks", "it_state_lost"])
def test_a_broken_step_is_seen(theirs: Any, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    BREAKS[broken][0](monkeypatch)
    assert not same(theirs, stepped_trace(len(theirs)))


@pytest.mark.parametrize("broken", ["", "steps_of_two", "time_forgotten"])
def test_stepping_takes_the_time_of_running(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program of loops and IT blocks has the same time, instructions and memory, stepped or run."""
    import emulated

    from swassess.emulator import debug_step
    from swassess.emulator import layout as at
    from swassess.emulator.debug import DHCSR, DebugUnit
    from swassess.emulator.debug_cores import FPB
    from swassess.emulator.mcu import Mcu
    from swassess.emulator.scenario_programs import compile_scenario
    from swassess.expressions.names import Names
    from swassess.firmware.image import LoadImage
    from swassess.target_data import find_target

    data, symbols = emulated.read_image("conditional")

    def make() -> Mcu:
        programs = compile_scenario(emulated.make_scenario(), Names(registers={}), (), "")
        image = LoadImage(((emulated.FLASH, data),))
        return Mcu(find_target("STM32F103C8T6"), image, programs, clock_hz=8_000_000, lsi_hz=40_000, taps="debug")

    if broken == "time_forgotten":
        monkeypatch.setattr(debug_step, "spend", lambda mcu, cycles: None)
    elif broken:
        BREAKS[broken][0](monkeypatch)
    run, stepped = make(), make()
    halted_at_done = DebugUnit(run)
    for register, value in ((FPB, 3), (FPB + 8, symbols["done"] & ~2 | 1 << (31 if symbols["done"] & 2 else 30) | 1)):
        halted_at_done.write(register, value)
    halted_at_done.write(DHCSR, 0xA05F0001)
    while not halted_at_done.halted:
        halted_at_done.read(DHCSR)
    assert run.pc == symbols["done"]
    unit = DebugUnit(stepped)
    unit.write(DHCSR, 0xA05F0003)
    steps = 0
    while stepped.pc != symbols["done"] and steps < 30_000:
        unit.write(DHCSR, 0xA05F000D)
        steps += 1
    assert bytes(run.ram) == bytes(stepped.ram)
    equal = (
        steps == int(stepped.state[at.INSTRUCTIONS]) == int(run.state[at.INSTRUCTIONS]) and run.ticks == stepped.ticks
    )
    assert equal == (broken == "")
