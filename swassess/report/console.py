"""The summary on the console: one table, one closing line, the exit code."""

import sys
from pathlib import Path
from typing import IO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from swassess.model.evaluation import Evaluation, RowVerdict, Verdict
from swassess.report.formatting import NOTHING, clean, format_count, format_slowest
from swassess.report.summary import closing_sentence, exit_code, sorted_rows, submission_findings
from swassess.report.words import SEVERITIES, VERDICTS

__all__ = ["exit_code", "make_console", "print_summary"]

PLAIN_WIDTH = 120
_STYLES = {"good": "green", "bad": "bold red", "open": "yellow", "none": "dim"}


def make_console(file: IO[str] | None = None) -> Console:
    """A console: plain text of 120 columns when nobody watches; a character the stream cannot show becomes "?"."""
    stream = file or sys.stdout
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    console = Console(file=stream, markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        console = Console(file=stream, markup=False, emoji=False, highlight=False, width=PLAIN_WIDTH, color_system=None)
    return console


def print_summary(evaluation: Evaluation, report: Path, console: Console | None = None) -> None:
    """Findings on the submission, the table by row and the closing line with the report's path and the exit code."""
    console = console or make_console()
    findings = submission_findings(evaluation)
    if findings:
        console.print(_findings_table(evaluation))
        console.print()
    if evaluation.rows:
        console.print(_rows_table(evaluation))
        console.print()
    line = f"{closing_sentence(evaluation)}   Report: {clean(str(report))}   exit {exit_code(evaluation)}"
    console.print(Text(line, style="bold"), soft_wrap=True)


def _findings_table(evaluation: Evaluation) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in submission_findings(evaluation):
        severity = SEVERITIES[finding.severity]
        table.add_row(
            Text(severity.en, style=_STYLES[severity.style]), Text(clean(finding.subject)), Text(clean(finding.message))
        )
    return table


def _rows_table(evaluation: Evaluation) -> Table:
    rows = sorted_rows(evaluation.rows)
    several = len({row.software_class for row in rows}) > 1
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("row", no_wrap=True)
    table.add_column("component", max_width=30)
    table.add_column("verdict", no_wrap=True)
    table.add_column("faults", justify="right", no_wrap=True)
    table.add_column("missed", justify="right", no_wrap=True)
    table.add_column("slowest / declared", justify="right", no_wrap=True)
    table.add_column("", overflow="fold", ratio=1)
    for row in rows:
        verdict = VERDICTS[row.verdict]
        table.add_row(
            Text(clean(f"{row.row} {row.software_class}" if several else row.row)),
            Text(clean(row.component_en)),
            Text(verdict.en, style=_STYLES[verdict.style]),
            Text(format_count(row.faults) if row.faults else NOTHING),
            Text(format_count(row.missed) if row.faults else NOTHING, style="bold red" if row.missed else ""),
            Text(format_slowest(row.slowest, row.declared_time) if row.faults else ""),
            Text(clean(_main_reason(row))),
        )
    return table


def _main_reason(row: RowVerdict) -> str:
    """The first reason, which a row that conforms does not need, or what is missing where nothing is shown."""
    if row.verdict is Verdict.CONFORMS:
        return ""
    return next(iter(row.reasons or row.missing), "")
