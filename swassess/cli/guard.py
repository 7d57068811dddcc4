"""How a command ends: its exit code, and one calm sentence instead of a traceback.

Exit codes: 2 usage or unusable submission, 1 something does not conform, 3 incomplete or not shown, 0 all conforms;
130 interrupted, 141 nobody reads the output any more.
"""

import functools
import os
import sys
from collections.abc import Callable
from typing import ParamSpec

import typer

from swassess.errors import SwassessError

UNUSABLE = 2
INTERRUPTED = 130
CLOSED_PIPE = 141

P = ParamSpec("P")


def guarded(command: Callable[P, int]) -> Callable[P, None]:
    """The command with its exit code raised as typer.Exit and its errors told on standard error."""

    @functools.wraps(command)
    def ended(*arguments: P.args, **options: P.kwargs) -> None:
        raise typer.Exit(exit_code_of(lambda: command(*arguments, **options)))

    return ended


def exit_code_of(command: Callable[[], int]) -> int:
    """What the command returns, or the code of the error it ended with. SWASSESS_DEBUG=1 lets tracebacks through."""
    try:
        code = command()
        sys.stdout.flush()  # a closed pipe must show here, not while the interpreter shuts down
        return code
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # rich ends the program itself, with a code that means something else here
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - the interpreter flushes it at its end
        return CLOSED_PIPE
    except Exception as error:
        if os.environ.get("SWASSESS_DEBUG") == "1":
            raise
        say(f"swassess: {_sentence(error)}")
        return UNUSABLE


def say(text: str) -> None:
    """A line on standard error; what the stream cannot show becomes "?"."""
    encoding = sys.stderr.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), file=sys.stderr)


def _sentence(error: Exception) -> str:
    from swassess.report.formatting import clean

    if isinstance(error, SwassessError):
        return clean(str(error))
    if isinstance(error, OSError) and error.strerror:
        return clean(f"{error.strerror}: {error.filename}" if error.filename else error.strerror)
    what = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
    return f"internal error ({clean(what)}), please report it; SWASSESS_DEBUG=1 shows where it happened"
