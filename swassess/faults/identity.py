"""The fault identity: `model@location#trigger?scenario`, the one spelling used by store, command line, tests, reports.

Examples (all canonical)::

    stuck-at-1@ram:0x20002310.3#reset?wash
    flip-data@flash:0x08001234.5#time:2.5s?wash
    flip@reg:r8.31#hit:pid_step:12?wash
    dead@irq:TIM2#time:2.5s?wash
    removed@call:0x08000a24#reset?wash

Only the form is checked here: whether a symbol or a scenario exists, and whether a model can break that location, is
known to whoever injects. The view of a flash fault is the last word of its model (`flip-data`: what a check reads;
`flip-execution`: what the core fetches).
"""

import re
from typing import Final, Literal, NoReturn, cast, get_args

from swassess.errors import FaultError
from swassess.model.fault import Fault, Location, LocationSpace, Trigger, TriggerKind

View = Literal["", "data", "execution"]
# Ticks are picoseconds; largest unit first, so that formatting picks the shortest spelling.
UNITS: Final[tuple[tuple[str, int], ...]] = (
    ("s", 1_000_000_000_000),
    ("ms", 1_000_000_000),
    ("us", 1_000_000),
    ("ns", 1_000),
    ("ps", 1),
)

_MODEL = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{1,8}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]+")
_SYMBOL = re.compile(r"[A-Za-z_][A-Za-z0-9_.$]*")
_SCENARIO = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_TIME = re.compile(r"(\d+)(?:\.(\d+))?(s|ms|us|ns|ps)")
_NUMBER = re.compile(r"[0-9]{1,18}")

_MEMORY: Final = ("ram", "flash")
_WITH_BIT: Final = ("ram", "flash", "reg", "pin", "adc", "uart")  # a bit makes sense there
_VIEWS: Final = ("data", "execution")


def parse_fault(text: str) -> Fault:
    """The fault that `text` names; FaultError (one sentence, with the position counted from 1) when malformed."""
    at = text.find("@")
    if at < 0:
        _fail(text, len(text), "expected '@' and a location after the fault model")
    rest_start = at + 1
    question = text.find("?", rest_start)
    body_end = len(text) if question < 0 else question
    hash_at = text.find("#", rest_start, body_end)
    location_end = body_end if hash_at < 0 else hash_at

    location = _parse_location(text, rest_start, location_end)
    model, view = _parse_model(text, at, location.space)
    trigger = Trigger() if hash_at < 0 else _parse_trigger(text, hash_at + 1, body_end)
    scenario = ""
    if question >= 0:
        scenario = text[question + 1 :]
        if not _SCENARIO.fullmatch(scenario):
            _fail(text, question + 1, f"'{scenario}' is not a scenario name")
    return Fault(model, location, trigger, scenario, view)


def format_fault(fault: Fault) -> str:
    """The canonical identity; `parse_fault` gives the same fault back. FaultError when the fault has no spelling."""
    model = f"{fault.model}-{fault.view}" if fault.view else fault.model
    text = f"{model}@{format_location(fault.location)}#{format_trigger(fault.trigger)}"
    if fault.scenario:
        text += f"?{fault.scenario}"
    if parse_fault(text) != fault:
        raise FaultError(f"the fault {fault!r} cannot be written as an identity; '{text}' would mean another fault")
    return text


def format_location(location: Location) -> str:
    """`ram:0x20002310.3`, `reg:r8.31`, `irq:TIM2`: the part between '@' and '#'."""
    where = location.name if location.address is None else f"0x{location.address:08x}"
    bit = "" if location.bit is None else f".{location.bit}"
    return f"{location.space}:{where}{bit}"


def format_trigger(trigger: Trigger) -> str:
    """`reset`, `time:2.5s`, `hit:pid_step:12`, `insn:1000`, `mode:heat:1`: the part between '#' and '?'."""
    match trigger.kind:
        case "reset":
            return "reset"
        case "time":
            return f"time:{format_ticks(trigger.ticks)}"
        case "insn":
            return f"insn:{trigger.count}"
        case _:
            where = trigger.symbol if trigger.address is None else f"0x{trigger.address:08x}"
            return f"{trigger.kind}:{where}:{trigger.count}"


