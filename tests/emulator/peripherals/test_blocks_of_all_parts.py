"""Every block in plain Python of every line of every series: made as the data describes it, reset, read, written."""

import numpy as np
import pytest
from alone import Alone

from swassess.emulator.peripherals.behaviour import PIN, POWER_ON, Behaviour
from swassess.emulator.peripherals.clock_control import ClockControl
from swassess.emulator.peripherals.registry import BEHAVIOURS
from swassess.model.target import TargetDescription
from swassess.target_data import find_target, list_targets


def one_part_a_line() -> list[str]:
    lines: dict[tuple[str, str], str] = {}
    for part in list_targets():
        if part.pattern.startswith("cortex"):
            continue  # generic parts have no blocks
        lines.setdefault((part.series, part.pattern[:9]), part.pattern.replace("x", "C"))
    return sorted(lines.values())


def blocks(target: TargetDescription) -> Alone:
    around = Alone()
    around.sources = {clock.name: clock.nominal for clock in target.clocks}
    for block in target.peripherals:
        kind = BEHAVIOURS.get(block.behaviour)
        if kind is not None:
            cells = np.zeros(kind.cells_wanted(block), np.int64)
            around.blocks[block.name] = kind(block, cells, around)
    for made in around.blocks.values():
        made.reset(POWER_ON)
    return around


def walk(block: Behaviour) -> None:
    described = [(one, one.offset + index * one.stride) for one in block.block.registers for index in range(one.count)]
    for _, offset in described:
        value = block.read(offset & ~3)
        assert value is not None and 0 <= value <= 0xFFFFFFFF
    for register, offset in described:
        block.write(offset, block.read(offset & ~3) or 0, register.size)
    block.clock_changed()
    block.due()
    block.reset(PIN)


@pytest.mark.parametrize("part", one_part_a_line())
def test_blocks(part: str) -> None:
    around = blocks(find_target(part))
    clocks = [one for one in around.blocks.values() if isinstance(one, ClockControl)]
    assert all(one.frequencies()["HCLK"] > 0 for one in clocks), "the core runs after a reset"
    for block in around.blocks.values():
        walk(block)
