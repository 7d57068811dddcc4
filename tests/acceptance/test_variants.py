"""The flawed variants of the washer: the right row, for the right reason, and no other."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from swassess.model.evaluation import RowVerdict, Verdict

ROOT = Path(__file__).resolve().parents[2]
TRUTH = {
    entry["name"].removeprefix("washer-flaw-"): entry
    for entry in tomllib.loads((ROOT / "fixtures" / "washer" / "truth.toml").read_text(encoding="utf-8"))["variant"]
    if entry.get("switch")
}
SHOWN = ("1.3", "4.1", "4.2")

Variant = Callable[[str], Any]


def _ranges(row: RowVerdict) -> list[tuple[int, int]]:
    """Ranges, both ends included, that reasons and nonconformities of the row name."""
    text = " ".join([*row.reasons, *(finding.message for finding in row.findings)])
    pairs = re.findall(r"0x([0-9A-Fa-f]{8})\s*(?:-|–|to)\s*0x([0-9A-Fa-f]{8})", text)
    return [(int(start, 16), int(end, 16)) for start, end in pairs]


@pytest.mark.parametrize("name", sorted(TRUTH))
def test_the_flawed_row_does_not_conform(variant: Variant, name: str) -> None:
    done = variant(name)
    assert done.result.returncode == 1, done.result.stdout + done.result.stderr
    row = done.row(TRUTH[name]["row"])
    assert row.verdict is Verdict.DOES_NOT_CONFORM
    assert row.missed > 0, "the campaign has to see what the static rules say"
    assert row.reasons


@pytest.mark.parametrize("name", sorted(name for name in TRUTH if "missing" in TRUTH[name]))
def test_the_missing_range_is_named(variant: Variant, name: str) -> None:
    missing = TRUTH[name]["missing"]
    row = variant(name).row(TRUTH[name]["row"])
    inside = [(a, b) for a, b in _ranges(row) if missing["start"] <= a <= b <= missing["end"]]
    assert inside, row.reasons
    untested = [span for span in row.memory_map if span.state == "used_untested"]
    assert untested
    assert all(missing["start"] <= span.start and span.end - 1 <= missing["end"] for span in untested)


def test_the_watchdog_refreshed_by_an_interrupt_is_named(variant: Variant) -> None:
    row = variant("wdg-tick").row("1.3")
    assert "SysTick_Handler" in " ".join([*row.reasons, *(finding.message for finding in row.findings)])
    assert "R1.3-HANDLER" in {finding.rule for finding in row.findings}


@pytest.mark.parametrize("name", sorted(TRUTH))
def test_the_other_rows_still_conform(variant: Variant, name: str) -> None:
    done = variant(name)
    others = [row for row in SHOWN if row != TRUTH[name]["row"]]
    assert {row: done.row(row).verdict for row in others} == dict.fromkeys(others, Verdict.CONFORMS)


@pytest.mark.parametrize("name", sorted(TRUTH))
def test_a_miss_is_repeated_by_its_command(variant: Variant, name: str, swassess: Any) -> None:
    done = variant(name)
    campaigns = [campaign for campaign in done.row(TRUTH[name]["row"]).campaigns if not campaign.remark]
    misses = [miss for campaign in campaigns for miss in campaign.misses]
    assert misses
    result = swassess("inject", done.submission, "--fault", misses[0].fault)
    assert result.returncode == 1, result.stdout + result.stderr
    assert misses[0].fault in result.stdout
    assert re.search(r"^Counts as +a miss", result.stdout, re.MULTILINE)
