"""How values are written for people: times, counts, addresses, places, and names that came from strangers."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from swassess.model.declared import AddressRange
from swassess.model.finding import Place
from swassess.model.time import TICKS_PER_MICROSECOND, TICKS_PER_MILLISECOND, TICKS_PER_SECOND

NOTHING = "–"

_UNITS = ((TICKS_PER_SECOND, "s"), (TICKS_PER_MILLISECOND, "ms"), (TICKS_PER_MICROSECOND, "µs"), (1000, "ns"))
_DIGITS = 4
# Control characters could move a terminal's cursor, bidirectional overrides could turn a file name round: show both.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def format_ticks(ticks: int | None) -> str:
    """A time of integer ticks (1 ps) with its unit and at most four significant digits; "–" for None.

    >>> format_ticks(3_900_000_000_000)
    '3.9 s'
    """
    if ticks is None:
        return NOTHING
    if ticks == 0:
        return "0 s"
    size = abs(ticks)
    factor, unit = next(((f, u) for f, u in _UNITS if size >= f), (1, "ps"))
    value = _four_digits(Decimal(ticks) / factor)
    if abs(value) >= 1000 and unit != "s":  # 999.99 ms rounds to the next unit
        larger = _UNITS[[u for _, u in _UNITS].index(unit) - 1] if unit != "ps" else (1000, "ns")
        value, unit = _four_digits(Decimal(ticks) / larger[0]), larger[1]
    text = f"{value:,f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {unit}"


def _four_digits(value: Decimal) -> Decimal:
    places = max(0, _DIGITS - 1 - value.adjusted())
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def format_slowest(slowest: int | None, declared: int | None) -> str:
    """Slowest detection against the declared time, "–" when neither is known."""
    if slowest is None and declared is None:
        return NOTHING
    return f"{format_ticks(slowest)} / {format_ticks(declared)}"


def format_count(number: int | None) -> str:
    """A number with thousands separated by commas."""
    return NOTHING if number is None else f"{number:,}"


def format_address(address: int) -> str:
    return f"0x{address:08X}"


def format_range(span: AddressRange) -> str:
    """First and last address, both included, as engineers write them."""
    return f"{format_address(span.start)}–{format_address(max(span.start, span.end - 1))}"


def format_place(place: Place) -> str:
    """file:line, symbol and address, whichever are known."""
    parts = []
    if place.file:
        parts.append(place.file if place.line is None else f"{place.file}:{place.line}")
    if place.symbol:
        parts.append(place.symbol)
    if place.address is not None:
        parts.append(format_address(place.address))
    return " · ".join(parts)


def format_command(identity: str) -> str:
    """The command that repeats one fault, quoted for a POSIX shell."""
    quoted = clean(identity).replace("'", "'\\''")
    return f"swassess inject SUBMISSION --fault '{quoted}'"


def clean(text: str) -> str:
    """The text with control characters, bidirectional controls and lone surrogates shown as U+FFFD."""
    return _UNSAFE.sub("\ufffd", text)


def join(parts: Iterable[str], nothing: str = NOTHING) -> str:
    return ", ".join(parts) or nothing
