"""The progress of the main job on a terminal and elsewhere."""

import io

import pytest
from rich.console import Console

from swassess.cli.progress import ConsoleProgress, tell_first_call


def _run(console: Console) -> None:
    with ConsoleProgress(console) as progress:
        for done in range(3):
            progress.advance("Rows", done, 2, "4.1 [red]invariable memory[/red]")
        progress.advance("Rows", 1, 7, "4.2 variable memory")
        progress.stage("Rows", "3 rows evaluated")
        progress.stage("A name that is long", "text " * 60)


def test_elsewhere_there_are_plain_lines_only() -> None:
    stream = io.StringIO()
    _run(Console(file=stream, width=80))
    assert stream.getvalue() == "Rows          3 rows evaluated\nA name that is long " + "text " * 60 + "\n"


def test_a_terminal_has_a_bar_that_goes_away() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=120, legacy_windows=False, _environ={"TERM": "xterm"})
    _run(console)
    text = stream.getvalue()
    assert "4.1 [red]invariable memory[/red]" in text
    assert "1/7" in text
    assert "\x1b[?25h" in text, "the cursor is shown again"
    last = text[text.rindex("\x1b[?25h") :]
    assert "3 rows evaluated" in last
    assert "invariable" not in last


def test_an_error_takes_the_bar_away_too() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, legacy_windows=False, _environ={"TERM": "xterm"})
    with pytest.raises(KeyboardInterrupt), ConsoleProgress(console) as progress:
        progress.advance("Golden runs", 1, 2, "wash")
        raise KeyboardInterrupt
    assert stream.getvalue().rstrip().count("\x1b[?25h") == 1


@pytest.mark.parametrize("compiled", [False, True])
def test_the_first_call_says_that_it_compiles(monkeypatch: pytest.MonkeyPatch, compiled: bool) -> None:
    monkeypatch.setattr("swassess.emulator.kernel_cache.kernels_are_compiled", lambda: compiled)
    stream = io.StringIO()
    with ConsoleProgress(Console(file=stream)) as progress:
        tell_first_call(progress)
    assert ("compiling" in stream.getvalue()) is not compiled


def test_the_notice_comes_only_where_the_emulator_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swassess.emulator.kernel_cache.kernels_are_compiled", lambda: False)
    stream = io.StringIO()
    with ConsoleProgress(Console(file=stream), executes_after="Sources") as progress:
        progress.stage("Image", "washer.elf")
        assert "compiling" not in stream.getvalue()
        progress.stage("Sources", "26 units")
    assert stream.getvalue().splitlines()[-1].startswith("First call")
