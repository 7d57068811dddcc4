"""Vector tables, core needs and the MCU itself, from images alone."""

import itertools
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from swassess.errors import CatalogueError, ImageError
from swassess.firmware import target_detection
from swassess.firmware.address_constants import address_constants
from swassess.firmware.core_needs import CoreNeeds, can_run, check_core_fits, core_needs
from swassess.firmware.declared_target import declared_target
from swassess.firmware.elf_facts import ElfFacts, read_elf
from swassess.firmware.image import LoadImage
from swassess.firmware.target_detection import detect_target
from swassess.firmware.vector_search import find_vector_tables
from swassess.model.declared import AddressRange, Declaration
from swassess.target_data import all_lines, find_target, generic_target, list_targets

IMAGES = Path(__file__).resolve().parents[2] / "fixtures" / "boot" / "images"


@pytest.fixture(scope="module")
def facts_of() -> dict[str, ElfFacts]:
    return {}


def _facts(cache: dict[str, ElfFacts], name: str) -> ElfFacts:
    if name not in cache:
        cache[name] = read_elf(IMAGES / f"{name}.elf")
    return cache[name]


def _image(words: dict[int, bytes], entry: int | None = None) -> LoadImage:
    return LoadImage(tuple(sorted(words.items())), entry)


def _words(*values: int) -> bytes:
    return b"".join(value.to_bytes(4, "little") for value in values)


CODE = b"\x00\xbf" * 64  # nop
TABLE = _words(0x20001000, *([0x08000201] * 3), *([0] * 7), 0x08000201, 0, 0, 0x08000201, 0x08000201, 0x08000203)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("f103-hal", 0x08000000),
        ("samd21-arduino", 0x2000),
        ("rp2040-sdk", 0x10000100),
        ("sam3x-riot", 0x80000),
        ("lpc1768-mbed", 0),
    ],
)
def test_vector_table_is_found(facts_of: dict[str, ElfFacts], name: str, address: int) -> None:
    facts = _facts(facts_of, name)
    found = find_vector_tables(facts.image, facts)
    assert found.best.address == address
    assert found.best.matches_entry
    assert found.is_certain
    assert find_vector_tables(LoadImage(facts.image.segments), None).best.address == address  # as from a HEX file


def test_bootloader_and_application_are_both_candidates(facts_of: dict[str, ElfFacts]) -> None:
    facts = _facts(facts_of, "f103-boot")
    found = find_vector_tables(facts.image, facts)
    assert [one.address for one in found.candidates] == [0x08000000, 0x08004000]
    other = replace(facts.image, entry=found.candidates[1].reset | 1)
    assert find_vector_tables(other, None).best.address == 0x08004000


def test_table_behind_an_offset_and_its_interrupts() -> None:
    image = _image({0x08000200: CODE, 0x0800C080: TABLE})
    best = find_vector_tables(image).best
    assert (best.address, best.initial_sp, best.reset) == (0x0800C080, 0x20001000, 0x08000200)
    assert best.used == (16,)
    assert best.entries == 17


@pytest.mark.parametrize(
    "words",
    [
        {0x08000000: CODE},
        {0x08000000: _words(0x20001000, 0x08000200), 0x08000200: CODE},  # even: no Thumb code
        {0x08000000: _words(0x20001000, 0x08000301), 0x08000200: CODE[:16]},  # points to nothing
        {0x08000000: _words(0x60001000, 0x08000201), 0x08000200: CODE},  # no RAM there
        {0x08000000: _words(0x20001001, 0x08000201), 0x08000200: CODE},  # no stack pointer
        {},
    ],
)
def test_image_without_vectors_is_refused(words: dict[int, bytes]) -> None:
    with pytest.raises(ImageError, match="no vector table"):
        find_vector_tables(_image(words))


def test_two_words_that_look_like_vectors_inside_code_are_no_table() -> None:
    data = CODE + _words(0x20001000, 0x08000201) + CODE
    with pytest.raises(ImageError, match="no vector table"):
        find_vector_tables(_image({0x08000200 - 64: data}))


# ---- what core -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "architecture", "fpu"),
    [
        ("f030-hal", "armv6-m", False),
        ("g071-hal", "armv6-m", False),
        ("f103-hal", "armv7-m", False),
        ("f103-boot", "armv7-m", False),
        ("f429-hal", "armv7e-m", True),
    ],
)
def test_needs_of_images(facts_of: dict[str, ElfFacts], name: str, architecture: str, fpu: bool) -> None:
    facts = _facts(facts_of, name)
    starts = [find_vector_tables(facts.image, facts).best.reset]
    needs = core_needs(facts.image, facts, starts)
    assert (needs.architecture, needs.fpu, needs.declared) == (architecture, fpu, True)
    without = core_needs(facts.image, None, starts)
    assert not without.declared
    assert without.fpu == fpu
    assert can_run(without, architecture, fpu)
    assert (without.architecture == "armv6-m") == (architecture == "armv6-m")


