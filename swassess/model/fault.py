"""What a fault is: model @ location # trigger ? scenario (the grammar itself lives in faults/identity.py)."""

from dataclasses import dataclass
from typing import Literal

LocationSpace = Literal["ram", "flash", "reg", "irq", "clock", "watchdog", "call", "function", "pin", "adc", "uart"]
TriggerKind = Literal["reset", "time", "hit", "insn", "mode"]


@dataclass(frozen=True, slots=True)
class Location:
    """Where the hardware is broken.

    space: which part of the MCU. name: register, interrupt or symbol ("pc", "r8", "TIM2"), empty for memory.
    address: first byte of the cell for ram, flash and call; bit: bit number inside that byte (memory) or register.
    """

    space: LocationSpace
    name: str = ""
    address: int | None = None
    bit: int | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """When the fault comes into being: from reset, at a time, or at the n-th hit of an address or symbol."""

    kind: TriggerKind = "reset"
    ticks: int = 0
    symbol: str = ""
    address: int | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a campaign. `view` tells the data view of flash (what the check reads) from the execution view."""

    model: str
    location: Location
    trigger: Trigger = Trigger()
    scenario: str = ""
    view: Literal["", "data", "execution"] = ""
