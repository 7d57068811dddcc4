"""A small builder of golden traces: programs are Python functions that read and write a memory, block by block."""

from collections.abc import Callable, Iterable

import numpy as np

from swassess.model.trace import READ, STACK_READ, STACK_WRITE, WRITE, AccessColumns, Trace

RAM, RAM_SIZE = 0x20000000, 0x800
FLASH, FLASH_SIZE = 0x08000000, 0x4000
MICROSECOND = 1_000_000
MILLISECOND = 1_000_000_000
ONES = 0xFFFFFFFF


class Machine:
    """Every access is a row; `at` names the basic block and lets a microsecond pass."""

    def __init__(self, flash: bytes = b"\xff" * FLASH_SIZE) -> None:
        self.flash = flash
        self.ram: dict[int, int] = {}
        self.rows: list[tuple[int, int, int, int, int, int, int]] = []
        self.registers: list[tuple[int, int, int, int, int, int, int]] = []
        self.marks: list[tuple[int, int, int, int]] = []
        self.resets: list[tuple[int, str]] = []
        self.entries = np.zeros(FLASH_SIZE // 2, dtype=np.int64)
        self.block, self.step, self.ticks = FLASH + 0x100, 0, 0

    def at(self, block: int) -> None:
        self.block = block
        self.step += 1
        self.ticks += MICROSECOND
        self.entries[(block - FLASH) // 2] += 1

    def read(self, address: int, size: int = 4) -> int:
        if FLASH <= address < FLASH + FLASH_SIZE:
            value = int.from_bytes(self.flash[address - FLASH : address - FLASH + size], "little")
        else:
            value = sum(self.ram.get(address + i, 0) << 8 * i for i in range(size))
        self._row(address, value, size, READ)
        return value

    def write(self, address: int, value: int, size: int = 4) -> None:
        value &= (1 << 8 * size) - 1
        for i in range(size):
            self.ram[address + i] = value >> 8 * i & 0xFF
        self._row(address, value, size, WRITE)

    def interrupt(self, body: Callable[[], None], stack: int = RAM + RAM_SIZE - 64) -> None:
        """Eight words stacked, the handler, eight words unstacked."""
        self.at(FLASH + 0x3000)
        for i in range(8):
            self._row(stack + 4 * i, i, 4, STACK_WRITE)
        body()
        for i in range(8):
            self._row(stack + 4 * i, i, 4, STACK_READ)

    def peripheral(self, address: int, value: int) -> None:
        self.registers.append((address, value, 4, WRITE, self.block, self.ticks, self.step))

    def mark(self, address: int) -> None:
        self.at(address)
        self.marks.append((self.ticks, address, self.step, len(self.rows)))

    def idle(self, ticks: int, blocks: int = 400) -> None:
        self.step += blocks
        self.ticks += ticks

    def trace(self, scenario: str = "wash") -> Trace:
        marks = np.array(self.marks, dtype=np.int64).reshape(-1, 4)
        return Trace(
            scenario=scenario,
            memory=columns(self.rows),
            registers=columns(self.registers),
            block_entries=self.entries,
            block_sizes=np.full(FLASH_SIZE // 2, 4, dtype=np.uint16),
            mark_ticks=marks[:, 0],
            mark_address=marks[:, 1].astype(np.uint32),
            mark_step=marks[:, 2],
            mark_access=marks[:, 3],
            resets=tuple(self.resets),
            end_ticks=self.ticks,
        )

    def _row(self, address: int, value: int, size: int, kind: int) -> None:
        self.rows.append((address, value, size, kind, self.block, self.ticks, self.step))


def columns(rows: list[tuple[int, int, int, int, int, int, int]]) -> AccessColumns:
    table = np.array(rows, dtype=np.int64).reshape(-1, 7)
    return AccessColumns(
        table[:, 0].astype(np.uint32),
        table[:, 1].astype(np.uint32),
        table[:, 2].astype(np.uint8),
        table[:, 3].astype(np.uint8),
        table[:, 4].astype(np.uint32),
        table[:, 5].astype(np.int64),
        table[:, 6].astype(np.int64),
    )


MARCH_C_MINUS = (("up", "w0"), ("up", "r0w1"), ("up", "r1w0"), ("down", "r0w1"), ("down", "r1w0"), ("up", "r0"))
MARCH_X = (("up", "w0"), ("up", "r0w1"), ("down", "r1w0"), ("up", "r0"))
CHECKERBOARD = (("up", "w0"), ("up", "r0"), ("up", "w1"), ("up", "r1"))


def march(
    machine: Machine,
    cells: Iterable[int],
    elements: tuple[tuple[str, str], ...] = MARCH_C_MINUS,
    background: int = 0,
    *,
    size: int = 4,
    code: int = FLASH + 0x400,
    noise: Callable[[int], None] | None = None,
) -> None:
    """Runs the elements over the cells; one basic block a loop."""
    mask = (1 << 8 * size) - 1
    every = list(cells)
    for number, (direction, operations) in enumerate(elements):
        for place, cell in enumerate(every if direction == "up" else reversed(every)):
            machine.at(code + 16 * number)
            for operation in (operations[i : i + 2] for i in range(0, len(operations), 2)):
                value = background if operation[1] == "0" else background ^ mask
                if operation[0] == "r":
                    machine.read(cell, size)
                else:
                    machine.write(cell, value, size)
            if noise:
                noise(place)


def transparent_block(machine: Machine, cells: list[int], buffer: int, **options: object) -> None:
    """Content to the buffer, march, content back, by code of its own."""
    for place, cell in enumerate(cells):
        machine.at(FLASH + 0x600)
        machine.write(buffer + 4 * place, machine.read(cell))
    march(machine, cells, **options)  # type: ignore[arg-type]
    for place, cell in enumerate(cells):
        machine.at(FLASH + 0x610)
        machine.write(cell, machine.read(buffer + 4 * place))


def words(start: int, end: int) -> list[int]:
    return list(range(start, end, 4))
