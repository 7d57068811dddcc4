"""What the fault-free runs show against the declaration."""

from dataclasses import replace
from pathlib import Path

import pytest

from swassess.evaluate.golden_runs import _judge
from swassess.faults.bench import make_bench
from swassess.faults.golden import GoldenRun, run_golden
from swassess.firmware.elf_facts import read_elf
from swassess.model.declared import Declaration
from swassess.submission.manifest import read_manifest
from swassess.target_data import find_target

WASHER = Path(__file__).resolve().parents[2] / "fixtures" / "washer"


@pytest.fixture(scope="module")
def cold_start() -> tuple[GoldenRun, Declaration]:
    declaration = read_manifest(WASHER).declaration
    facts = read_elf(WASHER / dict(declaration.images)["elf"])
    bench, _ = make_bench(declaration, find_target(declaration.part), facts.image, facts)
    return run_golden(bench, "cold-start", trace=False), declaration


def rules(run: GoldenRun, declaration: Declaration) -> list[str]:
    return [finding.rule for finding in _judge(run, declaration, "")]


def test_a_sound_run_has_no_finding(cold_start: tuple[GoldenRun, Declaration]) -> None:
    run, declaration = cold_start
    assert run.core_hz == declaration.clock_hz == 8_000_000
    assert rules(run, declaration) == []


def test_another_clock_than_the_declared_one_is_a_nonconformity(cold_start: tuple[GoldenRun, Declaration]) -> None:
    run, declaration = cold_start
    assert rules(run, replace(declaration, clock_hz=72_000_000)) == ["GR-CLOCK"]
    assert rules(replace(run, core_hz=8_050_000), declaration) == []


def test_resets_and_a_main_loop_never_reached(cold_start: tuple[GoldenRun, Declaration]) -> None:
    run, declaration = cold_start
    assert rules(replace(run, main_loop_entries=0), declaration) == ["GR-MAIN-LOOP"]
    assert rules(replace(run, resets=((1, "iwdg"),)), declaration) == ["GR-RESET"]
