"""Which read first sees a stuck cell, and which shorts reads see, on traces made by hand."""

from collections.abc import Iterable

import numpy as np

from swassess.faults.ram_activation import first_activation
from swassess.faults.ram_shorts import shorts_seen
from swassess.model.declared import AddressRange
from swassess.model.trace import READ, STACK_READ, STACK_WRITE, WRITE, AccessColumns

RAM = AddressRange(0x20000000, 0x20000010)
TEST, OTHER = 0x08000100, 0x08000200
ONES = 0xFFFFFFFF

Row = tuple[int, int, int, int]


def columns(rows: Iterable[Row], blocks: Iterable[int] | None = None) -> AccessColumns:
    """rows: (address, value, size, kind); each in a block of its own, numbered from 10."""
    rows = list(rows)
    address, value, size, kind = (list(column) for column in zip(*rows, strict=True))
    steps = np.arange(10, 10 + len(rows), dtype=np.int64)
    return AccessColumns(
        address=np.array(address, np.uint32),
        value=np.array(value, np.uint32),
        size=np.array(size, np.uint8),
        kind=np.array(kind, np.uint8),
        block=np.array(list(blocks or [TEST] * len(rows)), np.uint32),
        ticks=steps * 1000,
        step=steps,
    )


# ---- first activation ------------------------------------------------------------------------------------------------
def test_a_read_sees_the_opposite_value_only() -> None:
    first = first_activation(columns([(RAM.start + 4, 0b101, 1, READ)]), RAM)
    assert first.shape == (16, 8, 2)
    assert first[4, :, 0].tolist() == [10, -1, 10, -1, -1, -1, -1, -1], "bits that are 1 would be seen stuck at 0"
    assert first[4, :, 1].tolist() == [-1, 10, -1, 10, 10, 10, 10, 10]
    assert (np.delete(first, 4, axis=0) == -1).all()


def test_the_first_of_several_reads_counts() -> None:
    at = RAM.start
    first = first_activation(columns([(at, 0x00, 1, READ), (at, 0xFF, 1, READ), (at, 0x00, 1, READ)]), RAM)
    assert (first[0, :, 1] == 10).all()
    assert (first[0, :, 0] == 11).all()


def test_writes_see_nothing_and_exception_return_reads() -> None:
    at = RAM.start
    rows = [(at, 0xFF, 1, WRITE), (at, 0xFF, 1, STACK_WRITE), (at, 0xFF, 1, STACK_READ)]
    first = first_activation(columns(rows), RAM)
    assert (first[0, :, 0] == 12).all()
    assert (first[0, :, 1] == -1).all()


def test_wide_reads_reach_all_their_bytes_in_little_endian_order() -> None:
    first = first_activation(columns([(RAM.start + 8, 0xFF00FF00, 4, READ), (RAM.start, 0xFF00, 2, READ)]), RAM)
    assert [int(first[byte, 0, 0]) for byte in (8, 9, 10, 11)] == [-1, 10, -1, 10]
    assert [int(first[byte, 7, 1]) for byte in (8, 9, 10, 11)] == [10, -1, 10, -1]
    assert [int(first[byte, 3, 0]) for byte in (0, 1, 2)] == [-1, 11, -1]
    assert (first[2:8] == -1).all()


def test_reads_outside_and_across_the_ends() -> None:
    rows = [(0x08000000, 0, 4, READ), (RAM.end - 1, 0, 2, READ), (RAM.start - 1, 0, 2, READ)]
    first = first_activation(columns(rows), RAM)
    assert (first[15, :, 1] == 11).all()
    assert (first[0, :, 1] == 12).all()
    assert (first[1:15] == -1).all()


# ---- shorts ----------------------------------------------------------------------------------------------------------
def fill(value: int) -> list[Row]:
    return [(RAM.start + 4 * word, value, 4, WRITE) for word in range(4)]


def read(value: int) -> list[Row]:
    return [(RAM.start + 4 * word, value, 4, READ) for word in range(4)]


def march(background: int) -> list[Row]:
    """up(r0, w1) over a background."""
    inverse = ~background & ONES
    rows = fill(background)
    for word in range(4):
        rows += [(RAM.start + 4 * word, background, 4, READ), (RAM.start + 4 * word, inverse, 4, WRITE)]
    return rows


def test_the_space_leaves_out_what_lies_behind_the_last_word() -> None:
    seen, space = shorts_seen(columns(fill(0)), RAM, [TEST])
    assert space.tolist() == [126, 126, 126, 62]
    assert seen.tolist() == [0, 0, 0, 0]


def test_a_uniform_background_never_shows_shorts_inside_a_word() -> None:
    seen, _ = shorts_seen(columns(fill(0) + read(0) + fill(ONES) + read(ONES)), RAM, [TEST])
    assert seen.tolist() == [0, 0, 0, 0], "neither inside words nor between equal words"


def test_a_march_with_a_uniform_background_shows_one_kind_between_words() -> None:
    """Each word reads 0 while its lower neighbour is already 1: OR of each pair of bits, and no AND."""
    seen, _ = shorts_seen(columns(march(0)), RAM, [TEST])
    assert seen.tolist() == [32, 32, 32, 0]
    inverted, _ = shorts_seen(columns(march(ONES)), RAM, [TEST])
    assert inverted.tolist() == [32, 32, 32, 0]
    both, _ = shorts_seen(columns(march(0) + march(ONES)), RAM, [TEST])
    assert both.tolist() == [64, 64, 64, 0]


def test_a_chequered_background_shows_all_neighbours_inside_a_word() -> None:
    seen, _ = shorts_seen(columns(fill(0x55555555) + read(0x55555555)), RAM, [TEST])
    assert seen.tolist() == [62, 62, 62, 62]


def test_both_chequered_backgrounds_in_a_march_show_every_short() -> None:
    rows = march(0x55555555) + march(0xAAAAAAAA)
    seen, space = shorts_seen(columns(rows), RAM, [TEST])
    assert seen.tolist() == space.tolist()


def test_one_pair_of_bits() -> None:
    """0b0011: only the border between bits 1 and 2 differs."""
    seen, _ = shorts_seen(columns([(RAM.start, 0b0011, 4, WRITE), (RAM.start, 0b0011, 4, READ)]), RAM, [TEST])
    # inside: one border, AND and OR; to the next word (all 0): the two bits that are 1, as AND
    assert seen.tolist() == [4, 0, 0, 0]


def test_reads_of_other_code_do_not_count_but_its_writes_do() -> None:
    rows = fill(0x55555555) + read(0x55555555)
    foreign, _ = shorts_seen(columns(rows, [OTHER] * len(rows)), RAM, [TEST])
    assert foreign.tolist() == [0, 0, 0, 0]
    mixed, _ = shorts_seen(columns(rows, [OTHER] * 4 + [TEST] * 4), RAM, [TEST])
    assert mixed.tolist() == [62, 62, 62, 62]


def test_narrow_accesses_are_not_followed() -> None:
    rows = [(RAM.start, 0x55, 1, WRITE), (RAM.start, 0x55, 1, READ)]
    seen, _ = shorts_seen(columns(rows), RAM, [TEST])
    assert seen.tolist() == [0, 0, 0, 0]
