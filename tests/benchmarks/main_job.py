"""How fast the main job's parts are on this machine: python tests/benchmarks/main_job.py

Ratios of one run, so that they mean the same on every machine; nothing is asserted. Kernels are compiled (or loaded)
before anything is timed.
"""

import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from swassess.faults.bench import SAFE, Bench, make_bench
from swassess.faults.campaigns.ram import cell_fault
from swassess.faults.golden import GoldenRun, run_golden
from swassess.faults.plan import Plan
from swassess.faults.ram_activation import first_activation
from swassess.faults.ram_sweep import SAFE_FOR_EVER, sweep_stuck_at
from swassess.faults.run_fault import FaultRunner, GoldenReference
from swassess.firmware.elf_facts import read_elf
from swassess.model.fault import Trigger
from swassess.submission.manifest import read_manifest
from swassess.target_data import find_target

WASHER = Path(__file__).resolve().parents[2] / "fixtures" / "washer"
SWEPT, SINGLE, REPEATS = 3000, 30, 3
SCENARIO, LONG_SCENARIO = "cold-start", "wash"


def washer_bench() -> Bench:
    declaration = read_manifest(WASHER).declaration
    facts = read_elf(WASHER / dict(declaration.images)["elf"])
    return make_bench(declaration, find_target(declaration.part), facts.image, facts)[0]


def seconds(work: Callable[[], object]) -> float:
    """The shortest of a few repetitions: what the work takes when nothing else disturbs."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def golden_runs(bench: Bench) -> None:
    run: GoldenRun = run_golden(bench, LONG_SCENARIO, trace=False)
    with_taps = seconds(lambda: run_golden(bench, LONG_SCENARIO, trace=True))
    without = seconds(lambda: run_golden(bench, LONG_SCENARIO, trace=False))
    print(f"golden run {LONG_SCENARIO}: {run.ticks / 1e12:.1f} s simulated, {run.instructions:,} instructions")
    print(f"  without taps     {without:8.3f} s  {run.instructions / without / 1e6:6.1f} million instructions/s")
    print(f"  with taps        {with_taps:8.3f} s  {run.instructions / with_taps / 1e6:6.1f} million instructions/s")
    print(f"  simulated / real {run.ticks / 1e12 / without:8.1f}")
    print(f"  RATIO with taps / without: {with_taps / without:.2f}")


def sweep(bench: Bench) -> None:
    golden = run_golden(bench, SCENARIO)
    assert golden.trace is not None
    ram = bench.declaration.ram
    first = first_activation(golden.trace.memory, ram)
    places = np.argwhere(first >= 0)
    chosen = np.array(sorted(random.Random(1).sample(range(len(places)), SWEPT)))
    order = chosen[np.argsort(first[tuple(places[chosen].T)], kind="stable")]
    faults, steps = places[order].astype(np.int64), first[tuple(places[order].T)]
    faults[:, 0] += ram.start
    mcu = bench.mcu(SCENARIO, "faults")
    outcome, _, _ = sweep_stuck_at(mcu, faults, steps, bench.monitor(SAFE))
    swept = seconds(lambda: sweep_stuck_at(mcu, faults, steps, bench.monitor(SAFE)))

    measure = next(one for one in bench.declaration.measures if one.row == "4.2" and one.phase == "startup")
    plan = Plan(measure.id, measure.oracles, measure.detection_time, measure.reaction_time, True)
    runner = FaultRunner(bench, SCENARIO, GoldenReference.of(golden), "faults")
    singles = [cell_fault(*map(int, fault), Trigger(), SCENARIO) for fault in faults[:: SWEPT // SINGLE]][:SINGLE]

    def one_by_one() -> None:
        for fault in singles:
            runner.run(fault, plan)

    brute = seconds(one_by_one)
    sweep_rate, brute_rate = SWEPT / swept, len(singles) / brute
    print(f"stuck-at cells of RAM from reset, {SCENARIO}: {int((outcome == SAFE_FOR_EVER).sum())} of {SWEPT} resolved")
    print(f"  sweep            {sweep_rate:8.0f} faults/s")
    print(f"  one by one       {brute_rate:8.0f} faults/s ({len(singles)} faults)")
    print(f"  RATIO sweep / one by one: {sweep_rate / brute_rate:.1f}")


def main() -> None:
    bench = washer_bench()
    start = time.perf_counter()
    run_golden(bench, SCENARIO)
    print(f"first golden run, kernels compiled or loaded: {time.perf_counter() - start:.1f} s")
    golden_runs(bench)
    sweep(bench)


if __name__ == "__main__":
    main()