def format_ticks(ticks: int) -> str:
    """Ticks (picoseconds) in the largest unit that keeps one digit before the point, without losing any digit."""
    for unit, size in UNITS:
        if ticks >= size or (ticks == 0 and unit == "s"):
            whole, part = divmod(ticks, size)
            if not part:
                return f"{whole}{unit}"
            digits = str(part).zfill(len(str(size)) - 1).rstrip("0")
            return f"{whole}.{digits}{unit}"
    raise FaultError(f"a trigger time must not be negative, but is {ticks} ps")


def parse_ticks(text: str) -> int:
    """Ticks of "2.5s", "10ms", "200us", "3ns", "7ps"; FaultError when malformed or finer than a picosecond."""
    found = _TIME.fullmatch(text)
    if not found:
        raise FaultError(f"'{text}' is not a time; write a number with s, ms, us, ns or ps, such as 2.5s")
    whole, part, unit = found.group(1), found.group(2) or "", found.group(3)
    size = dict(UNITS)[unit]
    finest: int = 10 ** len(part)
    ticks, rest = divmod(int(whole + part) * size, finest)
    if rest:
        raise FaultError(f"the time '{text}' is finer than one picosecond; round it")
    return ticks


def _parse_model(text: str, end: int, space: LocationSpace) -> tuple[str, View]:
    model = text[:end]
    if not _MODEL.fullmatch(model):
        _fail(text, 0, f"'{model}' is not a fault model (lower-case words joined by '-')")
    head, _, tail = model.rpartition("-")
    if tail in _VIEWS and head:
        if space != "flash":
            _fail(text, len(head) + 1, f"the view '{tail}' belongs to faults of flash, not of {space}")
        return head, cast(View, tail)
    return model, ""


def _parse_location(text: str, start: int, end: int) -> Location:
    colon = text.find(":", start, end)
    if colon < 0:
        _fail(text, start, "expected a location such as ram:0x20000000.3 or reg:r8.31")
    spelled = text[start:colon]
    if spelled not in get_args(LocationSpace):
        _fail(text, start, f"'{spelled}' is no place; known are {', '.join(get_args(LocationSpace))}")
    space = cast(LocationSpace, spelled)
    where, bit = text[colon + 1 : end], None
    if space in _WITH_BIT and "." in where:
        where, _, digits = where.rpartition(".")
        highest = 7 if space in _MEMORY else 31
        if not _NUMBER.fullmatch(digits) or int(digits) > highest:
            _fail(text, end - len(digits), f"'{digits}' is not a bit number of {space} (0 to {highest})")
        bit = int(digits)
    if space in (*_MEMORY, "call"):
        if not _ADDRESS.fullmatch(where):
            _fail(text, colon + 1, f"'{where}' is not an address such as 0x20000000")
        return Location(space, address=int(where, 16), bit=bit)
    pattern = _PLAIN_NAME if space in _WITH_BIT else _SYMBOL
    if not pattern.fullmatch(where):
        _fail(text, colon + 1, f"'{where}' is not a name of {space}")
    return Location(space, name=where, bit=bit)


def _parse_trigger(text: str, start: int, end: int) -> Trigger:
    kind, colon, rest = text[start:end].partition(":")
    if kind not in get_args(TriggerKind):
        _fail(text, start, f"'{kind}' is no trigger; known are {', '.join(get_args(TriggerKind))}")
    at = start + len(kind) + 1
    if kind == "reset":
        if colon:
            _fail(text, at, "the trigger 'reset' takes no argument")
        return Trigger()
    if kind == "time":
        try:
            return Trigger("time", ticks=parse_ticks(rest))
        except FaultError as reason:
            _fail(text, at, str(reason))
    if kind == "insn":
        return Trigger("insn", count=_count(text, at, rest))
    where, counted, digits = rest.partition(":")
    count = _count(text, at + len(where) + 1, digits) if counted else 1
    spelled_kind = cast(TriggerKind, kind)
    if kind == "hit" and _ADDRESS.fullmatch(where):
        return Trigger(spelled_kind, address=int(where, 16), count=count)
    if not _SYMBOL.fullmatch(where):
        wanted = "a symbol or an address such as 0x08000a24" if kind == "hit" else "the name of a mode"
        _fail(text, at, f"'{where}' is not {wanted}")
    return Trigger(spelled_kind, symbol=where, count=count)


def _count(text: str, at: int, digits: str) -> int:
    if not _NUMBER.fullmatch(digits) or int(digits) < 1:
        _fail(text, at, f"'{digits}' is not a count (1 or more)")
    return int(digits)


def _fail(text: str, position: int, what: str) -> NoReturn:
    raise FaultError(f"fault identity '{text}', position {position + 1}: {what}")
