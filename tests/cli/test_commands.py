"""The command line with a main job of our own in place of the real one: what is passed on, printed and returned."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from swassess.cli import main
from swassess.errors import SubmissionError
from swassess.model.evaluation import Evaluation
from swassess.model.outcome import Outcome, OutcomeRecord
from swassess.model.time import TICKS_PER_SECOND

from ..report.sample import conforming, sample_evaluation

FAULT = "stuck-at-1@ram:0x20004F10.3#reset?wash"


@dataclass(frozen=True)
class Options:
    rows: tuple[str, ...] = ()
    exhaustive: bool = False
    workers: int = 2
    seed: int = 1
    check_only: bool = False


@dataclass(frozen=True)
class Story:
    fault: str
    lines: tuple[str, ...]
    outcome: OutcomeRecord


Ended = tuple[int, str, str]
Command = Callable[..., Ended]


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Stands in for swassess.evaluate; `calls` notes what it was asked."""
    module: Any = ModuleType("swassess.evaluate")
    module.Options = Options
    module.calls = []
    module.answer = sample_evaluation()

    def evaluate(path: Path, out: Path, options: Options, progress: Any) -> Evaluation:
        module.calls.append((path, out, options))
        progress.advance("Rows", 1, 2, "4.2 variable memory")
        progress.stage("Intake", "214 files \x1b[2J")
        if isinstance(module.answer, BaseException):
            raise module.answer
        return module.answer

    def inject(path: Path, identity: str, progress: Any) -> Story:
        module.calls.append((path, identity))
        if isinstance(module.answer, BaseException):
            raise module.answer
        return Story(identity, ("the bit is read 1 from reset on", "first read at 2 ms"), module.answer)

    module.evaluate, module.inject = evaluate, inject
    monkeypatch.setitem(sys.modules, "swassess.evaluate", module)
    return module


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.delenv("SWASSESS_DEBUG", raising=False)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["swassess", *arguments])
        with pytest.raises(SystemExit) as end:
            main.run()
        captured = capsys.readouterr()
        assert isinstance(end.value.code, int)
        return end.value.code, captured.out, captured.err

    return run


def test_evaluate_passes_on_every_option(job: Any, command: Command) -> None:
    command("evaluate", "disc.zip", "--out", "o", "--row", "4.2", "--row", "4.1", "--exhaustive", "--workers", "3",
            "--seed", "7")  # fmt: skip
    command("evaluate", "disc.zip")
    assert job.calls == [
        (Path("disc.zip"), Path("o"), Options(("4.2", "4.1"), True, 3, 7)),
        (Path("disc.zip"), Path("out"), Options()),
    ]


def test_evaluate_prints_stages_verdicts_and_where_the_report_is(job: Any, command: Command) -> None:
    code, out, err = command("evaluate", "disc.zip", "--out", "o")
    assert code == 1
    assert out.splitlines()[-1].endswith(f"Report: {Path('o') / 'report.html'}   exit 1")
    assert "Intake        214 files \ufffd[2J" in out, "a terminal command in a file name must not reach the terminal"
    assert "Rows  " not in out, "nobody watches: no bar"
    assert err == ""


def test_exit_code_is_the_evaluations(job: Any, command: Command) -> None:
    job.answer = conforming()
    assert command("evaluate", "disc.zip")[0] == 0


def test_check_executes_nothing(job: Any, command: Command) -> None:
    command("check", "disc.zip", "--out", "o")
    assert job.calls == [(Path("disc.zip"), Path("o"), Options(check_only=True))]


def _record(outcome: Outcome, **more: Any) -> OutcomeRecord:
    return OutcomeRecord(FAULT, outcome, **more)


@pytest.mark.parametrize(
    ("record", "code", "told"),
    [
        (
            _record(Outcome.DETECTED, detection_ticks=4 * TICKS_PER_SECOND, oracle="fail-safe", detected_at="ram.c:7"),
            0,
            "detected, after 4 s (virtual clock), by the oracle fail-safe in ram.c:7",
        ),
        (_record(Outcome.DANGEROUS, is_miss=True, reason="PB0 on for 20 s"), 1, "a miss: PB0 on for 20 s"),
        (_record(Outcome.UNSUPPORTED, reason="no UART"), 3, "no UART"),
        (_record(Outcome.ERROR, is_miss=True), 3, "error"),
    ],
)
def test_inject_tells_the_story(job: Any, command: Command, record: OutcomeRecord, code: int, told: str) -> None:
    job.answer = record
    ended, out, err = command("inject", "disc.zip", "--fault", FAULT)
    assert job.calls == [(Path("disc.zip"), FAULT)]
    assert (ended, err) == (code, "")
    positions = [out.index(text) for text in (FAULT, "read 1 from reset", "first read at 2 ms", told)]
    assert positions == sorted(positions)


@pytest.mark.parametrize("arguments", [("evaluate", "x"), ("check", "x"), ("inject", "x", "--fault", FAULT)])
@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (SubmissionError("x has no submission.toml\x1b[2J"), 2, "swassess: x has no submission.toml\ufffd[2J\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (BrokenPipeError(), 141, ""),
        (OSError(28, "No space left", "o/report.html"), 2, "swassess: No space left: o/report.html\n"),
        (
            ValueError("two\nlines"),
            2,
            "swassess: internal error (ValueError: two lines), please report it; SWASSESS_DEBUG=1 shows where it "
            "happened\n",
        ),
    ],
    ids=["submission", "interrupt", "closed pipe", "disk full", "bug"],
)
def test_errors_are_one_sentence(
    job: Any, command: Command, arguments: tuple[str, ...], error: BaseException, code: int, told: str
) -> None:
    job.answer = error
    ended, _, err = command(*arguments)
    assert (ended, err) == (code, told)


def test_a_developer_sees_the_traceback(job: Any, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    job.answer = ValueError("bug")
    monkeypatch.setenv("SWASSESS_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["swassess", "evaluate", "x"])
    with pytest.raises(ValueError, match="bug"):
        main.run()


@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate",),
        ("evaluate", "x", "--row"),
        ("evaluate", "x", "--workers", "0"),
        ("evaluate", "x", "--seed", "one"),
        ("evaluate", "x", "--sneed", "1"),
        ("evalate", "x"),
        ("inject", "x"),
        ("rules", "4.2", "4.1"),
    ],
    ids=" ".join,
)
def test_wrong_usage(job: Any, command: Command, arguments: tuple[str, ...]) -> None:
    code, out, err = command(*arguments)
    assert code == 2
    assert not job.calls
    assert out == ""
    assert "Error: " in err


def test_version(command: Command) -> None:
    import swassess

    assert command("--version") == (0, f"swassess {swassess.__version__}\n", "")
