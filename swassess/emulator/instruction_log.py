"""The instruction log: registers before every instruction, written by a native hook into a NumPy buffer.

It serves the comparison with other implementations of the architecture. Instructions whose condition fails do not come
by (the engine does not call the hook for them), and bits IT of xPSR are not those of the instruction: who compares
derives both. An instruction that faults is in the log, the same as one that an exception keeps waiting is not.

Without the log, what becomes pending is looked at between blocks; with it, between instructions (but not inside an IT
block, where the engine cannot stop), as other implementations do it. Two things can be imposed, so that asynchronous
exceptions fall on a given instruction: `time_by_instruction` lets time pass by instructions instead of by blocks, and
`pend` makes exceptions pending just before the instructions with given numbers.
"""

from swassess.emulator import native  # isort: skip  (sets up the kernel cache)

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import unicorn
from numba import carray, cfunc, int64, njit
from unicorn.arm_const import (
    UC_ARM_REG_D0,
    UC_ARM_REG_FPSCR,
    UC_ARM_REG_LR,
    UC_ARM_REG_R0,
    UC_ARM_REG_SP,
    UC_ARM_REG_XPSR,
)

from swassess.emulator import bus
from swassess.emulator.arrays import Control
from swassess.emulator.hooks import BLOCK_SIGNATURE, control_of
from swassess.emulator.layout import (
    C_BLOCK,
    C_ENGINE,
    C_INSTRUCTION_LIMIT,
    C_IT_END,
    C_SAVED,
    C_STOP,
    DEADLINE,
    MASKED_PENDING,
    PENDING,
    STOP_DEADLINE,
    TICKS,
)
from swassess.emulator.registers import SAVED_WORDS, in_it_block, packed_masks
from swassess.emulator.taps import follow_it_blocks
from swassess.errors import EmulationError

if TYPE_CHECKING:
    from swassess.emulator.mcu import Mcu

WORDS = 17  # r0 to r15, xPSR
FLOAT_WORDS = 33  # s0 to s31, FPSCR
PC_AT, XPSR_AT = 15, 16

_C_BUFFER, _C_CAPACITY, _C_COUNT = 190, 191, 192
_C_FLOATS = 193  # address of the buffer for FLOAT_WORDS a row, or 0
_C_PLAN, _C_PLANNED = 194, 195  # pairs (instruction number, exception), and how many of them have been carried out
_C_INSTRUCTION_TICKS = 196  # 0: time passes by blocks
_C_HALF_WAY = 198  # 1 + number of the instruction before which half of these ticks have passed
_C_CORRUPT = 197  # 0, or 1 + number of the instruction before which the lowest bit of r0 is flipped


@njit(cache=True)
def _planned(C: Control) -> bool:
    """Whether an exception is due before this instruction; it has then been made pending."""
    if C[_C_PLAN] == 0:
        return False
    plan = carray(native.int64_pointer(C[_C_PLAN]), (2 * C[_C_PLANNED] + 2,))
    if plan[2 * C[_C_PLANNED]] != C[_C_COUNT]:
        return False
    S = bus.state_of(C)
    S[PENDING + plan[2 * C[_C_PLANNED] + 1]] = 1
    S[DEADLINE] = 0
    C[_C_PLANNED] += 1
    return True


