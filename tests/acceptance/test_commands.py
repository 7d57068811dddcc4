"""The other ways to ask: one row, a .zip, check, and an interrupt in the middle."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from swassess.model.evaluation import Verdict
from swassess.report.evaluation_json import from_json


def test_check_executes_nothing_and_takes_seconds(swassess: Any, washer_folder: Path, tmp_path: Path) -> None:
    start = time.monotonic()
    result = swassess("check", washer_folder, "--out", tmp_path / "out")
    assert result.returncode == 3, result.stdout + result.stderr
    assert time.monotonic() - start < 30
    evaluation = from_json((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))
    assert evaluation.image is not None
    assert evaluation.sources is not None
    assert evaluation.documents
    assert not evaluation.golden_runs
    assert all(row.verdict in (Verdict.NOT_SHOWN, Verdict.NOT_APPLICABLE) for row in evaluation.rows)
    assert (tmp_path / "out" / "report.html").is_file()


def test_check_needs_no_engine(washer_folder: Path, tmp_path: Path) -> None:
    probe = (
        "import sys\nfrom swassess.cli.main import run\ntry:\n    run()\nfinally:\n"
        "    print(*[n for n in ('numba', 'unicorn') if n in sys.modules], file=sys.stderr)\n"
    )
    result = subprocess.run(
        [sys.executable, "-P", "-c", probe, "check", str(washer_folder), "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 3
    assert result.stderr.strip() == ""


def test_one_row_of_a_zip(washer_folder: Path, assemble: Any, evaluate: Any, tmp_path: Path) -> None:
    assemble("crc-range", tmp_path / "disc")
    shutil.make_archive(str(tmp_path / "disc"), "zip", tmp_path / "disc")
    folder = evaluate(tmp_path / "disc", "--row", "4.1")
    archive = evaluate(tmp_path / "disc.zip", "--row", "4.1")
    assert folder.result.returncode == archive.result.returncode == 1, archive.result.stdout + archive.result.stderr
    assert archive.row("4.1").verdict is Verdict.DOES_NOT_CONFORM
    judged = {row.row for row in archive.evaluation.rows if row.campaigns}
    assert judged == {"4.1"}
    assert (folder.out / "evaluation.json").read_bytes() == (archive.out / "evaluation.json").read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="no signal of this kind there")
def test_an_interrupt_leaves_the_earlier_report(washer_folder: Path, tmp_path: Path) -> None:
    out, scratch = tmp_path / "out", tmp_path / "temporary"
    out.mkdir()
    scratch.mkdir()
    (out / "report.html").write_text("earlier", encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "swassess.cli", "evaluate", str(washer_folder), "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,  # the signal goes to the workers too, as it does from a terminal
        env={**os.environ, "TMPDIR": str(scratch)},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if line.startswith("Golden runs"):
                break
        time.sleep(3)  # into the campaigns
        os.killpg(process.pid, signal.SIGINT)
        told = process.stderr.read()
        assert process.wait(60) == 130, told
    assert told == "interrupted\n"
    assert [path.name for path in out.iterdir()] == ["report.html"]
    assert (out / "report.html").read_text(encoding="utf-8") == "earlier"
    assert not list(scratch.iterdir())
