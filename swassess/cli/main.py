"""The command `swassess`: its subcommands and how it ends."""

from typing import Annotated

import typer

import swassess
from swassess.cli import boot, check, evaluate, gdbserver, inject, rules, targets
from swassess.cli.guard import exit_code_of, guarded

app = typer.Typer(
    name="swassess",
    help="Evaluates the software of MCU controllers row by row of Tables R.1 and R.2 (IEC 60335-1 Annex R, "
    "IEC 60730-1 Annex H).",
    epilog="Exit codes: 0 all rows conform; 1 something does not conform; 2 usage or unusable submission; "
    "3 incomplete or not shown; 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in (
    evaluate.evaluate,
    check.check,
    inject.inject,
    boot.boot,
    gdbserver.gdbserver,
    rules.rules,
    targets.targets,
):
    app.command()(guarded(command))


def _version(wanted: bool) -> None:
    if wanted:
        print(f"swassess {swassess.__version__}")
        raise typer.Exit()


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Options before the subcommand."""


def run() -> None:
    """Entry point of the console script."""
    raise SystemExit(exit_code_of(_app))


def _app() -> int:
    try:
        app()
    except SystemExit as end:  # typer always ends this way; usage errors have told their story
        return end.code if isinstance(end.code, int) else 0
    return 0
