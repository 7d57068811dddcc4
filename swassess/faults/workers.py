"""Worker processes: the same shards whatever their number, results in the order of the plan."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from swassess.errors import EmulationError
from swassess.faults.bench import SAFE, Bench
from swassess.faults.heap import release_freed_memory
from swassess.faults.identity import format_fault
from swassess.faults.mechanism import taps_for
from swassess.faults.plan import Plan
from swassess.faults.ram_sweep import sweep_stuck_at
from swassess.faults.run_fault import FaultRunner, GoldenReference
from swassess.model.fault import Fault
from swassess.model.outcome import Outcome, OutcomeRecord

Numbers = npt.NDArray[np.int64]
_RUN_SHARD = 6


@dataclass(frozen=True, slots=True)
class Job:
    """One faulty run of a campaign."""

    fault: Fault
    plan: Plan


class _Worker:
    """What one process keeps: the bench, golden references, and an engine per scenario and set of taps."""

    def __init__(self, bench: Bench, references: dict[str, GoldenReference]) -> None:
        self.bench, self.references = bench, references
        self._runners: dict[tuple[str, str], FaultRunner] = {}

    def runner(self, fault: Fault) -> FaultRunner:
        taps = taps_for(fault)
        key = (fault.scenario, taps)
        if key not in self._runners:
            if fault.scenario not in self.references:
                raise EmulationError(f"scenario {fault.scenario!r} has no golden run to inject into")
            self._runners[key] = FaultRunner(self.bench, fault.scenario, self.references[fault.scenario], taps)
        return self._runners[key]

    def run(self, jobs: Sequence[Job]) -> list[OutcomeRecord]:
        records = []
        for job in jobs:
            try:
                records.append(self.runner(job.fault).run(job.fault, job.plan))
            except EmulationError as error:
                records.append(OutcomeRecord(format_fault(job.fault), Outcome.ERROR, is_miss=False, reason=str(error)))
        return records

    def sweep(self, scenario: str, faults: Numbers, steps: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        mcu = self.bench.mcu(scenario, "faults")
        outcome, detected, entry = sweep_stuck_at(mcu, faults, steps, self.bench.monitor(SAFE))
        return outcome.astype(np.int64), detected, entry


_worker: _Worker | None = None


def _start(bench: Bench, references: dict[str, GoldenReference]) -> None:
    global _worker
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops the workers
    _worker = _Worker(bench, references)


def _run_shard(jobs: Sequence[Job]) -> list[OutcomeRecord]:
    assert _worker is not None
    records = _worker.run(jobs)
    release_freed_memory()
    return records


def _sweep_shard(scenario: str, faults: Numbers, steps: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    assert _worker is not None
    result = _worker.sweep(scenario, faults, steps)
    release_freed_memory()
    return result


class Workers:
    """A pool for one evaluation; with one worker everything runs in this process."""

    def __init__(self, bench: Bench, references: dict[str, GoldenReference], count: int) -> None:
        self._local = _Worker(bench, references) if count <= 1 else None
        self._pool = (
            None
            if count <= 1
            else ProcessPoolExecutor(
                count, multiprocessing.get_context("spawn"), initializer=_start, initargs=(bench, references)
            )
        )
        self.count = max(count, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=kind is None, cancel_futures=True)

    def run(self, jobs: Sequence[Job], advance: Callable[[int], None]) -> list[OutcomeRecord]:
        """One record a job, in their order. `advance` hears how many are done."""
        shards = [list(jobs[i : i + _RUN_SHARD]) for i in range(0, len(jobs), _RUN_SHARD)]
        if self._local is not None:
            records: list[OutcomeRecord] = []
            for shard in shards:
                records.extend(self._local.run(shard))
                advance(len(records))
            return records
        assert self._pool is not None
        with _deaf_to_interrupts():
            futures = [self._pool.submit(_run_shard, shard) for shard in shards]
        _wait(futures, [len(shard) for shard in shards], advance)
        return [record for future in futures for record in future.result()]

    def sweep(
        self, scenario: str, faults: Numbers, steps: Numbers, advance: Callable[[int], None]
    ) -> tuple[Numbers, Numbers, Numbers]:
        """The RAM sweep; shards are contiguous in time, so that each carries the golden run forward only once."""
        if len(faults) == 0:
            empty = np.zeros(0, np.int64)
            return empty, empty, empty
        if self._local is not None:
            result = self._local.sweep(scenario, faults, steps)
            advance(len(faults))
            return result
        assert self._pool is not None
        parts = [part for part in np.array_split(np.arange(len(faults)), 4 * self.count) if part.size]
        with _deaf_to_interrupts():
            futures = [self._pool.submit(_sweep_shard, scenario, faults[part], steps[part]) for part in parts]
        _wait(futures, [len(part) for part in parts], advance)
        results = [future.result() for future in futures]
        return tuple(np.concatenate([result[i] for result in results]) for i in range(3))  # type: ignore[return-value]


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started meanwhile ignore Ctrl-C from their first instruction on: the parent alone answers it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    import signal

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _wait(futures: Sequence[Future[Any]], sizes: Sequence[int], advance: Callable[[int], None]) -> None:
    done = 0
    size_of = dict(zip(futures, sizes, strict=True))
    try:
        for future in as_completed(size_of):
            done += size_of[future]
            advance(done)
    except BrokenProcessPool as error:
        raise EmulationError("a worker process died; run again with --workers 1 to see why") from error
