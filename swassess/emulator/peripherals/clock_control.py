"""What every clock control has in common: oscillators with ready flags, and frequencies derived from the registers.

The real frequency of a source comes from outside (Surroundings.source_hz): nominal, a corner of the data sheet, or a
fault. An oscillator is ready when it is on, its input runs and its start-up time is over; a source of 0 Hz never is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from swassess.emulator.peripherals.behaviour import NEVER, Behaviour, Surroundings
from swassess.model.target import Peripheral

_TICKS_PER_MICROSECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Oscillator:
    """An oscillator or PLL. on, ready: bits of its register (ready may lie in another one); flag: bit of its ready
    event among the interrupt flags."""

    name: str
    register: str
    on: int
    ready: int
    flag: int | None = None
    ready_in: str = ""

    @property
    def status(self) -> str:
        return self.ready_in or self.register


class ClockControl(Behaviour):
    """Base of the clock controls. Parameters: startup, microseconds by oscillator from on to ready (default 0);
    sources, the series' name of a clock source where it differs from the oscillator's name here."""

    oscillators: ClassVar[tuple[Oscillator, ...]] = ()
    """Those that feed others come first."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = (*(f"{one.name}_AT" for one in cls.oscillators), "HELD")  # time from which it is ready, 0: not started
        cls.extra = (*own, *(name for name in cls.extra if name not in own))
        cls.times = frozenset(own[:-1])

    def __init__(self, block: Peripheral, cells: npt.NDArray[np.int64], mcu: Surroundings) -> None:
        super().__init__(block, cells, mcu)
        self._sources: Mapping[str, str] = dict(self.parameters.get("sources", {}))
        self._startup: Mapping[str, int] = dict(self.parameters.get("startup", {}))
        self._by_name = {one.name: one for one in self.oscillators if self.has(one.register) and self.has(one.status)}

    # ---- for the engine and other blocks -----------------------------------------------------------------------
    def frequencies(self) -> dict[str, int]:
        """Hertz by clock, 0 while stopped: SYSCLK HCLK PCLK1 PCLK2 TIMCLK1 TIMCLK2 SYSTICK_EXT, every oscillator, and
        kernel clocks by the name of their block where the family selects them."""
        raise NotImplementedError

    def tree_changed(self) -> None:
        """Tells the engine that frequencies() may have changed."""
        self.mcu.clock_tree_changed()

    def hold(self, name: str) -> None:
        """Another block keeps an oscillator on until the next reset (a started watchdog its LSI)."""
        names = [one.name for one in self.oscillators]
        if name in names and not self.get("HELD") >> names.index(name) & 1:
            self.put("HELD", self.get("HELD") | 1 << names.index(name))
            self.settle()
            self.tree_changed()

    def clock_changed(self) -> None:
        """A source has changed: ready flags follow. The engine takes frequencies() after this."""
        self.settle()

    # ---- for the families --------------------------------------------------------------------------------------
    def ready(self, name: str) -> bool:
        one = self._by_name.get(name)
        return one is not None and bool(self.get(one.status) >> one.ready & 1)

    def hz(self, name: str) -> int:
        """Frequency of an oscillator; 0 unless it is ready."""
        return self.input_hz(name) if self.ready(name) else 0

    def input_hz(self, name: str) -> int:
        """What an oscillator delivers once it is on: by default what the outside says. PLLs multiply."""
        return self.source(name)

    def source(self, name: str) -> int:
        """Real frequency of a clock source, on or off."""
        return self.mcu.source_hz(self._sources.get(name, name))

    def wanted(self, one: Oscillator) -> bool:
        """Whether an oscillator is switched on."""
        return bool(self.get(one.register) >> one.on & 1)

    def rose(self, one: Oscillator) -> None:
        """An oscillator has just become ready."""

    def fell(self, one: Oscillator) -> None:
        """A ready oscillator has just stopped, by its enable bit or by a failure."""

    def switch(self) -> None:
        """Follows the selection of the system clock, after the ready flags have settled."""

    def reset(self, cause: int) -> None:
        super().reset(cause)
        for one in self._by_name.values():  # the core starts when what it runs on is ready
            if self.ready(one.name) and not self.get(f"{one.name}_AT"):
                self.put(f"{one.name}_AT", max(self.mcu.now, 1))

    def settle(self) -> None:
        """Ready flags from enables, inputs and time; then the system clock; plans the next ready event."""
        while self._follow():  # a failure may turn others on and off
            pass
        self.switch()
        times = [self.get(f"{name}_AT") for name in self._by_name]
        planned = min((at for at in times if at > self.mcu.now), default=NEVER)
        if planned != self.next_event:
            self.next_event = planned

    def _follow(self) -> bool:
        changed = False
        for index, one in enumerate(self.oscillators):
            if one.name not in self._by_name:
                continue
            held = self.get("HELD") >> index & 1
            alive = bool(self.wanted(one) or held) and self.input_hz(one.name) > 0
            at = self.get(f"{one.name}_AT")
            if alive and at == 0:
                at = max(self.mcu.now + self._startup.get(one.name, 0) * _TICKS_PER_MICROSECOND, 1)
                self.put(f"{one.name}_AT", at)
            elif not alive and at:
                self.put(f"{one.name}_AT", 0)
            before, after = self.ready(one.name), alive and at <= max(self.mcu.now, 1)
            if after != before:
                changed = True
                self.put(one.status, self.get(one.status) ^ 1 << one.ready)
                if after:
                    self.rose(one)
                else:
                    self.fell(one)
        return changed

    def due(self) -> None:
        self.settle()
        self.tree_changed()
