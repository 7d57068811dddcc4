"""What a campaign demands of every faulty run: oracles, times, window."""

from dataclasses import dataclass

from swassess.model.declared import Measure
from swassess.model.fault import Fault
from swassess.model.time import TICKS_PER_MILLISECOND, TICKS_PER_SECOND

# An output must stay hazardous this long to count: a relay or triac load does not follow anything shorter, and the
# golden run itself passes through such instants when a mode changes before its outputs are written.
HAZARD_GRACE = 100 * TICKS_PER_MILLISECOND


@dataclass(frozen=True, slots=True)
class Plan:
    """Times in ticks. pattern_test: the measure has to exercise the fault, so masked and not activated are misses."""

    measure: str
    oracles: tuple[str, ...]
    detection_time: int
    reaction_time: int
    pattern_test: bool

    @property
    def window(self) -> int:
        """Observation after the detection time: three detection times, at least one second."""
        return max(3 * self.detection_time, TICKS_PER_SECOND)


def must_be_noticed(fault: Fault) -> bool:
    """Whether going unnoticed is a miss in itself.

    So for pattern tests (RAM, flash as the check reads it), which have to exercise every fault, and for calls and the
    main loop, because a self-test that silently stops is what the monitor is there for. A stuck bit of the programme
    counter that changes nothing, and a flip that the core only executes, are no misses as long as outputs stay safe.
    """
    match fault.location.space:
        case "ram" | "call" | "function":
            return True
        case "flash":
            return fault.view != "execution"
    return False


def plan_of(measure: Measure, fault: Fault) -> Plan:
    return Plan(measure.id, measure.oracles, measure.detection_time, measure.reaction_time, must_be_noticed(fault))
