"""What a caller chooses, and what it is told while the job runs."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Options:
    """rows: ids of the rows to evaluate (empty: all). exhaustive: run what is otherwise sampled. check_only: nothing
    is executed. seed: of every sample."""

    rows: tuple[str, ...] = ()
    exhaustive: bool = False
    workers: int = 2
    seed: int = 1
    check_only: bool = False


class Progress(Protocol):
    """Where the job reports to."""

    def stage(self, name: str, text: str) -> None:
        """A stage is finished; `text` says in a line what it found."""

    def advance(self, name: str, done: int, total: int, note: str = "") -> None:
        """Work inside a stage."""
