"""Registers of the breakpoint and watchpoint units of every core, as a debugger programmes them."""

import pytest

from swassess.emulator.debug_comparators import EXECUTE, READ, WRITE, BreakpointUnit, WatchedRange, WatchpointUnit
from swassess.emulator.debug_cores import CORES, DWT, FPB, ROM_TABLE, SCS, debug_core, identification
from swassess.errors import EmulationError

FIRST_COMPARATOR = 8


def enabled(core: str) -> BreakpointUnit:
    unit = BreakpointUnit(CORES[core])
    unit.write(0, 3)
    return unit


def test_version_1_matches_half_words() -> None:
    unit = enabled("cortex-m3")
    unit.write(FIRST_COMPARATOR, 0x08000100 | 1 << 30 | 1)
    unit.write(FIRST_COMPARATOR + 4, 0x08000200 | 2 << 30 | 1)
    unit.write(FIRST_COMPARATOR + 8, 0x08000300 | 3 << 30 | 1)
    unit.write(FIRST_COMPARATOR + 12, 0x08000400 | 3 << 30)  # not enabled
    assert unit.addresses() == [0x08000100, 0x08000202, 0x08000300, 0x08000302]
    unit.write(0, 1)  # without the key nothing changes
    assert unit.read(0) == 0x261
    unit.write(0, 2)
    assert unit.addresses() == []


@pytest.mark.parametrize("core", ["cortex-m7", "cortex-m33"])
def test_version_2_matches_any_address(core: str) -> None:
    unit = enabled(core)
    unit.write(FIRST_COMPARATOR, 0x20001003)
    assert unit.addresses() == [0x20001002]
    assert unit.read(0) == 0x10000081


@pytest.mark.parametrize(("core", "comparators"), [("cortex-m0", 4), ("cortex-m3", 6), ("cortex-m7", 8)])
def test_comparators_beyond_the_last_are_not_there(core: str, comparators: int) -> None:
    unit = enabled(core)
    for index in range(16):
        unit.write(FIRST_COMPARATOR + 4 * index, 0x00000101 + 4 * index | 1 << 30)
    assert len(unit.addresses()) == comparators


def test_watchpoints_of_armv7() -> None:
    unit = WatchpointUnit(CORES["cortex-m4"])
    for number, (address, mask, function) in enumerate(
        ((0x20000101, 0, 5), (0x20000106, 2, 6), (0x20000200, 3, 7), (0x08000100, 1, 4))
    ):
        unit.write(0x20 + 16 * number, address)
        unit.write(0x24 + 16 * number, mask)
        unit.write(0x28 + 16 * number, function)
    assert unit.ranges() == [
        WatchedRange(0x20000101, 0x20000102, READ, 0),
        WatchedRange(0x20000104, 0x20000108, WRITE, 1),
        WatchedRange(0x20000200, 0x20000208, READ | WRITE, 2),
        WatchedRange(0x08000100, 0x08000102, EXECUTE, 3),
    ]
    unit.write(0x24, 31)
    assert unit.read(0x24, 0) == (15, 0)  # the largest mask is told by reading back
    assert unit.read(0x28, 0b0001) == (5 | 1 << 24, 1)
    assert unit.read(0x38, 0b0001) == (6, 2)


def test_watchpoints_of_armv8() -> None:
    unit = WatchpointUnit(CORES["cortex-m33"])
    for number, (function, kinds) in enumerate(((0b0100, READ | WRITE), (0b0101, WRITE), (0b0110, READ))):
        unit.write(0x20 + 16 * number, 0x20000100)
        unit.write(0x28 + 16 * number, 2 << 10 | 1 << 4 | function)
        assert unit.ranges()[number] == WatchedRange(0x20000100, 0x20000104, kinds, number)
    unit.write(0x28, 2 << 10 | 0b0100)  # no action
    assert len(unit.ranges()) == 2


@pytest.mark.parametrize("name", CORES)
def test_rom_table_leads_to_the_units(name: str) -> None:
    words = identification(CORES[name])
    found = []
    for index in range(6):
        entry = words[ROM_TABLE + 4 * index]
        if entry & 1:
            base = (ROM_TABLE + (entry & 0xFFFFF000)) & 0xFFFFFFFF
            found.append(base)
            assert [words[base + 0xFF0 + 4 * i] for i in (0, 2, 3)] == [0x0D, 0x05, 0xB1]
            part = words[base + 0xFE0] | (words[base + 0xFE4] & 0xF) << 8
            assert part == CORES[name].parts[(SCS, DWT, FPB).index(base)]
            assert words[base + 0xFE4] >> 4 == 0xB and words[base + 0xFE8] == 0x0B and words[base + 0xFD0] == 4  # Arm
    assert found == [SCS, DWT, FPB]


def test_unknown_core() -> None:
    with pytest.raises(EmulationError, match="debug hardware of 'cortex-a9' is not described"):
        debug_core("cortex-a9")
