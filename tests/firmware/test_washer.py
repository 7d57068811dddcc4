"""The reference firmware through the whole room: fast, without findings, and variants that differ where they should."""

import time
from pathlib import Path

import pytest

from swassess.firmware.call_graph import build_call_graph
from swassess.firmware.compare import compare_load_images
from swassess.firmware.elf_facts import ElfFacts, read_elf
from swassess.firmware.fingerprint import fingerprint
from swassess.firmware.image_findings import duplicate_symbol_findings
from swassess.firmware.load import load_image
from swassess.firmware.vectors import read_vectors
from swassess.model.declared import AddressRange

IMAGES = Path(__file__).parents[2] / "fixtures/washer/firmware/images"


def prints(facts: ElfFacts) -> dict[str, str]:
    return {name: fingerprint(facts, code) for name, code in build_call_graph(facts).code.items()}


@pytest.fixture(scope="module")
def washer() -> ElfFacts:
    return read_elf(IMAGES / "washer.elf")


def test_reading_and_taking_apart_takes_less_than_a_second() -> None:
    began = time.monotonic()
    prints(read_elf(IMAGES / "washer.elf"))
    assert time.monotonic() - began < 1.5


def test_all_images_agree(washer: ElfFacts, flash: AddressRange, ram: AddressRange) -> None:
    assert compare_load_images(washer.image, load_image(IMAGES / "washer.hex", "hex")) == []
    assert compare_load_images(washer.image, load_image(IMAGES / "washer.bin", "bin", flash)) == []
    assert read_vectors(washer, flash, ram).problems == ()
    assert duplicate_symbol_findings(washer, "washer.elf") == []
    assert washer.has_debug and washer.debug_problem == ""


def test_every_variable_of_the_c_sources_has_type_and_symbol(washer: ElfFacts) -> None:
    symbols = {(symbol.address, symbol.name.partition(".")[0]) for symbol in washer.objects}
    assert len(washer.variables) > 50
    assert {(variable.address, variable.name) for variable in washer.variables} <= symbols
    assert all(variable.size > 0 for variable in washer.variables)


@pytest.mark.parametrize(
    ("variant", "changed"),
    [("crc-range", "safety_flash_test"), ("ram-range", "safety_ram_test"), ("wdg-tick", "safety_watchdog_refresh")],
)
def test_a_variant_differs_only_where_its_flaw_is(washer: ElfFacts, variant: str, changed: str) -> None:
    before, now = prints(washer), prints(read_elf(IMAGES / f"washer-flaw-{variant}.elf"))
    different = {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
    assert any(name.startswith(changed) for name in different)
    assert different < set(before) and len(different) <= 3, different