@cfunc(BLOCK_SIGNATURE, cache=True)
def on_logged_instruction(engine: Any, address: int, size: int, user: Any) -> None:
    C = control_of(user)
    i = C[_C_COUNT]
    if carray(native.int64_pointer(C[C_SAVED]), (SAVED_WORDS,))[SAVED_WORDS - 1]:
        return  # behind a store that failed: will be undone
    S = bus.state_of(C)
    looked = int64(address) == C[C_BLOCK]  # by on_block, just now
    if C[_C_INSTRUCTION_TICKS] and C[_C_HALF_WAY] != i + 1:  # so that rounding does not decide what is due here
        looked = False
        S[TICKS] += C[_C_INSTRUCTION_TICKS] >> 1
        C[_C_HALF_WAY] = i + 1
    follow_it_blocks(C, int64(address))
    full = i >= C[_C_CAPACITY]
    if full:
        C[C_INSTRUCTION_LIMIT] = 0  # the run loop leaves
    stop = _planned(C) or full
    if not looked and (S[TICKS] >= S[DEADLINE] or (S[MASKED_PENDING] and S[MASKED_PENDING] != 1 + packed_masks(C))):
        stop = True
    if stop and not C[C_IT_END] and not in_it_block(C):
        C[C_STOP] = STOP_DEADLINE
        native.uc_emu_stop(C[C_ENGINE])
        return
    if full:
        return
    if C[_C_CORRUPT] == i + 1:
        scratch = C[_C_BUFFER] + 4 * WORDS * i
        native.uc_reg_read(C[C_ENGINE], UC_ARM_REG_R0, scratch)
        carray(native.uint32_pointer(scratch), (1,))[0] ^= 1
        native.uc_reg_write(C[C_ENGINE], UC_ARM_REG_R0, scratch)
    row = C[_C_BUFFER] + 4 * WORDS * i
    for register in range(13):
        native.uc_reg_read(C[C_ENGINE], UC_ARM_REG_R0 + register, row + 4 * register)
    native.uc_reg_read(C[C_ENGINE], UC_ARM_REG_SP, row + 52)
    native.uc_reg_read(C[C_ENGINE], UC_ARM_REG_LR, row + 56)
    carray(native.uint32_pointer(row), (WORDS,))[PC_AT] = int64(address)
    native.uc_reg_read(C[C_ENGINE], UC_ARM_REG_XPSR, row + 64)
    if C[_C_FLOATS]:
        floats = C[_C_FLOATS] + 4 * FLOAT_WORDS * i
        for register in range(16):
            native.uc_reg_read(C[C_ENGINE], UC_ARM_REG_D0 + register, floats + 8 * register)
        native.uc_reg_read(C[C_ENGINE], UC_ARM_REG_FPSCR, floats + 128)
    C[_C_COUNT] = i + 1
    S[TICKS] += C[_C_INSTRUCTION_TICKS] - (C[_C_INSTRUCTION_TICKS] >> 1)


class InstructionLog:
    """The log of one MCU that has not run yet; once `capacity` rows are full, run() returns DONE_BUDGET.

    floats: keep the FPU's registers as well. Raises EmulationError for a capacity that is no positive number.
    """

    def __init__(self, mcu: "Mcu", capacity: int, *, floats: bool = False) -> None:
        if capacity <= 0:
            raise EmulationError(f"an instruction log of {capacity} rows is no log; give a positive capacity")
        self._mcu = mcu
        self._rows: npt.NDArray[np.uint32] = mcu.array(np.uint32, capacity * WORDS)
        self._floats: npt.NDArray[np.uint32] = mcu.array(np.uint32, capacity * FLOAT_WORDS if floats else 0)
        control = mcu.control
        control[_C_BUFFER] = self._rows.ctypes.data
        control[_C_CAPACITY] = capacity
        control[_C_FLOATS] = self._floats.ctypes.data if floats else 0
        for cell in (_C_COUNT, _C_PLAN, _C_PLANNED, _C_INSTRUCTION_TICKS, _C_CORRUPT, _C_HALF_WAY):
            control[cell] = 0
        mcu.add_hook(unicorn.UC_HOOK_CODE, on_logged_instruction)

    def __len__(self) -> int:
        return int(self._mcu.control[_C_COUNT])

    @property
    def full(self) -> bool:
        return len(self) >= int(self._mcu.control[_C_CAPACITY])

    @property
    def rows(self) -> npt.NDArray[np.uint32]:
        """Shape (instructions, WORDS): r0 to r15 and xPSR before each instruction, in order of execution."""
        return self._rows.reshape(-1, WORDS)[: len(self)]

    @property
    def floats(self) -> npt.NDArray[np.uint32]:
        """Shape (instructions, FLOAT_WORDS): s0 to s31 and FPSCR, or no rows when they are not kept."""
        return self._floats.reshape(-1, FLOAT_WORDS)[: len(self)]

    def pend(self, plan: Sequence[tuple[int, int]]) -> None:
        """Makes exceptions pending just before the instructions with these numbers: pairs (instruction, exception)."""
        cells = self._mcu.array(np.int64, 2 * len(plan) + 2)
        cells[: 2 * len(plan)] = np.array(sorted(plan), np.int64).reshape(-1)
        cells[2 * len(plan)] = -1
        self._mcu.control[_C_PLAN] = cells.ctypes.data
        self._mcu.control[_C_PLANNED] = 0

    def time_by_instruction(self, ticks: int) -> None:
        """Every instruction takes so many ticks; blocks take none when the core's cycle has been set to 0."""
        self._mcu.control[_C_INSTRUCTION_TICKS] = ticks

    def corrupt(self, instruction: int) -> None:
        """Flips the lowest bit of r0 before one instruction: what a comparison must notice there."""
        self._mcu.control[_C_CORRUPT] = instruction + 1
