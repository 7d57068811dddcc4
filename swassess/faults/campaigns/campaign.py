"""What every campaign hands back, and how samples are drawn."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from swassess.faults.golden import GoldenRun
from swassess.faults.store import CampaignInfo
from swassess.faults.workers import Workers
from swassess.model.declared import Measure
from swassess.model.outcome import OutcomeRecord

Item = TypeVar("Item")


class Advance(Protocol):
    """Told how many faults of a campaign are done."""

    def __call__(self, done: int, total: int) -> None: ...


@dataclass(slots=True)
class Campaign:
    """A campaign and its outcomes, in the order of the plan."""

    info: CampaignInfo
    records: Iterable[OutcomeRecord]


@dataclass(slots=True)
class Setting:
    """What campaigns work with. exhaustive: run what is otherwise sampled."""

    workers: Workers
    golden: dict[str, GoldenRun]
    seed: int
    exhaustive: bool
    advance: Callable[[str, int, int], None]

    def sample(self, items: Sequence[Item], size: int, salt: str) -> list[Item]:
        """A seeded sample in the order of the items; all of them when exhaustive or when there are no more."""
        if self.exhaustive or len(items) <= size:
            return list(items)
        chosen = random.Random(f"{self.seed}:{salt}").sample(range(len(items)), size)
        return [items[index] for index in sorted(chosen)]


def confidence_text(size: int, space: int) -> str:
    """What a sample without a miss says (rule of three): an upper bound of the missed share at 95 %."""
    if size >= space:
        return "all run"
    return f"seeded sample of {size} out of {space}; without a miss the missed share is below {300 / size:.1f} % (95 %)"


def trigger_times(golden: GoldenRun, first: int, count: int, step: int) -> list[int]:
    """Times spread evenly over the golden run after `first`, rounded to whole plant steps (ticks)."""
    span = golden.ticks - first
    return [((first + span * (2 * i + 1) // (2 * count)) // step) * step for i in range(count)]


def main_loop_start(golden: GoldenRun, address: int) -> int | None:
    """When the main loop function was first entered, in ticks."""
    if golden.trace is None:
        return None
    entries = golden.trace.mark_ticks[golden.trace.mark_address == address]
    return int(entries[0]) if entries.size else None


def declared(measures: Iterable[Measure], row: str, *phases: str) -> list[Measure]:
    return [measure for measure in measures if measure.row == row and measure.phase in phases]
