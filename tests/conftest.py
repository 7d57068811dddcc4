"""What all tests share: tools that may be missing, the command as a user runs it, the washer evaluated once."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from swassess.model.evaluation import Evaluation, RowVerdict
from swassess.report.evaluation_json import from_json

ROOT = Path(__file__).resolve().parent.parent
WASHER = ROOT / "fixtures" / "washer"
IN_CI = os.environ.get("CI") == "true"
EVALUATION_LIMIT = 600  # seconds; cuts off only what hangs

# Names under which a tool may be installed.
TOOLS = {"chromium": ("chromium", "chromium-browser", "google-chrome", "chrome")}

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def find_tool(name: str) -> str | None:
    """Path of an installed tool."""
    return next((path for path in map(shutil.which, TOOLS.get(name, (name,))) if path), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            if find_tool(name) is None:
                pytest.skip(f"{name} is not installed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """In CI everything is installed: a skipped test there is a test that nobody runs, so it fails."""
    report = yield
    return _refuse_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    report = yield
    return _refuse_skip(report)


def _refuse_skip(report: Any) -> Any:
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where everything a test needs must be installed: {reason}"
    return report


@dataclass(frozen=True)
class Evaluated:
    """A finished `swassess evaluate`. seconds: wall-clock time of the whole command."""

    out: Path
    submission: Path
    result: "subprocess.CompletedProcess[str]"
    seconds: float

    @property
    def evaluation(self) -> Evaluation:
        return from_json((self.out / "evaluation.json").read_text(encoding="utf-8"))

    def row(self, identity: str) -> RowVerdict:
        return next(row for row in self.evaluation.rows if row.row == identity)


def run_command(*arguments: str | Path, timeout: float = EVALUATION_LIMIT, **environment: str) -> Any:
    """`swassess ARGUMENTS` in a process of its own. The package is the one the tests were started with."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "swassess.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=timeout,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        check=False,
    )


def evaluate_command(submission: Path, out: Path, *options: str) -> Evaluated:
    start = time.monotonic()
    result = run_command("evaluate", submission, "--out", out, *options)
    return Evaluated(out, submission, result, time.monotonic() - start)


@pytest.fixture(scope="session")
def swassess() -> Run:
    """The command line: swassess("rules", "4.2") gives the finished process."""
    return run_command


@pytest.fixture(scope="session")
def washer_folder() -> Path:
    """The reference submission. Read only."""
    return WASHER


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """tool("chromium"): path of a tool that the test needs."""

    def get(name: str) -> str:
        path = find_tool(name)
        if path is None:
            pytest.skip(f"{name} is not installed")
        return path

    return get


@pytest.fixture(scope="session")
def assemble() -> Callable[[str, Path], None]:
    """assemble("ram-range", folder): the submission of a variant of the washer, as it is handed in."""
    return assemble_variant


@pytest.fixture(scope="session")
def evaluate(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Evaluated]:
    """evaluate(submission, *options): one more evaluation, into a folder of its own."""
    return lambda submission, *options: evaluate_command(submission, tmp_path_factory.mktemp("run") / "out", *options)


@pytest.fixture(scope="session")
def washer(tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    """The reference submission, evaluated once for all tests."""
    return evaluate_command(WASHER, tmp_path_factory.mktemp("washer") / "out")


@pytest.fixture(scope="session")
def variant(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Evaluated]:
    """variant("ram-range"): a flawed variant of the washer, assembled and evaluated once for all tests."""
    done: dict[str, Evaluated] = {}

    def get(name: str) -> Evaluated:
        if name not in done:
            folder = tmp_path_factory.mktemp(name)
            assemble_variant(name, folder / "submission")
            done[name] = evaluate_command(folder / "submission", folder / "out")
        return done[name]

    return get


def assemble_variant(name: str, target: Path) -> None:
    subprocess.run([sys.executable, "-B", str(WASHER / "assemble_variant.py"), name, str(target)], check=True)
