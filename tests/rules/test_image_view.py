"""Which bytes of flash and RAM the washer uses, as the rules see its image."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from swassess.faults.bench import make_bench
from swassess.faults.golden import run_golden
from swassess.firmware.elf_facts import ElfFacts, read_elf
from swassess.model.declared import Declaration
from swassess.model.trace import STACK_WRITE, Trace
from swassess.rules.evidence import UsedSpan
from swassess.rules.image_view import ElfImage, used_flash, used_ram
from swassess.submission.manifest import read_manifest
from swassess.target_data import find_target

WASHER = Path(__file__).resolve().parents[2] / "fixtures" / "washer"


@pytest.fixture(scope="module")
def declaration() -> Declaration:
    return read_manifest(WASHER).declaration


@pytest.fixture(scope="module")
def facts(declaration: Declaration) -> ElfFacts:
    return read_elf(WASHER / dict(declaration.images)["elf"])


@pytest.fixture(scope="module")
def image(facts: ElfFacts, declaration: Declaration) -> ElfImage:
    return ElfImage(facts, declaration)


@pytest.fixture(scope="module")
def trace(facts: ElfFacts, declaration: Declaration) -> Trace:
    bench, _ = make_bench(declaration, find_target(declaration.part), facts.image, facts)
    trace = run_golden(bench, "cold-start").trace
    assert trace is not None
    return trace


@pytest.fixture(scope="module")
def march_blocks(image: ElfImage, trace: Trace) -> list[int]:
    """Blocks of the functions that test RAM."""
    blocks = np.unique(trace.memory.block).tolist()
    return [block for block in blocks if image.function_at(block).startswith("safety_ram_")]


@pytest.fixture(scope="module")
def flash(image: ElfImage, declaration: Declaration) -> tuple[UsedSpan, ...]:
    return used_flash(image, declaration)


@pytest.fixture(scope="module")
def ram(image: ElfImage, declaration: Declaration, trace: Trace, march_blocks: list[int]) -> tuple[UsedSpan, ...]:
    return used_ram(image, declaration, {"cold-start": trace}, march_blocks)


def _kind_at(spans: tuple[UsedSpan, ...], address: int) -> str:
    return next((span.kind for span in spans if span.start <= address < span.end), "")


def _object(facts: ElfFacts, name: str) -> Any:
    return next(one for one in facts.objects if one.name == name)


# ---- flash -----------------------------------------------------------------------------------------------------------
def test_flash_begins_with_the_vectors(flash: tuple[UsedSpan, ...], image: ElfImage) -> None:
    assert flash[0].kind == "vectors"
    assert flash[0].start == image.vectors.address == 0x08000000
    assert flash[0].end - flash[0].start == image.vectors.size
    assert image.vectors.size >= 4 * (16 + 43), "STM32F103 has 43 interrupts or more"


def test_every_function_is_code(flash: tuple[UsedSpan, ...], facts: ElfFacts) -> None:
    sized = [one for one in facts.functions if one.size]
    assert len(sized) > 40
    for function in sized:
        assert _kind_at(flash, function.address & ~1) == "code", function.name
        assert _kind_at(flash, function.end - 2) == "code", function.name


def test_tables_are_constants(flash: tuple[UsedSpan, ...], facts: ElfFacts) -> None:
    for name in ("k_crc32_table", "k_ntc_table", "k_permitted"):
        table = _object(facts, name)
        assert _kind_at(flash, table.address) == _kind_at(flash, table.end - 1) == "constants", name


def test_used_flash_is_apart_sorted_and_inside(flash: tuple[UsedSpan, ...], declaration: Declaration) -> None:
    assert all(span.start < span.end for span in flash)
    assert all(before.end <= after.start for before, after in pairwise(flash))
    assert declaration.flash.start <= flash[0].start
    assert flash[-1].end <= declaration.flash.end
    assert sum(span.end - span.start for span in flash) < 0x4000, "erased flash is not in use"


# ---- RAM -------------------------------------------------------------------------------------------------------------
def test_the_stack_reaches_the_initial_stack_pointer(ram: tuple[UsedSpan, ...], image: ElfImage) -> None:
    stacks = [span for span in ram if span.kind == "stack"]
    assert [span.end for span in stacks] == [image.vectors.initial_sp]
    assert 64 <= stacks[0].end - stacks[0].start <= 1024, "what ordinary code uses, not what the march touches"


def test_the_stack_holds_every_exception_frame(ram: tuple[UsedSpan, ...], trace: Trace) -> None:
    frames = trace.memory.address[trace.memory.kind == STACK_WRITE]
    assert frames.size
    stack = next(span for span in ram if span.kind == "stack")
    assert stack.start <= int(frames.min())


def test_accesses_of_the_ram_test_are_no_use(
    image: ElfImage, declaration: Declaration, trace: Trace, march_blocks: list[int], ram: tuple[UsedSpan, ...]
) -> None:
    assert march_blocks
    with_tests = used_ram(image, declaration, {"cold-start": trace}, ())
    whole = next(span for span in with_tests if span.kind == "stack")
    data = max(span.end for span in ram if span.kind != "stack")
    assert whole.start == data, "the march touches all between data and the initial stack pointer"
    assert whole.start < next(span for span in ram if span.kind == "stack").start


def test_every_variable_is_in_use_by_name(ram: tuple[UsedSpan, ...], facts: ElfFacts, declaration: Declaration) -> None:
    labels = {(span.start, span.label) for span in ram}
    variables = [
        one for one in facts.objects if declaration.ram.start <= one.address < declaration.ram.end and one.size
    ]
    assert len(variables) > 30
    for one in variables:
        assert (one.address, one.name) in labels
        assert _kind_at(ram, one.end - 1) in ("data", "bss")


def test_without_a_run_nothing_is_known_of_the_stack(image: ElfImage, declaration: Declaration) -> None:
    spans = used_ram(image, declaration, {}, ())
    assert spans
    assert not [span for span in spans if span.kind == "stack"]


# ---- code ------------------------------------------------------------------------------------------------------------
def test_what_only_handlers_reach(image: ElfImage) -> None:
    assert image.handler_only("SysTick_Handler")
    assert not image.handler_only("main_loop_step")
    assert not image.handler_only("safety_watchdog_refresh")
    assert not image.handler_only("safety_fail_safe"), "both reach it"
    assert not image.handler_only("no_such_function")
    assert "SysTick_Handler" in image.handlers()
    assert "Reset_Handler" not in image.handlers()


def test_addresses_and_names(image: ElfImage) -> None:
    address = image.function_address("main_loop_step")
    assert address is not None
    assert image.function_at(address) == image.function_at(address + 4) == "main_loop_step"
    assert image.function_at(0x0800F000) == ""
    assert image.function_address("no_such_function") is None
    place = image.place(address)
    assert (Path(place.file or "").name, place.address) == ("main.c", address)
    assert place.symbol == "main_loop_step"
