"""What became of a faulty run (facts: outcomes of one faulty run)."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """Worst first in `dangerous`; see the report's criteria for the meaning of each."""

    DETECTED = "detected"
    DETECTED_LATE = "detected_late"
    SAFE_UNDETECTED = "safe_undetected"
    DANGEROUS = "dangerous"
    NOT_ACTIVATED = "not_activated"
    MASKED = "masked"
    UNSUPPORTED = "unsupported"
    ERROR = "error"


class Resolution(StrEnum):
    """How the outcome is known: the fault was run, proven from the trace, or equal to one that was run."""

    RUN = "run"
    PROOF = "proof"
    EQUIVALENCE = "equivalence"


@dataclass(frozen=True, slots=True)
class OutcomeRecord:
    """One line of a campaign. Times are ticks (picoseconds) of `time_source`; None when it never happened.

    detection_ticks counts from the fault's occurrence to the oracle, reaction_ticks from the oracle to the safe state.
    weight: how many faults of the space this record stands for. detected_at: function (file:line) and oracle id.
    is_miss: whether the row's criteria count the outcome as a miss; reason says why.
    """

    fault: str
    outcome: Outcome
    detection_ticks: int | None = None
    reaction_ticks: int | None = None
    kept_safe: bool | None = None
    mode: str = ""
    phase_ticks: int | None = None
    weight: int = 1
    detected_at: str = ""
    oracle: str = ""
    resolution: Resolution = Resolution.RUN
    target: str = "engine"
    time_source: str = "virtual clock"
    is_miss: bool = False
    reason: str = ""
