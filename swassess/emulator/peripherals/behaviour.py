"""A peripheral block whose behaviour is plain Python: called when the core, DMA or a debugger touches its registers.

Blocks that firmware touches all the time (ports, timers, the core's own) are compiled; all others derive from
Behaviour. Everything that a block remembers lies in its cells, which are part of the MCU's arena: a snapshot of the
arena is a snapshot of the block. Attributes of the object itself never change after construction.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from swassess.model.declared import BusPeer
from swassess.model.target import Peripheral

NEVER = 1 << 62
# Causes of a reset as reset() is told them (layout.RESET_NAMES has the names)
BLOCK_RESET = 0  # of this block alone, by the clock control's reset register
POWER_ON, PIN, IWDG, SOFTWARE, WWDG, LOW_POWER, OPTION_BYTES = 1, 2, 3, 4, 5, 6, 7


class Surroundings(Protocol):
    """What a block sees and touches of the MCU around it. Times are ticks (picoseconds of simulated time)."""

    access_size: int
    """Bytes of the read under way (a data register in front of a queue may give several frames at once)."""

    @property
    def now(self) -> int:
        """The present time."""

    def period(self, clock: str) -> int:
        """Ticks of one cycle of a clock of the tree ("SYSCLK", "HCLK", "PCLK1", "PCLK2", "LSI", "LSE", "HSI", "HSE",
        ...); 0 while it is stopped."""

    def source_hz(self, name: str) -> int:
        """Real frequency of a clock source ("HSI", "HSE", "LSI", "LSE", "HSI14", "HSI48", "MSI", ...): nominal, a
        corner, or what a fault makes of it; 0 when it is absent or has failed."""

    def clock_tree_changed(self) -> None:
        """The clock control's frequencies() have changed: clocks are re-based, clock_changed() of the others called."""

    def reset_block(self, name: str, cause: int) -> None:
        """Resets one block, compiled or not; BLOCK_RESET, or POWER_ON for a reset of the backup domain. A name that
        is not there is ignored."""

    def break_timers(self) -> None:
        """A failed clock trips the break input of the advanced timers (those with break enabled)."""

    def read_memory(self, address: int, size: int) -> int | None:
        """What a bus master other than the core reads: memory or registers; None for a bus error."""

    def write_memory(self, address: int, size: int, value: int) -> bool:
        """A write by a bus master other than the core; False for a bus error."""

    def block(self, name: str) -> "Behaviour | None":
        """Another block of this MCU by its name in the series file; None when it is compiled or not there."""

    def line_changed(self) -> None:
        """A line or a time of a block has changed: the run loop has to look again before the next instruction."""

    def request_reset(self, cause: str) -> None:
        """Resets the MCU before the next instruction: "iwdg", "wwdg", "software", "low-power", "option-bytes"."""

    def raise_nmi(self) -> None:
        """Makes the non-maskable interrupt pending."""

    def request_dma(self, request: str) -> None:
        """A block's request line (such as "USART1_TX") has gone up; the DMA asks the block with wants_dma()."""

    def pin(self, port: int, number: int) -> int:
        """Level of a pin (port 0 is A), as the input register of the port would show it."""

    def configure_pin(self, port: int, number: int, kind: int, open_drain: int, pull: int, output: int) -> None:
        """A pin of a port that is not compiled. kind: 0 input, 1 output, 2 alternate, 3 analogue; pull: 0 none, 1 up,
        2 down; output: level of the output stage."""

    def route_line(self, line: int, port: int) -> None:
        """External line 0..15 listens to its pin of a port from now on."""

    def line_edge(self, line: int, rising: bool) -> None:
        """An edge at an external line from inside the MCU (RTC alarm, comparator, ...)."""

    def show_at_zero(self, memory: str) -> None:
        """What the core sees at address 0 from now on: "flash", "system" or "ram"."""

    def analog(self, channel: int) -> int:
        """Code that the outside drives at an ADC channel (of the first ADC), 0 .. full scale of 12 bits."""

    def pin_rose(self, port: int, number: int) -> bool:
        """Whether an output has gone up since this was last asked of the pin."""

    def peers(self, block: str) -> tuple[BusPeer, ...]:
        """The devices that the scenario declares on the bus of a block."""

    def sent(self, block: str, data: int) -> None:
        """Records what a serial block has sent (for the report; nothing of it is read back)."""

    def flash_view(self) -> npt.NDArray[np.uint8]:
        """The main flash, to be programmed and erased. Call flash_changed() afterwards."""

    def flash_changed(self, offset: int, size: int) -> None:
        """Drops translated code and block times for a range of flash that has been written."""


