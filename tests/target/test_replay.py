"""Faults that silicon can do have the same outcome in the engine and through pyOCD."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from swassess.errors import FaultError
from swassess.faults.bench import Bench, make_bench
from swassess.faults.identity import parse_fault
from swassess.firmware.elf_facts import ElfFacts, read_elf
from swassess.model.fault import Fault, Location, Trigger
from swassess.model.outcome import Outcome
from swassess.submission.manifest import read_manifest
from swassess.target.boards import EmulatedBoard
from swassess.target.engine import EngineTarget
from swassess.target.protocol import Capability, Question, Target
from swassess.target.pyocd_target import PyocdTarget
from swassess.target.serve import open_session
from swassess.target_data import find_target

WASHER = Path(__file__).resolve().parents[2] / "fixtures" / "washer"
SCENARIO = "wash"
TRIGGER = Trigger("hit", symbol="main_loop_step", count=4)
SECOND = 10**12
GPIOA_ODR, GPIOB_ODR = 0x4001080C, 0x40010C0C
SAMPLE, SEED = 24, 20241
Outcomes = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def facts() -> ElfFacts:
    return read_elf(WASHER / "firmware" / "images" / "washer.elf")


@pytest.fixture(scope="module")
def bench(facts: ElfFacts) -> Bench:
    declaration = read_manifest(WASHER).declaration
    made, failed = make_bench(declaration, find_target(declaration.part), facts.image, facts)
    assert not failed
    return made


@pytest.fixture(scope="module")
def engine(bench: Bench) -> EngineTarget:
    return EngineTarget(bench.mcu(SCENARIO), bench.functions)


@pytest.fixture(scope="module")
def probe(bench: Bench) -> Iterator[PyocdTarget]:
    board = EmulatedBoard("EMU-WASHER", bench.target, lambda: bench.mcu(SCENARIO, "debug"))
    with open_session(board) as session:
        yield PyocdTarget(session, bench.functions, bench.declaration.clock_hz, power_cycle=board.power_cycle)


def question(bench: Bench, golden: tuple[int, ...] = ()) -> Question:
    oracles = {name: bench.functions[name] for name in ("safety_record_fault", "safety_fail_safe")}
    end = Trigger("hit", symbol="main_loop_step", count=30)
    return Question(oracles, SECOND, end, (GPIOA_ODR, GPIOB_ODR), golden, 3 * SECOND)


def go_to_trigger(target: Target) -> None:
    target.reset()
    assert target.run_until(TRIGGER, SECOND).reason == "address"


def sample(facts: ElfFacts) -> list[Fault]:
    """Bits of variables and of core registers."""
    chosen = random.Random(SEED)
    variables = [one for one in facts.objects if 0x20000000 <= one.address < 0x20004000 and one.size in (1, 2, 4)]
    faults = []
    for _ in range(SAMPLE):
        if chosen.random() < 0.6:
            variable = chosen.choice(variables)
            address = variable.address + chosen.randrange(variable.size)
            location = Location("ram", address=address, bit=chosen.randrange(8))
        else:
            name = chosen.choice([*(f"r{number}" for number in range(13)), "sp", "lr"])
            location = Location("reg", name=name, bit=chosen.randrange(32))
        faults.append(Fault("flip", location, TRIGGER, SCENARIO))
    return faults


def outcomes(target: Target, bench: Bench, faults: list[Fault], golden: tuple[int, ...]) -> list[tuple[Any, ...]]:
    found = []
    for fault in faults:
        go_to_trigger(target)
        target.apply(fault)
        record = target.outcome(fault, question(bench, golden))
        found.append((record.fault, record.outcome, record.oracle, record.reason, record.detection_ticks))
    return found


@pytest.fixture(scope="module")
def both(engine: EngineTarget, probe: PyocdTarget, bench: Bench, facts: ElfFacts) -> Outcomes:
    go_to_trigger(engine)
    golden = engine.golden(question(bench))
    go_to_trigger(probe)
    assert probe.golden(question(bench)) == golden
    faults = sample(facts)
    return outcomes(engine, bench, faults, golden), outcomes(probe, bench, faults, golden)


def test_the_same_outcomes(both: Outcomes) -> None:
    ours, theirs = both
    assert [one[:4] for one in ours] == [one[:4] for one in theirs]
    kinds = Counter(one[1] for one in ours)
    assert kinds[Outcome.DETECTED] >= 3 and kinds[Outcome.MASKED] >= 3, kinds


def test_the_same_detection_times(both: Outcomes, bench: Bench) -> None:
    cycle = SECOND // bench.declaration.clock_hz
    for ours, theirs in zip(*both, strict=True):
        assert (ours[4] is None) == (theirs[4] is None)
        if ours[4] is not None:
            assert abs(ours[4] - theirs[4]) <= 2 * cycle, ours[0]


def test_another_fault_has_another_outcome(
    both: Outcomes,
    engine: EngineTarget,
    probe: PyocdTarget,
    bench: Bench,
    facts: ElfFacts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The comparison notices a probe that breaks another cell."""
    fault, ours = next(
        (fault, one)
        for fault, one in zip(sample(facts), both[0], strict=True)
        if one[1] is Outcome.DETECTED and fault.location.space == "ram"
    )
    go_to_trigger(engine)
    golden = engine.golden(question(bench))
    right = PyocdTarget.write_memory
    monkeypatch.setattr(PyocdTarget, "write_memory", lambda self, at, data: right(self, 0x20003000, data))
    assert outcomes(probe, bench, [fault], golden)[0][1] != ours[1]


def test_what_is_missing_is_refused_with_a_reason(probe: PyocdTarget, engine: EngineTarget) -> None:
    stuck = parse_fault("stuck-at-1@ram:0x20000100.3#reset?wash")
    for target in (probe, engine):
        with pytest.raises(FaultError, match=r"stuck-at.* is not replayable on "):
            target.apply(stuck)
    assert Capability.TIME_TRIGGER not in probe.capabilities
    with pytest.raises(FaultError, match=r"time:1s is not replayable on pyocd:EMU-WASHER"):
        probe.run_until(Trigger("time", ticks=SECOND), SECOND)
    assert engine.run_until(Trigger("time", ticks=SECOND // 100), SECOND).reason == "time"
    with pytest.raises(FaultError, match="more than the 6 breakpoints"):
        probe.run_to_any(range(0x08000100, 0x08000110, 2), SECOND)
    for target in (probe, engine):
        with pytest.raises(FaultError, match="no function 'nothing'"):
            target.run_until(Trigger("hit", symbol="nothing"), SECOND)
        with pytest.raises(FaultError, match="nothing can be read at 0x60000000"):
            target.read_memory(0x60000000, 4)
        with pytest.raises(FaultError, match="nothing can be written at 0x60000000"):
            target.write_memory(0x60000000, b"\1")


def test_snapshots(probe: PyocdTarget, engine: EngineTarget, bench: Bench) -> None:
    for target in (probe, engine):
        go_to_trigger(target)
        kept = target.snapshot()
        before = (target.read_memory(0x20000000, 1024), target.read_register("pc"), target.read_register("sp"))
        target.apply(Fault("flip", Location("reg", name="r4", bit=7)))
        target.write_memory(0x20000100, bytes(64))
        target.run_to_any((bench.functions["display_step"],), SECOND)
        target.restore(kept)
        after = (target.read_memory(0x20000000, 1024), target.read_register("pc"), target.read_register("sp"))
        assert before == after
