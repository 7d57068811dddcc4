"""Two logs side by side: what QEMU executed, and what our MCU executed."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from swassess.emulator.instruction_log import PC_AT, XPSR_AT

IT_BITS = 0x0600FC00
EXCEPTION = 0x1FF
RETTOBASE = 1 << 11
_NAMES = (
    *(f"r{number}" for number in range(13)), "sp", "lr", "pc", "xpsr", *(f"s{number}" for number in range(32)), "fpscr",
)  # fmt: skip
Rows = npt.NDArray[np.uint32]


def it_state(xpsr: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """IT[7:0] from xPSR: its low two bits are bits 26:25, the others bits 15:10."""
    return (xpsr >> 25 & 3) | (xpsr >> 8 & 0xFC)


def passes(condition: npt.NDArray[np.uint32], xpsr: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Whether a condition (0 EQ .. 14 AL) holds with these flags."""
    n, z, c, v = ((xpsr >> bit & 1).astype(bool) for bit in (31, 30, 29, 28))
    holds = [z, c, n, v, c & ~z, n == v, (n == v) & ~z, np.ones_like(z)]
    truth = np.choose(condition >> 1 & 7, holds)
    return np.where((condition & 1).astype(bool) & (condition != 15), ~truth, truth).astype(bool)


def executed(rows: Rows) -> npt.NDArray[np.bool_]:
    """Which rows of QEMU's log are executed: not those whose condition fails within an IT block."""
    state = it_state(rows[:, XPSR_AT])
    return ~((state & 0xF) != 0) | passes(state >> 4, rows[:, XPSR_AT])


def without_repetitions(rows: Rows) -> Rows:
    """Without rows that equal the one before: an instruction that was put off, or a jump to itself."""
    if not len(rows):
        return rows
    return rows[np.concatenate([[True], (rows[1:] != rows[:-1]).any(axis=1)])]


@dataclass(frozen=True, slots=True)
class Comparison:
    """instructions: how many were equal from the start; difference: what the next one shows, or "" when all are.

    ours: the rows compared, of our log. left_over: how many rows ours has more than theirs, at equality.
    """

    instructions: int
    difference: str
    ours: Rows
    left_over: int


def normalized(rows: Rows) -> Rows:
    """IT bits cleared: they have told which instructions are executed."""
    rows = without_repetitions(rows).copy()
    rows[:, XPSR_AT] &= np.uint32(~IT_BITS & 0xFFFFFFFF)
    return rows


def compare(ours: Rows, theirs: Rows, reads_icsr: Collection[int] = ()) -> Comparison:
    """ours as the instruction log has them, theirs as QEMU prints them (conditional ones included).

    reads_icsr: where r0 is read from ICSR on a core whose ICSR has no RETTOBASE; QEMU sets it there nevertheless.
    """
    theirs = without_repetitions(theirs)
    left, right = normalized(ours), normalized(theirs[executed(theirs)])
    for rows in (left, right):
        rows[1:][np.isin(rows[:-1, PC_AT], list(reads_icsr)), 0] &= np.uint32(~RETTOBASE & 0xFFFFFFFF)
    equal = 0
    while True:
        count = min(len(left), len(right))
        differing = np.flatnonzero((left[equal:count] != right[equal:count]).any(axis=1))
        if not len(differing):
            return Comparison(count, "", left, len(left) - len(right))
        equal += int(differing[0])
        if not _put_off(left, right, equal):
            return Comparison(equal, _describe(left, right, equal), left, 0)
        right = np.delete(right, equal, axis=0)


def _put_off(left: Rows, right: Rows, place: int) -> bool:
    """Whether QEMU shows here an instruction that it did not execute, because it first took an exception.

    It sometimes looks for interrupts only after it has printed the next instruction's registers. A handler that reads
    its frame shows whether that instruction really comes after the exception.
    """
    if place + 1 >= min(len(left), len(right)):
        return False
    entered = (left[place, XPSR_AT] ^ right[place, XPSR_AT]) & EXCEPTION != 0
    return bool(entered and (left[place] == right[place + 1]).all())


def _describe(left: Rows, right: Rows, place: int) -> str:
    names = [
        f"{_NAMES[column]} ours {left[place, column]:08x} theirs {right[place, column]:08x}"
        for column in np.flatnonzero(left[place] != right[place])
    ]
    trail = " ".join(f"{pc:x}" for pc in left[max(place - 6, 0) : place, PC_AT])
    return f"before instruction {place} (after those at {trail}): " + ", ".join(names)
