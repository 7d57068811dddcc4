"""Row 4.2: every stuck-at cell of RAM at start-up, and in operation by proof with a sample run for real."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from swassess.faults.bench import Bench
from swassess.faults.campaigns.campaign import Campaign, Setting, confidence_text
from swassess.faults.golden import GoldenRun
from swassess.faults.plan import plan_of
from swassess.faults.ram_activation import first_activation
from swassess.faults.ram_shorts import shorts_seen
from swassess.faults.ram_sweep import SAFE_FOR_EVER
from swassess.faults.store import CampaignInfo
from swassess.faults.workers import Job
from swassess.model.declared import AddressRange, Measure
from swassess.model.fault import Fault, Location, Trigger
from swassess.model.outcome import Outcome, OutcomeRecord, Resolution

SAMPLE = 120
# faults that the sweep leaves open are run one by one up to this number; more than that says the test does not work
MOST_SINGLE_RUNS = 240
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CellVisits:
    """Cells that a recognised test visits in operation: addresses (uint32, of cells of `size` bytes) and the longest
    time in ticks between two visits, latency to the end of the second included."""

    cells: npt.NDArray[np.uint32]
    longest: Numbers
    size: int
    algorithm: str


def cell_fault(address: int, bit: int, stuck: int, trigger: Trigger, scenario: str) -> Fault:
    return Fault(f"stuck-at-{stuck}", Location("ram", "", address, bit), trigger, scenario)


def startup_campaign(bench: Bench, setting: Setting, measure: Measure, scenario: str) -> Campaign:
    """All stuck-at faults of every RAM cell from reset; each one is run."""
    ram = bench.declaration.ram
    golden = setting.golden[scenario]
    assert golden.trace is not None
    first = first_activation(golden.trace.memory, ram)
    places = np.argwhere(first >= 0)
    steps = first[first >= 0]
    order = np.argsort(steps, kind="stable")
    faults, steps = places[order].astype(np.int64), steps[order]
    faults[:, 0] += ram.start
    total = first.size
    key = f"4.2-{measure.id}-stuck-at"
    outcome, detected, entry = setting.workers.sweep(
        scenario, faults, steps, lambda done: setting.advance(key, done, total)
    )
    open_rows = np.flatnonzero(outcome != SAFE_FOR_EVER)
    singles = _single_runs(setting, measure, scenario, faults, open_rows)
    names = {address: oracle for oracle, address in bench.oracle_functions.items()}
    info = CampaignInfo(
        key=key,
        row="4.2",
        title=f"start-up test: each RAM cell stuck at 0 and at 1 from reset ({measure.id})",
        model="stuck-at",
        scenario=scenario,
        exhaustive=True,
        measure=measure.id,
        basis="every bit of the RAM at both values, each run from its first activation until the core rests",
    )

    row_of = np.full(first.shape, -1, np.int64)
    row_of[faults[:, 0] - ram.start, faults[:, 1], faults[:, 2]] = np.arange(len(faults))

    def records() -> Iterator[OutcomeRecord]:
        for address, bit, stuck in itertools.product(range(ram.start, ram.end), range(8), (0, 1)):
            row = int(row_of[address - ram.start, bit, stuck])
            if row < 0:
                yield _never_read(measure, scenario, address, bit, stuck)
            elif outcome[row] == SAFE_FOR_EVER:
                oracle = names.get(int(entry[row]), "")
                yield _swept(measure, scenario, address, bit, stuck, int(detected[row]), oracle)
            else:
                yield singles[address, bit, stuck]

    return Campaign(info, records())


def _single_runs(
    setting: Setting, measure: Measure, scenario: str, faults: Numbers, rows: npt.NDArray[np.intp]
) -> dict[tuple[int, int, int], OutcomeRecord]:
    """Full runs of what the sweep left open; where that is too much, a sample, and the rest stays without outcome."""
    keys = [(int(faults[row, 0]), int(faults[row, 1]), int(faults[row, 2])) for row in rows]
    chosen = setting.sample(keys, MOST_SINGLE_RUNS, "ram-open")
    singles = [cell_fault(*key, Trigger(), scenario) for key in chosen]
    jobs = [Job(fault, plan_of(measure, fault)) for fault in singles]
    done = setting.workers.run(jobs, lambda count: setting.advance("4.2 single runs", count, len(jobs)))
    results = dict(zip(chosen, done, strict=True))
    for key in keys:
        if key not in results:
            results[key] = OutcomeRecord(
                _identity(*key, scenario),
                Outcome.UNSUPPORTED,
                reason=f"not run: more than {MOST_SINGLE_RUNS} faults were not caught by the start-up test",
            )
    return results


def _identity(address: int, bit: int, stuck: int, scenario: str) -> str:
    return f"stuck-at-{stuck}@ram:0x{address:08x}.{bit}#reset?{scenario}"


def _swept(
    measure: Measure, scenario: str, address: int, bit: int, stuck: int, ticks: int, oracle: str
) -> OutcomeRecord:
    late = ticks > measure.detection_time or oracle not in measure.oracles
    return OutcomeRecord(
        fault=_identity(address, bit, stuck, scenario),
        outcome=Outcome.DETECTED_LATE if late else Outcome.DETECTED,
        detection_ticks=ticks,
        reaction_ticks=0,
        kept_safe=True,
        detected_at="oracle function entered",
        oracle=oracle,
        is_miss=late,
        reason="safe for ever: nothing can change any more",
    )


def _never_read(measure: Measure, scenario: str, address: int, bit: int, stuck: int) -> OutcomeRecord:
    required = not measure.ranges or any(span.start <= address < span.end for span in measure.ranges)
    return OutcomeRecord(
        fault=_identity(address, bit, stuck, scenario),
        outcome=Outcome.NOT_ACTIVATED,
        resolution=Resolution.PROOF,
        is_miss=required,
        reason="never exercised: no read of the golden run would see the stuck value",
    )


def shorts_campaign(bench: Bench, measure: Measure, golden: GoldenRun, blocks: Sequence[int]) -> Campaign:
    """Shorts between neighbouring bits and words, resolved against the accesses of the recognised test: a remark.

    One record a word: weight is the number of shorts (31 pairs of bits and 32 of the next word, AND and OR); a word
    with shorts that no read of the test sees has a second record for those.
    """
    assert golden.trace is not None
    ram = bench.declaration.ram
    seen, space = shorts_seen(golden.trace.memory, ram, blocks)

    def records() -> Iterator[OutcomeRecord]:
        for index, (count, total) in enumerate(zip(seen.tolist(), space.tolist(), strict=True)):
            word = ram.start + 4 * index
            identity = f"bridge-and@ram:0x{word:08x}.0#reset?{golden.scenario}"
            if count:
                yield OutcomeRecord(
                    identity, Outcome.DETECTED, weight=count, resolution=Resolution.PROOF, detected_at=measure.id
                )
            if total > count:
                yield OutcomeRecord(
                    identity,
                    Outcome.NOT_ACTIVATED,
                    weight=total - count,
                    resolution=Resolution.PROOF,
                    is_miss=True,
                    reason="no read of the test sees the two lines differ",
                )

    info = CampaignInfo(
        key=f"4.2-{measure.id}-shorts",
        row="4.2",
        title=f"shorts between neighbouring bits and words ({measure.id})",
        model="bridge",
        scenario=golden.scenario,
        exhaustive=True,
        measure=measure.id,
        basis="proof: each read of the recognised test against the value at the other line; informative",
        remark=True,
    )
    return Campaign(info, records())


def periodic_proof(
    setting: Setting, measure: Measure, scenario: str, start: int, visits: Sequence[CellVisits]
) -> Campaign:
    """Stuck-at faults in operation, resolved by the recognised test's visits (one record a cell, weight its faults).

    The test of a cell depends on nothing but the cell, so a stuck bit is found at the next visit; the worst case is the
    longest gap between two visits.
    """

    def records() -> Iterator[OutcomeRecord]:
        for visit in visits:
            for cell, ticks in zip(visit.cells, visit.longest, strict=True):
                late = int(ticks) > measure.detection_time
                yield OutcomeRecord(
                    fault=f"stuck-at-0@ram:0x{int(cell):08x}.0#time:{start // 10**9}ms?{scenario}",
                    outcome=Outcome.DETECTED_LATE if late else Outcome.DETECTED,
                    detection_ticks=int(ticks),
                    kept_safe=True,
                    weight=16 * visit.size,
                    detected_at=visit.algorithm,
                    resolution=Resolution.PROOF,
                    is_miss=late,
                    reason="stands for all bits of the cell at both values; worst case over all phases",
                )

    info = CampaignInfo(
        key=f"4.2-{measure.id}-proof",
        row="4.2",
        title=f"periodic test: stuck-at faults of the cells it visits, worst case ({measure.id})",
        model="stuck-at",
        scenario=scenario,
        exhaustive=True,
        measure=measure.id,
        basis="proof: recognised algorithm and every visit of every cell in the golden trace",
    )
    return Campaign(info, records())


def periodic_sample(
    bench: Bench,
    setting: Setting,
    measure: Measure,
    scenario: str,
    times: Sequence[int],
    used: Sequence[AddressRange],
) -> Campaign:
    """A sample of stuck-at faults arising in operation, half of them in cells in use, run to the end of the window."""
    ram = bench.declaration.ram
    in_use = [byte for span in used for byte in range(max(span.start, ram.start), min(span.end, ram.end))]
    everywhere = list(range(ram.start, ram.end))
    faults = []
    for name, cells, size in (("used", in_use, SAMPLE // 2), ("all", everywhere, SAMPLE - SAMPLE // 2)):
        space = [(cell, bit, stuck) for cell in cells for bit in range(8) for stuck in (0, 1)]
        faults += setting.sample(space, size, f"ram-{name}-{measure.id}")
    faults = sorted(set(faults))
    arising = [cell_fault(*fault, Trigger("time", times[i % len(times)]), scenario) for i, fault in enumerate(faults)]
    jobs = [Job(fault, plan_of(measure, fault)) for fault in arising]
    jobs.sort(key=lambda job: job.fault.trigger.ticks)
    key = f"4.2-{measure.id}-sample"
    records = setting.workers.run(jobs, lambda done: setting.advance(key, done, len(jobs)))
    space_size = 16 * len(everywhere)
    info = CampaignInfo(
        key=key,
        row="4.2",
        title=f"cross-check of the periodic test: stuck-at faults arising in operation ({measure.id})",
        model="stuck-at",
        scenario=scenario,
        exhaustive=setting.exhaustive,
        measure=measure.id,
        basis=confidence_text(len(jobs), space_size) + "; half of the sample in cells in use",
        seed=None if setting.exhaustive else setting.seed,
    )
    return Campaign(info, records)
