"""`swassess rules` and `swassess targets` on the catalogues that are shipped."""

import subprocess
from collections.abc import Callable

import pytest

from swassess.rules.catalogue_rows import table_rows
from swassess.rules.registry import rules
from swassess.target_data import list_targets

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def _words(text: str) -> str:
    return " ".join(text.split())


def test_rules_lists_every_row_and_every_rule(swassess: Run) -> None:
    result = swassess("rules")
    assert (result.returncode, result.stderr) == (0, "")
    words = set(result.stdout.split())
    assert {row.id for row in table_rows()} <= words
    assert {rule.id for rule in rules()} <= words


def test_a_rule_is_explained(swassess: Run) -> None:
    rule = next(rule for rule in rules() if rule.id == "R4.2-RANGE")
    result = swassess("rules", "r4.2-range")
    assert result.returncode == 0
    told = _words(result.stdout)
    for text in (rule.title.en, rule.title.zh, rule.proves, rule.does_not_prove, rule.remedy):
        assert _words(text) in told


@pytest.mark.parametrize("identity", ["4.2", "1.1"])
def test_a_row_is_explained(swassess: Run, identity: str) -> None:
    row = next(row for row in table_rows() if row.id == identity)
    told = _words(swassess("rules", identity).stdout)
    for entry in row.classes.values():
        assert _words(entry.criteria) in told
        assert all(measure.technique in told for measure in entry.measures)
    assert _words(row.missing) in told


@pytest.mark.parametrize(("wanted", "hint"), [("R4.2-RNGE", "did you mean 'R4.2-RANGE'?"), ("zzz", "lists them")])
def test_an_unknown_rule(swassess: Run, wanted: str, hint: str) -> None:
    result = swassess("rules", wanted)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("swassess: ")
    assert hint in result.stderr


def test_series_are_listed(swassess: Run) -> None:
    result = swassess("targets")
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    for series in {part.series for part in list_targets()}:
        assert any(series in line for line in lines), series
    told = next(line for line in lines if " STM32G0 " in line).split()
    parts = [part for part in list_targets() if part.series == "STM32G0"]
    assert told[-2:] != ["0", "0"]
    assert str(len(parts)) in told


def test_parts_of_a_series_are_listed(swassess: Run) -> None:
    result = swassess("targets", "stm32g0")
    assert result.returncode == 0
    assert {part.pattern for part in list_targets() if part.series == "STM32G0"} <= set(result.stdout.split())
    assert "STM32F103x8" not in result.stdout


def test_a_target_is_shown(swassess: Run) -> None:
    out = swassess("targets", "stm32f103c8t6").stdout
    for text in ("STM32F103C8T6", "cortex-m3", "0x08000000–0x0800FFFF, 64 KiB", "GPIOB", "0x40010C00", "TIM2 (28)"):
        assert text in out


def test_who_answers_for_a_block_is_told(swassess: Run) -> None:
    lines = swassess("targets", "STM32G071RB").stdout.splitlines()
    rows = {line.split()[0]: line for line in lines if line.strip()}
    assert "model" in rows["CRC"]
    assert "stm32-crc-v2" in rows["CRC"]
    assert "model (compiled)" in rows["GPIOA"]
    assert "learned" in rows["CEC"]
    assert "core" in rows["NVIC"]
    missing = next(line for line in lines if line.startswith("Without a model"))
    assert "CEC" in missing
    assert "CRC" not in missing
    assert "parity on 0x20000000–0x20007FFF" in rows["checked"]
    generic = swassess("targets", "cortex-m4f").stdout
    assert "Nothing outside the core is known" in generic


def test_an_unknown_target(swassess: Run) -> None:
    result = swassess("targets", "STM32F103ZZ")
    assert (result.returncode, result.stdout) == (2, "")
    assert "nearest: STM32F103x" in result.stderr
    assert result.stderr.count("\n") == 1
