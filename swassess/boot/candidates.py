"""Which bits of a polled register to try, in the order of how little they claim."""

from collections.abc import Iterator
from itertools import combinations

from swassess.boot.program import Program
from swassess.boot.rules import Poll, Rule
from swassess.emulator import layout as at

_MICROSECOND = 1_000_000
_FIELD = 4  # bits of a field lie this close together
_NEARBY = 96  # bytes of code around a poll whose constants are tried
_MOST_CONSTANTS = 24
WORD = 0xFFFFFFFF


def single_bits(poll: Poll) -> list[Rule]:
    """Each bit of the word inverted; which byte of it a poll of a byte reads is not known."""
    return [flipped(poll, 1 << bit) for bit in range(32)]


def flipped(poll: Poll, mask: int) -> Rule:
    return Rule(poll.address, poll.block, at.RULE_FIELD, mask, ~poll.value & mask)


def pairs(poll: Poll) -> list[Rule]:
    """Two bits of one field inverted, neighbours first."""
    found = sorted(combinations(range(32), 2), key=lambda pair: (pair[1] - pair[0], pair))
    return [flipped(poll, 1 << low | 1 << high) for low, high in found if high - low < _FIELD]


def constants(poll: Poll, program: Program) -> list[Rule]:
    """The word as a constant near the poll would have it: values that the code compares with."""
    start = program.start_of(poll.block)
    if start is None:
        return []
    values: list[int] = []
    for one in _nearby(program, start, poll.block):
        for value in one:
            if value not in values and value != poll.value and value <= WORD:
                values.append(value)
    return [
        Rule(poll.address, poll.block, at.RULE_FIELD, poll.value ^ value, value & (poll.value ^ value))
        for value in values[:_MOST_CONSTANTS]
    ]


def _nearby(program: Program, start: int, block: int) -> Iterator[list[int]]:
    for one in program.flow(start).instructions:
        if abs(one.address - block) > _NEARBY:
            continue
        if (literal := one.literal_address) is not None:
            yield [int.from_bytes(program.read(literal, 4), "little")]
        elif one.mnemonic.startswith(("cmp", "and", "tst", "mov", "eor", "ubfx")) and "#" in one.operands:
            text = one.operands.rsplit("#", 1)[1].rstrip("]!")
            try:
                yield [int(text, 0) & WORD]
            except ValueError:
                continue


def all_bits(poll: Poll) -> list[Rule]:
    """Everything set, everything clear: to be made smaller afterwards."""
    return [
        Rule(poll.address, poll.block, at.RULE_FIELD, WORD & ~poll.value, WORD & ~poll.value),
        Rule(poll.address, poll.block, at.RULE_FIELD, poll.value, 0),
    ]


def counters(poll: Poll) -> list[Rule]:
    """A register that counts by itself, a million times a second."""
    return [
        Rule(poll.address, poll.block, at.RULE_COUNT, WORD, poll.value, _MICROSECOND),
        Rule(poll.address, poll.block, at.RULE_COUNT_DOWN, WORD, poll.value or WORD, _MICROSECOND),
    ]


def looks_like_a_count(released: set[int]) -> bool:
    """Whether the single bits that end a wait are all those above some bit: a comparison of sizes."""
    if len(released) < 4:
        return False
    low, high = min(released), max(released)
    return low > 0 and high >= 14 and len(released) >= (high - low + 1) - 1
