"""Where a watchdog is refreshed: code, count, longest interval, and whether an interrupt handler does it by itself.

A refresh inside a handler depends on the main flow when each refresh reads a RAM word that the main flow has written
since the refresh before (a request flag). Without such a word the handler refreshes whether the main flow lives or not.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from swassess.model.trace import READ, STACK_READ, STACK_WRITE, WRITE, Trace

Ints = npt.NDArray[np.int64]
FRAME_WORDS = 8  # stacked by an exception without floating point
GATE_SHARE = 0.9  # of the refreshes; the first ones may come before the main flow runs
READ_WINDOW = 256  # accesses before a refresh that may belong to its handler


@dataclass(frozen=True, slots=True)
class RefreshSite:
    """One place that writes the refresh key.

    block: address of the basic block. count: refreshes. longest: longest time from reset or refresh to this site's
    refresh, in ticks. in_handler: done in handler mode or by a function of the vector table. gates: RAM words through
    which the main flow allows each of them.
    """

    block: int
    function: str
    count: int
    longest: int
    in_handler: bool
    handler_only: bool
    gates: tuple[int, ...]

    @property
    def independent_of_main(self) -> bool:
        """A handler refreshes without the main flow's doing."""
        return self.in_handler and not self.gates


@dataclass(frozen=True, slots=True)
class WatchdogUse:
    """started: ticks of the first start key (None: never). longest: longest interval between refreshes, in ticks."""

    started: int | None
    refreshes: int
    longest: int
    sites: tuple[RefreshSite, ...]


def recognise_watchdog(
    trace: Trace,
    key_register: int,
    function_at: Callable[[int], str],
    handlers: Collection[str] = (),
    handler_only: Callable[[str], bool] = lambda name: False,
    refresh_key: int = 0xAAAA,
    start_key: int = 0xCCCC,
) -> WatchdogUse:
    """How `key_register` is served.

    function_at: name of the function at an address ("" unknown). handlers: names in the vector table, reset excepted.
    handler_only: whether a function is reached, statically, from handlers alone.
    """
    registers = trace.registers
    keys = np.flatnonzero((registers.address == key_register) & (registers.kind == WRITE))
    value = registers.value[keys] & np.uint32(0xFFFF)
    starts, refreshes = keys[value == start_key], keys[value == refresh_key]
    started = int(registers.ticks[starts[0]]) if len(starts) else None
    if len(refreshes) == 0:
        return WatchdogUse(started, 0, trace.end_ticks - started if started is not None else 0, ())
    times = registers.ticks[refreshes].astype(np.int64)
    resets = np.sort(np.array([when for when, _ in trace.resets], dtype=np.int64))
    # An interval begins at the refresh before, or at a later reset or start.
    events = np.sort(np.concatenate([times, registers.ticks[starts], resets]))
    before = np.searchsorted(events, times, side="left") - 1
    interval = np.where(before >= 0, times - events[np.maximum(before, 0)], 0)
    deep = _handler_mode(trace, registers.step[refreshes].astype(np.int64))
    blocks = registers.block[refreshes]
    sites = []
    for block in np.unique(blocks):
        mine = blocks == block
        name = function_at(int(block))
        only = bool(name) and handler_only(name)
        in_handler = name in handlers or only or bool(np.mean(deep[mine]) > 0.5)
        gates = _gates(trace, registers.step[refreshes[mine]].astype(np.int64)) if in_handler else ()
        sites.append(RefreshSite(int(block), name, int(mine.sum()), int(interval[mine].max()), in_handler, only, gates))
    longest = max(int(interval.max()), trace.end_ticks - int(times[-1]))
    return WatchdogUse(started, len(refreshes), longest, tuple(sites))


def _handler_mode(trace: Trace, steps: Ints) -> npt.NDArray[np.bool_]:
    """Whether an exception is active at each step: more frames stacked than unstacked since the last reset."""
    return _depth(trace, steps) > 0


def _depth(trace: Trace, steps: Ints) -> Ints:
    memory = trace.memory
    stacked = np.sort(memory.step[memory.kind == STACK_WRITE])
    unstacked = np.sort(memory.step[memory.kind == STACK_READ])
    # Stacking is recorded with the block entered; unstacking with the block left, which still runs as a handler.
    level = np.searchsorted(stacked, steps, side="right") - np.searchsorted(unstacked, steps, side="left")
    if trace.resets:  # a reset in a handler leaves its frame behind
        when = np.array([tick for tick, _ in trace.resets], dtype=np.int64)
        order = np.argsort(memory.ticks, kind="stable")
        row = np.searchsorted(memory.ticks[order], when, side="left")
        first = memory.step[order][np.minimum(row, len(order) - 1)] if len(order) else np.zeros(0, dtype=np.int64)
        first = np.sort(first)
        base = np.searchsorted(stacked, first, side="left") - np.searchsorted(unstacked, first, side="left")
        last = np.searchsorted(first, steps, side="right") - 1
        level = level - np.where(last >= 0, base[np.maximum(last, 0)], 0)
    return np.asarray(level // FRAME_WORDS, dtype=np.int64)


def _gates(trace: Trace, steps: Ints) -> tuple[int, ...]:
    """RAM words read by the handler before (nearly) every refresh and written by the main flow since the one before."""
    memory = trace.memory
    plain = np.flatnonzero(memory.kind <= WRITE)
    step, kind = memory.step[plain].astype(np.int64), memory.kind[plain]
    address = memory.address[plain]
    depth = _depth(trace, step)
    votes: dict[int, int] = {}
    previous = -1
    for now in steps:
        end = int(np.searchsorted(step, now, side="right"))
        begin = int(np.searchsorted(step, previous, side="right"))
        by_main = address[begin:end][(kind[begin:end] == WRITE) & (depth[begin:end] == 0)]
        near = slice(max(begin, end - READ_WINDOW), end)
        read = address[near][(kind[near] == READ) & (depth[near] > 0)]
        for gate in np.intersect1d(by_main, read):
            votes[int(gate)] = votes.get(int(gate), 0) + 1
        previous = int(now)
    return tuple(sorted(gate for gate, count in votes.items() if count >= GATE_SHARE * len(steps)))
