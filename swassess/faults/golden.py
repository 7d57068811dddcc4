"""The golden run: a scenario without faults, with every access recorded."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from swassess.emulator import layout as at
from swassess.emulator.mcu import Mcu
from swassess.errors import EmulationError
from swassess.expressions.bytecode import Program
from swassess.faults.bench import Bench
from swassess.model.time import TICKS_PER_SECOND
from swassess.model.trace import AccessColumns, Trace

_MEMORY_COLUMNS = (
    (at.C_TR_ADDRESS, np.uint32), (at.C_TR_VALUE, np.uint32), (at.C_TR_SIZE, np.uint8), (at.C_TR_KIND, np.uint8),
    (at.C_TR_BLOCK, np.uint32), (at.C_TR_TICKS, np.int64), (at.C_TR_STEP, np.int64),
)  # fmt: skip
_REGISTER_COLUMNS = (
    (at.C_RG_ADDRESS, np.uint32), (at.C_RG_VALUE, np.uint32), (at.C_RG_SIZE, np.uint8), (at.C_RG_KIND, np.uint8),
    (at.C_RG_BLOCK, np.uint32), (at.C_RG_TICKS, np.int64), (at.C_RG_STEP, np.int64),
)  # fmt: skip
_MARKS = (
    (at.C_MK_TICKS, np.int64), (at.C_MK_ADDRESS, np.uint32), (at.C_MK_STEP, np.int64), (at.C_MK_ACCESS, np.int64),
)  # fmt: skip
_BUFFER = 1 << 20
_DRAIN = 1 << 18  # rows; large parts go back to the system when they are joined
# a run may use at most this many instructions for each simulated second: three times what the core can do
_BUDGET_PER_CYCLE = 3


@dataclass(slots=True)
class GoldenRun:
    """What a fault-free run showed. trace is None where only the summary was asked for.

    modes, signatures: one per plant step. monitors: name -> (held at the end, first time true or None, longest).
    registers: (address, reads, writes, served by a behaviour). core_hz: the core's clock at the end of the run.
    """

    scenario: str
    ticks: int
    instructions: int
    steps: int
    digest: str
    finished: bool
    stopped_by: str
    resets: tuple[tuple[int, str], ...]
    modes: npt.NDArray[np.int64]
    signatures: npt.NDArray[np.int64]
    deepest_stack: int
    main_loop_entries: int
    expected_held: bool | None
    monitors: dict[str, tuple[bool, int | None, int]]
    interrupts: dict[int, int]
    registers: tuple[tuple[int, int, int, bool], ...]
    core_hz: int
    trace: Trace | None = field(default=None, repr=False)


class _Buffers:
    """Trace columns that grow between slices of the run: native code only ever sees a fixed capacity."""

    def __init__(self, mcu: Mcu, columns: tuple[tuple[int, Any], ...], capacity_at: int, count_at: int) -> None:
        self._mcu, self._columns, self._count_at = mcu, columns, count_at
        self._arrays: list[npt.NDArray[Any]] = [np.zeros(_BUFFER, dtype) for _, dtype in columns]
        self._parts: list[list[npt.NDArray[Any]]] = []
        for (cell, _), array in zip(columns, self._arrays, strict=True):
            mcu.control[cell] = array.ctypes.data
        mcu.control[capacity_at] = _BUFFER

    @property
    def fill(self) -> int:
        return int(self._mcu.control[self._count_at])

    def drain(self) -> None:
        count = min(self.fill, _BUFFER)
        self._parts.append([array[:count].copy() for array in self._arrays])
        self._mcu.control[self._count_at] = 0

    def columns(self) -> list[npt.NDArray[Any]]:
        self.drain()
        return [np.concatenate(column) for column in zip(*self._parts, strict=True)]


def run_golden(bench: Bench, scenario: str, *, trace: bool = True, program_end: Program | None = None) -> GoldenRun:
    """Runs a scenario to its end. `program_end` is the compiled expectation, evaluated when the run is over.

    Raises EmulationError when the run does not stay within its instruction budget.
    """
    mcu = bench.mcu(scenario, "trace" if trace else "none")
    control, state = mcu.control, mcu.state
    for symbol, address in bench.functions.items():
        if symbol in _marked_functions(bench):
            mcu.set_watch(address, at.WATCH_MARK)
    control[at.C_MARK_WATCH] = 1
    control[at.C_RECORD_MODES] = 1
    control[at.C_GOLDEN_MODE_COUNT] = mcu.golden_modes.size
    control[at.C_STATS_ON] = 1
    marks = _Buffers(mcu, _MARKS, at.C_MK_CAPACITY, at.C_MK_COUNT)
    memory = registers = None
    if trace:
        memory = _Buffers(mcu, _MEMORY_COLUMNS, at.C_TR_CAPACITY, at.C_TR_COUNT)
        registers = _Buffers(mcu, _REGISTER_COLUMNS, at.C_RG_CAPACITY, at.C_RG_COUNT)
        control[at.C_TRACE_ON] = 1
        control[at.C_COVERAGE_ON] = 1
    duration = bench.programs[scenario].scenario.duration
    budget = _BUDGET_PER_CYCLE * (duration // int(state[at.CYCLE_TICKS])) + 1_000_000
    slice_ticks = 20 * TICKS_PER_SECOND // 1000
    offset_marks = 0
    mark_access: list[npt.NDArray[np.int64]] = []
    stopped = ""
    done = at.DONE_TIME
    recorded = 0
    while mcu.ticks < duration:
        before = recorded
        done = mcu.run(min(mcu.ticks + slice_ticks, duration), budget - int(state[at.INSTRUCTIONS]))
        if done == at.DONE_WATCH:
            address = mcu.pc
            stopped = next((name for name, entry in bench.oracle_functions.items() if entry == address), "oracle")
            break
        if done == at.DONE_BUDGET:
            raise EmulationError(
                f"scenario {scenario!r} used up its budget of {budget} instructions at {mcu.ticks / 1e12:.3f} s; "
                "the image loops without letting time pass"
            )
        if memory is not None and registers is not None:
            if control[at.C_TR_OVERFLOW] or registers.fill > _BUFFER:
                raise EmulationError(f"scenario {scenario!r} makes more accesses in 20 ms than the trace buffer holds")
            if max(memory.fill, registers.fill) > _DRAIN:
                recorded += memory.fill
                memory.drain()
                registers.drain()
        count = marks.fill
        mark_access.append(np.full(count - offset_marks, before, np.int64))
        offset_marks = count
    mark_columns = marks.columns()
    if trace and mark_columns[3].size:
        base = np.concatenate([*mark_access, np.full(max(mark_columns[3].size - offset_marks, 0), recorded, np.int64)])
        mark_columns[3] = mark_columns[3] + base[: mark_columns[3].size]
    resets = tuple(
        (int(state[at.RESET_LOG + 2 * i]), at.RESET_NAMES[int(state[at.RESET_LOG + 2 * i + 1])])
        for i in range(min(int(state[at.RESET_COUNT]), 16))
    )
    main_loop = bench.functions.get(bench.declaration.main_loop, -1)
    steps = int(state[at.PLANT_STEP])
    result = GoldenRun(
        scenario=scenario,
        ticks=mcu.ticks,
        instructions=int(state[at.INSTRUCTIONS]),
        steps=int(state[at.STEPS]),
        digest=mcu.digest(),
        finished=done == at.DONE_TIME and not stopped,
        stopped_by=stopped,
        resets=resets,
        modes=mcu.golden_modes[:steps].copy(),
        signatures=mcu.golden_signatures[:steps].copy(),
        deepest_stack=mcu.ram_start + int(state[at.DEEPEST_STACK]),
        main_loop_entries=int(np.count_nonzero(mark_columns[1] == main_loop)),
        expected_held=None,
        monitors={
            name: (
                bool(state[at.MONITOR_VALUE + i]),
                int(state[at.MONITOR_FIRST + i]) - 1 if state[at.MONITOR_FIRST + i] else None,
                int(state[at.MONITOR_LONGEST + i]),
            )
            for i, name in enumerate(bench.monitors)
        },
        interrupts={
            number: int(state[at.EXCEPTION_TAKEN + number])
            for number in range(2, at.EXCEPTIONS)
            if state[at.EXCEPTION_TAKEN + number]
        },
        registers=_register_evidence(mcu),
        core_hz=round(TICKS_PER_SECOND / int(state[at.CYCLE_TICKS])),
    )
    if program_end is not None:
        result.expected_held = _evaluate_once(mcu, program_end) != 0.0
    if memory is not None and registers is not None:
        result.trace = Trace(
            scenario=scenario,
            memory=AccessColumns(*memory.columns()),
            registers=AccessColumns(*registers.columns()),
            block_entries=mcu.block_entries.copy(),
            block_sizes=mcu.block_sizes.copy(),
            mark_ticks=mark_columns[0],
            mark_address=mark_columns[1],
            mark_step=mark_columns[2],
            mark_access=mark_columns[3],
            resets=resets,
            end_ticks=mcu.ticks,
        )
    return result


def _marked_functions(bench: Bench) -> set[str]:
    names = {name for measure in bench.declaration.measures for name in measure.functions}
    return {*names, bench.declaration.main_loop}


def _register_evidence(mcu: Mcu) -> tuple[tuple[int, int, int, bool], ...]:
    return tuple(
        (use.address, use.reads, use.writes, use.shadow_reads + use.shadow_writes == 0) for use in mcu.registers_used()
    )


def _evaluate_once(mcu: Mcu, program: Program) -> float:
    """Evaluates one more expression on the MCU's present state, without touching it."""
    from swassess.emulator.expression_machine import evaluate

    code = np.array([*program.code, 0], np.int64)
    constants = np.array([*program.constants, 0.0], np.float64)
    kept = (int(mcu.control[at.C_CODE]), int(mcu.control[at.C_CONSTANTS]))
    mcu.control[at.C_CODE], mcu.control[at.C_CONSTANTS] = code.ctypes.data, constants.ctypes.data
    try:
        return float(evaluate(mcu.control, 0, 0))
    finally:
        mcu.control[at.C_CODE], mcu.control[at.C_CONSTANTS] = kept
