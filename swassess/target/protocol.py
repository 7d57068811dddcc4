"""What a campaign may ask of a target, whatever stands behind it: the engine, an emulated probe, a board."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

from swassess.errors import FaultError
from swassess.model.fault import Fault, Trigger
from swassess.model.outcome import OutcomeRecord


class Capability(StrEnum):
    """What a target can do beyond reset, run, memory and registers."""

    TIME_TRIGGER = "stop at a time"
    SNAPSHOT = "snapshot of the whole MCU"
    PARTIAL_SNAPSHOT = "snapshot of RAM and core registers"
    FLIPS = "flips of RAM and core registers"
    COLD_START = "start from power-on, with the surroundings at their beginning"
    PERMANENT_FAULTS = "stuck-at faults and removed calls"


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a run ended: at one of the addresses, by a reset, locked up, or its budget used up. ticks: time then."""

    reason: Literal["address", "time", "reset", "lockup", "budget"]
    address: int
    ticks: int


@dataclass(frozen=True, slots=True)
class Question:
    """What decides the outcome of a replayed fault. Times in ticks.

    oracles: id -> entry of the function whose call is the detection. end: the run is over at the n-th hit of this
    address after the fault (hits are the same on every target, instants are not). outputs: word addresses compared
    with `golden`, their values at the end of the sound run. safe: (word address, mask, value) that outputs have in the
    safe state. budget: the run is cut off after this time.
    """

    oracles: dict[str, int]
    detection_time: int
    end: Trigger
    outputs: tuple[int, ...]
    golden: tuple[int, ...]
    budget: int
    safe: tuple[tuple[int, int, int], ...] = field(default=())


class Target(Protocol):
    """One target with firmware on it. Requests beyond `capabilities` raise FaultError with the reason."""

    name: str
    time_source: str
    capabilities: frozenset[Capability]

    @property
    def ticks(self) -> int:
        """Time since the latest reset(), by `time_source`."""

    def reset(self) -> None:
        """Restarts the firmware and holds it before its first instruction."""

    def run_until(self, trigger: Trigger, budget: int) -> Stop:
        """Runs to the trigger (hits count from now on), at most `budget` ticks."""

    def run_to_any(self, addresses: Sequence[int], budget: int) -> Stop:
        """Runs until an instruction at one of the addresses is to be executed; the present one does not count."""

    def read_memory(self, address: int, size: int) -> bytes:
        """Raises FaultError for a bus error."""

    def write_memory(self, address: int, data: bytes) -> None:
        """Raises FaultError for a bus error."""

    def read_register(self, name: str) -> int:
        """r0 .. r12, sp, lr, pc, xpsr, msp, psp."""

    def write_register(self, name: str, value: int) -> None:
        """As read_register."""

    def snapshot(self) -> Any:
        """Whatever restore() of the same target takes."""

    def restore(self, snapshot: Any) -> None:
        """Back to the snapshot, as far as `capabilities` promises."""

    def apply(self, fault: Fault) -> None:
        """Breaks the hardware now; the trigger has been reached before."""

    def outcome(self, fault: Fault, question: Question) -> OutcomeRecord:
        """What becomes of the fault that has just been applied."""


REGISTERS = (*(f"r{number}" for number in range(13)), "sp", "lr", "pc", "xpsr", "msp", "psp")


def refuse(target: Target, what: str, missing: Capability) -> FaultError:
    """The refusal of something that a target cannot do."""
    return FaultError(f"{what} is not replayable on {target.name}: it has no {missing.value}")


def describe(fault: Fault) -> str:
    """A fault in words for messages: model and location."""
    location = fault.location
    where = location.name if location.address is None else f"0x{location.address:08x}"
    bit = "" if location.bit is None else f".{location.bit}"
    return f"{fault.model}@{location.space}:{where}{bit}"
