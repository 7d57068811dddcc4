"""Who served the registers that a run touched, from the statistics that the kernels keep."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from swassess.emulator import layout as at


@dataclass(frozen=True, slots=True)
class RegisterUse:
    """Accesses to the word at `address`; of them, those that no behaviour served, and those that saw learned bits.
    first_block: address of the basic block that touched it first."""

    address: int
    reads: int
    shadow_reads: int
    learned_reads: int
    writes: int
    shadow_writes: int
    first_block: int


def registers_used(statistics: npt.NDArray[np.int64]) -> list[RegisterUse]:
    """One entry a register, by address. statistics: int64 (rows, STATISTICS_WORDS)."""
    rows = statistics[statistics[:, at.A_KEY] != 0]
    return [
        RegisterUse(
            address=int(row[at.A_KEY]) - 1,
            reads=int(row[at.A_READS] + row[at.A_SHADOW_READS]),
            shadow_reads=int(row[at.A_SHADOW_READS]),
            learned_reads=int(row[at.A_LEARNED_READS]),
            writes=int(row[at.A_WRITES] + row[at.A_SHADOW_WRITES]),
            shadow_writes=int(row[at.A_SHADOW_WRITES]),
            first_block=int(row[at.A_FIRST_BLOCK]),
        )
        for row in rows[np.argsort(rows[:, at.A_KEY])]
    ]