def test_m4f_image_on_an_m0_is_refused(facts_of: dict[str, ElfFacts]) -> None:
    facts = _facts(facts_of, "f429-hal")
    starts = [find_vector_tables(facts.image, facts).best.reset]
    small, middle = find_target("STM32F030F4P6"), find_target("STM32F103C8T6")
    for needs in (core_needs(facts.image, facts, starts), core_needs(facts.image, None, starts)):
        for target in (small, middle):
            with pytest.raises(ImageError, match=rf"but {target.part} has a Cortex-M") as caught:
                check_core_fits(target, needs)
            assert "\n" not in str(caught.value)
        check_core_fits(generic_target("cortex-m4f"), needs)
    with pytest.raises(ImageError, match="floating-point registers"):
        check_core_fits(generic_target("cortex-m4"), CoreNeeds("armv7e-m", True, "cortex-m4", True))
    check_core_fits(generic_target("cortex-m7"), CoreNeeds("armv6-m", False, "", False))
    with pytest.raises(ImageError, match="Armv8-M Mainline"):
        check_core_fits(generic_target("cortex-m7"), CoreNeeds("armv8-m.main", False, "cortex-m33", True))


def test_literals_are_no_instructions() -> None:
    # ldr r0, [pc, #4]; bl over it (does not return); literal 0xF7F0A000 would be a long instruction
    code = bytes.fromhex("014800f002f800bf") + _words(0xA000F7F0) + bytes.fromhex("fee7")
    needs = core_needs(_image({0x08000000: code}), None, [0x08000001])
    assert needs.architecture == "armv6-m"


# ---- which MCU -------------------------------------------------------------------------------------------------
DETECTED = {
    "f030-hal": ("STM32F0", "STM32F030x8"),
    "f103-arduino": ("STM32F1", "STM32F103x8"),
    "f103-bare": ("STM32F1", "STM32F103x8"),
    "f103-hal": ("STM32F1", "STM32F103x8"),
    "f103-modem": ("STM32F1", "STM32F103x8"),
    "f429-hal": ("STM32F4", "STM32F427xG"),  # the F429 differs in its display only
    "g071-hal": ("STM32G0", "STM32G071x8"),
    "gd32f130-spl": ("GD32F1x0", "GD32F130x8"),
    "hc32-ddl": ("HC32F460", "HC32F460xC"),
    "k64-sdk": ("Kinetis K64F", "MK64FN1M0"),
    "l476-mbed": ("STM32L4", "STM32L471xE"),
    "lpc1768-mbed": ("LPC176x", "LPC1766"),
    "m031-bsp": ("M031", "M031xC1"),
    "nrf52-sdk": ("nRF52", "NRF52832xxAA"),
    "ra4m1-fsp": ("RA4M1", "R7FA4M1ABx"),
    "rp2040-sdk": ("RP2040", "RP2040"),
    "sam3x-riot": ("SAM3X", "ATSAM3X8x"),
    "samd21-arduino": ("SAMD21", "ATSAMD21x18"),
    "tm4c-bare": ("TM4C123", "TM4C123GE6"),
    "xmc4500-apps": ("XMC4500", "XMC4500xxxxx768"),
}


@pytest.mark.parametrize("name", sorted(DETECTED))
def test_mcu_is_detected(facts_of: dict[str, ElfFacts], name: str) -> None:
    facts = _facts(facts_of, name)
    for told in (facts, None):
        found = detect_target(facts.image, told)
        assert (found.target.series, found.target.pattern) == DETECTED[name]
        assert not found.is_generic
        assert found.confidence in ("clear", "likely", "possible")
        assert found.candidates[0].part == found.target.pattern
        assert any("blocks of registers" in reason for reason in found.candidates[0].reasons)
        scores = [one.score for one in found.candidates]
        assert scores == sorted(scores, reverse=True)


def test_names_in_the_image_decide_between_equals(facts_of: dict[str, ElfFacts]) -> None:
    facts = _facts(facts_of, "f030-hal")
    named = replace(facts, labels={**facts.labels, "startup_stm32f051x8_done": 0x08000000})
    found = detect_target(named.image, named)
    assert found.target.pattern.startswith("STM32F051x")
    assert "names stm32f051x8" in found.candidates[0].reasons[0]


def test_unknown_mcu_becomes_the_generic_part_of_its_core() -> None:
    code = bytes.fromhex("014801490160fee7") + _words(0x4FFF0000, 1)
    table = _words(0x20001000, *([0x00000041] * 3)) + bytes(48)
    found = detect_target(_image({0: table + code}))
    assert found.is_generic
    assert found.confidence == "generic"
    assert found.target.part == "cortex-m0plus"
    assert found.target.flash == AddressRange(0, 0x100000)


