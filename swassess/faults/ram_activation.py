"""Where each stuck-at cell of RAM is first seen: the block of the golden run whose read would give another value."""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

import numpy as np
import numpy.typing as npt
from numba import njit

from swassess.model.declared import AddressRange
from swassess.model.trace import AccessColumns

assert native is not None
Steps = npt.NDArray[np.int64]


@njit(cache=True)
def _first_reads(address, value, size, kind, step, start, cells, first):  # type: ignore[no-untyped-def]
    for row in range(address.size):
        if kind[row] & 1:
            continue
        offset = np.int64(address[row]) - start
        for byte in range(size[row]):
            cell = offset + byte
            if 0 <= cell < cells:
                content = (np.int64(value[row]) >> (8 * byte)) & 0xFF
                for bit in range(8):
                    stuck = 1 - ((content >> bit) & 1)
                    if first[cell, bit, stuck] < 0:
                        first[cell, bit, stuck] = step[row]


def first_activation(memory: AccessColumns, ram: AddressRange) -> Steps:
    """int64 array (bytes of RAM, 8 bits, stuck value): number of the activating block, -1 where no read sees it.

    A cell stuck at the value that every read finds anyway is never activated: that fault has the golden outcome by
    proof.
    """
    cells = ram.end - ram.start
    first = np.full((cells, 8, 2), -1, np.int64)
    _first_reads(memory.address, memory.value, memory.size, memory.kind, memory.step, ram.start, cells, first)
    return first
