"""C's conversions and operators on pieces (ISO/IEC 9899:2011, 6.3.1 and 6.5), for a target with 32-bit int.

What C leaves undefined is settled here, the same on each host: signed overflow wraps around, shift counts are taken
modulo 32, a division by zero that only shows at run time gives 0, and conversion from double saturates.
"""

from dataclasses import replace

from swassess.errors import ExpressionError
from swassess.expressions.bytecode import Op
from swassess.expressions.pieces import Piece, apply, choose, constant, wrap
from swassess.expressions.value_types import BOOL, DOUBLE, INT, UINT, AddressType, DoubleType, IntegerType, ValueType

_EXACT = 2.0**53
_SAFE = 2.0**62

_COMPARISONS = {"<": Op.LT, "<=": Op.LE, ">": Op.GT, ">=": Op.GE, "==": Op.EQ, "!=": Op.NE}
_BITWISE = {"&": Op.BITAND, "|": Op.BITOR, "^": Op.BITXOR}


def binary(operator: str, left: Piece, right: Piece) -> Piece:
    """left `operator` right for operands without pointer arithmetic. Raises ExpressionError where C has no meaning."""
    if operator in _COMPARISONS:
        left, right = usual(left, right)
        return apply(_COMPARISONS[operator], [left, right], INT, (0, 1))
    if operator in ("<<", ">>"):
        return _shift(operator, left, right)
    if operator in ("%", "&", "|", "^"):
        for side in (left, right):
            _require_integer(side, operator)
    left, right = usual(left, right)
    if isinstance(left.type, DoubleType):
        return _double_binary(operator, left, right)
    return _integer_binary(operator, left, right, _integer(left))


def logical(operator: str, left: Piece, right: Piece) -> Piece:
    """&& and ||: the right side is evaluated only when it decides."""
    if operator == "&&":
        return choose(left, truth(right), constant(0, INT))
    return choose(left, constant(1, INT), truth(right))


def conditional(condition: Piece, yes: Piece, no: Piece) -> Piece:
    """condition ? yes : no, both converted to their common type."""
    yes, no = usual(yes, no)
    return choose(condition, yes, no)


def unary(operator: str, piece: Piece) -> Piece:
    """+, -, ~ and ! of a value."""
    if operator == "!":
        return apply(Op.NOT, [piece], INT, (0, 1))
    if operator == "~":
        _require_integer(piece, operator)
        value = promote(piece)
        return wrap(apply(Op.BITNOT, [value], INT, (~int(value.high), ~int(value.low))), _integer(value))
    if isinstance(piece.type, AddressType):
        raise ExpressionError(f"unary {operator} of a pointer")
    value = promote(piece)
    if operator == "+":
        return value
    negated = apply(Op.NEG, [value], value.type, (-value.high, -value.low))
    return negated if isinstance(value.type, DoubleType) else wrap(negated, _integer(value))


def truth(piece: Piece) -> Piece:
    """0 or 1."""
    return replace(piece, type=INT) if piece.low >= 0 and piece.high <= 1 and not _is_double(piece) else _bool(piece)


def convert(piece: Piece, type_: ValueType) -> Piece:
    """The value converted to a type, as by a cast or an assignment."""
    if isinstance(type_, DoubleType):
        if isinstance(piece.type, AddressType):
            raise ExpressionError("a pointer cannot become a double")
        return replace(piece, type=DOUBLE)
    if isinstance(type_, AddressType):
        return replace(convert(piece, UINT), type=type_)
    if type_.boolean:
        return replace(truth(piece), type=BOOL)
    if _is_double(piece):
        # Saturating first keeps every machine inside 64-bit integers, and is what the Arm run-time library does.
        wide = UINT if type_ == UINT else INT
        piece = apply(Op.MAX, [piece, constant(wide.low, DOUBLE)], DOUBLE, (wide.low, max(piece.high, wide.low)))
        piece = apply(Op.MIN, [piece, constant(wide.high, DOUBLE)], DOUBLE, (wide.low, wide.high))
        piece = apply(Op.TRUNC, [piece], wide, (wide.low, wide.high))
    return wrap(piece, type_)


def promote(piece: Piece) -> Piece:
    """Integer promotion; doubles and pointers stay."""
    if isinstance(piece.type, IntegerType) and (piece.type.size < 4 or piece.type.boolean):
        return replace(piece, type=INT)
    return piece


def usual(left: Piece, right: Piece) -> tuple[Piece, Piece]:
    """The usual arithmetic conversions; a pointer beside an integer or pointer is compared as an address."""
    left, right = promote(left), promote(right)
    if isinstance(left.type, AddressType) or isinstance(right.type, AddressType):
        if _is_double(left) or _is_double(right):
            raise ExpressionError("a pointer and a double cannot be combined")
        if isinstance(left.type, AddressType) and isinstance(right.type, AddressType):
            return left, right
        common: ValueType = left.type if isinstance(left.type, AddressType) else right.type
        return convert(left, common), convert(right, common)
    if _is_double(left) or _is_double(right):
        return replace(left, type=DOUBLE), replace(right, type=DOUBLE)
    if UINT in (left.type, right.type):
        return wrap(left, UINT), wrap(right, UINT)
    return left, right