class Behaviour:
    """One block. Subclasses override read, write, due and, where reset values alone do not do, reset.

    cells: int64 view of the arena. Order: time of the next event, one level for each interrupt of the block (in the
    order of the series file), then the registers (32-bit words) by offset, then the cells named in `extra`.
    """

    extra: ClassVar[tuple[str, ...]] = ()
    """Names of further cells (0 after a reset)."""
    kept: ClassVar[frozenset[str]] = frozenset()
    """Registers and extra cells that every reset but power-on leaves alone (backup domain, reset flags)."""
    times: ClassVar[frozenset[str]] = frozenset()
    """Cells that hold times or counts of a running clock; registers that show them are in `outside`."""
    timed: ClassVar[frozenset[str]] = frozenset()
    """Registers whose value can change by the passing of time without an event of this block (counters)."""
    outside: ClassVar[frozenset[str]] = frozenset()
    """Registers whose value depends on the outside: pins, analog inputs, frames received."""

    def __init__(self, block: Peripheral, cells: npt.NDArray[np.int64], mcu: Surroundings) -> None:
        self.block = block
        self.cells = cells
        self._memory: memoryview[int] = cells.data  # the same cells: single ones are quicker through it
        self.mcu = mcu
        self.parameters: Mapping[str, Any] = block.parameters
        self._first = 1 + len(block.interrupts)
        self._place, self._at_offset, words = _places(block, self._first)
        for index, name in enumerate(self.extra):
            self._place[name] = self._first + words + index
        self._lines = {interrupt.name: 1 + index for index, interrupt in enumerate(block.interrupts)}

    @classmethod
    def cells_wanted(cls, block: Peripheral) -> int:
        """How many cells the block needs in the arena."""
        return 1 + len(block.interrupts) + _places(block, 0)[2] + len(cls.extra)

    # ---- cells by name -----------------------------------------------------------------------------------------
    def get(self, name: str) -> int:
        """A register ("CR1", or "IFCR[2]" of several) or extra cell by name."""
        return self._memory[self._place[name]]

    def put(self, name: str, value: int) -> None:
        self._memory[self._place[name]] = value

    def has(self, name: str) -> bool:
        return name in self._place

    def register_at(self, offset: int) -> str | None:
        """Name of the register that holds the word at an offset; the first of several views."""
        return self._at_offset.get(offset & ~3)

    @property
    def next_event(self) -> int:
        """When due() is to be called next; NEVER if nothing is planned."""
        return self._memory[0] or NEVER

    @next_event.setter
    def next_event(self, ticks: int) -> None:
        self._memory[0] = 0 if ticks >= NEVER else max(ticks, 1)
        self.mcu.line_changed()

    def set_line(self, interrupt: str | int, level: bool | int) -> None:
        """Level of an interrupt line of this block, by name or by position in the series file."""
        place = self._lines[interrupt] if isinstance(interrupt, str) else 1 + interrupt
        if place < self._first and self._memory[place] != bool(level):
            self._memory[place] = bool(level)
            self.mcu.line_changed()

    # ---- what subclasses say -----------------------------------------------------------------------------------
    def reset(self, cause: int) -> None:
        """Registers take their reset values, extra cells 0; those in `kept` only at power-on (cause POWER_ON)."""
        self.cells[: self._first] = 0
        values = {name: one.reset for one in reversed(self.block.registers) for name in _names(one)}
        for name, place in self._place.items():
            if cause == POWER_ON or not self.keeps(name):
                self.cells[place] = values.get(name, 0)

    def keeps(self, name: str) -> bool:
        """Whether a cell survives every reset but power-on."""
        return name in self.kept

    def survivors(self) -> tuple[int, ...]:
        """What a start-up after a reset can see of the time before it (times and counts of clocks left out)."""
        names = [name for name in self._place if self.keeps(name) and name not in self.times]
        return tuple(self.get(name) for name in sorted(names))

    def read(self, offset: int) -> int | None:
        """The 32-bit word at a word-aligned offset, with the side effects of a read; None when there is no register."""
        return self.peek(offset)

    def peek(self, offset: int) -> int | None:
        """The same without side effects, as an expression or a report looks at it."""
        name = self.register_at(offset)
        return None if name is None else self.get(name)

    def is_clean(self, name: str) -> bool:
        """Whether a read of the register changes nothing, and its value changes only by writes, by events that the
        block has planned, and by what others do to it: such reads are answered from a memo."""
        return type(self).read is Behaviour.read and type(self).peek is Behaviour.peek

    def write(self, offset: int, value: int, size: int) -> bool:
        """A write of `size` bytes at `offset` (any alignment that fits); False when there is no register."""
        name = self.register_at(offset)
        if name is None:
            return False
        self.put(name, merged(self.get(name), offset, value, size))
        return True

    def due(self) -> None:
        """Called when the time has reached next_event: carry out what is planned and plan what follows."""
        self.next_event = NEVER

    def receive(self, byte: int) -> None:
        """A byte arrives from the outside at a serial block."""

    def pin_changed(self, port: int, number: int, level: int) -> None:
        """The outside has changed the level of a pin; called for every block that overrides this."""

    def wants_dma(self, request: str) -> bool:
        """Whether the block's request line is up."""
        return False

    def dma_requested(self, request: str) -> None:
        """Called for every block when a request line has gone up (Surroundings.request_dma): DMA controllers act."""

    def triggered(self, event: str) -> None:
        """Called for every block at an event that starts others, such as "TIM3_TRGO" or "EXTI11": converters act."""

    def clock_changed(self) -> None:
        """Called after a change of the clock tree; plans that depend on a clock are made anew."""

    def holds_nmi(self) -> bool:
        """Whether the block keeps the NMI line up: asked when its handler returns, which is then entered again."""
        return False


def merged(old: int, offset: int, value: int, size: int) -> int:
    """The word after a write of 1, 2 or 4 bytes at an offset whose low two bits tell the byte lane."""
    shift = 8 * (offset & 3)
    mask = ((1 << (8 * size)) - 1) << shift
    return ((old & ~mask) | ((value << shift) & mask)) & 0xFFFFFFFF


def _names(register: Any) -> list[str]:
    return [register.name] if register.count == 1 else [f"{register.name}[{i}]" for i in range(register.count)]


def _places(block: Peripheral, first: int) -> tuple[dict[str, int], dict[int, str], int]:
    """Register name -> cell, word offset -> name, number of cells. Registers that share a word share its cell."""
    places: dict[str, int] = {}
    at_offset: dict[int, str] = {}
    for register in sorted(block.registers, key=lambda one: (one.offset, one.name)):
        for index, name in enumerate(_names(register)):
            offset = (register.offset + index * register.stride) & ~3
            if offset in at_offset:
                places[name] = places[at_offset[offset]]
            else:
                places[name] = first + len(at_offset)
                at_offset[offset] = name
    return places, at_offset, len(at_offset)
