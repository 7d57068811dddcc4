"""Ascending reads through flash: what a flash check looks like, whether done at once or in slices.

Reads of one loop follow each other at the next address, perhaps with table look-ups between. Slices of later ticks are
joined where one ends and the next begins, if the same code reads them. Literal pools are read again and again at the
same address and never make a scan.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from swassess.model.declared import AddressRange
from swassess.model.trace import READ, Trace

Ints = npt.NDArray[np.int64]

SLICE_STEPS = 256  # basic blocks between two reads of one slice; longer pauses begin a new one
LOOK_BACK = 8  # flash reads of checking code between one byte and the next
NEAR_CODE = 64  # bytes between a loop and the block it is entered through
STEADY_SHARE = 0.7  # of the reads of an instruction that advance by the same stride; the rest begins new slices
MINIMUM_READS = 16  # of a block, to be considered
MINIMUM_SPAN = 64  # bytes between lowest and highest address a block reads
MINIMUM_SLICE = 4  # reads; shorter ones count only where they continue a longer one
MINIMUM_SCAN = 256  # bytes


@dataclass(frozen=True, slots=True)
class Slice:
    """A run of ascending reads; rows are row numbers of trace.memory."""

    start: int
    end: int
    first_row: int
    last_row: int
    size: int
    blocks: frozenset[int]


@dataclass(frozen=True, slots=True)
class Scan:
    """Slices that together read one range once."""

    slices: tuple[Slice, ...]

    @property
    def range(self) -> AddressRange:
        return AddressRange(self.slices[0].start, self.slices[-1].end)

    @property
    def blocks(self) -> frozenset[int]:
        return frozenset().union(*(piece.blocks for piece in self.slices))


def flash_scans(trace: Trace, flash: AddressRange) -> tuple[Scan, ...]:
    """Scans of a trace in the order of their first reads."""
    memory = trace.memory
    rows = np.flatnonzero((memory.kind == READ) & (memory.address >= flash.start) & (memory.address < flash.end))
    ordinal = _ordinals(memory.step[rows])
    keep = _reads_widely(memory.block[rows], memory.address[rows])
    rows, ordinal = rows[keep], ordinal[keep]
    if len(rows) < MINIMUM_SLICE:
        return ()
    steady = _steady(memory.block[rows], ordinal, memory.address[rows].astype(np.int64))
    rows = rows[steady >= 0]
    steady = steady[steady >= 0]
    # Where scans end and may go on; program code (a table look-up) may happen to end at the same address.
    open_scans: dict[tuple[int, int], list[list[Slice]]] = {}
    scans: list[list[Slice]] = []
    for piece in _slices(trace, rows, steady == 1):
        waiting = open_scans.get((piece.start, piece.size), [])
        before = next((scan for scan in reversed(waiting) if scan[-1].blocks & piece.blocks), None)
        if before is None:
            before = []
            scans.append(before)
        else:
            waiting.remove(before)
        before.append(piece)
        ending = open_scans.setdefault((piece.end, piece.size), [])
        ending[:] = [scan for scan in ending if not scan[-1].blocks & piece.blocks]
        ending.append(before)
    long = [Scan(tuple(scan)) for scan in scans if scan[-1].end - scan[0].start >= MINIMUM_SCAN]
    return tuple(sorted(long, key=lambda scan: scan.slices[0].first_row))


def _ordinals(step: Ints) -> Ints:
    """Place of each read among the reads of the same execution of its block: stands for the instruction."""
    count = np.arange(len(step), dtype=np.int64)
    new = np.ones(len(step), dtype=np.bool_)
    new[1:] = step[1:] != step[:-1]
    return count - np.maximum.accumulate(np.where(new, count, 0)) if len(step) else count


def _reads_widely(block: npt.NDArray[np.uint32], address: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Reads by blocks that read many addresses far apart, and by blocks beside them (entries of their loops)."""
    if len(block) == 0:
        return np.zeros(0, dtype=np.bool_)
    names, number = np.unique(block, return_inverse=True)
    number = number.reshape(-1)
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))
    span = np.maximum.reduceat(address[order], starts) - np.minimum.reduceat(address[order], starts)
    wide = (np.bincount(number) >= MINIMUM_READS) & (span >= MINIMUM_SPAN)
    distance = np.abs(names.astype(np.int64)[:, None] - names[wide].astype(np.int64)[None, :])
    return np.asarray((distance <= NEAR_CODE).any(axis=1)[number], dtype=np.bool_)


