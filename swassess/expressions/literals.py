"""Literals as pieces: integers by C's rules for a target with 32-bit int and long, floating and character constants."""

import math
import re
import struct

from swassess.errors import ExpressionError
from swassess.expressions.pieces import Piece, constant
from swassess.expressions.value_types import DOUBLE, INT, UINT

_INTEGER = re.compile(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)([uUlL]*)")
_ESCAPES = {"n": 10, "r": 13, "t": 9, "0": 0, "\\": 92, "'": 39}


def literal(text: str) -> Piece:
    """The piece of a literal. Raises ExpressionError where 32 bits do not hold it."""
    if text.startswith("'"):
        inner = text[1:-1]
        return constant(_ESCAPES[inner[1]] if inner.startswith("\\") else ord(inner), INT)
    found = _INTEGER.fullmatch(text)
    return _integer(text, found[1], found[2].lower()) if found else _floating(text)


def _integer(text: str, digits: str, suffix: str) -> Piece:
    if suffix not in ("", "u", "l", "ul", "lu"):
        raise ExpressionError(f"literal {text} has 64 bits, expressions have 32")
    prefix = digits[:2].lower()
    base = {"0x": 16, "0b": 2}.get(prefix, 8 if digits.startswith("0") else 10)
    try:
        value = int(digits[2:] if base in (16, 2) else digits, base)
    except ValueError:
        raise ExpressionError(f"literal {text} is not a number (a leading 0 means octal)") from None
    if value > UINT.high:
        raise ExpressionError(f"literal {text} does not fit 32 bits")
    if value <= INT.high and "u" not in suffix:
        return constant(value, INT)
    if base == 10 and "u" not in suffix:
        raise ExpressionError(f"literal {text} does not fit an int, write {digits}u")
    return constant(value, UINT)


def _floating(text: str) -> Piece:
    """1.5f has the value of the nearest 32-bit float; calculation goes on in double."""
    digits = text.lower()
    hexadecimal = digits.startswith("0x")
    single = digits.endswith("f")
    digits = digits.rstrip("fl") if not hexadecimal or "p" in digits else digits
    try:
        value = float.fromhex(digits) if hexadecimal else float(digits)
        if single:
            value = float(struct.unpack("<f", struct.pack("<f", value))[0])
    except (ValueError, OverflowError):
        raise ExpressionError(f"literal {text} is not a number") from None
    if not math.isfinite(value):
        raise ExpressionError(f"literal {text} is too large")
    return constant(value, DOUBLE)
