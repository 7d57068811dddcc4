"""How far a program has come: reset handler, main, main loop; judged by what was executed, and how often.

The main loop is an outermost loop that nothing follows (no exit, or one to code without loops and calls), in main
itself, in a function that main's call leads to, or in a thread; it counts as reached once its jump back has been
executed MOST_PASSES times. A loop that only waits for one thing has an exit to what comes next, so it is none.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from swassess.boot.control_flow import Loop
from swassess.boot.program import Program

PASSES = 3
NOTHING, RESET_HANDLER, MAIN, MAIN_LOOP = "nothing", "reset handler", "main", "main loop"
LEVELS = (NOTHING, RESET_HANDLER, MAIN, MAIN_LOOP)


class Coverage:
    """How often each half-word of flash was executed, from the basic blocks counted."""

    def __init__(self, start: int, entries: npt.NDArray[np.int64], sizes: npt.NDArray[np.uint16]) -> None:
        self.start = start
        self.first_addresses = start + 2 * np.flatnonzero(entries)
        counts = entries[entries != 0]
        first = np.flatnonzero(entries)
        last = first + (sizes[first] >> 1)
        change = np.zeros(len(entries) + 2, np.int64)
        np.add.at(change, first, counts)
        np.add.at(change, np.minimum(last, len(entries)), -counts)
        self._counts = np.cumsum(change)
        self.blocks = len(first)

    def count(self, address: int) -> int:
        """How often the instruction at an address was executed; 0 outside flash."""
        place = (address - self.start) >> 1
        return int(self._counts[place]) if 0 <= place < len(self._counts) else 0

    def executed(self) -> list[int]:
        return [int(address) for address in self.first_addresses]


@dataclass(frozen=True, slots=True)
class Reached:
    """level: one of LEVELS. main, loop: start of main and header of the main loop (None: not known or not reached).
    how: in words. passes: how often the main loop jumped back. function: that holds the loop."""

    level: str
    main: int | None
    loop: int | None
    function: int | None
    passes: int
    how: str

    @property
    def rank(self) -> int:
        return LEVELS.index(self.level)


def judge(program: Program, coverage: Coverage) -> Reached:
    """What has been reached."""
    program.find_functions(coverage.executed())
    if not coverage.blocks:
        return Reached(NOTHING, None, None, None, 0, "nothing was executed")
    main, how_main = _find_main(program, coverage)
    if main is not None and not coverage.count(main):
        return Reached(RESET_HANDLER, main, None, None, 0, "main was not entered")
    found = _find_loop(program, coverage, main)
    if found is not None:
        start, loop, passes, how = found
        return Reached(MAIN_LOOP, main if main is not None else start, loop.header, start, passes, how)
    if main is None:
        return Reached(RESET_HANDLER, None, None, None, 0, "no function main is known")
    return Reached(MAIN, main, None, None, 0, how_main)


def _find_main(program: Program, coverage: Coverage) -> tuple[int | None, str]:
    main = program.function("main")
    if main is not None:
        return main, "main by its symbol"
    if program.has_symbols:
        return None, ""
    chain = call_chain(program, coverage)
    return (chain[1], "the function that the start-up entered last and never left") if len(chain) > 1 else (None, "")


def call_chain(program: Program, coverage: Coverage) -> list[int]:
    """From the reset handler on: the call in each function from which nothing came back."""
    at = program.handlers.get(1)
    chain: list[int] = []
    while at is not None and at not in chain:
        chain.append(at)
        flow = program.flow(at)
        open_calls = [
            (target, back)
            for back, target in flow.sites.items()
            if coverage.count(back - 2) and coverage.count(back - 2) > coverage.count(back) and coverage.count(target)
        ]
        at = max(open_calls, key=lambda one: coverage.count(one[0]))[0] if open_calls else None
    return chain


def _passes(coverage: Coverage, loop: Loop, ends: dict[int, int]) -> int:
    return sum(coverage.count(ends[latch] - 2) for latch in loop.latches)


def _find_loop(program: Program, coverage: Coverage, main: int | None) -> tuple[int, Loop, int, str] | None:
    """(function, loop, passes, how it was found) of the main loop."""
    order: list[tuple[int, str]] = []
    if main is not None:
        mine = program.flow(main)
        if any(
            coverage.count(loop.header) and mine.is_endless(loop, False) and mine.is_active(loop)
            and not program.sounds_wrong(loop.header)
            for loop in mine.loops
        ):  # fmt: skip
            return _loop_of(program, coverage, main, main, "the outermost loop of main")
        order.append((main, "the outermost loop of main"))
        order += [
            (start, "the outermost loop of a function that main calls") for start in _below(program, main, coverage)
        ]
    order += [(start, "the outermost loop of a thread") for start in _threads(program, coverage)]
    if main is None:
        order += [(start, "an endless loop, found from execution") for start in call_chain(program, coverage)]
    for start, how in order:
        found = _loop_of(program, coverage, start, main, how)
        if found is not None:
            return found
    return None


def _loop_of(
    program: Program, coverage: Coverage, start: int, main: int | None, how: str
) -> tuple[int, Loop, int, str] | None:
    flow = program.flow(start)
    ends = {at: block.end for at, block in flow.blocks.items()}
    for loop in flow.loops:
        passes = _passes(coverage, loop, ends)
        if passes < PASSES or not flow.is_endless(loop, start == main) or program.sounds_wrong(loop.header):
            continue
        if start != main and not flow.is_active(loop):
            continue  # an endless loop that does nothing is where programs stop for good
        return start, loop, passes, how
    return None


def _below(program: Program, main: int, coverage: Coverage) -> list[int]:
    """Functions that main leads to by direct calls that were executed, nearest first."""
    seen, order = {main}, [main]
    for start in order:
        for block in program.flow(start).blocks.values():
            for call in (*block.calls, *block.leads):
                if call and call not in seen and coverage.count(call) and len(order) < 2000:
                    seen.add(call)
                    if not program.sounds_wrong(call) and not program.is_handler(call):
                        order.append(call)
    return order[1:]


def _threads(program: Program, coverage: Coverage) -> list[int]:
    """Executed functions that nobody calls directly and that are no handlers: threads, if they loop."""
    called = {
        call
        for start in program.starts()
        if coverage.count(start)
        for block in program.flow(start).blocks.values()
        for call in (*block.calls, *block.leads)
    }
    return [
        start
        for start in program.starts()
        if coverage.count(start)
        and start not in called
        and not program.is_handler(start)
        and start != program.handlers.get(1)
        and not program.is_idle(start)
        and not program.sounds_wrong(start)
    ]
