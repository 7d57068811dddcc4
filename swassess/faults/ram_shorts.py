"""Shorts (wired AND, wired OR) between neighbouring bits and words of RAM, against the reads that a test made.

A short changes a read when the two lines carry different values at that moment: with AND the line that is 1 reads 0,
with OR the line that is 0 reads 1 (d.c. fault model, H.2.18.4, one level dominates).
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from numba import njit

from swassess.model.declared import AddressRange
from swassess.model.trace import AccessColumns

assert native is not None
Counts = npt.NDArray[np.int64]


@njit(cache=True)
def _seen(address, value, kind, ours, start, content, inside, next_and, next_or):  # type: ignore[no-untyped-def]
    words = content.size
    for row in range(address.size):
        index = (np.int64(address[row]) - start) >> 2
        if index < 0 or index >= words:
            continue
        now = np.int64(value[row])
        if kind[row] & 1:
            content[index] = now
            continue
        content[index] = now
        if not ours[row]:
            continue
        inside[index] |= (now ^ (now >> 1)) & 0x7FFFFFFF
        if index + 1 < words:
            other = content[index + 1]
            next_and[index] |= now & ~other & 0xFFFFFFFF
            next_or[index] |= ~now & other & 0xFFFFFFFF
        if index > 0:
            other = content[index - 1]
            next_and[index - 1] |= now & ~other & 0xFFFFFFFF
            next_or[index - 1] |= ~now & other & 0xFFFFFFFF


def shorts_seen(memory: AccessColumns, ram: AddressRange, blocks: Sequence[int]) -> tuple[Counts, Counts]:
    """Per 32-bit word of RAM: shorts that a read in one of `blocks` (the test's code) sees, and shorts there are.

    Counted are pairs of neighbouring bits of the word and pairs of the same bit in this and the next word, each as AND
    and as OR. Only word-wide accesses are followed; others leave the content of their word as it was last known.
    """
    words = (ram.end - ram.start) >> 2
    rows = (memory.size == 4) & (memory.address >= ram.start) & (memory.address < ram.end)
    content, inside, next_and, next_or = (np.zeros(words, np.int64) for _ in range(4))
    ours = np.isin(memory.block[rows], np.array(sorted(blocks), np.uint32))
    _seen(
        memory.address[rows], memory.value[rows], memory.kind[rows], ours, ram.start, content, inside, next_and, next_or
    )
    seen = 2 * np.bitwise_count(inside) + np.bitwise_count(next_and) + np.bitwise_count(next_or)
    space = np.full(words, 2 * 31 + 2 * 32, np.int64)
    space[-1] -= 2 * 32
    return seen.astype(np.int64), space
