"""Turns pydantic's errors into sentences about the file: which key, on which line, what it must be."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from swassess.submission.problems import Problems, nearest, suggestion
from swassess.submission.toml_file import TomlFile
from swassess.submission.values import kind_of, shown

Loc = tuple[int | str, ...]

_EXPECTED = {
    "string_type": "a text in quotes",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


def add_validation_problems(error: ValidationError, model: type[BaseModel], file: TomlFile, problems: Problems) -> None:
    """Adds one problem for each error, at the line of the key at fault."""
    details = [(detail, _real(detail["loc"], file.data)) for detail in error.errors(include_url=False)]
    misspelt = {
        (*loc[:-1], _meant(loc, model)) for detail, loc in details if detail["type"] == "extra_forbidden" and loc
    }
    for detail, loc in details:
        if detail["type"] == "missing" and loc in misspelt:
            continue  # the misspelt key says it all
        line = file.line(loc[:-1] if detail["type"] == "missing" else loc)
        problems.add(file.name, line, _sentence(detail, loc, model, file.data))


def place(loc: Sequence[int | str], data: Mapping[str, Any]) -> str:
    """Names a table or key for a reader: `[[measure]] "M4.2-startup": ranges`, `[mcu]: clock_hz`."""
    if not loc:
        return "the file"
    head, rest = str(loc[0]), list(loc[1:])
    value: object = data.get(head)
    first = rest[0] if rest else None
    entry = value[first] if isinstance(value, list) and isinstance(first, int) and first < len(value) else None
    if isinstance(entry, dict) and isinstance(first, int):
        rest.pop(0)
        label = entry.get("id") or entry.get("name") or entry.get("path")
        name = f"[[{head}]] " + (shown(label) if isinstance(label, str) else f"number {first + 1}")
    elif isinstance(value, dict):
        name = f"[{head}]"
    else:
        name = head
    inner = ""
    for part in rest:
        inner += f" number {part + 1}" if isinstance(part, int) else f".{part}" if inner else str(part)
    if not inner:
        return name
    return f"{name}: {inner.strip()}" if name.startswith("[") else f"{name}{inner}"


def _sentence(detail: ErrorDetails, loc: Loc, model: type[BaseModel], data: Mapping[str, Any]) -> str:
    kind, value = detail["type"], detail.get("input")
    context = detail.get("ctx", {})
    where = place(loc, data)
    if kind == "extra_forbidden":
        return _unknown_key(loc, model, data)
    if kind == "missing":
        return f"{place(loc[:-1], data)} lacks the key '{loc[-1]}'"
    if loc and "[key]" in detail["loc"]:
        return f"{place(loc[:-1], data)} has the key {shown(str(loc[-1]))}: {_own_words(detail)}"
    if kind == "value_error":
        return f"{where} {_own_words(detail)}"
    if kind in _EXPECTED:
        return f"{where} must be {_EXPECTED[kind]}, not {_value(value)}"
    if kind == "literal_error":
        return f"{where} must be {_plain(context.get('expected', ''))}, not {_value(value)}"
    if kind == "greater_than_equal":
        return f"{where} must be {context.get('ge')} or more, not {_value(value)}"
    if kind == "less_than_equal":
        return f"{where} must be {context.get('le')} or less, not {_value(value)}"
    if kind == "too_short":
        return f"{where} needs at least {context.get('min_length')} entries, not {context.get('actual_length')}"
    if kind == "too_long":
        return f"{where} takes at most {context.get('max_length')} entries, not {context.get('actual_length')}"
    if kind == "finite_number":
        return f"{where} must be a finite number, not {_value(value)}"
    return f"{where}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"


def _value(value: object) -> str:
    return kind_of(value) if isinstance(value, list | dict) else f"{kind_of(value)} ({shown(value)})"


def _own_words(detail: ErrorDetails) -> str:
    """The text of a ValueError raised by one of our validators."""
    return str(detail.get("ctx", {}).get("error", detail["msg"]))


def _plain(expected: str) -> str:
    return expected.replace("'", '"')


def _unknown_key(loc: Loc, model: type[BaseModel], data: Mapping[str, Any]) -> str:
    key, table = str(loc[-1]), loc[:-1]
    known = _known_keys(model, table)
    text = f"unknown key {shown(key)}" + (f" in {place(table, data)}" if table else "")
    if _meant(loc, model):
        return text + suggestion(key, known)
    homes = sorted(
        {home for home, fields in _tables(model) if key in fields and home != (str(table[0]) if table else "")}
    )
    if homes:
        return f"{text}; it belongs " + ("above the first table" if homes[0] == "" else f"in the table '{homes[0]}'")
    return text + suggestion(key, known)


def _meant(loc: Loc, model: type[BaseModel]) -> str:
    """The key of the same table that a misspelt one stands for, or an empty string."""
    return nearest(str(loc[-1]), _known_keys(model, loc[:-1]))


def _known_keys(model: type[BaseModel], table: Loc) -> list[str]:
    here = _model_at(model, table)
    return sorted(here.model_fields) if here else []


def _tables(model: type[BaseModel]) -> Iterator[tuple[str, frozenset[str]]]:
    """Name and keys of every table of the file; the name of the top level is empty."""
    yield "", frozenset(model.model_fields)
    for name in model.model_fields:
        inner = _model_at(model, (name,))
        if inner is not None:
            yield name, frozenset(inner.model_fields)


def _model_at(model: type[BaseModel], loc: Sequence[int | str]) -> type[BaseModel] | None:
    """The model that describes the table at `loc`."""
    current: type[BaseModel] | None = model
    for part in loc:
        if isinstance(part, int):
            continue
        if current is None or part not in current.model_fields:
            return None
        current = _model_inside(current.model_fields[part].annotation)
    return current


def _model_inside(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = _model_inside(argument)
        if found is not None:
            return found
    return None


def _real(loc: Loc, data: Mapping[str, Any]) -> Loc:
    """The part of pydantic's location that exists in the file: without union branches, `[key]` and the like."""
    out: list[int | str] = []
    value: object = data
    for number, part in enumerate(loc):
        if part == "[key]":
            break
        last = number == len(loc) - 1
        if isinstance(value, dict) and isinstance(part, str):
            if part not in value and not last:
                break
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            break
        out.append(part)
    return tuple(out)
