"""The golden trace: what the fault-free run read, wrote and executed, in columns."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

READ, WRITE, STACK_READ, STACK_WRITE = 0, 1, 2, 3


@dataclass(slots=True)
class AccessColumns:
    """One row an access, in order; all columns have the same length.

    address, value: uint32 (value read or written); size: uint8 (1, 2, 4 bytes); kind: uint8 (READ, WRITE, and the same
    by exception stacking); block: uint32, address of the basic block executing; ticks: int64 picoseconds at the start
    of that block; step: int64, index of that block in execution order.
    """

    address: npt.NDArray[np.uint32]
    value: npt.NDArray[np.uint32]
    size: npt.NDArray[np.uint8]
    kind: npt.NDArray[np.uint8]
    block: npt.NDArray[np.uint32]
    ticks: npt.NDArray[np.int64]
    step: npt.NDArray[np.int64]

    def none(self) -> "AccessColumns":
        """The same columns without a row."""
        return AccessColumns(
            self.address[:0].copy(),
            self.value[:0].copy(),
            self.size[:0].copy(),
            self.kind[:0].copy(),
            self.block[:0].copy(),
            self.ticks[:0].copy(),
            self.step[:0].copy(),
        )


@dataclass(slots=True)
class Trace:
    """memory: RAM and flash data accesses; registers: peripheral accesses.

    block_entries / block_sizes: per half-word of flash (index (address - flash start) // 2), how often a block began
    there and how many bytes it has. mark_*: entries of watched functions (ticks, address, step, and the number of
    memory accesses recorded before). resets: (ticks, cause). truncated: True when the window was too small.
    """

    scenario: str
    memory: AccessColumns
    registers: AccessColumns
    block_entries: npt.NDArray[np.int64]
    block_sizes: npt.NDArray[np.uint16]
    mark_ticks: npt.NDArray[np.int64]
    mark_address: npt.NDArray[np.uint32]
    mark_step: npt.NDArray[np.int64]
    mark_access: npt.NDArray[np.int64]
    resets: tuple[tuple[int, str], ...]
    end_ticks: int
    truncated: bool = False
