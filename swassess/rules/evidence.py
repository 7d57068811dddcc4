"""What a rule may look at: declaration, image, golden traces, campaigns and static findings. No engine in sight."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from swassess.model.declared import Declaration, Measure
from swassess.model.evaluation import CampaignSummary
from swassess.model.finding import Finding, Place
from swassess.model.trace import Trace


class ImageFacts(Protocol):
    """What rules ask of the image; code addresses are without the Thumb bit."""

    def function_at(self, address: int) -> str:
        """Name of the function whose code holds the address; "" when unknown."""

    def function_address(self, name: str) -> int | None:
        """Where a function begins; None when the image has none of that name."""

    def place(self, address: int) -> Place:
        """File, line and symbol of an address, as far as known."""

    def handlers(self) -> frozenset[str]:
        """Functions in the vector table, without reset."""

    def handler_only(self, name: str) -> bool:
        """Whether a function is reached, statically, from handlers alone."""


@dataclass(frozen=True, slots=True)
class UsedSpan:
    """Bytes [start, end) in use. kind: for RAM "data", "bss", "heap", "stack", "buffer"; for flash "vectors", "code",
    "constants", "initial data", "configuration". label: symbol or section."""

    start: int
    end: int
    kind: str
    label: str = ""


@dataclass(slots=True)
class Evidence:
    """Everything known when a row is judged.

    flash: content of declaration.flash, unused bytes as programmed. traces: scenario -> golden trace. campaigns: all
    that were run, of every row. watchdog_register: address of the key register (None: the MCU has none).
    uncertainty: of times, as a share (0.02 is two percent), from cycle counts and oscillators. learned: row -> which
    learned peripheral behaviour its runs depended on. profile: "default" or "strict".
    """

    declaration: Declaration
    image: ImageFacts
    flash: bytes
    flash_used: tuple[UsedSpan, ...]
    ram_used: tuple[UsedSpan, ...]
    traces: Mapping[str, Trace]
    campaigns: tuple[CampaignSummary, ...] = ()
    findings: tuple[Finding, ...] = ()
    watchdog_register: int | None = None
    uncertainty: float = 0.02
    learned: Mapping[str, str] = field(default_factory=dict)
    profile: str = "default"
    software_class: str = "R.1"
    cache: dict[str, object] = field(default_factory=dict)

    def measures(self, row: str, phase: str = "") -> tuple[Measure, ...]:
        """Measures declared for a row (and phase)."""
        return tuple(m for m in self.declaration.measures if m.row == row and phase in ("", m.phase))

    def campaigns_of(self, row: str) -> tuple[CampaignSummary, ...]:
        """Campaigns of a row that decide, without remarks."""
        return tuple(c for c in self.campaigns if c.row == row and not c.remark)

    def main_trace(self) -> Trace | None:
        """The longest golden run of an operating mode (else of any): what periodic tests are seen in."""
        modes = {s.id for s in self.declaration.scenarios if s.kind == "mode"} & set(self.traces)
        names = sorted(modes or self.traces)
        return self.traces[max(names, key=lambda name: self.traces[name].end_ticks)] if names else None

    def loop_ticks(self, trace: Trace) -> npt.NDArray[np.int64]:
        """When the main loop function was entered."""
        address = self.image.function_address(self.declaration.main_loop)
        if address is None:
            return np.zeros(0, dtype=np.int64)
        return np.asarray(trace.mark_ticks[trace.mark_address == address], dtype=np.int64)

    def executed(self, address: int) -> bool:
        """Whether a golden run executed a basic block that begins at this address."""
        index = (address - self.declaration.flash.start) // 2
        return any(0 <= index < len(t.block_entries) and t.block_entries[index] > 0 for t in self.traces.values())
