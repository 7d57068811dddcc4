"""`swassess check`: everything that needs no execution."""

from pathlib import Path

from swassess.cli.options import Out, SubmissionPath


def check(submission: SubmissionPath, out: Out = Path("out")) -> int:
    """Check papers, settings, sources and image of a submission in seconds, without running it.

    Rows that rest on execution stay "not shown", so the best exit code is 3.
    """
    from swassess.cli.progress import ConsoleProgress
    from swassess.evaluate import Options, evaluate
    from swassess.report.console import exit_code, make_console, print_summary

    console = make_console()
    with ConsoleProgress(console) as progress:
        evaluation = evaluate(submission, out, Options(check_only=True), progress)
    console.print()
    print_summary(evaluation, out / "report.html", console)
    return exit_code(evaluation)
