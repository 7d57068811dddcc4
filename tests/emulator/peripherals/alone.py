"""A block on its own: surroundings that a test sets and looks at, instead of a whole MCU."""

from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from swassess.catalogue import data_folder
from swassess.emulator.peripherals.behaviour import POWER_ON, Behaviour
from swassess.emulator.peripherals.registry import BEHAVIOURS
from swassess.model.declared import BusPeer
from swassess.model.target import Interrupt, Peripheral, Register


class Alone:
    """Implements Surroundings. memory: bytes by address; periods: ticks by clock name; blocks: others by name."""

    def __init__(self) -> None:
        self.now = 0
        self.access_size = 4
        self.periods: dict[str, int] = {}
        self.memory: dict[int, int] = {}
        self.blocks: dict[str, Behaviour] = {}
        self.resets: list[str] = []
        self.nmi = 0
        self.requests: list[str] = []
        self.levels: dict[tuple[int, int], int] = {}
        self.risen: set[tuple[int, int]] = set()
        self.devices: tuple[BusPeer, ...] = ()
        self.pins: dict[tuple[int, int], tuple[int, int, int, int]] = {}
        self.routes: dict[int, int] = {}
        self.edges: list[tuple[int, bool]] = []
        self.codes: dict[int, int] = {}
        self.output: list[tuple[str, int]] = []
        self.flash = np.full(0x10000, 0xFF, np.uint8)
        self.changed: list[tuple[int, int]] = []
        self.looked_again = 0
        self.sources: dict[str, int] = {}
        self.tree_changes = 0
        self.block_resets: list[tuple[str, int]] = []
        self.breaks = 0
        self.at_zero = "flash"

    def period(self, clock: str) -> int:
        return self.periods.get(clock, 0)

    def source_hz(self, name: str) -> int:
        return self.sources.get(name, 0)

    def clock_tree_changed(self) -> None:
        self.tree_changes += 1

    def reset_block(self, name: str, cause: int) -> None:
        self.block_resets.append((name, cause))
        if name in self.blocks:
            self.blocks[name].reset(cause)

    def break_timers(self) -> None:
        self.breaks += 1

    def read_memory(self, address: int, size: int) -> int | None:
        if address not in self.memory:
            return None
        return int.from_bytes(bytes(self.memory.get(address + i, 0) for i in range(size)), "little")

    def write_memory(self, address: int, size: int, value: int) -> bool:
        for i in range(size):
            self.memory[address + i] = (value >> (8 * i)) & 0xFF
        return True

    def block(self, name: str) -> Behaviour | None:
        return self.blocks.get(name)

    def line_changed(self) -> None:
        self.looked_again += 1

    def request_reset(self, cause: str) -> None:
        self.resets.append(cause)

    def raise_nmi(self) -> None:
        self.nmi += 1

    def request_dma(self, request: str) -> None:
        self.requests.append(request)

    def pin(self, port: int, number: int) -> int:
        return self.levels.get((port, number), 0)

    def pin_rose(self, port: int, number: int) -> bool:
        rose = (port, number) in self.risen
        self.risen.discard((port, number))
        return rose

    def drive(self, port: int, number: int, level: int) -> None:
        if level and not self.levels.get((port, number), 0):
            self.risen.add((port, number))
        self.levels[port, number] = level

    def peers(self, block: str) -> tuple[BusPeer, ...]:
        return tuple(peer for peer in self.devices if peer.bus == block)

    def configure_pin(self, port: int, number: int, kind: int, open_drain: int, pull: int, output: int) -> None:
        self.pins[(port, number)] = (kind, open_drain, pull, output)

    def route_line(self, line: int, port: int) -> None:
        self.routes[line] = port

    def line_edge(self, line: int, rising: bool) -> None:
        self.edges.append((line, rising))

    def show_at_zero(self, memory: str) -> None:
        self.at_zero = memory

    def analog(self, channel: int) -> int:
        return self.codes.get(channel, 0)

    def sent(self, block: str, data: int) -> None:
        self.output.append((block, data))

    def flash_view(self) -> npt.NDArray[np.uint8]:
        return self.flash

    def flash_changed(self, offset: int, size: int) -> None:
        self.changed.append((offset, size))


def place(
    kind: type[Behaviour],
    registers: dict[str, Any],
    around: Alone,
    *,
    name: str = "BLOCK",
    interrupts: tuple[str, ...] = (),
    parameters: dict[str, Any] | None = None,
) -> Any:
    """A block after power-on. registers: name -> offset, or a dictionary of offset, reset, count, stride."""
    described = tuple(
        Register(key, value) if isinstance(value, int) else Register(key, **value) for key, value in registers.items()
    )
    block = Peripheral(
        name=name,
        behaviour="alone",
        base=0x40000000,
        size=0x400,
        registers=described,
        interrupts=tuple(Interrupt(one, number) for number, one in enumerate(interrupts)),
        parameters=parameters or {},
    )
    cells = np.zeros(kind.cells_wanted(block), np.int64)
    made = kind(block, cells, around)
    around.blocks[name] = made
    made.reset(POWER_ON)
    return made


def from_data(identifier: str, around: Alone, **more: Any) -> Any:
    """A block after power-on as targets/behaviours/<identifier>.yaml describes it; parameters given come on top."""
    file = data_folder("targets") / "behaviours" / f"{identifier}.yaml"
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert data["id"] == identifier
    parameters = {**data.get("parameters", {}), **more.pop("parameters", {})}
    return place(BEHAVIOURS[identifier], data["registers"], around, parameters=parameters, **more)


def pass_time(around: Alone, ticks: int) -> None:
    """Lets time pass, calling due() of every block at its own times."""
    until = around.now + ticks
    while True:
        block = min(around.blocks.values(), key=lambda one: one.next_event)
        if block.next_event > until:
            around.now = until
            return
        around.now = max(around.now, block.next_event)
        block.due()
