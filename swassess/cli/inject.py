"""`swassess inject`: repeats one fault and tells its story."""

from typing import TYPE_CHECKING, Annotated

import typer

from swassess.cli.options import SubmissionPath
from swassess.model.outcome import Outcome, OutcomeRecord

if TYPE_CHECKING:
    from swassess.cli.progress import ConsoleProgress


def inject(
    submission: SubmissionPath,
    fault: Annotated[
        str,
        typer.Option(
            "--fault", metavar="IDENTITY", help="As the report prints it: model@location#trigger?scenario, in quotes."
        ),
    ],
    target: Annotated[
        str,
        typer.Option("--target", metavar="NAME", help="engine, or pyocd:UID for a debug probe (targets --probes)."),
    ] = "engine",
) -> int:
    """Repeat one fault: what was injected, when it was first seen, what happened.

    Exit code 1 when the fault is a miss, 3 when it could not be run, otherwise 0.
    """
    from swassess.cli.progress import ConsoleProgress, tell_first_call
    from swassess.evaluate import inject as inject_fault
    from swassess.report.console import make_console

    with ConsoleProgress(make_console()) as progress:
        tell_first_call(progress)
        if target == "engine":
            story = inject_fault(submission, fault, progress)
        else:
            from swassess.evaluate.replay import replay

            story = replay(submission, fault, target, progress)
        progress.stage("Fault", story.fault)
        for number, line in enumerate(story.lines):
            progress.stage("" if number else "Story", line)
        _print_outcome(story.outcome, progress)
    if story.outcome.outcome in (Outcome.UNSUPPORTED, Outcome.ERROR):
        return 3
    return 1 if story.outcome.is_miss else 0


def _print_outcome(record: OutcomeRecord, progress: "ConsoleProgress") -> None:
    from swassess.report.formatting import format_ticks
    from swassess.report.words import OUTCOMES

    parts = [OUTCOMES[record.outcome].en]
    if record.detection_ticks is not None:
        parts.append(f"after {format_ticks(record.detection_ticks)} ({record.time_source})")
    if record.oracle:
        parts.append(f"by the oracle {record.oracle}" + (f" in {record.detected_at}" if record.detected_at else ""))
    if record.reaction_ticks is not None:
        parts.append(f"safe state {format_ticks(record.reaction_ticks)} later")
    progress.stage("Outcome", ", ".join(parts))
    if record.is_miss:
        progress.stage("Counts as", "a miss" + (f": {record.reason}" if record.reason else ""))
    elif record.reason:
        progress.stage("Because", record.reason)