def _steady(block: npt.NDArray[np.uint32], ordinal: Ints, address: Ints) -> Ints:
    """1 for reads of instructions that advance by a constant stride, 0 for rarely executed ones, -1 for look-ups."""
    order = np.lexsort((ordinal, block))  # stable, so in time within an instruction
    starts = np.zeros(len(order), dtype=np.bool_)
    starts[0] = True
    starts[1:] = (block[order][1:] != block[order][:-1]) | (ordinal[order][1:] != ordinal[order][:-1])
    begins = np.flatnonzero(starts)
    stride = np.zeros(len(order), dtype=np.int64)
    stride[1:] = np.diff(address[order])
    verdict = np.empty(len(order), dtype=np.int64)
    for begin, end in zip(begins, np.append(begins[1:], len(order)), strict=True):
        inner = stride[begin + 1 : end]
        if len(inner) < MINIMUM_READS:
            verdict[order[begin:end]] = 0
            continue
        values, counts = np.unique(inner, return_counts=True)
        usual = int(np.argmax(counts))
        steady = values[usual] > 0 and counts[usual] >= STEADY_SHARE * len(inner)
        verdict[order[begin:end]] = 1 if steady else -1
    return verdict


def _slices(trace: Trace, rows: Ints, steady: npt.NDArray[np.bool_]) -> list[Slice]:
    memory = trace.memory
    address, size = memory.address[rows].astype(np.int64), memory.size[rows].astype(np.int64)
    step = memory.step[rows]
    count = len(rows)
    parent = np.arange(count, dtype=np.int64)
    linked = np.zeros(count, dtype=np.bool_)
    # A read that advances steadily is a better predecessor than one through which the loop was entered.
    for lag, only in [(n, True) for n in range(1, LOOK_BACK + 1)] + [(n, False) for n in range(1, LOOK_BACK + 1)]:
        if lag >= count:
            continue
        follows = (address[lag:] == address[:-lag] + size[:-lag]) & (size[lag:] == size[:-lag]) & ~linked[lag:]
        follows &= (step[lag:] - step[:-lag] <= SLICE_STEPS) & (steady[:-lag] | (not only))
        places = np.flatnonzero(follows) + lag
        parent[places] = places - lag
        linked[places] = True
    while True:  # every step doubles the distance, so a few suffice
        further = parent[parent]
        if np.array_equal(further, parent):
            break
        parent = further
    order = np.argsort(parent, kind="stable")
    starts = np.flatnonzero(np.diff(parent[order], prepend=-1))
    ends = np.append(starts[1:], count)
    root = order[starts]
    top = np.maximum.reduceat(address[order], starts) + size[root]
    long = ends - starts >= MINIMUM_SLICE
    # Table look-ups leave many short pieces; a short rest of a scan begins where a long piece ends.
    keep = long | np.isin(address[root], top[long])
    pieces = []
    for begin, end in zip(starts[keep], ends[keep], strict=True):
        members = order[begin:end]
        last = members[int(np.argmax(address[members]))]
        pieces.append(
            Slice(
                int(address[members[0]]),
                int(address[last] + size[last]),
                int(rows[members[0]]),
                int(rows[last]),
                int(size[members[0]]),
                frozenset(map(int, np.unique(memory.block[rows[members]]))),
            )
        )
    return sorted(pieces, key=lambda piece: piece.first_row)
