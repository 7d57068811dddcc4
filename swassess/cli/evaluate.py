"""`swassess evaluate`: the whole evaluation of a submission."""

from pathlib import Path
from typing import Annotated

import typer

from swassess.cli.options import Out, SubmissionPath


def evaluate(
    submission: SubmissionPath,
    out: Out = Path("out"),
    row: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Evaluate this row only, such as 4.2; may be repeated.")
    ] = None,
    exhaustive: Annotated[bool, typer.Option("--exhaustive", help="Run every fault, also where a sample is usual.")] = (
        False
    ),
    workers: Annotated[int, typer.Option(min=1, max=256, metavar="N", help="Worker processes.")] = 2,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, metavar="N", help="Seed of the samples.")] = 1,
) -> int:
    """Evaluate a submission: papers, image, sources, golden runs and the rows of the table.

    Writes evaluation.json, the store and report.html into the output folder and prints the verdicts.
    """
    from swassess.cli.progress import ConsoleProgress
    from swassess.evaluate import Options
    from swassess.evaluate import evaluate as evaluate_submission
    from swassess.report.console import exit_code, make_console, print_summary

    options = Options(rows=tuple(row or ()), exhaustive=exhaustive, workers=workers, seed=seed)
    console = make_console()
    with ConsoleProgress(console, executes_after="Sources") as progress:
        evaluation = evaluate_submission(submission, out, options, progress)
    console.print()
    print_summary(evaluation, out / "report.html", console)
    return exit_code(evaluation)