def _integer_binary(operator: str, left: Piece, right: Piece, type_: IntegerType) -> Piece:
    if operator in _BITWISE:
        return apply(_BITWISE[operator], [left, right], type_, _bitwise_bounds(operator, left, right, type_))
    match operator:
        case "+":
            return wrap(apply(Op.ADD, [left, right], type_, (left.low + right.low, left.high + right.high)), type_)
        case "-":
            return wrap(apply(Op.SUB, [left, right], type_, (left.low - right.high, left.high - right.low)), type_)
        case "*":
            return _multiply(left, right, type_)
        case "/" | "%":
            if right.constant == 0:
                raise ExpressionError(f"{operator} by zero")
            largest = max(abs(left.low), abs(left.high))
            if operator == "/":
                smallest = -largest if left.low < 0 or right.low < 0 else 0
                return wrap(apply(Op.IDIV, [left, right], type_, (smallest, largest)), type_)
            return apply(Op.IMOD, [left, right], type_, (min(left.low, 0), max(left.high, 0)))
        case _:
            raise ExpressionError(f"operator {operator} is not possible here")


def _double_binary(operator: str, left: Piece, right: Piece) -> Piece:
    op = {"+": Op.ADD, "-": Op.SUB, "*": Op.MUL, "/": Op.FDIV}[operator]
    if op is Op.FDIV and right.constant == 0:
        raise ExpressionError("/ by zero")
    return apply(op, [left, right], DOUBLE, (float("-inf"), float("inf")))


def _multiply(left: Piece, right: Piece, type_: IntegerType) -> Piece:
    corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
    if max(abs(corner) for corner in corners) <= _EXACT:
        return wrap(apply(Op.MUL, [left, right], type_, (min(corners), max(corners))), type_)
    # A product of two 32-bit numbers does not fit a float64, so the right factor is split into halves of 16 bits. The
    # stack has no way to reach below its top: the operands are computed twice, which is harmless (no side effects).
    left, right = wrap(left, UINT), wrap(right, UINT)
    low_half = apply(Op.BITAND, [right, constant(0xFFFF, UINT)], UINT, (0, 0xFFFF))
    high_half = apply(Op.SHR, [right, constant(16, UINT)], UINT, (0, 0xFFFF))
    low = apply(Op.MUL, [left, low_half], UINT, (0, left.high * 0xFFFF))
    high = wrap(apply(Op.MUL, [left, high_half], UINT, (0, left.high * 0xFFFF)), UINT)
    high = apply(Op.MUL, [high, constant(0x10000, UINT)], UINT, (0, UINT.high * 0x10000))
    return wrap(apply(Op.ADD, [low, high], UINT, (0, low.high + high.high)), type_)


def _shift(operator: str, left: Piece, right: Piece) -> Piece:
    _require_integer(left, operator)
    _require_integer(right, operator)
    left, right = promote(left), promote(right)
    type_ = _integer(left)
    if right.constant is not None and not 0 <= right.constant < 32:
        raise ExpressionError(f"{operator} by {right.constant:.0f} is undefined in C (0 to 31 are possible)")
    if right.low < 0 or right.high > 31:
        right = apply(Op.BITAND, [right, constant(31, INT)], INT, (0, 31))
    if operator == ">>":
        return apply(Op.SHR, [left, right], type_, (min(left.low, 0), max(left.high, 0)))
    factor = 2 ** int(right.high)
    if left.high * factor > _SAFE:
        # The same bits as a signed number: the shifted value then stays well inside the machine's 64-bit integers.
        left = wrap(left, INT)
    bounds = (min(left.low * factor, left.low), max(left.high * factor, left.high))
    return wrap(apply(Op.SHL, [left, right], type_, bounds), type_)


def _bitwise_bounds(operator: str, left: Piece, right: Piece, type_: IntegerType) -> tuple[float, float]:
    if operator == "&":
        # A non-negative side limits the result from above and makes it non-negative.
        limits = [side.high for side in (left, right) if side.low >= 0]
        return (0, min(limits)) if limits else (type_.low, type_.high)
    if left.low >= 0 and right.low >= 0:
        return 0, (1 << int(max(left.high, right.high)).bit_length()) - 1
    return type_.low, type_.high


def _bool(piece: Piece) -> Piece:
    return apply(Op.BOOL, [piece], INT, (0, 1))


def _is_double(piece: Piece) -> bool:
    return isinstance(piece.type, DoubleType)


def _integer(piece: Piece) -> IntegerType:
    if not isinstance(piece.type, IntegerType):
        raise ExpressionError("an integer is needed here, cast with (int) or (uint32_t)")
    return piece.type


def _require_integer(piece: Piece, operator: str) -> None:
    if not isinstance(piece.type, IntegerType):
        kind = "a pointer" if isinstance(piece.type, AddressType) else "a double"
        raise ExpressionError(f"{operator} works on integers but one side is {kind}, cast it with (int) or (uint32_t)")
