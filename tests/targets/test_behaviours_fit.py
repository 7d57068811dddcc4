"""Every block of every line can be built from its data: behaviours take parameters, tables of the engine theirs."""

import sys
from pathlib import Path

import numpy as np
import pytest

from swassess.emulator import layout, serving, wiring
from swassess.emulator.peripherals.behaviour import POWER_ON
from swassess.emulator.peripherals.registry import BEHAVIOURS
from swassess.model.target import TargetDescription
from swassess.target_data import all_lines, find_target
from swassess.target_data.describe import describe
from swassess.target_data.generic import GENERIC_PARTS

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "emulator" / "peripherals"))
from alone import Alone

LINES = {f"{line.file} {line.name}": line for line in all_lines()}


@pytest.mark.parametrize("name", sorted(LINES))
def test_blocks_can_be_built_and_reset(name: str) -> None:
    line = LINES[name]
    target = describe(line.parts[0].pattern.upper(), line, line.parts[0])
    _check_blocks(target)
    _check_tables(target)


@pytest.mark.parametrize("part", sorted(GENERIC_PARTS))
def test_generic_parts_have_empty_tables(part: str) -> None:
    target = find_target(part)
    _check_tables(target)
    assert not wiring.page_table(target).any()


def _check_blocks(target: TargetDescription) -> None:
    around = Alone()
    built = []
    for block in target.peripherals:
        kind = BEHAVIOURS.get(block.behaviour)
        if kind is None or serving.served_by(block) == "compiled":
            continue
        one = kind(block, np.zeros(kind.cells_wanted(block), np.int64), around)
        around.blocks[block.name] = one
        built.append(one)
    for one in built:
        one.reset(POWER_ON)
    for one in built:
        for register in one.block.registers:
            one.peek(register.offset & ~3)


def _check_tables(target: TargetDescription) -> None:
    numbers = {interrupt.number for interrupt in target.interrupts}
    assert wiring.interrupt_count(target) >= 1
    wiring.page_table(target)
    wiring.port_reset_values(target)
    wiring.line_masks(target)
    for exceptions in (wiring.line_exceptions(target), wiring.timer_setup(target)[:, 2:6]):
        assert {int(one) - 16 for one in np.ravel(exceptions) if one} <= numbers
    assert (wiring.timer_pins(target)[:, 1] >= 0).all()
    names = {interrupt.name for interrupt in target.interrupts}
    for block in wiring.compiled_blocks(target, layout.B_EXTI):
        assert set(block.parameters.get("lines", {}).values()) <= names
