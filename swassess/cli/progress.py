"""Shows how far the main job is: a line for every finished stage, and a bar while a person watches a terminal."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from swassess.report.formatting import clean

LABEL_WIDTH = 14


class ConsoleProgress:
    """The main job's Progress on a console. Use it as a context: leaving it takes the bar away, whatever happened.

    executes_after: the stage behind which the emulator is needed for the first time; "" when it never is.
    """

    def __init__(self, console: Console, executes_after: str = "") -> None:
        self._console = console
        self._executes_after = executes_after
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._shown = ""

    def __enter__(self) -> "ConsoleProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._take_away()

    def stage(self, name: str, text: str) -> None:
        """A finished stage, as a line that stays."""
        self._take_away()
        self._print(name, text)
        if name == self._executes_after:
            tell_first_call(self)

    def _print(self, name: str, text: str) -> None:
        label = Text(name, style="bold")
        if not self._console.is_terminal:  # one line each, however long, for those who grep
            label.pad_right(max(1, LABEL_WIDTH - label.cell_len))
            self._console.print(label + Text(clean(text)), soft_wrap=True)
            return
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(width=LABEL_WIDTH - 1)
        grid.add_column(overflow="fold")
        grid.add_row(label, Text(clean(text)))
        self._console.print(grid)

    def advance(self, name: str, done: int, total: int, note: str = "") -> None:
        """Where a stage that is still running is: `done` of `total` pieces, `note` says of what. Terminals only."""
        if not self._console.is_terminal:
            return
        what = f"{name:<{LABEL_WIDTH - 1}}"
        if self._bar is None:
            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=20),
                TextColumn("{task.fields[note]}", markup=False),
                MofNCompleteColumn(),
                TimeRemainingColumn(compact=True),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task(what, total=total, note=clean(note))
            self._bar.start()
            self._shown = f"{name} {note}"
        assert self._task is not None
        if self._shown != f"{name} {note}":  # a new piece of work: the speed so far says nothing about it
            self._shown = f"{name} {note}"
            self._bar.reset(self._task, total=total, description=what, note=clean(note))
        self._bar.update(self._task, completed=done, total=total)

    def _take_away(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar, self._task = None, None


def tell_first_call(progress: ConsoleProgress) -> None:
    """Says why the first call takes longer: kernels are compiled for this machine and kept."""
    from swassess.emulator.kernel_cache import kernels_are_compiled

    if not kernels_are_compiled():
        progress.stage("First call", "compiling the emulator's kernels, about a minute; later calls find them ready")
