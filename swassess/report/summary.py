"""What console and HTML share: the order of the table, the counts, the closing sentence and the exit code."""

import re
from collections import Counter
from collections.abc import Iterable

from swassess.model.evaluation import Evaluation, RowVerdict, Verdict
from swassess.model.finding import Finding, Severity


def row_order(row: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key of a row id, so that 7.2.1 follows 7.1, 6.3b follows 6.3a and structure rows (R.2.1.2) come last."""
    parts = (re.fullmatch(r"([0-9]*)(.*)", part, re.DOTALL) for part in row.split("."))
    return tuple((0 if m and m[1] else 1, int(m[1] or 0) if m else 0, m[2] if m else "") for m in parts)


def sorted_rows(rows: Iterable[RowVerdict]) -> list[RowVerdict]:
    """The rows in the order of the table, R.1 before R.2."""
    return sorted(rows, key=lambda row: (row_order(row.row), row.software_class))


def count_verdicts(evaluation: Evaluation) -> dict[Verdict, int]:
    """How many rows have each verdict; every verdict is a key."""
    counts = Counter(row.verdict for row in evaluation.rows)
    return {verdict: counts[verdict] for verdict in Verdict}


def submission_findings(evaluation: Evaluation) -> list[Finding]:
    """Findings on papers, files, image and sources: those that no row section shows. Nonconformities first."""
    shown = {finding for row in evaluation.rows for finding in row.findings}
    severities = list(Severity)
    rest = (finding for finding in evaluation.findings if finding not in shown)
    return sorted(rest, key=lambda f: (severities.index(f.severity), f.subject, f.rule, f.message))


def closing_sentence(evaluation: Evaluation) -> str:
    """For example "3 rows do not conform, 2 not shown, 14 conform.", with what else an exit code rests on."""
    counts = count_verdicts(evaluation)
    bad = counts[Verdict.DOES_NOT_CONFORM]
    parts = [
        f"{bad} row does not conform" if bad == 1 else f"{bad} rows do not conform",
        f"{counts[Verdict.NOT_SHOWN]} not shown",
        f"{counts[Verdict.CONFORMS]} {'conforms' if counts[Verdict.CONFORMS] == 1 else 'conform'}",
    ]
    if counts[Verdict.NOT_APPLICABLE]:
        parts.append(f"{counts[Verdict.NOT_APPLICABLE]} not applicable")
    sentence = ", ".join(parts) + "."
    own = sum(finding.severity is Severity.NONCONFORMITY for finding in submission_findings(evaluation))
    if own:
        sentence += f" {own} {'nonconformity' if own == 1 else 'nonconformities'} of the submission itself."
    return sentence


def exit_code(evaluation: Evaluation) -> int:
    """1: something does not conform; 3: incomplete or not shown; 0: every row conforms or does not apply.

    A nonconformity of the submission itself (a missing document, an image that differs) counts like a row. An
    evaluation in which no row was shown to conform is incomplete: finding nothing where nothing was looked at is no
    success.
    """
    counts = count_verdicts(evaluation)
    if counts[Verdict.DOES_NOT_CONFORM] or any(f.severity is Severity.NONCONFORMITY for f in evaluation.findings):
        return 1
    if counts[Verdict.NOT_SHOWN] or not counts[Verdict.CONFORMS]:
        return 3
    return 0
