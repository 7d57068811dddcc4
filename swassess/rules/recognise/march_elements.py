"""Where march elements begin and in which direction they ran: read off by comparing the cells of a session."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from swassess.rules.recognise.march_cells import Chains
from swassess.rules.recognise.march_table import Direction, Element, is_alternating, recognise_elements, text_of
from swassess.rules.recognise.testing_code import Ints

_OPERATION = ("r0", "r1", "w0", "w1")
_DIRECTION: tuple[Direction, ...] = ("any", "up", "down", "mixed")
_ANY, _UP, _DOWN, _MIXED = 0, 1, 2, 3
_MAXIMUM_TRAILING = 2


@dataclass(frozen=True, slots=True)
class ChainKind:
    """What a chain is: the test found in the table, or the sequence as seen."""

    name: str
    recognised: bool
    listed: bool
    detects: frozenset[str]
    clause: str
    elements: str
    operations: int


def describe_chains(chains: Chains) -> tuple[list[ChainKind], Ints]:
    """(kinds, number of the kind of each chain). Equal tests share a kind; recognised kinds come first."""
    sort = np.lexsort((chains.cell, chains.run))
    new = np.ones(len(sort), dtype=np.bool_)
    new[1:] = np.diff(chains.run[sort]) != 0
    starts = np.flatnonzero(new)
    lead = np.logical_and.reduceat(chains.leading[sort], starts)
    trail = np.minimum(np.minimum.reduceat(chains.trailing[sort], starts), _MAXIMUM_TRAILING)
    alternating = _alternating(chains, sort, starts)
    group = np.cumsum(new) - 1
    length = chains.length[sort][starts]
    digest = chains.digest[sort][starts]

    kinds: dict[ChainKind, int] = {}
    result = np.zeros(len(sort), dtype=np.int64)
    # Groups of one sequence and equal surroundings share one matrix: a row a chain, a column an operation.
    keys = np.stack([digest, length.astype(np.uint64), lead.astype(np.uint64), trail.astype(np.uint64)], axis=1)
    _, variant = np.unique(keys, axis=0, return_inverse=True)
    variant = variant.reshape(-1)
    for number in range(int(variant.max()) + 1):
        groups = np.flatnonzero(variant == number)
        rows = np.flatnonzero(np.isin(group, groups))
        picked = sort[rows]
        begin = chains.first[picked] - int(lead[groups[0]])
        width = int(length[groups[0]]) + int(lead[groups[0]]) + int(trail[groups[0]])
        columns = begin[:, None] + np.arange(width)[None, :]
        patterns = _patterns(chains.when[columns], _starts(group[rows]))
        patterns = np.concatenate([patterns, alternating[groups][:, None].astype(np.uint8)], axis=1)
        symbols = chains.symbols[columns[0]]
        distinct, which = np.unique(patterns, axis=0, return_inverse=True)
        numbers = [kinds.setdefault(_kind(symbols, pattern), len(kinds)) for pattern in distinct]
        per_group = np.array(numbers, dtype=np.int64)[which.reshape(-1)]
        result[picked] = per_group[np.searchsorted(groups, group[rows])]
    ranked = sorted(kinds, key=lambda kind: (not kind.recognised, kind.name, kind.elements))
    renumber = np.zeros(len(kinds), dtype=np.int64)
    for place, kind in enumerate(ranked):
        renumber[kinds[kind]] = place
    return ranked, renumber[result]


def _starts(group: Ints) -> Ints:
    return np.concatenate([[0], np.flatnonzero(np.diff(group)) + 1]).astype(np.int64)


def _alternating(chains: Chains, sort: Ints, starts: Ints) -> npt.NDArray[np.bool_]:
    background = chains.background[sort]
    values, which = np.unique(np.stack([background, chains.size[sort]], axis=1), axis=0, return_inverse=True)
    each = np.array([is_alternating(int(value), int(size)) for value, size in values], dtype=np.bool_)
    return np.logical_and.reduceat(each[which.reshape(-1)], starts)


def _patterns(when: Ints, starts: Ints) -> npt.NDArray[np.uint8]:
    """Per group, columns: whether an element begins at each operation, then the direction of each operation."""
    rows, width = when.shape
    earliest = np.stack([np.minimum.reduceat(when[:, c], starts) for c in range(width)], axis=1)
    latest = np.stack([np.maximum.reduceat(when[:, c], starts) for c in range(width)], axis=1)
    begins = np.ones((len(starts), width), dtype=np.uint8)
    begins[:, 1:] = latest[:, :-1] < earliest[:, 1:]
    sizes = np.diff(np.append(starts, rows))
    direction = np.empty((len(starts), width), dtype=np.uint8)
    inner = np.ones(rows, dtype=np.bool_)
    inner[starts] = False
    for column in range(width):
        step = np.zeros(rows, dtype=np.int64)
        step[1:] = np.diff(when[:, column])
        rising = np.logical_and.reduceat((step > 0) | ~inner, starts)
        falling = np.logical_and.reduceat((step < 0) | ~inner, starts)
        direction[:, column] = np.where(rising, _UP, np.where(falling, _DOWN, _MIXED))
    single = sizes == 1
    # One cell alone shows neither order nor where it would have handed over to the next: all is one element.
    begins[single, 1:] = 0
    direction[single] = _ANY
    return np.concatenate([begins, direction], axis=1)


def _kind(symbols: npt.NDArray[np.uint8], pattern: npt.NDArray[np.uint8]) -> ChainKind:
    width = len(symbols)
    elements: list[Element] = []
    for position in range(width):
        operation, direction = _OPERATION[symbols[position]], _DIRECTION[pattern[width + position]]
        if pattern[position]:
            elements.append(Element(direction, (operation,)))
        else:
            last = elements[-1]
            joint = last.direction if last.direction == direction else "mixed"
            elements[-1] = Element(joint, (*last.operations, operation))
    observed = tuple(elements)
    found = recognise_elements(observed, bool(pattern[2 * width]))
    if not found:
        return ChainKind("unknown sequence", False, False, frozenset(), "", text_of(observed), width)
    best = found[0].algorithm
    return ChainKind(
        " and ".join(dict.fromkeys(match.algorithm.name for match in found)),
        True,
        all(match.algorithm.listed for match in found),
        frozenset().union(*(match.algorithm.detects for match in found)),
        best.clause,
        text_of(best.elements),
        sum(match.last - match.first for match in found),
    )
