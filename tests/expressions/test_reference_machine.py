"""The reference machine, operation by operation."""

import math

import numpy as np
import pytest

from swassess.expressions.bytecode import Op, Program
from swassess.expressions.reference_machine import Surroundings, evaluate


def _run(code: list[int], constants: list[float], world: Surroundings | None = None) -> float:
    return evaluate(Program("", np.array([*code, Op.END], np.int64), np.array(constants, np.float64)), world)


@pytest.mark.parametrize(
    ("op", "left", "right", "result"),
    [
        (Op.ADD, 2, 0.5, 2.5),
        (Op.SUB, 2, 3, -1),
        (Op.MUL, -2, 3, -6),
        (Op.FDIV, 1, 4, 0.25),
        (Op.FDIV, 1, 0, 0),
        (Op.IDIV, -7, 2, -3),
        (Op.IDIV, 7, -2, -3),
        (Op.IDIV, 7, 0, 0),
        (Op.IDIV, 4294967295, 2, 2147483647),
        (Op.IMOD, -7, 2, -1),
        (Op.IMOD, 7, -2, 1),
        (Op.IMOD, 7, 0, 0),
        (Op.BITAND, -1, 255, 255),
        (Op.BITOR, -256, 1, -255),
        (Op.BITXOR, -1, 1, -2),
        (Op.SHL, 1, 31, 2147483648),
        (Op.SHR, -8, 1, -4),
        (Op.SHR, 4294967295, 31, 1),
        (Op.LT, 1, 2, 1),
        (Op.LE, 2, 2, 1),
        (Op.GT, 1, 2, 0),
        (Op.GE, 1, 2, 0),
        (Op.EQ, 1, 1, 1),
        (Op.NE, 1, 1, 0),
        (Op.MIN, 1, 2, 1),
        (Op.MAX, 1, 2, 2),
        (Op.MAX, math.nan, 2, 2),
    ],
)
def test_binary(op: Op, left: float, right: float, result: float) -> None:
    assert _run([Op.CONST, 0, Op.CONST, 1, op], [left, right]) == result


@pytest.mark.parametrize(
    ("code", "value", "result"),
    [
        ([Op.NEG], 3, -3),
        ([Op.BITNOT], 0, -1),
        ([Op.WRAP, 8, 0], 300, 44),
        ([Op.WRAP, 8, 1], 200, -56),
        ([Op.WRAP, 32, 0], -1, 4294967295),
        ([Op.WRAP, 3, 1], 5, -3),
        ([Op.TRUNC], -2.7, -2),
        ([Op.NOT], 2, 0),
        ([Op.BOOL], 0.5, 1),
        ([Op.ABS], -2, 2),
        ([Op.EXP], 1000, math.inf),
        ([Op.SQRT], 9, 3),
        ([Op.SQRT], -9, 0),
        ([Op.SIN], 0, 0),
        ([Op.FLOOR], -2.5, -3),
        ([Op.DUP, Op.ADD], 4, 8),
        ([Op.DUP, Op.POP], 4, 4),
        ([Op.POP], 4, 0),
        ([Op.JUMP_IF_ZERO, 6, Op.LOAD_TIME, Op.END], 1, 2.5),
        ([Op.JUMP_IF_ZERO, 6, Op.LOAD_TIME, Op.END], 0, 0),
        ([Op.JUMP, 5, Op.NEG], 7, 7),
    ],
)
def test_one_value(code: list[int], value: float, result: float) -> None:
    assert _run([Op.CONST, 0, *code], [value], Surroundings(time=2.5)) == result


def test_what_a_program_sees() -> None:
    seen = []

    def read(address: int, size: int) -> int:
        seen.append((address, size))
        return 0xFE

    world = Surroundings(read_memory=read, pin=lambda pin: pin == 28, variables=[1.0, 2.0], time=0.5, mode=4)
    assert _run([Op.LOAD, 0x20000000, 1, 1], [], world) == -2
    assert _run([Op.CONST, 0, Op.LOAD_INDIRECT, 2, 0], [0x20000004], world) == 0xFE
    assert seen == [(0x20000000, 1), (0x20000004, 2)]
    assert _run([Op.LOAD_PIN, 28], [], world) == 1
    assert _run([Op.LOAD_PIN, 27], [], world) == 0
    assert _run([Op.LOAD_VARIABLE, 1], [], world) == 2
    assert _run([Op.LOAD_MODE], [], world) == 4
    assert _run([Op.CONST, 0, Op.STORE_VARIABLE, 1], [9.0], world) == 0
    assert world.variables == [1.0, 9.0]
    with pytest.raises(LookupError, match="no memory"):
        _run([Op.LOAD, 0, 4, 0], [])
