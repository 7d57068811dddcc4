"""RAM tests recognised from the trace, by the operations done on each cell and the order of the cells.

Method: find the code that tests (testing_code.py), keep its accesses, cut them into sessions of continuous activity,
follow each cell through a session as writes and reads of a background (0) and its complement (1), compare cells of a
session to find where one march element ends and the next begins and in which direction it ran, and look the elements up
in the table (march_table.py). Accesses of interrupts and of the program between test visits do not matter.

What it does not prove: that a wrong value read leads anywhere. That is for the campaign.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from swassess.model.declared import AddressRange
from swassess.model.trace import WRITE, Trace
from swassess.rules.recognise.march_cells import Visits, chains_of, merge_visits
from swassess.rules.recognise.march_elements import describe_chains
from swassess.rules.recognise.phases import is_startup
from swassess.rules.recognise.testing_code import data_accesses, order_by_cell, testing_blocks

Ints = npt.NDArray[np.int64]

SESSION_STEPS = 256  # basic blocks between two accesses of one session: an interrupt may come between, a task may not
SESSION_TICKS = 1_000_000_000  # one millisecond
MAXIMUM_BACKGROUNDS = 8  # more than these in one test: the content itself is the background


@dataclass(frozen=True, slots=True)
class RamTest:
    """One RAM test as executed, in one phase ("startup" before the main loop, else "periodic").

    elements: such as `{any(w0); up(r0,w1)}`. detects: fault classes found in every case (empty when not known).
    backgrounds: first values written (empty: the cell's content). ranges: bytes tested. blocks: addresses of basic
    blocks. cells: addresses of the cells, sorted, of cell_size bytes. first_visit/last_visit: ticks of the first and
    last access of the test to each cell; visits: how often. longest_gap: ticks from the start of a visit (start-up
    tests included) to the end of the next, at least to the end of the trace; a fault may stay unseen that long.
    cycle: the longest of them, None when no cell was visited twice. single_cells: tested without a neighbour.
    uncoupled: pairs of neighbouring cells never tested in one session (blocks without overlap).
    visit_cells/visit_start/visit_end: every visit, ordered by cell and time.
    """

    phase: str
    algorithm: str
    recognised: bool
    listed: bool
    detects: frozenset[str]
    clause: str
    elements: str
    operations: int
    backgrounds: tuple[int, ...]
    ranges: tuple[AddressRange, ...]
    transparent: bool
    blocks: tuple[int, ...]
    cell_size: int
    cells: npt.NDArray[np.uint32]
    visits: Ints
    first_visit: Ints
    last_visit: Ints
    longest_gap: Ints
    cycle: int | None
    uncoupled: tuple[tuple[int, int], ...]
    visit_cells: npt.NDArray[np.uint32]
    visit_start: Ints
    visit_end: Ints


def recognise_ram_tests(trace: Trace, ram: AddressRange, loop_ticks: npt.ArrayLike = ()) -> tuple[RamTest, ...]:
    """Every RAM test of a trace, start-up tests first, then by first address.

    loop_ticks: times at which the main loop was entered; a session is of start-up when no entry lies between the last
    reset and it. Without any, everything counts as start-up.
    """
    memory = trace.memory
    rows = data_accesses(memory, ram.start, ram.end)
    blocks = testing_blocks(memory, rows, ram.start)
    if not blocks:
        return ()
    tested = rows[np.isin(memory.block[rows], np.array(blocks, dtype=np.uint32))]
    sessions = _sessions(trace, tested)
    chains = chains_of(memory, tested, sessions, ram.start)
    if len(chains.cell) == 0:
        return ()
    kinds, kind_of_chain = describe_chains(chains)
    visits = merge_visits(chains, kind_of_chain, len(kinds))
    restored = _restored(trace, rows, ram.start, visits)
    known = sum(1 << min(number, 62) for number in {min(n, 62) for n, kind in enumerate(kinds) if kind.recognised})
    by_known = (visits.signature & np.uint64(known)) != 0
    startup = is_startup(trace, visits.start, loop_ticks)

    found = []
    for phase, selected in (("startup", startup), ("periodic", ~startup)):
        for signature in np.unique(visits.signature[selected]):
            chosen = selected & (visits.signature == signature)
            members = [number for number in range(len(kinds)) if int(signature) >> min(number, 62) & 1]
            best = kinds[members[0]]  # recognised kinds come first
            in_kind = np.isin(kind_of_chain, members) & np.isin(chains.visit, np.flatnonzero(chosen))
            backgrounds = np.unique(chains.background[in_kind])
            code = np.unique(memory.block[tested[np.isin(chains.session_of_row, np.unique(visits.session[chosen]))]])
            # A fault arising in operation is found by the next visit of any recognised test, not by an unknown one.
            measured = visits.only(
                (by_known if best.recognised else chosen) & (startup if phase == "startup" else True)
            )
            cells = np.unique(visits.cell[chosen])
            gaps, again = _gaps(measured, cells, trace.end_ticks)
            size = int(chains.size[in_kind][0])
            first, last, count = _extent(visits.only(chosen), cells)
            found.append(
                RamTest(
                    phase=phase,
                    algorithm=best.name,
                    recognised=best.recognised,
                    listed=best.listed,
                    detects=best.detects,
                    clause=best.clause,
                    elements=best.elements,
                    operations=best.operations,
                    backgrounds=tuple(map(int, backgrounds)) if len(backgrounds) <= MAXIMUM_BACKGROUNDS else (),
                    ranges=ranges_of(cells, size),
                    transparent=bool(np.mean(restored[chosen]) > 0.99),
                    blocks=tuple(map(int, code)),
                    cell_size=size,
                    cells=cells,
                    visits=count,
                    first_visit=first,
                    last_visit=last,
                    longest_gap=gaps,
                    cycle=int(gaps[again].max()) if np.any(again) else None,
                    uncoupled=_uncoupled(visits.only(chosen), cells, size),
                    visit_cells=visits.cell[chosen],
                    visit_start=visits.start[chosen],
                    visit_end=visits.end[chosen],
                )
            )
    order = {"startup": 0, "periodic": 1}
    return tuple(sorted(found, key=lambda t: (order[t.phase], not t.recognised, t.ranges[0].start, t.elements)))


def ranges_of(cells: npt.NDArray[np.uint32], size: int) -> tuple[AddressRange, ...]:
    """Half-open ranges covered by sorted cells of `size` bytes."""
    if len(cells) == 0:
        return ()
    breaks = np.flatnonzero(np.diff(cells.astype(np.int64)) > size) + 1
    return tuple(AddressRange(int(part[0]), int(part[-1]) + size) for part in np.split(cells, breaks))


def _sessions(trace: Trace, tested: Ints) -> Ints:
    """Session number of each access of test code: cut where much else ran, or time passed, or a reset came."""
    step, ticks = trace.memory.step[tested], trace.memory.ticks[tested]
    cut = np.zeros(len(tested), dtype=np.int64)
    cut[1:] = (np.diff(step) > SESSION_STEPS) | (np.diff(ticks) > SESSION_TICKS)
    resets = np.array([when for when, _ in trace.resets], dtype=np.int64)
    after = np.searchsorted(np.sort(resets), ticks, side="right")
    cut[1:] |= np.diff(after) > 0
    return np.cumsum(cut)


def _gaps(visits: Visits, cells: npt.NDArray[np.uint32], end_ticks: int) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """(longest gap per cell, whether the cell was visited more than once); visits are ordered by cell and time."""
    place = np.searchsorted(cells, visits.cell)
    place[place == len(cells)] = 0
    mine = cells[place] == visits.cell
    place, start, end = place[mine], visits.start[mine], visits.end[mine]
    gap = np.zeros(len(cells), dtype=np.int64)
    again = np.zeros(len(cells), dtype=np.bool_)
    same = place[1:] == place[:-1]
    np.maximum.at(gap, place[1:][same], (end[1:] - start[:-1])[same])
    again[place[1:][same]] = True
    last = np.zeros(len(cells), dtype=np.int64)
    np.maximum.at(last, place, start)
    # The run ended without another visit: at least that long nothing would have been seen.
    return np.maximum(gap, end_ticks - last), again


def _extent(visits: Visits, cells: npt.NDArray[np.uint32]) -> tuple[Ints, Ints, Ints]:
    place = np.searchsorted(cells, visits.cell)
    first = np.full(len(cells), np.iinfo(np.int64).max)
    last = np.zeros(len(cells), dtype=np.int64)
    np.minimum.at(first, place, visits.start)
    np.maximum.at(last, place, visits.end)
    return first, last, np.bincount(place, minlength=len(cells)).astype(np.int64)


def _uncoupled(visits: Visits, cells: npt.NDArray[np.uint32], size: int) -> tuple[tuple[int, int], ...]:
    """Neighbouring cells that no run tested together."""
    order = np.lexsort((visits.cell, visits.run))
    cell, run = visits.cell[order].astype(np.int64), visits.run[order]
    together = np.unique(cell[:-1][(np.diff(cell) == size) & (np.diff(run) == 0)])
    every = cells.astype(np.int64)
    neighbours = every[:-1][np.diff(every) == size]
    return tuple((int(low), int(low) + size) for low in np.setdiff1d(neighbours, together))


def _restored(trace: Trace, rows: Ints, start: int, visits: Visits) -> npt.NDArray[np.bool_]:
    """Whether the access after each visit writes what the cell held before it."""
    memory = trace.memory
    order = rows[order_by_cell(memory.address[rows], start)]
    place = np.empty(len(memory.address), dtype=np.int64)
    place[order] = np.arange(len(order))
    before = np.maximum(place[visits.first_row] - 1, 0)
    after = np.minimum(place[visits.last_row] + 1, len(order) - 1)
    old, new = order[before], order[after]
    same_cell = (memory.address[old] == visits.cell) & (memory.address[new] == visits.cell)
    return np.asarray(
        same_cell & (memory.kind[new] == WRITE) & (memory.value[new] == memory.value[old]), dtype=np.bool_
    )
