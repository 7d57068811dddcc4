"""The debug unit holds every check, and each check fails on a unit that is broken in what it looks at."""

import pytest
from broken import BREAKS
from debuggee import Bench

from checks import CHECKS


@pytest.mark.parametrize("name", CHECKS)
def test_conforms(name: str, bench: Bench) -> None:
    CHECKS[name](bench)


@pytest.mark.parametrize(("broken", "name"), [(broken, name) for broken in BREAKS for name in BREAKS[broken][1]])
def test_check_fails_on_a_broken_unit(
    broken: str, name: str, broken_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    BREAKS[broken][0](monkeypatch)
    with pytest.raises(AssertionError):
        CHECKS[name](broken_bench)


def test_every_check_is_shown_to_fail() -> None:
    assert {name for _, names in BREAKS.values() for name in names} == set(CHECKS)
