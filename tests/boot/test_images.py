"""Every firmware of fixtures/boot comes as far as its truth file says, and nothing is learned that must not be."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from swassess.boot.boot import boot
from swassess.boot.progress import LEVELS
from swassess.firmware.elf_facts import ElfFacts, read_elf
from swassess.model.boot import BootReport

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "boot"
IMAGES = FIXTURES / "images"
NAMES = sorted(path.parent.name for path in FIXTURES.glob("*/boot.toml"))
# three of the core kinds, all ways to end, behaviours and learned registers; the others run in the slow suite
QUICK = ("f103-hal", "f103-modem", "nrf52-sdk", "rp2040-sdk")


def _truth(name: str) -> dict[str, Any]:
    return tomllib.loads((FIXTURES / name / "boot.toml").read_text(encoding="utf-8"))


@cache
def _booted(name: str) -> BootReport:
    return boot(IMAGES / f"{name}.elf")


@cache
def _facts(name: str) -> ElfFacts:
    return read_elf(IMAGES / f"{name}.elf")


def _marked(name: str) -> Any:
    return name if name in QUICK else pytest.param(name, marks=pytest.mark.slow)


def test_there_are_many_kinds() -> None:
    assert len(NAMES) >= 16
    assert {"cortex-m0", "cortex-m0plus", "cortex-m3", "cortex-m4"} <= {_truth(name)["build"]["cpu"] for name in NAMES}
    assert {"-O0", "-O1", "-O2", "-Os"} <= {flag for name in NAMES for flag in _truth(name)["build"]["flags"]}


@pytest.mark.parametrize("name", NAMES)
def test_truth_names_what_the_image_has(name: str) -> None:
    truth, facts = _truth(name)["truth"], _facts(name)
    assert truth["reaches"] in LEVELS
    assert truth["reaches"] == "main loop" or truth["reason"]
    for symbol in (truth["main"], truth["loop"]):
        assert facts.function(symbol) is not None, symbol
    assert (IMAGES / f"{name}.elf").stat().st_size < 60 * 1024


@pytest.mark.parametrize("name", [_marked(name) for name in NAMES])
def test_boots_as_far_as_it_should(name: str) -> None:
    truth, report = _truth(name)["truth"], _booted(name)
    assert report.level == truth["reaches"], (report.ended, report.at, report.waiting)
    assert report.reproducible
    if report.level == "main loop":
        assert report.loop.partition("+")[0] == truth["loop"]
        assert report.passes >= 3
    assert not set(report.functions) & set(truth["never_reached"])
    assert set(truth.get("also_reached", ())) <= set(report.functions)
    if "vectors" in truth:
        assert report.vectors == truth["vectors"]


@pytest.mark.parametrize("name", [_marked(name) for name in NAMES])
def test_learned_registers_are_the_polled_ones(name: str) -> None:
    truth, report = _truth(name)["truth"], _booted(name)
    words = {one["register"] & ~3 for one in (*truth["polled"], *truth.get("counted", ()))}
    extra = {one & ~3 for one in truth.get("may_be_learned", ())}
    for entry in report.learned:
        assert entry.address in words | extra, (hex(entry.address), entry.shown, entry.symbol)
        assert entry.sensitivity
        assert entry.tried
    for entry in report.learned:
        fields = [
            (one["mask"] << 8 * (one["register"] & 3), one["value"] << 8 * (one["register"] & 3))
            for one in truth["polled"]
            if one["register"] & ~3 == entry.address and "many" not in one
        ]
        if entry.kind == "field" and fields:
            assert any(not entry.mask & ~mask and entry.bits == value & entry.mask for mask, value in fields) or any(
                "many" in one for one in truth["polled"] if one["register"] & ~3 == entry.address
            ), (hex(entry.address), entry.shown)
    never = {address & ~3 for address in truth.get("never_learned", ())}
    field = {entry.address for entry in report.learned} & never
    assert not {hex(address) for address in field - words}
