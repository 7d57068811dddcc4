"""Storms of exceptions: nested, pre-empted, tail-chained, masked, escalated; equal to QEMU before every instruction.

Interrupts are made pending by software (ISPR, STIR, ICSR), priorities, grouping, masks, stacks and vector tables change
at random, and faults strike in between. An exception that becomes pending is taken before the next instruction on both.
"""

import numpy as np
import pytest
from compare import EXCEPTION, XPSR_AT
from lockstep import lockstep
from machines import MACHINES
from storm import storm
from streams import symbols_of

pytestmark = pytest.mark.needs("qemu-system-arm")
SHORT = 20_000
LONG = {"m0": 250_000, "m3": 250_000, "m4": 100_000}


def _same(core: str, seed: int, count: int, wanted: set[int]) -> None:
    machine = MACHINES[core]
    result = lockstep(machine, storm(machine, seed), count, symbols_of(f"storm-{core}"))
    assert result.difference == ""
    assert result.instructions > 0.9 * count
    taken = set(np.unique(result.ours[:, XPSR_AT] & EXCEPTION).tolist())
    assert taken >= wanted, "the storm left out some exceptions"


@pytest.mark.parametrize("core", ["m0", "m3", "m4"])
def test_storms_are_equal(core: str) -> None:
    _same(core, 0, SHORT, {0, 2, 3, 11, 14, 15})


@pytest.mark.slow
@pytest.mark.parametrize("core", ["m0", "m3", "m4"])
@pytest.mark.parametrize("seed", range(1, 5))
def test_long_storms_are_equal(core: str, seed: int) -> None:
    _same(
        core, seed, LONG[core], {0, 2, 3, 11, 14, 15, *range(16, 24)} | ({5, 6} if MACHINES[core].mainline else set())
    )
