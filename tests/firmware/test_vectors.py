"""The vector table of the test firmware, and tables that are none."""

import struct
from dataclasses import replace

import pytest

from swassess.errors import ImageError
from swassess.firmware.elf_facts import ElfFacts
from swassess.firmware.image import LoadImage
from swassess.firmware.vectors import read_vectors
from swassess.model.declared import AddressRange


def patched(facts: ElfFacts, offset: int, word: int) -> ElfFacts:
    (address, content), *_ = facts.image.segments
    content = content[:offset] + struct.pack("<I", word) + content[offset + 4 :]
    return replace(facts, image=LoadImage(((address, content),)))


def test_table_of_the_test_firmware(tiny: ElfFacts, flash: AddressRange, ram: AddressRange) -> None:
    table = read_vectors(tiny, flash, ram)
    assert (table.address, table.size, table.initial_sp, table.problems) == (flash.start, 64, ram.end, ())
    handlers = {vector.number: vector.handler for vector in table.vectors}
    assert handlers[1] == "Reset_Handler" and handlers[15] == "SysTick_Handler" and handlers[3] == "Default_Handler"
    assert sorted(handlers) == [1, 2, 3, 4, 5, 6, 11, 12, 14, 15]
    assert table.reset == tiny.function("Reset_Handler").address  # type: ignore[union-attr]
    assert [vector.place for vector in table.vectors][:2] == [0x08000004, 0x08000008]


@pytest.mark.parametrize(
    ("offset", "word", "text"),
    [
        (0, 0x10000000, "stack pointer 0x10000000 is outside the RAM"),
        (0, 0x20000000, "stack pointer 0x20000000 is outside the RAM"),
        (0, 0x20004FFC, "not a multiple of 8"),
        (4, 0x08000100, "is even"),
        (4, 0x20000101, "outside the flash"),
        (4, 0x0800FF01, "leaves empty"),
        (12, 0x08000100, "vector of HardFault"),
    ],
)
def test_problems_are_told(
    tiny: ElfFacts, flash: AddressRange, ram: AddressRange, offset: int, word: int, text: str
) -> None:
    problems = read_vectors(patched(tiny, offset, word), flash, ram).problems
    assert len(problems) == 1 and text in problems[0]


def test_without_symbols_the_table_ends_at_the_first_word_that_is_no_handler(
    tiny: ElfFacts, flash: AddressRange, ram: AddressRange
) -> None:
    bare = replace(tiny, objects=(), sections=(), functions=())
    assert read_vectors(bare, flash, ram).size == 64


def test_an_image_elsewhere_has_no_table(tiny: ElfFacts, ram: AddressRange) -> None:
    with pytest.raises(ImageError, match="no vector table at 0x00000000"):
        read_vectors(tiny, AddressRange(0, 0x10000), ram)
