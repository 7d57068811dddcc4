"""Samples, times and the words that go with them; and workers, whose number must not show."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from swassess.faults.bench import SAFE
from swassess.faults.campaigns.campaign import Setting, confidence_text, declared, main_loop_start, trigger_times
from swassess.faults.identity import parse_fault
from swassess.faults.ram_activation import first_activation
from swassess.faults.run_fault import GoldenReference
from swassess.faults.workers import Job, Workers
from swassess.model.outcome import Outcome

SECOND, MILLISECOND = 10**12, 10**9


def setting(seed: int = 1, *, exhaustive: bool = False) -> Setting:
    return Setting(None, {}, seed, exhaustive, lambda name, done, total: None)  # type: ignore[arg-type]


# ---- samples ---------------------------------------------------------------------------------------------------------
def test_a_sample_depends_on_seed_and_salt_alone() -> None:
    items = [f"item {n}" for n in range(1000)]
    random.seed(5)
    first = setting().sample(items, 30, "ram")
    random.seed(6)
    assert setting().sample(items, 30, "ram") == first
    assert setting(2).sample(items, 30, "ram") != first
    assert setting().sample(items, 30, "flash") != first


def test_a_sample_keeps_the_order_and_has_no_item_twice() -> None:
    items = list(range(1000, 0, -1))
    chosen = setting().sample(items, 50, "x")
    assert len(chosen) == len(set(chosen)) == 50
    assert chosen == sorted(chosen, reverse=True)
    assert set(chosen) <= set(items)


def test_everything_when_exhaustive_or_when_there_is_no_more() -> None:
    items = list(range(40))
    assert setting(exhaustive=True).sample(items, 3, "x") == items
    assert setting().sample(items, 40, "x") == items
    assert setting().sample(items, 41, "x") == items
    assert len(setting().sample(items, 39, "x")) == 39
    assert setting().sample([], 3, "x") == []


def test_the_bound_of_a_sample_is_that_of_the_rule_of_three() -> None:
    assert "seeded sample of 100 out of 5000" in confidence_text(100, 5000)
    assert "below 3.0 %" in confidence_text(100, 5000)
    assert "below 12.5 %" in confidence_text(24, 5000)
    assert confidence_text(5000, 5000) == "all run"
    assert confidence_text(0, 0) == "all run"


# ---- times -----------------------------------------------------------------------------------------------------------
def test_times_are_spread_evenly_and_whole(product: Any) -> None:
    golden = replace(product.golden("cold-start"), ticks=12 * SECOND)
    assert trigger_times(golden, 0, 3, 100 * MILLISECOND) == [2 * SECOND, 6 * SECOND, 10 * SECOND]
    times = trigger_times(golden, 707 * MILLISECOND, 5, 100 * MILLISECOND)
    assert all(ticks % (100 * MILLISECOND) == 0 for ticks in times)
    assert times == sorted(set(times))
    assert times[0] > 707 * MILLISECOND
    assert times[-1] < golden.ticks
    gaps = np.diff(times)
    assert gaps.max() - gaps.min() <= 100 * MILLISECOND


def test_the_main_loop_starts_after_the_start_up_tests(product: Any) -> None:
    golden = product.golden("cold-start", trace=True)
    address = product.address("main_loop_step")
    start = main_loop_start(golden, address)
    assert start is not None
    march = golden.trace.mark_ticks[golden.trace.mark_address == product.address("safety_ram_test_startup")]
    assert march[0] < start < golden.ticks
    assert main_loop_start(golden, 0x08000002) is None
    assert main_loop_start(product.golden("cold-start"), address) is None, "without a trace nothing is known"


def test_measures_of_a_row_by_phase(declaration: Any) -> None:
    found = declared(declaration.measures, "4.2", "startup")
    assert [measure.id for measure in found] == ["M4.2-startup"]
    assert [measure.id for measure in declared(declaration.measures, "1.3", "periodic", "concurrent")] == ["M1.3"]
    assert declared(declaration.measures, "8", "startup") == []


# ---- workers ---------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def jobs(product: Any) -> list[Job]:
    hit = "hit:main_loop_step:20?cold-start"
    loop = "stalled@function:main_loop_step#time:300ms?cold-start"
    call = product.call("main_loop_step", "safety_stack_check")
    texts = [
        (f"stuck-at-1@ram:0x20000200.1#{hit}", "M4.2-periodic"),
        ("stuck-at-0@ram:0x20002000.7#reset?cold-start", "M4.2-startup"),
        (loop, "M1.3"),
        (f"removed@call:0x{call:08x}#{hit}", "M1.3"),
        (f"stuck-at-1@reg:pc.3#{hit}", "M1.3"),
        (f"stuck-at-0@reg:pc.5#{hit}", "M1.3"),
        ("stuck-at-1@ram:0x20001000.0#reset?cold-start", "M4.2-startup"),
        ("stuck-at-1@ram:0x20004ffc.2#reset?cold-start", "M4.2-startup"),
    ]
    return [Job(parse_fault(text), product.plan(measure)) for text, measure in texts]


@pytest.fixture(scope="module")
def references(product: Any) -> dict[str, GoldenReference]:
    return {"cold-start": GoldenReference.of(product.golden("cold-start"))}


def test_one_worker_gives_a_record_a_job_in_their_order(
    product: Any, references: dict[str, GoldenReference], jobs: list[Job]
) -> None:
    heard: list[int] = []
    with Workers(product.bench, references, 1) as workers:
        records = workers.run(jobs, heard.append)
        assert [parse_fault(record.fault) for record in records] == [job.fault for job in jobs]
        assert heard[-1] == len(jobs)
        assert workers.run(list(reversed(jobs)), heard.append) == records[::-1], "the order of the jobs does not matter"
    assert {record.outcome for record in records} == {Outcome.DETECTED}


def test_a_scenario_without_golden_run_is_an_error_of_that_fault_only(product: Any, jobs: list[Job]) -> None:
    stray = Job(parse_fault("stuck-at-1@ram:0x20000200.1#reset?wash"), jobs[0].plan)
    references = {"cold-start": GoldenReference.of(product.golden("cold-start"))}
    with Workers(product.bench, references, 1) as workers:
        records = workers.run([stray, jobs[1]], lambda done: None)
    assert records[0].outcome is Outcome.ERROR
    assert "wash" in records[0].reason
    assert records[1].outcome is Outcome.DETECTED


def test_two_workers_give_what_one_gives(product: Any, references: dict[str, GoldenReference], jobs: list[Job]) -> None:
    ram = product.declaration.ram
    first = first_activation(product.golden("cold-start", trace=True).trace.memory, ram)
    places = np.argwhere(first >= 0)[::3001]
    steps = first[tuple(places.T)]
    order = np.argsort(steps, kind="stable")
    faults, steps = places[order].astype(np.int64), steps[order]
    faults[:, 0] += ram.start
    assert len(faults) > 60
    assert product.bench.monitor(SAFE) >= 0
    results = []
    for count in (1, 2):
        heard: list[int] = []
        with Workers(product.bench, references, count) as workers:
            records = workers.run(jobs, heard.append)
            swept = workers.sweep("cold-start", faults, steps, heard.append)
        assert heard[-1] == len(faults)
        assert len(jobs) in heard
        results.append((records, [part.tolist() for part in swept]))
    assert results[0] == results[1]
