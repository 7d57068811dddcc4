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
    rows = rows[_reads_widely(memory.block[rows], memory.address[rows])]
    if len(rows) < MINIMUM_SLICE:
        return ()
    open_scans: dict[tuple[int, int], list[Slice]] = {}
    scans: list[list[Slice]] = []
    for piece in _slices(trace, rows):
        before = open_scans.pop((piece.start, piece.size), None)
        if before is None or not before[-1].blocks & piece.blocks:
            before = []
            scans.append(before)
        before.append(piece)
        open_scans[piece.end, piece.size] = before
    long = [Scan(tuple(scan)) for scan in scans if scan[-1].end - scan[0].start >= MINIMUM_SCAN]
    return tuple(sorted(long, key=lambda scan: scan.slices[0].first_row))


def _reads_widely(block: npt.NDArray[np.uint32], address: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Reads by blocks that read many addresses far apart."""
    if len(block) == 0:
        return np.zeros(0, dtype=np.bool_)
    _, number = np.unique(block, return_inverse=True)
    number = number.reshape(-1)
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))
    span = np.maximum.reduceat(address[order], starts) - np.minimum.reduceat(address[order], starts)
    wide = (np.bincount(number) >= MINIMUM_READS) & (span >= MINIMUM_SPAN)
    return np.asarray(wide[number], dtype=np.bool_)


def _slices(trace: Trace, rows: Ints) -> list[Slice]:
    memory = trace.memory
    address, size = memory.address[rows].astype(np.int64), memory.size[rows].astype(np.int64)
    step = memory.step[rows]
    count = len(rows)
    parent = np.arange(count, dtype=np.int64)
    linked = np.zeros(count, dtype=np.bool_)
    for lag in range(1, LOOK_BACK + 1):
        if lag >= count:
            break
        follows = (address[lag:] == address[:-lag] + size[:-lag]) & (size[lag:] == size[:-lag]) & ~linked[lag:]
        follows &= step[lag:] - step[:-lag] <= SLICE_STEPS
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
