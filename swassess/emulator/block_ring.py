"""The latest basic blocks of a run, for a trace of how it came to where it is."""

import numpy as np
import numpy.typing as npt

from swassess.emulator import layout as at
from swassess.emulator.arrays import Control


class BlockRing:
    """Addresses and times of the latest blocks; empty and free of cost until keep() is called."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._addresses = np.zeros(1, np.uint32)
        self._ticks = np.zeros(1, np.int64)

    def keep(self, capacity: int) -> None:
        """From now on the latest `capacity` basic blocks are kept."""
        self._addresses, self._ticks = np.zeros(capacity, np.uint32), np.zeros(capacity, np.int64)
        self._control[at.C_RING_ADDRESS] = self._addresses.ctypes.data
        self._control[at.C_RING_TICKS] = self._ticks.ctypes.data
        self._control[at.C_RING_COUNT] = 0
        self._control[at.C_RING_CAPACITY] = capacity

    def _slots(self, count: int) -> npt.NDArray[np.int64]:
        made, capacity = int(self._control[at.C_RING_COUNT]), int(self._control[at.C_RING_CAPACITY])
        return np.arange(made - min(made, capacity, count), made) % max(capacity, 1)

    def blocks(self) -> list[tuple[int, int]]:
        """(time in ticks, address) of the blocks kept, the latest last."""
        slots = self._slots(1 << 62)
        return list(zip(self._ticks[slots].tolist(), self._addresses[slots].tolist(), strict=True))

    def addresses(self, count: int) -> npt.NDArray[np.uint32]:
        """Addresses of up to `count` of the blocks kept, the latest last."""
        return self._addresses[self._slots(count)]
