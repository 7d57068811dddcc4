"""The table of RAM tests (checks/march.yaml), and matching an observed element list against it.

An observed test is a list of elements, each a direction and operations such as ("up", ("r0", "w1")). Two freedoms are
granted, because they do not change what a test finds: 0 and 1 exchanged, and all directions reversed.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal

from pydantic import Field

from swassess.catalogue import CatalogueModel, data_folder, load_model
from swassess.errors import CatalogueError

Direction = Literal["any", "up", "down", "mixed"]
Operations = tuple[str, ...]
_ELEMENT = re.compile(r"(any|up|down)\(([rw][01](?:,[rw][01])*)\)")
_COMPLEMENT = {"r0": "r1", "r1": "r0", "w0": "w1", "w1": "w0"}
_REVERSED: dict[Direction, Direction] = {"up": "down", "down": "up", "any": "any", "mixed": "mixed"}


@dataclass(frozen=True, slots=True)
class Element:
    """Operations done on each cell before the next cell is visited, and the order of cells.

    direction "any" in the table: either. Observed: "any" where a single cell shows no order, "mixed" where cells were
    visited in no monotone order.
    """

    direction: Direction
    operations: Operations

    def __str__(self) -> str:
        return f"{self.direction}({','.join(self.operations)})"


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A RAM test. detects: classes it finds in every case; listed: the table names the technique.

    alternating: the name holds only where neighbouring bits of the background differ.
    """

    name: str
    elements: tuple[Element, ...]
    detects: frozenset[str]
    clause: str
    listed: bool
    alternating: bool


@dataclass(frozen=True, slots=True)
class Match:
    """Algorithm found in an observed element list; first/last: operations counted over the whole list (last excl.)."""

    algorithm: Algorithm
    first: int
    last: int


class _AlgorithmModel(CatalogueModel):
    name: str = Field(min_length=1)
    elements: list[str] = Field(min_length=1)
    detects: list[str]
    clause: str
    listed: bool = True
    alternating: bool = False


class _TableModel(CatalogueModel):
    source: str
    classes: dict[str, str]
    algorithms: list[_AlgorithmModel]


@cache
def fault_classes() -> dict[str, str]:
    """Fault class -> meaning, such as "SAF"."""
    return dict(_load().classes)


@cache
def algorithms() -> tuple[Algorithm, ...]:
    """The table, longest test first, so that a test is never taken for its own beginning."""
    found = [
        Algorithm(
            entry.name,
            parse_elements(entry.elements),
            frozenset(entry.detects),
            entry.clause,
            entry.listed,
            entry.alternating,
        )
        for entry in _load().algorithms
    ]
    return tuple(sorted(found, key=lambda a: (-sum(len(e.operations) for e in a.elements), not a.alternating, a.name)))


def parse_elements(texts: list[str]) -> tuple[Element, ...]:
    """Elements of `up(r0,w1)` spellings; CatalogueError for any other."""
    elements = []
    for text in texts:
        found = _ELEMENT.fullmatch(text)
        if not found:
            raise CatalogueError(f"march.yaml: '{text}' is not a march element such as up(r0,w1)")
        direction: Direction = "up" if found[1] == "up" else "down" if found[1] == "down" else "any"
        elements.append(Element(direction, tuple(found[2].split(","))))
    return tuple(elements)


def text_of(elements: tuple[Element, ...]) -> str:
    """`{any(w0); up(r0,w1); ...}`"""
    return "{" + "; ".join(map(str, elements)) + "}"


def is_alternating(background: int, size: int) -> bool:
    """Whether neighbouring bits of a background of `size` bytes all differ (0x55..., 0xAA...)."""
    return (background ^ (background >> 1)) & ((1 << (8 * size - 1)) - 1) == (1 << (8 * size - 1)) - 1


