"""Several blocks at their addresses, with DMA requests and bus accesses between them, and no MCU around them."""

from typing import Any

import numpy as np
import yaml
from alone import Alone, pass_time

from swassess.catalogue import data_folder
from swassess.emulator.peripherals.behaviour import POWER_ON, Behaviour
from swassess.emulator.peripherals.registry import BEHAVIOURS
from swassess.model.target import Interrupt, Peripheral, Register

NS, US, MS = 1000, 1000_000, 1000_000_000


class Bench(Alone):
    """Blocks as targets/behaviours describes them, on a bus; 8 MHz on every clock unless told otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.periods = dict.fromkeys(("SYSCLK", "HCLK", "PCLK1", "PCLK2"), 125 * NS)
        self.bases: dict[str, int] = {}

    def add(
        self, kind: str, name: str, base: int = 0x40004400, interrupts: tuple[str, ...] = ("IRQ",), **parameters: Any
    ) -> "Block":
        data = yaml.safe_load((data_folder("targets") / "behaviours" / f"{kind}.yaml").read_text(encoding="utf-8"))
        assert data["id"] == kind
        described = tuple(
            Register(key, value) if isinstance(value, int) else Register(key, **value)
            for key, value in data["registers"].items()
        )
        peripheral = Peripheral(
            name=name,
            behaviour=kind,
            base=base,
            size=0x400,
            registers=described,
            interrupts=tuple(Interrupt(one, number) for number, one in enumerate(interrupts)),
            parameters={**data.get("parameters", {}), **parameters},
        )
        made = BEHAVIOURS[kind](peripheral, np.zeros(BEHAVIOURS[kind].cells_wanted(peripheral), np.int64), self)
        self.blocks[name] = made
        self.bases[name] = base
        made.reset(POWER_ON)
        return Block(self, made)

    def _at(self, address: int) -> tuple[Behaviour, int] | None:
        for name, base in self.bases.items():
            if base <= address < base + 0x400:
                return self.blocks[name], address - base
        return None

    def read_memory(self, address: int, size: int) -> int | None:
        found = self._at(address)
        if found is None:
            return super().read_memory(address, size)
        self.access_size = size
        value = found[0].read(found[1] & ~3)
        return None if value is None else (value >> (8 * (found[1] & 3))) & ((1 << (8 * size)) - 1)

    def write_memory(self, address: int, size: int, value: int) -> bool:
        found = self._at(address)
        return super().write_memory(address, size, value) if found is None else found[0].write(found[1], value, size)

    def request_dma(self, request: str) -> None:
        super().request_dma(request)
        for block in list(self.blocks.values()):
            block.dma_requested(request)

    def pass_time(self, ticks: int) -> None:
        pass_time(self, ticks)

    def fill(self, address: int, data: bytes) -> None:
        for place, byte in enumerate(data):
            self.memory[address + place] = byte

    def bytes_at(self, address: int, size: int) -> bytes:
        return bytes(self.memory.get(address + i, 0) for i in range(size))

    @property
    def sent_data(self) -> list[int]:
        return [data for _, data in self.output]


class Block:
    """A block's registers by name: block["CR1"] = 1 is a 32-bit write."""

    def __init__(self, bench: Bench, behaviour: Any) -> None:
        self.bench = bench
        self.behaviour = behaviour
        self.offsets = {
            f"{one.name}[{i}]" if one.count > 1 else one.name: one.offset + i * one.stride
            for one in behaviour.block.registers
            for i in range(one.count)
        }

    def __getitem__(self, register: str) -> int:
        return self.load(register)

    def load(self, register: str, size: int = 4) -> int:
        self.bench.access_size = size
        value = self.behaviour.read(self.offsets[register])
        assert value is not None
        return int(value) & ((1 << (8 * size)) - 1)

    def store(self, register: str, value: int, size: int) -> None:
        assert self.behaviour.write(self.offsets[register], value, size)

    def __setitem__(self, register: str, value: int) -> None:
        assert self.behaviour.write(self.offsets[register], value, 4)

    def address(self, register: str) -> int:
        return int(self.bench.bases[self.behaviour.block.name]) + self.offsets[register]

    def line(self, number: int = 0) -> bool:
        return bool(self.behaviour.cells[1 + number])

    def until(self, register: str, mask: int, wanted: int, limit: int = 100 * MS, step: int = 100 * NS) -> int:
        """Lets time pass until register & mask == wanted; the ticks that took."""
        began = self.bench.now
        while self.behaviour.peek(self.offsets[register]) & mask != wanted:
            assert self.bench.now - began < limit, f"{register} stays {self[register]:#x}"
            self.bench.pass_time(step)
        return self.bench.now - began
