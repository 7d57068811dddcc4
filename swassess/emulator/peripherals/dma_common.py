"""What DMA controllers have in common: requests, who gets the bus next, a transfer as a read and a write.

A generation says what its channels are programmed to. Not modelled: the bus bandwidth that the core loses.
"""

import re
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from swassess.emulator.peripherals.behaviour import NEVER, Behaviour, Surroundings
from swassess.emulator.peripherals.dma_requests import asks
from swassess.model.target import Peripheral

MOST_CHANNELS = 16


class DmaController(Behaviour):
    # CHOSEN: channel that has the bus + 1; PULSES: requests of blocks that cannot be asked, not served yet;
    # PERIPHERAL, MEMORY: where the next transfer reads and writes; RELOAD: what a circular channel starts over with
    extra: ClassVar[tuple[str, ...]] = (
        "CHOSEN",
        *(f"{name}{n}" for n in range(MOST_CHANNELS) for name in ("PERIPHERAL", "MEMORY", "RELOAD", "PULSES")),
    )
    CONTROL: ClassVar[str] = "CCR"
    COUNT: ClassVar[str] = "CNDTR"

    def __init__(self, block: Peripheral, cells: npt.NDArray[np.int64], mcu: Surroundings) -> None:
        super().__init__(block, cells, mcu)
        wanted = self.parameters.get("channels")
        present = tuple(n for n in range(MOST_CHANNELS) if self.has(f"{self.CONTROL}{n}"))
        self.channels = present[: int(wanted)] if wanted else present
        self._places = tuple((n, self._place[f"{self.CONTROL}{n}"]) for n in self.channels)
        self.served = tuple(channels_of(interrupt.name, block.name, self.channels) for interrupt in block.interrupts)

    # ---- what a generation says --------------------------------------------------------------------------------
    def names(self, channel: int) -> Sequence[str]:
        """The requests that reach a channel as things are set now."""
        raise NotImplementedError

    def enabled(self, channel: int) -> bool:
        return bool(self.get(f"{self.CONTROL}{channel}") & 1)

    def _enabled_channels(self) -> list[int]:
        memory = self._memory
        return [n for n, place in self._places if memory[place] & 1]

    def priority(self, channel: int) -> int:
        """The larger goes first; among equals the lower channel."""
        raise NotImplementedError

    def runs_alone(self, channel: int) -> bool:
        """Memory to memory: no request is needed."""
        raise NotImplementedError

    def transfer(self, channel: int) -> None:
        """One transfer, with what it changes."""
        raise NotImplementedError

    # ---- requests ----------------------------------------------------------------------------------------------
    def dma_requested(self, request: str) -> None:
        for n in self._enabled_channels():
            if request in self.names(n):
                if asks(self.mcu, request) is None:
                    self.put(f"PULSES{n}", self.get(f"PULSES{n}") + 1)
                self.plan(self.mcu.now)

    def remaining(self, request: str) -> int:
        """Data that the enabled channel of a request has still to move; 0 when there is none."""
        for n in self._enabled_channels():
            if request in self.names(n):
                return self.get(f"{self.COUNT}{n}")
        return 0

    def _ready(self, n: int) -> bool:
        if not self.get(f"{self.COUNT}{n}"):
            return False
        if self.runs_alone(n) or self.get(f"PULSES{n}"):
            return True
        return any(asks(self.mcu, request) for request in self.names(n))

    def plan(self, now: int) -> None:
        """Gives the bus to the ready channel with the highest priority."""
        if self.get("CHOSEN"):
            return
        ready = [n for n in self._enabled_channels() if self._ready(n)]
        period = self.mcu.period("HCLK")
        if not ready or not period:
            return
        best = min(ready, key=lambda n: (-self.priority(n), n))
        self.put("CHOSEN", best + 1)
        self.next_event = now + int(self.parameters.get("cycles", 5)) * period

    def due(self) -> None:
        while self.next_event <= self.mcu.now:
            at = self.next_event
            n = self.get("CHOSEN") - 1
            self.next_event = NEVER
            if n >= 0:
                # The bus counts as taken during the transfer: requests that it brings about are looked at after it.
                if self.enabled(n) and self._ready(n):
                    if self.get(f"PULSES{n}"):
                        self.put(f"PULSES{n}", self.get(f"PULSES{n}") - 1)
                    self.transfer(n)
                self.put("CHOSEN", 0)
            self.plan(at)

    def copy(self, source: int, source_size: int, target: int, target_size: int) -> bool:
        """One datum, zero-extended or cut to the target's size (RM0008 13.3.4); False for a bus error."""
        value = self.mcu.read_memory(source & -source_size, source_size)
        if value is None:
            return False
        return self.mcu.write_memory(target & -target_size, target_size, value & ((1 << (8 * target_size)) - 1))

    def advance(self, n: int, peripheral: int, memory: int) -> None:
        """Moves the addresses on by so many bytes."""
        self.put(f"PERIPHERAL{n}", (self.get(f"PERIPHERAL{n}") + peripheral) & 0xFFFFFFFF)
        self.put(f"MEMORY{n}", (self.get(f"MEMORY{n}") + memory) & 0xFFFFFFFF)

    def read(self, offset: int) -> int | None:
        self.due()
        return self.peek(offset)

    def clock_changed(self) -> None:
        self.plan(self.mcu.now)


def channels_of(interrupt: str, block: str, channels: tuple[int, ...]) -> tuple[int, ...]:
    """A controller's channels in the name of an interrupt: "DMA1_Channel4_5" has 4 and 5, "DMA1_Ch4_7_DMAMUX1_OVR" 4 to
    7, "DMA1_Ch2_3_DMA2_Ch1_2" 2 and 3 of DMA1, 1 and 2 of DMA2, "DMA2_Stream7" 7."""
    named = r"_?(?:Channel|Ch|CH|Stream)(\d)((?:_\d)*)"
    match = re.search(block + named, interrupt) or re.search(named, interrupt)
    if match is None:
        return ()
    first, last = int(match[1]), int((match[2] or match[1])[-1])
    return tuple(n for n in channels if first <= n <= last)


def looked_up(table: object, key: int) -> object:
    """An entry of a parameter's table, whose keys may have become text; an empty tuple when there is none."""
    return table.get(key, table.get(str(key), ())) if isinstance(table, dict) else ()