def recognise_elements(observed: tuple[Element, ...], alternating: bool) -> tuple[Match, ...]:
    """The tests that make up an observed list; empty when it is none of the table.

    Allowed beside whole tests: reads before the first write (content saved) and operations that write the last value
    again or restore, after the last test. A leading read that the test itself inverts (transparent test whose
    background is the content) stands for the initialising write.
    """
    if cell_by_cell := _cell_by_cell(observed):
        return (cell_by_cell,)
    plain, dropped = _without_leading_reads(observed)
    found = _whole_tests(plain, alternating)
    if found is None and dropped and plain and plain[0].operations[0][0] == "w":
        saved: Operations = ("w" + _last_leading_read(observed)[1],)
        found = _whole_tests((Element("any", saved), *observed), alternating)
        dropped = -1
    if found is None:
        return ()
    matches, at = [], dropped
    for algorithm in found:
        length = sum(len(element.operations) for element in algorithm.elements)
        matches.append(Match(algorithm, max(at, 0), at + length))
        at += length
    return tuple(matches)


def _whole_tests(elements: tuple[Element, ...], alternating: bool) -> list[Algorithm] | None:
    if not elements:
        return []
    for algorithm in algorithms():
        if algorithm.alternating and not alternating:
            continue
        rest = _after(elements, algorithm.elements)
        if rest is None:
            continue
        following = [] if _only_restores(rest) else _whole_tests(rest, alternating)
        if following is not None:
            return [algorithm, *following]
    return None


def _after(observed: tuple[Element, ...], wanted: tuple[Element, ...]) -> tuple[Element, ...] | None:
    """What follows `wanted` at the front of `observed`, under the two freedoms; None when it is not there."""
    if len(observed) < len(wanted):
        return None
    complement = observed[0].operations[0][1] != wanted[0].operations[0][1]
    for reverse in (False, True):
        for number, (seen, want) in enumerate(zip(observed, wanted, strict=False)):
            operations = tuple(_COMPLEMENT[o] for o in want.operations) if complement else want.operations
            direction = _REVERSED[want.direction] if reverse else want.direction
            last = number == len(wanted) - 1
            extra = seen.operations[len(operations) :] if last else ()
            if seen.operations[: len(operations)] != operations or (not last and seen.operations != operations):
                break
            if direction not in ("any", seen.direction):
                break
            if extra and not all(o[0] == "w" for o in extra):
                break
        else:
            # A restoring write done in the same loop as the last element is left over.
            return observed[len(wanted) :]
    return None


def _only_restores(elements: tuple[Element, ...]) -> bool:
    """No operation that could belong to a test: writes, and reads of what was read last."""
    operations = [operation for element in elements for operation in element.operations]
    return len(operations) <= 2 and all(operation[0] == "w" for operation in operations)


def _without_leading_reads(elements: tuple[Element, ...]) -> tuple[tuple[Element, ...], int]:
    dropped, rest = 0, list(elements)
    while rest and rest[0].operations[0][0] == "r":
        operations = rest[0].operations[1:]
        dropped += 1
        rest[:1] = [Element(rest[0].direction, operations)] if operations else []
    return tuple(rest), dropped


def _last_leading_read(elements: tuple[Element, ...]) -> str:
    read = "r0"
    for operation in (operation for element in elements for operation in element.operations):
        if operation[0] == "w":
            return read
        read = operation
    return read


def _cell_by_cell(elements: tuple[Element, ...]) -> Match | None:
    """All operations on one cell before the next: finds what a cell does alone, nothing between cells."""
    operations = [operation for element in elements for operation in element.operations]
    if len(elements) != 1 or not {"w0", "r0", "w1", "r1"} <= set(operations):
        return None
    pairs = set(pairwise(operations))
    if not {("w0", "r0"), ("w1", "r1")} <= pairs:
        return None
    algorithm = Algorithm("cell-by-cell pattern", elements, frozenset({"SAF"}), "H.2.19.6", False, False)
    return Match(algorithm, 0, len(operations))


def _load() -> _TableModel:
    return load_model(data_folder("checks") / "march.yaml", _TableModel)
