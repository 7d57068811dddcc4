"""The native sweep over all stuck-at cells against one full run from reset for each fault."""

import random
from typing import Any

import numpy as np
import pytest

from swassess.faults.bench import SAFE
from swassess.faults.campaigns.ram import cell_fault
from swassess.faults.plan import Plan
from swassess.faults.ram_activation import first_activation
from swassess.faults.ram_sweep import SAFE_FOR_EVER, UNRESOLVED, sweep_stuck_at
from swassess.model.fault import Trigger
from swassess.model.outcome import Outcome

SCENARIO = "cold-start"
MILLISECOND = 10**9
ORACLES = ("fail-safe", "watchdog")


def _sample(stand: Any, size: int, seed: str, stuck: tuple[int, ...] = (0, 1)) -> tuple[np.ndarray, np.ndarray]:
    """Faults (address, bit, value) that the golden run activates, sorted by activating block, and these blocks."""
    ram = stand.declaration.ram
    first = first_activation(stand.golden(SCENARIO, trace=True).trace.memory, ram)
    places = [tuple(place) for place in np.argwhere(first >= 0).tolist() if place[2] in stuck]
    chosen = random.Random(seed).sample(places, size)
    chosen.sort(key=lambda place: (first[place], place))
    faults = np.array(chosen, np.int64)
    faults[:, 0] += ram.start
    return faults, np.array([first[place] for place in chosen], np.int64)


def _swept(stand: Any, faults: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    mcu = stand.bench.mcu(SCENARIO, "faults")
    return sweep_stuck_at(mcu, faults, steps, stand.bench.monitor(SAFE))


def _run(stand: Any, fault: np.ndarray, plan: Plan) -> Any:
    address, bit, stuck = (int(part) for part in fault)
    one = cell_fault(address, bit, stuck, Trigger(), SCENARIO)
    return stand.runner(one).run(one, plan)


def test_each_swept_fault_ends_as_its_run_from_reset(product: Any) -> None:
    faults, steps = _sample(product, 60, "sweep")
    outcome, detected, entry = _swept(product, faults, steps)
    assert (outcome == SAFE_FOR_EVER).all(), "the start-up march catches every cell before the watchdog is on"
    plan = product.plan("M4.2-startup")
    fail_safe = product.address("safety_fail_safe")
    for row, fault in enumerate(faults):
        record = _run(product, fault, plan)
        assert record.outcome is Outcome.DETECTED, record
        assert record.reason.startswith("safe for ever"), record
        assert (record.detection_ticks, record.oracle) == (detected[row], "fail-safe"), record
        assert record.reaction_ticks == 0
        assert entry[row] == fail_safe
    assert len(set(detected.tolist())) > 20, "the sample spreads over the march"


def test_a_part_of_the_sweep_gives_what_the_whole_gives(product: Any) -> None:
    """Shards begin anywhere in the run; each fault starts from an untouched golden state."""
    faults, steps = _sample(product, 40, "parts")
    whole = _swept(product, faults, steps)
    mcu = product.bench.mcu(SCENARIO, "faults")
    safe = product.bench.monitor(SAFE)
    parts = [sweep_stuck_at(mcu, faults[part], steps[part], safe) for part in (slice(25, 40), slice(0, 25))]
    for position in range(3):
        assert np.array_equal(np.concatenate([parts[1][position], parts[0][position]]), whole[position])


def test_several_faults_of_one_block_do_not_see_each_other(product: Any) -> None:
    ram = product.declaration.ram
    first = first_activation(product.golden(SCENARIO, trace=True).trace.memory, ram)
    step = int(np.median(first[first >= 0]))
    step = int(first[first >= step].min())
    places = np.argwhere(first == step)
    assert len(places) >= 8
    faults = places.astype(np.int64)
    faults[:, 0] += ram.start
    together = _swept(product, faults, np.full(len(faults), step, np.int64))
    for row in (0, len(faults) // 2, len(faults) - 1):
        alone = _swept(product, faults[row : row + 1], np.array([step], np.int64))
        assert [int(part[row]) for part in together] == [int(part[0]) for part in alone]


def test_the_weak_march_is_sound_without_a_fault(weak: Any) -> None:
    golden = weak.golden(SCENARIO, trace=True)
    assert golden.finished
    assert not golden.resets
    assert golden.main_loop_entries > 10


@pytest.mark.parametrize("stuck", [0, 1])
def test_a_weak_march_is_not_called_a_good_one(weak: Any, stuck: int) -> None:
    """It sees cells stuck at 0 and lets pass cells stuck at 1: both by the sweep and by single runs."""
    plan = Plan("weak", ORACLES, 300 * MILLISECOND, 10 * MILLISECOND, True)
    faults, steps = _sample(weak, 12, "weak", (stuck,))
    outcome, detected, _ = _swept(weak, faults, steps)
    march_ends = _end_of_march(weak)
    for row, fault in enumerate(faults):
        record = _run(weak, fault, plan)
        found = record.detection_ticks is not None and record.detection_ticks < march_ends
        assert found == (stuck == 0), record
        if found:
            assert record.outcome is Outcome.DETECTED
            assert (outcome[row], detected[row]) == (SAFE_FOR_EVER, record.detection_ticks), record
        else:
            assert outcome[row] == UNRESOLVED, record


def _end_of_march(stand: Any) -> int:
    trace = stand.golden(SCENARIO, trace=True).trace
    start = int(trace.mark_ticks[trace.mark_address == stand.address("safety_ram_test_startup")][0])
    return next(int(ticks) for ticks in trace.mark_ticks if ticks > start)
