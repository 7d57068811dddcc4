"""What both targets share: triggers, flips, and the outcome of a replayed fault, decided by the same code."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from swassess.errors import FaultError
from swassess.model.fault import Fault, Trigger
from swassess.model.outcome import Outcome, OutcomeRecord
from swassess.target.protocol import REGISTERS, Capability, Question, Stop, describe, refuse

_MOST_HITS = 100_000
_WITH_FLIPS = ("ram", "reg")


class ReplayingTarget(ABC):
    """A Target whose subclass offers the primitives. functions: name -> entry address, for triggers by symbol."""

    name: str
    time_source: str
    capabilities: frozenset[Capability]

    def __init__(self, functions: Mapping[str, int]) -> None:
        self._functions = dict(functions)

    # ---- primitives ----------------------------------------------------------------------------------------------
    @property
    @abstractmethod
    def ticks(self) -> int: ...

    @abstractmethod
    def reset(self) -> None: ...

    @abstractmethod
    def run_to_any(self, addresses: Sequence[int], budget: int) -> Stop: ...

    @abstractmethod
    def run_to_time(self, ticks: int) -> Stop: ...

    @abstractmethod
    def read_memory(self, address: int, size: int) -> bytes: ...

    @abstractmethod
    def write_memory(self, address: int, data: bytes) -> None: ...

    @abstractmethod
    def read_register(self, name: str) -> int: ...

    @abstractmethod
    def write_register(self, name: str, value: int) -> None: ...

    @abstractmethod
    def snapshot(self) -> Any: ...

    @abstractmethod
    def restore(self, snapshot: Any) -> None: ...

    # ---- triggers --------------------------------------------------------------------------------------------------
    def address_of(self, trigger: Trigger) -> int:
        """Where a hit trigger lies. Raises FaultError for an unknown function."""
        address = trigger.address if trigger.address is not None else self._functions.get(trigger.symbol)
        if address is None:
            raise FaultError(f"the image has no function {trigger.symbol!r} to trigger on")
        return address

    def run_until(self, trigger: Trigger, budget: int) -> Stop:
        if trigger.kind == "reset":
            self.reset()
            return Stop("address", self.read_register("pc") & ~1, self.ticks)
        if trigger.kind == "time":
            if Capability.TIME_TRIGGER not in self.capabilities:
                raise refuse(self, f"the trigger time:{trigger.ticks / 1e12:g}s", Capability.TIME_TRIGGER)
            return self.run_to_time(trigger.ticks)
        if trigger.kind != "hit":
            raise FaultError(f"the trigger {trigger.kind!r} is not replayable; write it as reset or hit:FUNCTION:N")
        if trigger.count > _MOST_HITS:
            raise FaultError(f"{trigger.count} hits are more than the {_MOST_HITS} that a replay counts")
        address, end = self.address_of(trigger), self.ticks + budget
        for _ in range(trigger.count):
            stop = self.run_to_any((address,), end - self.ticks)
            if stop.reason != "address":
                return stop
        return stop

    # ---- faults ----------------------------------------------------------------------------------------------------
    def apply(self, fault: Fault) -> None:
        location = fault.location
        if fault.model != "flip" or location.space not in _WITH_FLIPS:
            self._apply_permanent(fault)
            return
        if location.bit is None:
            raise FaultError(f"{describe(fault)}: say which bit is flipped, such as {location.space}:r8.31")
        if location.space == "ram":
            address = location.address or 0
            self.write_memory(address, bytes([self.read_memory(address, 1)[0] ^ 1 << location.bit]))
        elif location.name in REGISTERS:
            self.write_register(location.name, self.read_register(location.name) ^ 1 << location.bit)
        else:
            raise FaultError(f"{describe(fault)}: there is no such core register; known are {', '.join(REGISTERS)}")

    def _apply_permanent(self, fault: Fault) -> None:
        raise refuse(self, describe(fault), Capability.PERMANENT_FAULTS)

    def outcome(self, fault: Fault, question: Question) -> OutcomeRecord:
        """Detected when an oracle's function is entered, masked when the run ends with the golden outputs, dangerous
        when it ends otherwise with outputs that are not in the safe state."""
        start = self.ticks
        names = {address: name for name, address in question.oracles.items()}
        last, hits = self.address_of(question.end), 0
        while True:
            stop = self.run_to_any((*names, last), start + question.budget - self.ticks)
            if stop.reason != "address":
                break
            if stop.address in names:
                return self._detected(fault, question, names[stop.address], stop.ticks - start)
            hits += stop.address == last
            if hits >= question.end.count:
                break
        ended = {"reset": "the MCU resets", "lockup": "the core locks up", "budget": "the run does not end"}
        if stop.reason == "address":
            if self._words(question.outputs) == question.golden:
                return self._record(fault, Outcome.MASKED, "no output differs from the golden run")
            reason = "outputs differ from the golden run"
        else:
            reason = ended.get(stop.reason, stop.reason)
        if self._is_safe(question):
            return self._record(fault, Outcome.SAFE_UNDETECTED, f"{reason}, outputs are safe")
        return self._record(fault, Outcome.DANGEROUS, f"{reason}, outputs are not safe")

    def _words(self, addresses: Sequence[int]) -> tuple[int, ...]:
        return tuple(int.from_bytes(self.read_memory(address, 4), "little") for address in addresses)

    def _is_safe(self, question: Question) -> bool:
        values = self._words([address for address, _, _ in question.safe])
        return all(value & mask == wanted for value, (_, mask, wanted) in zip(values, question.safe, strict=True))

    def _detected(self, fault: Fault, question: Question, oracle: str, after: int) -> OutcomeRecord:
        late = after > question.detection_time
        return OutcomeRecord(
            fault=describe(fault),
            outcome=Outcome.DETECTED_LATE if late else Outcome.DETECTED,
            detection_ticks=after,
            oracle=oracle,
            target=self.name,
            time_source=self.time_source,
            is_miss=late,
            reason="later than the declared detection time" if late else "",
        )

    def _record(self, fault: Fault, outcome: Outcome, reason: str) -> OutcomeRecord:
        return OutcomeRecord(
            fault=describe(fault),
            outcome=outcome,
            target=self.name,
            time_source=self.time_source,
            is_miss=outcome is Outcome.DANGEROUS,
            reason=reason,
        )

    def golden(self, question: Question) -> tuple[int, ...]:
        """The outputs at the end of a run without a fault, from here on. Raises FaultError when an oracle fires."""
        addresses = (*question.oracles.values(), self.address_of(question.end))
        for _ in range(question.end.count):
            stop = self.run_to_any(addresses, question.budget)
            if stop.reason != "address" or stop.address in question.oracles.values():
                raise FaultError(f"the sound run does not reach its end: it stopped by {stop.reason} before")
        return self._words(question.outputs)
