"""Which code tests RAM: basic blocks that write a value, read it, write its complement and read that, on many cells.

Programs do write and read back, but hardly ever complements, and never on many cells with the same code. So the blocks
found here separate the accesses of a RAM test from everything else that touches the same cells.
"""

import numpy as np
import numpy.typing as npt

from swassess.model.trace import READ, WRITE, AccessColumns

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

MINIMUM_CELLS = 8  # a block that does so on fewer cells may be a program toggling its flags
NEAR_STEPS = 8
NEAR_CODE = 64  # bytes
ENTRY_SHARE = 0.6
MINIMUM_SHARE = 0.2  # of the block's RAM accesses; the rest may be variables of the test itself


def data_accesses(memory: AccessColumns, start: int, end: int) -> Ints:
    """Row numbers of the program's own accesses (no exception stacking) to [start, end)."""
    keep = (memory.kind <= WRITE) & (memory.address >= start) & (memory.address < end)
    return np.flatnonzero(keep).astype(np.int64)


def order_by_cell(address: npt.NDArray[np.uint32], start: int) -> Ints:
    """Stable order by address, so that each cell's accesses follow each other in time."""
    offset = address - np.uint32(start)
    small = len(offset) == 0 or int(offset.max()) < 1 << 16
    return np.argsort(offset.astype(np.uint16) if small else offset, kind="stable").astype(np.int64)


def complements(size: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """All ones of each access's width."""
    return np.array([0, 0xFF, 0xFFFF, 0, 0xFFFFFFFF], dtype=np.uint32)[size]


def chain_starts(
    address: npt.NDArray[np.uint32], value: npt.NDArray[np.uint32], size: npt.NDArray[np.uint8]
) -> tuple[Bools, Bools]:
    """(starts, inverted) over accesses ordered by cell.

    A chain is a run of accesses of one cell, of one width, whose values are all one background or its complement;
    inverted marks accesses whose value is the complement of the one before in the same chain.
    """
    starts = np.ones(len(address), dtype=np.bool_)
    inverted = np.zeros(len(address), dtype=np.bool_)
    if len(address) > 1:
        same_cell = (address[1:] == address[:-1]) & (size[1:] == size[:-1])
        flipped = same_cell & (value[1:] == (value[:-1] ^ complements(size[1:])))
        starts[1:] = ~(flipped | (same_cell & (value[1:] == value[:-1])))
        inverted[1:] = flipped
    return starts, inverted


def testing_blocks(memory: AccessColumns, rows: Ints, start: int) -> tuple[int, ...]:
    """Addresses of the basic blocks that do the work of RAM tests, sorted. rows: see data_accesses."""
    if len(rows) == 0:
        return ()
    order = rows[order_by_cell(memory.address[rows], start)]
    address, value, kind = memory.address[order], memory.value[order], memory.kind[order]
    begins, inverted = chain_starts(address, value, memory.size[order])
    core = _core(begins, inverted & (kind == WRITE), kind, memory.step[order])
    blocks = memory.block[order]
    lowest = int(blocks.min())
    number = (blocks - np.uint32(lowest)) >> np.uint32(1)
    if int(number.max()) > 1 << 24:  # code in RAM and in flash: too far apart for a table
        names, inverse = np.unique(blocks, return_inverse=True)
        number = inverse.astype(np.uint32)
    else:
        names = np.uint32(lowest) + np.arange(int(number.max()) + 1, dtype=np.uint32) * np.uint32(2)
    totals = np.bincount(number, minlength=len(names))
    hits = np.bincount(number[core], minlength=len(names))
    likely = np.flatnonzero((hits >= MINIMUM_CELLS) & (hits >= MINIMUM_SHARE * totals))
    found = []
    for candidate in likely:
        cells = address[core & (number == candidate)]
        if 1 + np.count_nonzero(np.diff(cells)) >= MINIMUM_CELLS:  # cells come sorted
            found.append(int(names[candidate]))
    # A loop is often entered through a longer block, which does the same work on few cells.
    entries = names[np.flatnonzero((hits > 0) & (hits >= ENTRY_SHARE * totals))]
    near = [block for block in map(int, entries) if any(abs(block - known) <= NEAR_CODE for known in found)]
    return tuple(sorted({*found, *near}))


def _core(begins: Bools, toggle: Bools, kind: npt.NDArray[np.uint8], step: Ints) -> Bools:
    """Accesses that belong to a verified toggle: its element on that cell, the initialising write and the final reads.

    An element's operations on one cell follow each other within NEAR_STEPS blocks; before them may come the reads and
    the write of earlier elements, after them at most two reads.
    """
    linked, read = ~begins, kind == READ
    near = linked.copy()
    near[1:] &= np.diff(step) <= NEAR_STEPS
    element = np.cumsum(~near) - 1
    checked = np.zeros_like(toggle)
    checked[1:] |= read[:-1] & linked[1:]
    checked[:-1] |= read[1:] & linked[1:]
    hot: Bools = (np.bincount(element, weights=toggle & checked) > 0)[element]
    core: Bools = hot.copy()
    front = hot
    for _ in range(3):
        earlier = np.zeros_like(toggle)
        earlier[:-1] = front[1:] & linked[1:]
        core |= earlier
        front = earlier & read
    back = hot
    for _ in range(2):
        later = np.zeros_like(toggle)
        later[1:] = back[:-1] & linked[1:] & read[1:]
        core |= later
        back = later
    return core
