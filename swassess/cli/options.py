"""Arguments that several subcommands share."""

from pathlib import Path
from typing import Annotated

import typer

SubmissionPath = Annotated[
    Path, typer.Argument(metavar="SUBMISSION", help="The submission: a folder or .zip with submission.toml.")
]
Out = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Folder for evaluation.json, the store and report.html.")
]
