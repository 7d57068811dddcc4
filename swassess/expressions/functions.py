"""The functions that expressions may call."""

import math
from collections.abc import Callable, Sequence

from swassess.errors import ExpressionError
from swassess.expressions.arithmetic import convert, promote, usual
from swassess.expressions.bytecode import Op
from swassess.expressions.pieces import Piece, apply, wrap
from swassess.expressions.value_types import DOUBLE, INT, AddressType, DoubleType

_UNBOUNDED = (-math.inf, math.inf)


def call(name: str, arguments: Sequence[Piece]) -> Piece:
    """The call as a piece. Raises ExpressionError for a wrong number or kind of arguments."""
    arity, build = FUNCTIONS[name]
    if len(arguments) != arity:
        raise ExpressionError(f"{name} takes {arity} argument{'s' * (arity > 1)}, not {len(arguments)}")
    if any(isinstance(argument.type, AddressType) for argument in arguments):
        raise ExpressionError(f"{name} does not take a pointer")
    return build(*arguments)


def _minimum(left: Piece, right: Piece) -> Piece:
    left, right = usual(left, right)
    return apply(Op.MIN, [left, right], left.type, (min(left.low, right.low), min(left.high, right.high)))


def _maximum(left: Piece, right: Piece) -> Piece:
    left, right = usual(left, right)
    return apply(Op.MAX, [left, right], left.type, (max(left.low, right.low), max(left.high, right.high)))


def _clamp(value: Piece, low: Piece, high: Piece) -> Piece:
    return _minimum(_maximum(value, low), high)


def _absolute(value: Piece) -> Piece:
    """abs of a double stays a double (C would cut it off); of an unsigned value it is that of an int, as in C."""
    value = promote(value)
    if isinstance(value.type, DoubleType):
        return apply(Op.ABS, [value], DOUBLE, (0, math.inf))
    value = convert(value, INT)
    return wrap(apply(Op.ABS, [value], INT, (0, max(abs(value.low), abs(value.high)))), INT)


def _of_double(op: Op) -> Callable[[Piece], Piece]:
    return lambda value: apply(op, [convert(value, DOUBLE)], DOUBLE, _UNBOUNDED)


FUNCTIONS: dict[str, tuple[int, Callable[..., Piece]]] = {
    "min": (2, _minimum),
    "max": (2, _maximum),
    "abs": (1, _absolute),
    "fabs": (1, _of_double(Op.ABS)),
    "clamp": (3, _clamp),
    "exp": (1, _of_double(Op.EXP)),
    "sqrt": (1, _of_double(Op.SQRT)),
    "sin": (1, _of_double(Op.SIN)),
    "floor": (1, _of_double(Op.FLOOR)),
}
