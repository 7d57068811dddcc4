"""Writing the results: either both files are new and whole, or the earlier ones are still there."""

import contextlib
import os
import uuid
from pathlib import Path

from swassess.errors import UsageError
from swassess.model.evaluation import Evaluation
from swassess.report.evaluation_json import to_json
from swassess.report.html import render_html


def write_outputs(evaluation: Evaluation, out: Path) -> tuple[Path, Path]:
    """Write out/evaluation.json and out/report.html and return their paths.

    Both texts are made, and written beside their targets, before the first earlier file is replaced.
    Raises UsageError where the folder cannot be written.
    """
    texts = {"evaluation.json": to_json(evaluation), "report.html": render_html(evaluation)}
    pending: list[tuple[Path, Path]] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            temporary = out / f".{name}.{uuid.uuid4().hex}.tmp"
            pending.append((temporary, out / name))
            _write_new(temporary, text.encode("utf-8"))
        for temporary, target in pending:
            os.replace(temporary, target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"Cannot write the report to {out} ({reason}); choose another folder with --out.") from error
    finally:
        for temporary, _ in pending:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
    return out / "evaluation.json", out / "report.html"


def _write_new(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
