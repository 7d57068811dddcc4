"""A row does not conform for a hazard that strikes first, or whose protection no scenario ever demanded."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from swassess.model.declared import Hazard, Measure
from swassess.rules.verdict import hazard_gaps

SECOND = 1_000_000_000_000
MEASURE = Measure("M4.2", "4.2", "march", "H.2.19.6", (), (), "periodic", 8 * SECOND, SECOND // 100, ("fail-safe",))
HAZARD = Hazard("H1", "", "19.11", "", "R.1", (), "", 10 * SECOND, ("M4.2",), ("ntc-open",))


def evidence(hazard: Hazard, *ran: str) -> Any:
    declaration = SimpleNamespace(hazards=(hazard,))
    measures = lambda row: (MEASURE,) if row == "4.2" else ()  # noqa: E731
    return SimpleNamespace(declaration=declaration, measures=measures, traces=dict.fromkeys(ran))


def test_time_in_hand_and_a_demanding_scenario_leave_no_gap() -> None:
    assert hazard_gaps("4.2", evidence(HAZARD, "wash", "ntc-open")) == ()


@pytest.mark.parametrize("seconds", [5, 8])
def test_a_hazard_that_strikes_first_is_a_gap(seconds: int) -> None:
    hazard = replace(HAZARD, time_to_hazard=seconds * SECOND)
    (gap,) = hazard_gaps("4.2", evidence(hazard, "ntc-open"))
    assert "time to hazard H1" in gap


@pytest.mark.parametrize("hazard", [HAZARD, replace(HAZARD, demanded_by=())])
def test_a_protection_that_no_scenario_demanded_is_a_gap(hazard: Hazard) -> None:
    (gap,) = hazard_gaps("4.2", evidence(hazard, "wash"))
    assert "H1" in gap and "demands" in gap


def test_hazards_that_rely_on_other_rows_do_not_matter() -> None:
    assert hazard_gaps("4.1", evidence(HAZARD)) == ()
