"""The reference submission through the whole main job."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from swassess.model.evaluation import Verdict
from swassess.model.finding import Severity
from swassess.rules.catalogue_rows import table_rows

ROOT = Path(__file__).resolve().parents[2]
SHOWN = ("1.3", "4.1", "4.2")
STAGES = ("Intake", "Annex 4", "Image", "Sources", "Golden runs", "Rows", "Report")


def test_it_ends_with_rows_not_shown(washer: Any) -> None:
    assert washer.result.stderr == ""
    assert washer.result.returncode == 3, washer.result.stdout


def test_three_rows_conform(washer: Any) -> None:
    verdicts = {row.row: (row.verdict, row.reasons) for row in washer.evaluation.rows}
    assert {row: verdicts[row][0] for row in SHOWN} == dict.fromkeys(SHOWN, Verdict.CONFORMS), verdicts


def test_no_other_row_is_rounded_up(washer: Any) -> None:
    for row in washer.evaluation.rows:
        if row.row not in SHOWN:
            assert row.verdict in (Verdict.NOT_SHOWN, Verdict.NOT_APPLICABLE), row.row
            assert row.missing or row.reasons, f"{row.row} does not say why"


def test_every_row_of_the_table_stands_in_it(washer: Any) -> None:
    assert [row.row for row in washer.evaluation.rows] == [row.id for row in table_rows()]


@pytest.mark.parametrize("identity", SHOWN)
def test_a_row_that_conforms_rests_on_faults_that_were_injected(washer: Any, identity: str) -> None:
    row = washer.row(identity)
    assert row.faults > 0
    assert row.missed == 0
    assert row.recognised
    assert row.slowest is not None
    assert 0 < row.slowest <= row.declared_time
    deciding = [campaign for campaign in row.campaigns if not campaign.remark]
    assert sum(campaign.faults for campaign in deciding) == row.faults
    executed = 0
    for campaign in row.campaigns:
        assert sum(weight for _, _, weight in campaign.outcomes) == campaign.faults
        executed += sum(weight for _, resolution, weight in campaign.outcomes if resolution == "run")
    assert executed > 0, "proofs alone show nothing: some faults must really run"


def test_every_bit_in_use_is_flipped_or_stuck(washer: Any) -> None:
    declared, image = washer.evaluation.measures, washer.evaluation.image
    for measure in (measure for measure in declared if measure.row in ("4.1", "4.2")):
        campaigns = [c for c in washer.row(measure.row).campaigns if c.measure == measure.id and c.exhaustive]
        bits = (image.flash_used - 4 if measure.row == "4.1" else image.ram_used * 2) * 8  # without the reference word
        assert max(campaign.faults for campaign in campaigns) >= bits, measure.id


@pytest.mark.parametrize("identity", ["4.1", "4.2"])
def test_the_memory_map_shows_nothing_in_use_untested(washer: Any, identity: str) -> None:
    memory_map = washer.row(identity).memory_map
    assert memory_map
    assert not [span for span in memory_map if span.state == "used_untested"]


def test_nothing_is_wrong_with_the_submission_itself(washer: Any) -> None:
    assert not [f.message for f in washer.evaluation.findings if f.severity is Severity.NONCONFORMITY]


def test_every_golden_run_reached_the_main_loop_and_its_expected_end(washer: Any) -> None:
    runs = {run.scenario: run for run in washer.evaluation.golden_runs}
    assert {"cold-start", "wash", "ntc-open", "relay-welded", "overfill"} <= set(runs)
    for run in runs.values():
        assert run.main_loop_reached
        assert run.expected_held, run.scenario
        assert run.digest


def test_stages_are_told_in_their_order(washer: Any) -> None:
    lines = washer.result.stdout.splitlines()
    at = [next(number for number, line in enumerate(lines) if line.startswith(f"{stage} ")) for stage in STAGES]
    assert at == sorted(at)
    assert lines[-1].endswith("exit 3")


def test_only_results_are_written(washer: Any) -> None:
    names = {path.name for path in washer.out.iterdir()}
    assert {"evaluation.json", "report.html"} <= names
    assert len(names) == 3, f"the third file is the store: {names}"
    assert not [name for name in names if name.endswith(".tmp") or name.startswith(".")]


def test_the_json_keeps_to_the_committed_schema(washer: Any) -> None:
    schema = json.loads((ROOT / "schemas" / "evaluation.schema.json").read_text(encoding="utf-8"))
    written = json.loads((washer.out / "evaluation.json").read_text(encoding="utf-8"))
    jsonschema.validate(written, schema)


def test_the_json_knows_nothing_of_the_machine(washer: Any) -> None:
    text = (washer.out / "evaluation.json").read_text(encoding="utf-8")
    assert str(washer.out.parent) not in text
    assert str(ROOT) not in text


def test_a_second_run_with_another_number_of_workers_gives_the_same_bytes(washer: Any, evaluate: Any) -> None:
    again = evaluate(washer.submission, "--workers", "1")
    assert again.result.returncode == 3
    for name in ("evaluation.json", "report.html"):
        assert (again.out / name).read_bytes() == (washer.out / name).read_bytes(), name


@pytest.mark.slow
def test_a_call_takes_a_minute_at_most(washer: Any, evaluate: Any) -> None:
    """On two cores that have nothing else to do; the fixture's own call may have compiled kernels."""
    assert evaluate(washer.submission).seconds <= 60
