"""Time of instructions by core, and of parts of a block (technical reference manuals, instruction timing)."""

from itertools import pairwise

import numpy as np
import pytest
from emulated import CYCLE, Load

from swassess.emulator import layout as at
from swassess.emulator.cost import block_cost, cost_between, refill


def cycles(code: str, timing: int) -> int:
    half_words = np.array([int(code[place : place + 4], 16) for place in range(0, len(code), 4)], "<u2")
    raw = np.concatenate([half_words.view(np.uint8), np.zeros(4, np.uint8)])
    return (int(block_cost(raw, 0, 2 * half_words.size, timing)) >> 16) - int(refill(timing))


@pytest.mark.parametrize(
    ("code", "small", "smaller", "large"),
    [
        ("1c40", 1, 1, 1),  # adds r0, r0, #1
        ("4348", 1, 1, 1),  # muls r0, r1
        ("6800", 2, 2, 2),  # ldr r0, [r0]
        ("c807", 4, 4, 4),  # ldm r0!, {r0-r2}
        ("f000f800", 2, 2, 1),  # bl: with the refill 4, 3 and 3
        ("f3ef8010", 4, 3, 1),  # mrs r0, primask
        ("f3bf8f4f", 4, 3, 1),  # dsb
    ],
)
def test_by_core(code: str, small: int, smaller: int, large: int) -> None:
    assert cycles(code, at.TIMING_M0) == small
    assert cycles(code, at.TIMING_M0PLUS) == smaller
    for timing in (at.TIMING_M3, at.TIMING_M4, at.TIMING_M33):
        assert cycles(code, timing) == large


def test_taken_branches() -> None:
    assert [1 + int(refill(timing)) for timing in (at.TIMING_M0, at.TIMING_M0PLUS, at.TIMING_M3)] == [3, 2, 3]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("ee300a20", 1),  # vadd.f32 s0, s0, s1
        ("ee000a20", 3),  # vmla.f32 s0, s0, s1
        ("ee800a20", 14),  # vdiv.f32 s0, s0, s1
        ("eeb10ac0", 14),  # vsqrt.f32 s0, s0
        ("ed900a00", 2),  # vldr s0, [r0]
        ("ec900a04", 5),  # vldm r0, {s0-s3}
    ],
)
def test_floating_point(code: str, expected: int) -> None:
    assert cycles(code, at.TIMING_M4) == expected


def test_parts_of_a_block_add_up(load: Load) -> None:
    machine = load("arithmetic")
    control, start = machine.mcu.control, machine.symbols["start"]
    flash = machine.mcu.flash
    end = start + 12
    whole = int(block_cost(flash, start - 0x08000000, 12, at.TIMING_M3))
    places = [start, start + 2, start + 4, start + 8, end]
    parts = [cost_between(control, first, last) for first, last in pairwise(places)]
    total = cost_between(control, start, end)
    assert total == (sum(part[0] for part in parts), sum(part[1] for part in parts))
    assert total[0] == (whole >> 16) - 2
    assert cost_between(control, start, start) == (0, 0)


def test_core_decides_how_long_a_program_takes(load: Load) -> None:
    took = {}
    for core in ("cortex-m0", "cortex-m0plus"):
        machine = load("baseline", 0, core=core)
        machine.mcu.set_watch(machine.symbols["sv_call"], at.WATCH_STOP)
        assert machine.run(1) == at.DONE_WATCH
        took[core] = machine.mcu.ticks // CYCLE
    assert took["cortex-m0plus"] < took["cortex-m0"]
