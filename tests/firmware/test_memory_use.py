"""Memory use against size."""

import re
from collections.abc import Callable
from pathlib import Path

from swassess.firmware.elf_facts import ElfFacts
from swassess.firmware.memory_use import memory_use, ram_symbols
from swassess.model.declared import AddressRange


def test_flash_and_ram_are_those_that_size_counts(
    tiny: ElfFacts, data: Path, flash: AddressRange, ram: AddressRange, oracle: Callable[..., str]
) -> None:
    text, initialised, zero = map(
        int, re.findall(r"^\s*(\d+)\s+(\d+)\s+(\d+)", oracle("size", data / "tiny.elf"), re.M)[0]
    )
    use = memory_use(tiny, flash, ram)
    assert use.flash == text + initialised
    assert use.ram == initialised + zero
    assert use.outside == ()
    assert [name for name, *_ in use.sections] == [".isr_vector", ".text", ".data", ".bss"]


def test_parts_outside_the_flash_are_listed(tiny: ElfFacts, ram: AddressRange) -> None:
    (low, high), *_ = tiny.image.ranges()
    use = memory_use(tiny, AddressRange(low + 16, low + 64), ram)
    assert use.flash == 48 and use.outside == ((low, low + 16), (low + 64, high))
    assert memory_use(tiny, AddressRange(0, 16), ram).outside == ((low, high),)


def test_symbols_of_ram(tiny: ElfFacts, ram: AddressRange) -> None:
    symbols = ram_symbols(tiny, ram)
    names = {name: (start, end) for start, end, name in symbols}
    table = tiny.variable("g_table")
    assert table is not None and names["g_table"] == (table.address, table.address + 12)
    assert {"s_count@main.c", "s_count@control.c"} <= set(names)
    assert list(symbols) == sorted(symbols)
    assert not any(start < 0x20000000 for start, *_ in symbols)