def test_register_addresses_are_read_from_literals_and_pairs_only() -> None:
    literal = bytes.fromhex("00487047") + _words(0x40021000)
    assert address_constants(_image({0x08000000: literal})) == {0x40021000: 1}
    assert address_constants(_image({0x08000000: bytes.fromhex("00bf7047") + _words(0x40021000)})) == {}
    pair = bytes.fromhex("41f20003c4f202037047")  # movw r3, #0x1000; movt r3, #0x4002
    assert address_constants(_image({0x08000000: pair})) == {0x40021000: 1}
    other = bytes.fromhex("41f20002c4f202037047")  # movw r2: another register
    assert address_constants(_image({0x08000000: other})) == {}


@pytest.mark.parametrize("part", ["cortex-m3", "STM32F103C8T6"])
def test_declared_part_is_checked_against_the_image(facts_of: dict[str, ElfFacts], part: str) -> None:
    here = SimpleNamespace(
        part=part, flash=AddressRange(0x08000000, 0x08010000), ram=AddressRange(0x20000000, 0x20005000)
    )
    target = declared_target(cast("Declaration", here), _facts(facts_of, "f103-hal"))
    assert target.core == "cortex-m3"
    assert target.flash.start == 0x08000000
    with pytest.raises(ImageError, match=r"but .* has a Cortex-M3"):
        declared_target(cast("Declaration", here), _facts(facts_of, "f429-hal"))


# ---- generic parts ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("part", ["cortex-m0", "Cortex-M0+", "cortex_m3", "CORTEX-M4F", "cortex-m7", "cortex-m33"])
def test_generic_parts_are_found(part: str) -> None:
    target = find_target(part, [(0x0800C000, 0x0800D000)])
    assert target.vendor == "generic"
    assert target.flash == AddressRange(0x08000000, 0x08100000)
    assert target.ram == AddressRange(0x20000000, 0x20040000)
    assert target.vectors == 0x08000000
    assert {block.name for block in target.peripherals} >= {"NVIC", "SCB", "SysTick"}
    assert target.interrupts[5].name == "IRQ5"
    assert target.fpu == (target.core in ("cortex-m7", "cortex-m33") or part.endswith("F"))


@pytest.mark.parametrize(
    ("ranges", "stack", "flash", "ram"),
    [
        ([], None, (0, 0x100000), (0x20000000, 0x20040000)),
        ([(0, 0x280000)], 0x20050000, (0, 0x300000), (0x20000000, 0x20080000)),
        ([(0x10000000, 0x10008000)], 0x20042000, (0x10000000, 0x10100000), (0x20000000, 0x20080000)),
        ([(0, 0x1000)], 0x10008000, (0, 0x100000), (0x10000000, 0x10040000)),
        ([(0, 0x1000)], 0x1FFF8000, (0, 0x100000), (0x1FFE0000, 0x20040000)),
        ([(0x20000000, 0x20001000)], 0x20008000, (0, 0x100000), (0x20000000, 0x20040000)),
    ],
)
def test_generic_memories_are_where_the_image_is(
    ranges: list[tuple[int, int]], stack: int | None, flash: tuple[int, int], ram: tuple[int, int]
) -> None:
    target = generic_target("cortex-m4", ranges, (), stack)
    assert (target.flash.start, target.flash.end) == flash
    assert (target.ram.start, target.ram.end) == ram
    regions = sorted((memory.range.start, memory.range.end) for memory in target.rams)
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(regions))


def test_unknown_core_is_refused() -> None:
    with pytest.raises(CatalogueError, match="no core"):
        generic_target("cortex-a9")
    assert {"cortex-m0", "cortex-m4f"} <= {part.pattern for part in list_targets()}


@pytest.mark.parametrize("name", sorted(set(DETECTED) - {"gd32f130-spl"}))  # that one does resemble the STM32F1
def test_an_mcu_that_nobody_described_is_not_taken_for_another(
    facts_of: dict[str, ElfFacts], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = _facts(facts_of, name)
    own = detect_target(facts.image).target
    others = tuple(
        line
        for line in all_lines()
        if line.model.vendor != own.vendor and not (own.vendor == "STMicroelectronics" and line.model.resembles)
    )
    monkeypatch.setattr(target_detection, "all_lines", lambda: others)
    target_detection._known_pages.cache_clear()
    try:
        found = detect_target(facts.image)
    finally:
        target_detection._known_pages.cache_clear()
    assert found.is_generic, found.candidates
    assert (found.target.architecture == "armv6-m") == (own.architecture == "armv6-m")
