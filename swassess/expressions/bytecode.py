"""The instruction set that compiled C expressions use.

One stack of float64 values: it holds every 32-bit integer exactly, and the compiler emits the wrap and truncate
operations that give C's integer results. Operands follow their operation inside the code array. The emulator carries
the native machine for it (emulator/expression_machine.py), the tests a reference machine in Python.
"""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt


class Op(IntEnum):
    """Operation codes; the comment names operands, then what happens to the stack (rightmost is the top)."""

    END = 0  # result is the top of the stack (0 when empty)
    CONST = 1  # k: push constants[k]
    LOAD = 2  # address, size 1/2/4, signed 0/1: push memory (RAM, flash or peripheral, without side effects)
    LOAD_INDIRECT = 3  # size, signed: pop address, push memory
    LOAD_VARIABLE = 4  # i: push plant variable i
    STORE_VARIABLE = 5  # i: pop into plant variable i
    LOAD_PIN = 6  # p = 16 * port + number: push the level at the pin, 0 or 1
    LOAD_TIME = 7  # push simulated seconds since power-on
    LOAD_MODE = 8  # push the golden run's mode at this time (-1: unknown)
    ADD = 10
    SUB = 11
    MUL = 12
    FDIV = 13  # floating division; by zero gives 0
    IDIV = 14  # C integer division, truncating; by zero gives 0
    IMOD = 15  # C remainder; by zero gives 0
    NEG = 16
    BITAND = 17
    BITOR = 18
    BITXOR = 19
    BITNOT = 20
    SHL = 21
    SHR = 22  # on the value as it is (non-negative: logical, negative: arithmetic)
    WRAP = 23  # bits, signed: reduce modulo 2^bits into the type's range
    TRUNC = 24  # towards zero
    LT = 30
    LE = 31
    GT = 32
    GE = 33
    EQ = 34
    NE = 35
    NOT = 36  # logical
    BOOL = 37  # 0 or 1
    JUMP = 40  # target index in code
    JUMP_IF_ZERO = 41  # target: pop, jump when 0
    DUP = 42
    POP = 43
    MIN = 50
    MAX = 51
    ABS = 52
    EXP = 53
    SQRT = 54
    SIN = 55
    FLOOR = 56


@dataclass(slots=True)
class Program:
    """Compiled expression. code: int64 array, constants: float64 array, source kept for messages."""

    source: str
    code: npt.NDArray[np.int64]
    constants: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0, np.float64))
    stack_depth: int = 16
