"""The kinds of values a manifest is made of: times, pins, addresses, paths; each says plainly what it expects."""

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from swassess.model.time import TICKS_PER_SECOND
from swassess.submission.paths import path_fault

LONGEST_TICKS = 30 * 24 * 3600 * TICKS_PER_SECOND
LONGEST_EXPRESSION = 3000
LAST_ADDRESS = 0xFFFF_FFFF

TIME_PATTERN = r"^\s*\d{1,9}(\.\d{1,12})?\s*(h|min|s|ms|us|µs|μs|ns)\s*$"
PIN_PATTERN = r"^P[A-K](1[0-5]|[0-9])$"
NAME_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*$"
ID_PATTERN = r"^[A-Za-z0-9_][A-Za-z0-9_.\-]*$"

_TIME = re.compile(r"\s*(\d{1,9}(?:\.\d{1,12})?)\s*(h|min|s|ms|us|µs|μs|ns)\s*", re.ASCII)
_UNITS = {
    "h": 3600 * TICKS_PER_SECOND,
    "min": 60 * TICKS_PER_SECOND,
    "s": TICKS_PER_SECOND,
    "ms": TICKS_PER_SECOND // 10**3,
    "us": TICKS_PER_SECOND // 10**6,
    "µs": TICKS_PER_SECOND // 10**6,
    "μs": TICKS_PER_SECOND // 10**6,
    "ns": TICKS_PER_SECOND // 10**9,
}
_KINDS = {bool: "true or false", int: "an integer", float: "a number", str: "a text", list: "a list", dict: "a table"}


def kind_of(value: object) -> str:
    """What a TOML value is, in plain words."""
    return _KINDS.get(type(value), "a date or time")


def shown(value: object) -> str:
    """A TOML value for a message: short, on one line, and never a container's whole content."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = value if len(value) <= 60 else value[:57] + "..."
        return '"' + "".join(c if c.isprintable() else " " for c in text) + '"'
    if isinstance(value, int):
        return str(value) if abs(value) < 2**64 else "an integer of more than 64 bits"
    if isinstance(value, float):
        return repr(value)
    return kind_of(value)


def parse_time(value: object) -> int:
    """Ticks (picoseconds) of a text such as "10ms" or "1.5s". Raises ValueError that says what is expected."""
    if not isinstance(value, str):
        raise ValueError(f'must be a time with its unit such as "10ms" or "2s", not {shown(value)}')
    match = _TIME.fullmatch(value)
    if match is None:
        raise ValueError(
            f'must be a time with its unit such as "10ms" or "2s" (h, min, s, ms, us, ns), not {shown(value)}'
        )
    ticks = Decimal(match.group(1)) * _UNITS[match.group(2)]
    if ticks != int(ticks):
        raise ValueError(f"is finer than a picosecond: {shown(value)}")
    if ticks > LONGEST_TICKS:
        raise ValueError(f"is longer than 30 days: {shown(value)}")
    return int(ticks)


def _positive_time(value: object) -> int:
    ticks = parse_time(value)
    if ticks == 0:
        raise ValueError(f"must be longer than nothing, not {shown(value)}")
    return ticks


def _matching(pattern: str, words: str) -> BeforeValidator:
    expression = re.compile(pattern.strip("^$"), re.ASCII)

    def check(value: object) -> object:
        if not isinstance(value, str) or not expression.fullmatch(value):
            raise ValueError(f"must be {words}, not {shown(value)}")
        return value

    return BeforeValidator(check)


def _path(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError(f'must be a path inside the submission such as "doc/manual.md", not {shown(value)}')
    fault = path_fault(value)
    if fault:
        raise ValueError(f"names the path {shown(value)}, which {fault}")
    return value


def _text(value: object) -> object:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"must be a text that says something, not {shown(value)}")
    return value


def _expression(value: object) -> object:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"must be a C expression written as a text, not {shown(value)}")
    if len(value) > LONGEST_EXPRESSION:
        raise ValueError(f"is an expression of more than {LONGEST_EXPRESSION} characters")
    return value


def _scalar(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"must be an integer or a text, not {shown(value)}")
    return value


def _items(value: object) -> object:
    """One Annex 4 item or several: a single paper often answers more than one."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not values or not all(isinstance(v, str) and v.strip() for v in values):
        raise ValueError(f'must be an item of Annex 4 such as "5.2", or a list of them, not {shown(value)}')
    return values


Time = Annotated[int, BeforeValidator(parse_time), WithJsonSchema({"type": "string", "pattern": TIME_PATTERN})]
PositiveTime = Annotated[
    int, BeforeValidator(_positive_time), WithJsonSchema({"type": "string", "pattern": TIME_PATTERN})
]
# The field's own limits stand first: they reach the JSON Schema, while the validators behind them speak to the reader.
Pin = Annotated[
    str, Field(pattern=PIN_PATTERN), _matching(PIN_PATTERN, 'a pin such as "PB0" (port A to K, number 0 to 15)')
]
Identifier = Annotated[
    str, Field(pattern=ID_PATTERN), _matching(ID_PATTERN, "an id of letters, digits, '.', '-' and '_'")
]
CName = Annotated[str, Field(pattern=NAME_PATTERN), _matching(NAME_PATTERN, "a C identifier")]
RelativePath = Annotated[str, BeforeValidator(_path)]
Text = Annotated[str, Field(min_length=1), BeforeValidator(_text)]
Expression = Annotated[str, Field(min_length=1), BeforeValidator(_expression)]
Address = Annotated[int, Field(ge=0, le=LAST_ADDRESS)]
Scalar = Annotated[Any, PlainValidator(_scalar), WithJsonSchema({"type": ["integer", "string"]})]
Items = Annotated[
    list[str],
    BeforeValidator(_items),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
