"""Turns the child's JSON into ElfFacts."""

from typing import Any

from swassess.firmware.c_types import (
    ArrayType,
    BaseType,
    CType,
    EnumType,
    FunctionType,
    Member,
    PointerType,
    StructType,
    Variable,
    VoidType,
)
from swassess.firmware.elf_facts import CompileUnit, ElfFacts, Section, Segment, Subprogram, Symbol
from swassess.firmware.image import make_load_image
from swassess.firmware.line_table import LineTable

_FLOAT, _BOOLEAN = 4, 2
_SIGNED = {5, 6, 13}


def decode_facts(raw: dict[str, Any], where: str) -> ElfFacts:
    """`where`: the file's name, for messages. Raises ImageError where parts of the image overlap."""
    pieces = [(address, bytes.fromhex(data)) for address, data in raw["pieces"]]
    debug = raw["debug"]
    sections = tuple(Section(*row) for row in raw["sections"])
    return ElfFacts(
        entry=raw["entry"],
        image=make_load_image(pieces, raw["entry"], where),
        sections=sections,
        segments=tuple(Segment(*row) for row in raw["segments"]),
        functions=_symbols(raw["functions"], sections),
        objects=_symbols(raw["objects"], sections),
        labels=dict(sorted(raw["labels"])),
        mapping=tuple(sorted((address, kind) for address, kind in raw["mapping"])),
        comments=tuple(raw["comments"]),
        has_debug=debug is not None,
        debug_problem=raw["debug_problem"],
        attributes=dict(sorted(raw.get("attributes", {}).items())),
        **(_decode_debug(debug) if debug is not None else {}),
    )


def _symbols(rows: list[list[Any]], sections: tuple[Section, ...]) -> tuple[Symbol, ...]:
    """Symbols by address. A size that leaves the symbol's section is a lie that would cost hours: it is cut there."""
    found = set()
    for name, address, size, file, binding in rows:
        end = max(
            (s.address + s.size for s in sections if s.allocated and s.address <= address < s.address + s.size),
            default=address,
        )
        found.add(Symbol(name, address, min(size, end - address), file, binding))
    return tuple(sorted(found, key=lambda s: (s.address, s.name, s.file)))


def _decode_debug(debug: dict[str, Any]) -> dict[str, Any]:
    types = decode_types(debug["types"])
    seen: dict[tuple[str, int], Variable] = {}
    for name, address, type_index, file, function, line in debug["variables"]:
        seen.setdefault((name, address), Variable(name, address, types[type_index], file, function, line))
    values: dict[str, set[int]] = {}
    for name, value in debug["enumerators"]:
        values.setdefault(name, set()).add(value)
    rows = debug["lines"]
    return {
        "units": tuple(CompileUnit(*row) for row in debug["units"]),
        "lines": LineTable(
            tuple(row[0] for row in rows),
            tuple(row[1] for row in rows),
            tuple(row[2] for row in rows),
            tuple(debug["files"]),
        ),
        "subprograms": tuple(
            Subprogram(name, file, line, external, _pairs(ranges), _pairs(inlined))
            for name, file, line, external, ranges, inlined in debug["subprograms"]
        ),
        "variables": tuple(sorted(seen.values(), key=lambda v: (v.address, v.name, v.file))),
        "types": {name: types[index] for name, index in debug["named_types"]},
        "enumerators": {name: min(found) for name, found in sorted(values.items()) if len(found) == 1},
        "ambiguous_enumerators": tuple(sorted(name for name, found in values.items() if len(found) > 1)),
    }


def _pairs(rows: list[list[int]]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((low, high) for low, high in rows))


def decode_types(rows: list[list[Any]]) -> list[CType]:
    """Build the types of a type table (see dwarf_types); structures and pointers may lead back to themselves."""
    built: list[CType | None] = [None] * len(rows)
    for index, row in enumerate(rows):  # those that may be part of a circle first, empty
        if row[0] == "pointer":
            built[index] = PointerType(row[1])
        elif row[0] in ("struct", "union"):
            built[index] = StructType(row[1], row[2], row[0] == "union")

    def get(index: int, depth: int = 0) -> CType:
        known = built[index]
        if known is not None:
            return known
        made = _simple(rows[index])
        if made is None:
            element = get(rows[index][1], depth + 1) if depth < 64 else VoidType()
            made = ArrayType(element, rows[index][2])
        built[index] = made
        return made

    out = [get(index) for index in range(len(rows))]
    for row, made in zip(rows, out, strict=True):
        if isinstance(made, PointerType):
            made.target = out[row[2]]
        elif isinstance(made, StructType):
            made.members = tuple(Member(name, out[at], offset, low, bits) for name, at, offset, low, bits in row[3])
    return out


def _simple(row: list[Any]) -> CType | None:
    match row[0]:
        case "base":
            floating = row[3] == _FLOAT
            return BaseType(row[1], row[2], floating or row[3] in _SIGNED, floating, row[3] == _BOOLEAN)
        case "enum":
            return EnumType(row[1], row[2], row[3], tuple((name, value) for name, value in row[4]))
        case "function":
            return FunctionType(row[1])
        case "array":
            return None
    return VoidType()
