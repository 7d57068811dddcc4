"""The table as data: all rows, both languages, and rules held 1:1 with their functions."""

import re

import pytest

from swassess.errors import CatalogueError
from swassess.rules import judge
from swassess.rules.catalogue_rows import table_row, table_rows
from swassess.rules.registry import answered, rule, rule_info, rules

ROWS = [
    *("1.1", "1.2", "1.3", "1.4", "1.5", "2", "3", "4.1", "4.2", "4.3", "5.1"),
    *("5.2", "6.1", "6.2", "6.3a", "6.3b", "7.1", "7.2.1", "7.2.2", "8", "9"),
]


def test_all_rows_in_order() -> None:
    assert [row.id for row in table_rows()] == ROWS


def test_rows_that_are_evaluated_have_a_judge() -> None:
    assert {row.id for row in table_rows() if row.evaluated} == set(judge.JUDGES)


def test_chinese_is_chinese() -> None:
    for row in table_rows():
        assert re.search(r"[\u4e00-\u9fff]", row.component.zh)
    for info in rules():
        assert re.search(r"[\u4e00-\u9fff]", info.title.zh)


def test_every_row_says_fault_measures_and_criteria() -> None:
    for row in table_rows():
        assert "R.2" in row.classes
        for wanted in row.classes.values():
            assert wanted.fault and wanted.measures and wanted.criteria
            assert all(re.fullmatch(r"H\.2\.\d+(\.\d+)*", clause) for m in wanted.measures for clause in m.clauses)


def test_unknown_row() -> None:
    with pytest.raises(CatalogueError, match=r"no row '4\.7'"):
        table_row("4.7")


def test_rules_and_functions_are_one_to_one() -> None:
    assert answered() == {info.id for info in rules()}
    assert len({info.id for info in rules()}) == len(rules())
    assert {info.row for info in rules()} <= set(ROWS)
    assert all(info.id.startswith(f"R{info.row}-") for info in rules())


def test_a_rule_is_answered_once_and_must_be_known() -> None:
    with pytest.raises(CatalogueError, match="two functions"):
        rule("R4.2-RANGE")(lambda evidence: ())
    with pytest.raises(CatalogueError, match="no rule"):
        rule("R4.2-NOSUCH")(lambda evidence: ())
    assert rule_info("R4.2-RANGE").remedy
