import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from swassess.model.evaluation import Evaluation, Verdict
from swassess.model.finding import Finding, Severity
from swassess.report.console import exit_code, make_console, print_summary
from swassess.report.summary import closing_sentence, row_order

from .sample import conforming, sample_evaluation

REPORT = Path("out") / "report.html"


def plain(evaluation: Evaluation) -> str:
    stream = io.StringIO()
    print_summary(evaluation, REPORT, make_console(stream))
    return stream.getvalue()


def with_verdict(verdict: Verdict) -> Evaluation:
    evaluation = conforming()
    return replace(evaluation, rows=(*evaluation.rows, replace(evaluation.rows[0], row="4.3", verdict=verdict)))


def with_finding(severity: Severity) -> Evaluation:
    return replace(conforming(), findings=(Finding("IMG-HEX", "image", severity, "HEX and ELF differ."),))


def test_exit_codes() -> None:
    assert exit_code(sample_evaluation()) == 1
    assert exit_code(conforming()) == 0
    assert exit_code(with_verdict(Verdict.NOT_APPLICABLE)) == 0
    assert exit_code(with_verdict(Verdict.NOT_SHOWN)) == 3
    assert exit_code(with_verdict(Verdict.DOES_NOT_CONFORM)) == 1


def test_a_nonconformity_of_the_submission_counts_but_a_remark_does_not() -> None:
    assert exit_code(with_finding(Severity.NONCONFORMITY)) == 1
    assert exit_code(with_finding(Severity.REMARK)) == 0
    assert exit_code(with_finding(Severity.NOTE)) == 0


def test_nonconformity_goes_before_not_shown() -> None:
    evaluation = with_verdict(Verdict.NOT_SHOWN)
    assert exit_code(replace(evaluation, findings=with_finding(Severity.NONCONFORMITY).findings)) == 1


def test_nothing_evaluated_is_no_success() -> None:
    assert exit_code(replace(conforming(), rows=())) == 3
    only = replace(conforming().rows[0], verdict=Verdict.NOT_APPLICABLE)
    assert exit_code(replace(conforming(), rows=(only,))) == 3


def test_plain_text_holds_each_row_in_order_and_the_closing_line() -> None:
    text = plain(sample_evaluation())
    assert "\x1b" not in text
    assert all(len(line) <= 120 for line in text.splitlines()[:-1])
    starts = [line.split()[0] for line in text.splitlines() if line[:1].isdigit() and "rows" not in line]
    assert starts == ["1.1", "1.3", "2", "3", "4.1", "4.2", "6.1", "6.3a", "7.1", "7.2.1"]
    ram = next(line for line in text.splitlines() if line.startswith("4.2"))
    for words in ("variable memory", "does not conform", "294,528", "4,108", "7.214 s / 10 s", "0x20002300"):
        assert words in ram
    assert text.endswith(
        "2 rows do not conform, 6 not shown, 1 conforms, 1 not applicable. 1 nonconformity of the submission itself."
        f"   Report: {REPORT}   exit 1\n"
    )


def test_submission_findings_come_first_nonconformities_on_top() -> None:
    first, second = plain(sample_evaluation()).splitlines()[:2]
    assert first.startswith("nonconformity") and "A4-6.1" in first
    assert second.startswith("remark")


def test_a_finding_of_a_row_is_not_repeated() -> None:
    sample = sample_evaluation()
    row = next(row for row in sample.rows if row.row == "4.2")
    again = replace(sample, findings=(*sample.findings, *row.findings))
    assert plain(again) == plain(sample)


def test_hostile_names_cannot_steer_the_terminal() -> None:
    sample = sample_evaluation()
    row = replace(sample.rows[0], component_en="[red]\x1b[2Jx", missing=("[link=file:///]\x1b]0;t\x07",))
    text = plain(replace(sample, rows=(row,)))
    assert "\x1b" not in text and "\x07" not in text
    assert "[red]" in text and "[link=" in text


def test_colours_on_a_terminal_only() -> None:
    stream = io.StringIO()
    print_summary(sample_evaluation(), REPORT, Console(file=stream, force_terminal=True, width=140, markup=False))
    assert "\x1b[1;31mdoes not conform" in stream.getvalue()


def test_a_stream_that_cannot_show_chinese_does_not_fail() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    row = replace(conforming().rows[0], component_en="存储器")
    print_summary(replace(conforming(), rows=(row,)), REPORT, make_console(stream))
    stream.flush()
    assert b"???" in raw.getvalue()


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [(1, "1 row does not conform, 0 not shown, 1 conforms."), (0, "0 rows do not conform, 0 not shown, 1 conforms.")],
)
def test_closing_sentence_in_singular_and_plural(bad: int, sentence: str) -> None:
    evaluation = with_verdict(Verdict.DOES_NOT_CONFORM) if bad else conforming()
    assert closing_sentence(evaluation) == sentence


def test_rows_are_ordered_as_numbers() -> None:
    wanted = ["1.1", "2", "4.3", "6.3a", "6.3b", "7.1", "7.2.1", "7.10", "10", "R.2.1.2"]
    assert sorted([*wanted[5:], *wanted[:5]], key=row_order) == wanted
