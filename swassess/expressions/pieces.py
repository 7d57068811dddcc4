"""Pieces of code with a type: what the compiler puts together, and the linker that makes a Program of one.

A piece leaves exactly one value on the stack. Jumps inside a piece count instructions, so that pieces can be joined
and repeated freely.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from swassess.errors import ExpressionError
from swassess.expressions.bytecode import Op, Program
from swassess.expressions.reference_machine import evaluate
from swassess.expressions.value_types import UINT, AddressType, IntegerType, ValueType

MAX_WORDS = 4096
MAX_STACK = 32

Instruction = tuple[Op, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Piece:
    """low, high: bounds that the value is known to keep. depth: stack slots used at most. constant: value, if known.

    Bounds let the compiler leave out wraps and know which products are exact in a float64.
    """

    code: tuple[Instruction, ...]
    type: ValueType
    low: float
    high: float
    depth: int = 1
    words: int = 0
    constant: float | None = None


def constant(value: float, type_: ValueType) -> Piece:
    return Piece(((Op.CONST, (float(value),)),), type_, value, value, words=2, constant=value)


def leaf(op: Op, operands: Sequence[int], type_: ValueType, low: float = -math.inf, high: float = math.inf) -> Piece:
    return Piece(((op, tuple(operands)),), type_, low, high, words=1 + len(operands))


def apply(
    op: Op, pieces: Sequence[Piece], type_: ValueType, bounds: tuple[float, float], operands: Sequence[int] = ()
) -> Piece:
    """The values of `pieces`, then `op`; folded when all are constants. Raises ExpressionError when it gets too big."""
    code = (*(instruction for piece in pieces for instruction in piece.code), (op, tuple(operands)))
    joined = _joined(code, type_, bounds, max(place + piece.depth for place, piece in enumerate(pieces)))
    if all(piece.constant is not None for piece in pieces):
        return constant(evaluate(link(joined, "")), type_)
    return joined


def choose(condition: Piece, yes: Piece, no: Piece) -> Piece:
    """condition ? yes : no, evaluating only one of them; both have the same type already."""
    if condition.constant is not None:
        return yes if condition.constant else no
    code = (
        *condition.code,
        (Op.JUMP_IF_ZERO, (len(yes.code) + 2,)),
        *yes.code,
        (Op.JUMP, (len(no.code) + 1,)),
        *no.code,
    )
    bounds = (min(yes.low, no.low), max(yes.high, no.high))
    return _joined(code, yes.type, bounds, max(condition.depth, yes.depth, no.depth))


def stored(value: Piece, variable: int) -> Piece:
    """`value`, kept in a plant variable and left on the stack."""
    code = (*value.code, (Op.DUP, ()), (Op.STORE_VARIABLE, (variable,)))
    return _joined(code, value.type, (value.low, value.high), max(value.depth, 2))


def wrap(piece: Piece, type_: IntegerType) -> Piece:
    """The value reduced into the range of `type_`; no code where the bounds show that it is there already."""
    if type_.low <= piece.low and piece.high <= type_.high:
        return replace(piece, type=type_)
    return apply(Op.WRAP, [piece], type_, (type_.low, type_.high), (8 * type_.size, int(type_.signed)))


def link(piece: Piece, source: str) -> Program:
    """A Program with absolute jump targets and a pool of constants, ended by END."""
    if piece.depth > MAX_STACK:
        raise ExpressionError(f"needs {piece.depth} values at a time, {MAX_STACK} are possible: split it")
    starts = [0]
    for _, operands in piece.code:
        starts.append(starts[-1] + 1 + len(operands))
    pool: dict[tuple[float, float], int] = {}
    words: list[int] = []
    for index, (op, operands) in enumerate(piece.code):
        words.append(int(op))
        if op is Op.CONST:
            # 0.0 and -0.0 are equal but not the same: the sign belongs to the key.
            key = (operands[0], math.copysign(1.0, operands[0]))
            words.append(pool.setdefault(key, len(pool)))
        elif op in (Op.JUMP, Op.JUMP_IF_ZERO):
            words.append(starts[index + int(operands[0])])
        else:
            words.extend(int(operand) for operand in operands)
    words.append(int(Op.END))
    return Program(
        source, np.array(words, np.int64), np.array([value for value, _ in pool], np.float64), max(piece.depth, 1)
    )


def _joined(code: tuple[Instruction, ...], type_: ValueType, bounds: tuple[float, float], depth: int) -> Piece:
    words = sum(1 + len(operands) for _, operands in code)
    if words > MAX_WORDS:
        raise ExpressionError(f"needs more than {MAX_WORDS} code words, split it")
    return Piece(code, type_, bounds[0], bounds[1], depth, words)


def full_range(type_: ValueType) -> tuple[float, float]:
    """The bounds of a value of which only the type is known."""
    match type_:
        case IntegerType():
            return type_.low, type_.high
        case AddressType():
            return UINT.low, UINT.high
        case _:
            return -math.inf, math.inf
