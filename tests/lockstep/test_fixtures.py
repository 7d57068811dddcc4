"""Programs of the engine's own tests, and the washer's firmware, on QEMU machines with the memory map of STM32 MCUs.

The programs run to their end; those that need peripherals which QEMU's machine lacks are not in the list, nor are cases
where the two are known to differ (test_single_faults.py has those). The washer starts with the march test of its RAM.
"""

from pathlib import Path

import numpy as np
import pytest
from compare import PC_AT
from images import read_image
from lockstep import lockstep
from machines import STM32_M3, STM32_M4

pytestmark = pytest.mark.needs("qemu-system-arm")
ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = ROOT / "tests" / "emulator" / "programs"
WASHER = ROOT / "fixtures" / "washer" / "firmware" / "images" / "washer.bin"
SELECT = 0x20000180
COUNT = 1000
CASES = {
    "arithmetic": (0,),
    "faults": (3, 4),
    "mpu": (0, 1, 3, 5),
    "priorities": (0, 1, 2, 3, 4),
    "returns": (0, 1, 4),
    "selftest": (1,),
    "services": (0, 1, 2),
    "stacks": (0,),
}


@pytest.mark.parametrize(("program", "select"), [(name, select) for name in CASES for select in CASES[name]])
def test_program_of_the_engines_tests_is_equal(program: str, select: int) -> None:
    code, symbols = read_image(program, PROGRAMS)
    result = lockstep(STM32_M3, code, COUNT, symbols, words={SELECT: select})
    assert result.difference == ""
    assert result.instructions >= 15


def test_programs_are_equal_on_the_core_with_floating_point() -> None:
    for program in ("arithmetic", "services", "stacks"):
        code, symbols = read_image(program, PROGRAMS)
        assert lockstep(STM32_M4, code, COUNT, symbols).difference == ""


@pytest.mark.parametrize("count", [20_000, pytest.param(200_000, marks=pytest.mark.slow)])
def test_washer_tests_its_ram_alike(count: int) -> None:
    result = lockstep(STM32_M3, WASHER.read_bytes(), count, {})
    assert result.difference == ""
    assert result.instructions > 0.99 * count
    assert len(np.unique(result.ours[:, PC_AT])) > 15, "hardly anything but a waiting loop was executed"
