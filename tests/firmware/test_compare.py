"""Comparison of load images."""

from pathlib import Path

from swassess.firmware.compare import compare_load_images
from swassess.firmware.elf_facts import ElfFacts
from swassess.firmware.image import LoadImage
from swassess.firmware.load import load_image
from swassess.model.declared import AddressRange


def test_hex_and_bin_of_the_same_build_are_equal(tiny: ElfFacts, data: Path, flash: AddressRange) -> None:
    assert compare_load_images(tiny.image, load_image(data / "tiny.hex", "hex")) == []
    assert compare_load_images(tiny.image, load_image(data / "tiny.bin", "bin", flash)) == []


def test_differences_are_ranges() -> None:
    first = LoadImage(((0x100, b"abcdef"),))
    second = LoadImage(((0x100, b"abXYeZ"),))
    assert compare_load_images(first, second) == [(0x102, 0x104), (0x105, 0x106)]
    assert compare_load_images(second, first) == [(0x102, 0x104), (0x105, 0x106)]


def test_gaps_count_as_erased_flash() -> None:
    first = LoadImage(((0x100, b"ab"), (0x104, b"c")))
    assert compare_load_images(first, LoadImage(((0x100, b"ab\xff\xffc\xff\xff"),))) == []
    assert compare_load_images(first, LoadImage(((0x100, b"ab\x00\xffc"),))) == [(0x102, 0x103)]
    assert compare_load_images(first, LoadImage(((0x100, b"ab"),))) == [(0x104, 0x105)]
    assert compare_load_images(first, LoadImage(((0x300, b"c"), (0x100, b"ab")))) == [(0x104, 0x105), (0x300, 0x301)]


def test_a_difference_that_crosses_a_border_is_one_range() -> None:
    first = LoadImage(((0x100, b"ab"),))
    assert compare_load_images(first, LoadImage(((0x100, b"aXcd"),))) == [(0x101, 0x104)]
