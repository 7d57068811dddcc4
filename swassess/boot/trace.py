"""A readable trace of the beginning of a run: time, function, source line, accesses to registers by name."""

from typing import Any

import numpy as np
import numpy.typing as npt

from swassess.boot.machine import Prepared
from swassess.boot.registers import RegisterMap
from swassess.boot.rules import Rule
from swassess.boot.runner import BUDGET, FAULT, RESET, STALL, Runner
from swassess.emulator import layout as at
from swassess.model.boot import BootEvent

_STRETCH = 20_000  # cycles run at a time
_BLOCKS_PER_EVENT = 64
_ACCESSES_PER_EVENT = 16
_MOST_STRETCHES = 2_000
_REGION = ("read", "write")


def record_trace(prepared: Prepared, rules: list[Rule], events: int) -> tuple[BootEvent, ...]:
    """The first `events` stretches of one function or one source line each; repetitions are counted, not listed."""
    flash = prepared.target.flash
    ranges = [one for one in prepared.program.image.ranges() if one[0] < flash.end and one[1] > flash.start]
    runner = Runner(prepared.mcu(), max(ranges[0][0], flash.start), min(ranges[-1][1], flash.end))
    mcu, control = runner.mcu, runner.mcu.control
    capacity = events * _ACCESSES_PER_EVENT
    columns = {
        at.C_RG_ADDRESS: mcu.array(np.uint32, capacity),
        at.C_RG_VALUE: mcu.array(np.uint32, capacity),
        at.C_RG_SIZE: mcu.array(np.uint8, capacity),
        at.C_RG_KIND: mcu.array(np.uint8, capacity),
        at.C_RG_BLOCK: mcu.array(np.uint32, capacity),
        at.C_RG_TICKS: mcu.array(np.int64, capacity),
        at.C_RG_STEP: mcu.array(np.int64, capacity),
    }
    for cell, column in columns.items():
        control[cell] = column.ctypes.data
    control[at.C_RG_CAPACITY] = capacity
    mcu.ring.keep(events * _BLOCKS_PER_EVENT)
    runner.cold_start()
    runner.set_rules(rules)
    control[at.C_TRACE_ON] = 1
    for _ in range(_MOST_STRETCHES):
        why = runner.go(_STRETCH)
        full = control[at.C_RING_COUNT] >= control[at.C_RING_CAPACITY] or control[at.C_RG_COUNT] >= capacity
        if full or why not in (BUDGET, STALL, FAULT, RESET):
            break
    accesses = _accesses(RegisterMap(prepared.target), columns, min(int(control[at.C_RG_COUNT]), capacity))
    return _stretches(prepared, mcu.ring.blocks(), accesses, events)


def _accesses(names: RegisterMap, columns: dict[int, npt.NDArray[Any]], count: int) -> list[tuple[int, int, str]]:
    found = []
    for index in range(count):
        address = int(columns[at.C_RG_ADDRESS][index])
        size = int(columns[at.C_RG_SIZE][index])
        value = int(columns[at.C_RG_VALUE][index])
        name = names.name(address & ~3) or f"0x{address & ~3:08X}"
        lane = f"[{address & 3}]" if size < 4 else ""
        kind = _REGION[min(int(columns[at.C_RG_KIND][index]), 1)]
        text = f"{kind} {name}{lane} {'=' if kind == 'read' else ':='} 0x{value:0{2 * size}X}"
        found.append((int(columns[at.C_RG_TICKS][index]), int(columns[at.C_RG_BLOCK][index]), text))
    return found


def _stretches(
    prepared: Prepared, blocks: list[tuple[int, int]], accesses: list[tuple[int, int, str]], most: int
) -> tuple[BootEvent, ...]:
    """Blocks of one function and source line after each other become one event; equal neighbours are counted."""
    program = prepared.program
    events: list[BootEvent] = []
    places: dict[int, tuple[str, str]] = {}
    next_access = 0
    for index, (ticks, address) in enumerate(blocks):
        if len(events) >= most:
            break
        if address not in places:
            places[address] = program.function_name(address), program.line_at(address)
        function, line = places[address]
        until = blocks[index + 1][0] if index + 1 < len(blocks) else 1 << 62
        mine: list[str] = []
        while next_access < len(accesses):  # an access bears the time of the end of its block
            when, block, text = accesses[next_access]
            if not (block == address and when <= until) and when >= ticks:
                break
            mine.append(text)
            next_access += 1
        _append(events, BootEvent(ticks, function, line, tuple(mine)))
    return tuple(events)


def _append(events: list[BootEvent], event: BootEvent) -> None:
    """Joins an event to the latest ones where it repeats them (loops of up to three lines)."""
    for length in (1, 2, 3):
        if len(events) >= length:
            before = events[-length]
            if (before.function, before.line, before.accesses) == (event.function, event.line, event.accesses):
                events[-length] = BootEvent(
                    before.ticks, before.function, before.line, before.accesses, before.repeated + 1
                )
                return
    events.append(event)
