"""ElfFacts against nm, addr2line and the C text of the test firmware."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from swassess.firmware.c_types import ArrayType, BaseType, EnumType, FunctionType, PointerType, StructType
from swassess.firmware.elf_facts import ElfFacts, read_elf


@pytest.fixture(scope="module", params=["tiny.elf", "tiny_dwarf4.elf"])
def facts(request: pytest.FixtureRequest, data: Path) -> ElfFacts:
    return read_elf(data / request.param)


def test_symbols_are_those_that_readelf_lists(tiny: ElfFacts, data: Path, oracle: Callable[..., str]) -> None:
    table = oracle("readelf", "-sW", data / "tiny.elf")
    listed = re.findall(r"^\s*\d+: (\w+)\s+(\d+) (FUNC|OBJECT)\s+(\w+)\s+\w+\s+\d+ (\S+)$", table, re.MULTILINE)
    for kind, ours in (("FUNC", tiny.functions), ("OBJECT", tiny.objects)):
        theirs = {
            (int(address, 16) & (~1 if kind == "FUNC" else ~0), int(size), binding.lower(), name)
            for address, size, found, binding, name in listed
            if found == kind
        }
        assert {(s.address, s.size, s.binding, s.name) for s in ours} == theirs
        assert len(theirs) >= 10


def test_lines_are_those_that_addr2line_gives(facts: ElfFacts, data: Path, oracle: Callable[..., str]) -> None:
    name = "tiny.elf" if facts.units[0].dwarf_version == 5 else "tiny_dwarf4.elf"
    addresses = [a for f in facts.functions for a in range(f.address, f.end, 2)]
    told = oracle("addr2line", "-e", data / name, *[hex(a) for a in addresses]).splitlines()
    checked = 0
    for address, line in zip(addresses, told, strict=True):
        file, number = re.sub(r" \(discriminator \d+\)", "", line).rsplit(":", 1)
        if number.isdigit() and number != "0":
            assert facts.line_at(address) == (Path(file).name, int(number)), hex(address)
            checked += 1
    assert checked > 150


def test_no_line_outside_the_code(facts: ElfFacts) -> None:
    assert facts.line_at(0x08000000) == ("", 0)
    assert facts.line_at(0x0800FFF0) == ("", 0)
    assert facts.line_at(0x20000000) == ("", 0)


def test_variables_have_addresses_of_their_symbols(facts: ElfFacts) -> None:
    by_place = {(s.address, re.sub(r"\.\d+$", "", s.name)) for s in facts.objects}
    assert len(facts.variables) >= 14
    assert {(v.address, v.name) for v in facts.variables} <= by_place


def test_types(facts: ElfFacts) -> None:
    state = facts.variable("g_state")
    assert state is not None and isinstance(state.type, EnumType)
    assert (state.type.name, state.type.size, state.type.signed) == ("state_t", 1, False)
    assert dict(state.type.enumerators) == {"ST_IDLE": 0, "ST_RUN": 5, "ST_FAULT": 0x80}
    trim = facts.variable("g_trim")
    assert trim is not None and isinstance(trim.type, EnumType) and trim.type.signed
    ratio = facts.variable("g_ratio")
    assert ratio is not None and ratio.type == BaseType("double", 8, True, floating=True)
    ready = facts.variable("g_ready")
    assert ready is not None and isinstance(ready.type, BaseType) and ready.type.boolean
    uptime = facts.variable("g_uptime")
    assert uptime is not None and isinstance(uptime.type, BaseType)
    assert (uptime.size, uptime.type.signed) == (8, False)
    table = facts.variable("g_table")
    assert table is not None and isinstance(table.type, ArrayType) and table.size == 12
    assert table.type.count == 2 and isinstance(table.type.element, ArrayType) and table.type.element.count == 3
    assert table.type.element.element == BaseType("short int", 2, True)


def test_structures_bit_fields_and_unions(facts: ElfFacts) -> None:
    sensors = facts.variable("g_sensor")
    assert sensors is not None and isinstance(sensors.type, ArrayType)
    sensor = sensors.type.element
    assert isinstance(sensor, StructType)
    assert (sensors.type.count, sensor.size, sensor.name) == (4, 12, "sensor_t")
    places = {m.name: (m.offset, m.bit_offset, m.bit_size, m.type.size) for m in sensor.members}
    assert places == {
        "flag": (0, 0, 1, 1),
        "level": (0, 1, 5, 1),
        "offset": (2, 0, 0, 2),
        "raw": (4, 0, 0, 4),
        "gain": (8, 0, 0, 4),
    }
    raw = sensor.member("raw")
    assert raw is not None and isinstance(raw.type, StructType) and raw.type.is_union
    assert {m.name: m.offset for m in raw.type.members} == {"word": 0, "byte": 0}


def test_a_structure_that_points_to_itself(facts: ElfFacts) -> None:
    first = facts.variable("g_first")
    assert first is not None and isinstance(first.type, StructType)
    following, action = first.type.member("next"), first.type.member("action")
    assert following is not None and isinstance(following.type, PointerType)
    assert following.type.target is first.type
    assert action is not None and isinstance(action.type, PointerType)
    assert isinstance(action.type.target, FunctionType)
    assert "node" in repr(first)


def test_named_types_and_enumerators(facts: ElfFacts) -> None:
    assert facts.types["uint32_t"].size == 4
    assert facts.types["struct node"] is facts.variable("g_first").type  # type: ignore[union-attr]
    assert facts.types["sensor_t"].size == 12
    assert facts.enumerators["TRIM_LOW"] == -3 and facts.enumerators["ST_FAULT"] == 128
    assert facts.ambiguous_enumerators == ()


def test_statics_that_share_a_name_are_told_apart_by_file(facts: ElfFacts) -> None:
    assert facts.ambiguous_variables == ("s_count",)
    assert facts.variable("s_count") is None
    main, control = facts.variable("s_count", "main.c"), facts.variable("s_count", "control.c")
    assert main is not None and control is not None and main.address != control.address
    hits = facts.variable("s_hits")
    assert hits is not None and (hits.function, hits.file, hits.line) == ("clamp", "control.c", 24)


def test_functions_have_their_declaration_and_inlined_copies(facts: ElfFacts, data: Path) -> None:
    text = (data / "main.c").read_text().splitlines()
    by_name = {s.name: s for s in facts.subprograms}
    assert "dispatch(uint32_t command)" in text[by_name["dispatch"].line - 1]
    assert by_name["dispatch"].ranges == ((facts.function("dispatch").address, facts.function("dispatch").end),)  # type: ignore[union-attr]
    assert by_name["decide"].ranges == () and by_name["decide"].inlined
    main = facts.function("main")
    assert main is not None and all(main.address <= low < high <= main.end for low, high in by_name["decide"].inlined)
    found = facts.subprogram_at(main.address + 3)
    assert found is not None and found.name == "main"


def test_code_and_data_are_found_by_address(tiny: ElfFacts) -> None:
    main = tiny.function("main")
    assert main is not None
    assert tiny.function_at(main.address | 1) == main
    assert tiny.symbol_at(main.address + 6) == "main+6"
    assert tiny.symbol_at(tiny.variable("g_table").address + 4) == "g_table+4"  # type: ignore[union-attr]
    assert tiny.symbol_at(0x20004000) == ""
    assert tiny.labels["_estack"] == 0x20005000


def test_load_addresses_are_used_never_run_time_ones(tiny: ElfFacts) -> None:
    ratio = tiny.variable("g_ratio")
    assert ratio is not None and ratio.address >= 0x20000000
    assert all(high <= 0x08010000 for _, high in tiny.image.ranges())
    assert tiny.bytes_at(ratio.address, ratio.address + 8) == b"\0\0\0\0\0\0\xe0\x3f"
    assert tiny.load_address_of(ratio.address) == tiny.labels["_sidata"] + ratio.address - 0x20000000


def test_units_tell_language_and_producer(facts: ElfFacts) -> None:
    assert [unit.name for unit in facts.units] == ["main.c", "control.c", "delay.S"]
    assert [unit.is_assembly for unit in facts.units] == [False, False, True]
    assert facts.units[0].producer.startswith("GNU C11")
