"""Disassembly against objdump: the same addresses, sizes and borders between code and data."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from swassess.firmware.disassembly import disassemble_function, disassemble_range
from swassess.firmware.elf_facts import ElfFacts


def test_instructions_are_those_of_objdump(tiny: ElfFacts, data: Path, oracle: Callable[..., str]) -> None:
    listing = oracle("objdump", "-d", "-z", data / "tiny.elf")
    theirs: dict[int, int] = {}
    words: set[int] = set()
    for address, raw, mnemonic in re.findall(r"^ (\w+):\t([0-9a-f ]+)\t(\S+)", listing, re.MULTILINE):
        if mnemonic.startswith((".word", ".short", ".byte")):
            words.add(int(address, 16))
        else:
            theirs[int(address, 16)] = len(raw.replace(" ", "")) // 2
    functions = [disassemble_function(tiny, symbol) for symbol in tiny.functions]
    ours = {i.address: i.size for function in functions for i in function.instructions}
    inside = {a: s for a, s in theirs.items() if any(f.start <= a < f.end for f in functions)}
    assert ours == inside and len(ours) > 150
    pools = {a for f in functions for low, high in f.data for a in range(low, high)}
    assert pools >= {a for a in words if any(f.start <= a < f.end for f in functions)}
    assert all(i.mnemonic != ".short" for function in functions for i in function.instructions)


def test_jump_tables_and_literal_pools_are_data(tiny: ElfFacts) -> None:
    dispatch = disassemble_function(tiny, tiny.function("dispatch"))  # type: ignore[arg-type]
    assert len(dispatch.data) == 2, "the table behind tbb, and the literal pool at the end"
    literals = {i.literal_address for i in dispatch.instructions if i.literal_address is not None}
    pool = set(range(*dispatch.data[-1]))
    assert literals and literals <= pool
    assert tiny.variable("g_ticks").address in {tiny.word_at(a) for a in literals}  # type: ignore[union-attr]


def test_without_mapping_symbols_loaded_words_are_data(tiny: ElfFacts) -> None:
    symbol = tiny.function("flash_sum") and tiny.function("fail_safe")
    assert symbol is not None
    with_symbols = disassemble_function(tiny, symbol)
    without = disassemble_function(replace(tiny, mapping=()), symbol)
    assert without.data == with_symbols.data and without.instructions == with_symbols.instructions


def test_half_words_that_are_no_instruction(tiny: ElfFacts) -> None:
    symbol = tiny.function("main")
    assert symbol is not None
    changed = bytearray(tiny.image.segments[0][1])
    changed[symbol.address - 0x08000000 : symbol.address - 0x08000000 + 2] = b"\xff\xff"
    image = type(tiny.image)(((0x08000000, bytes(changed)),))
    first = disassemble_range(replace(tiny, image=image), symbol.address, symbol.address + 6)
    assert first[0].mnemonic == ".short" and sum(i.size for i in first) == 6
