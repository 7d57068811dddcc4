"""Fingerprints stay when a function only moves, and change when it does something else."""

import shutil
import subprocess
from pathlib import Path

import pytest

from swassess.firmware.call_graph import CallGraph, build_call_graph
from swassess.firmware.elf_facts import ElfFacts, read_elf
from swassess.firmware.fingerprint import fingerprint, normalised


def prints(facts: ElfFacts) -> dict[str, str]:
    graph = build_call_graph(facts)
    return {name: fingerprint(facts, code) for name, code in graph.code.items()}


def rebuilt(data: Path, folder: Path, old: str, new: str) -> dict[str, str]:
    """Fingerprints of the firmware with one text of one file replaced."""
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("arm-none-eabi-gcc is not installed, so no changed firmware can be built")
    shutil.copytree(data, folder / "copy")
    hits = 0
    for path in sorted((folder / "copy").glob("*.[chS]")):
        text = path.read_text()
        hits += text.count(old)
        path.write_text(text.replace(old, new))
    assert hits == 1
    subprocess.run(["make", "-s", "-B", "tiny.elf"], cwd=folder / "copy", check=True)
    return prints(read_elf(folder / "copy" / "tiny.elf"))


def test_debug_format_does_not_matter(data: Path, tiny: ElfFacts) -> None:
    assert prints(read_elf(data / "tiny_dwarf4.elf")) == prints(tiny)
    assert len(set(prints(tiny).values())) == len(prints(tiny))


def test_moved_functions_keep_their_print(data: Path, tiny: ElfFacts, tmp_path: Path) -> None:
    """New code in an early function shifts all code behind it."""
    now = rebuilt(data, tmp_path, "    g_ticks++;", "    g_ticks += 0x12345u + (g_ticks >> 3);")
    before = prints(tiny)
    assert {name for name in before if before[name] != now[name]} == {"SysTick_Handler"}


def test_a_changed_constant_changes_its_readers(data: Path, tiny: ElfFacts, tmp_path: Path) -> None:
    now = rebuilt(data, tmp_path, "{9, 8, 7, 6, 5}", "{9, 8, 7, 6, 4}")
    before = prints(tiny)
    assert {name for name in before if before[name] != now[name]} == {"dispatch"}


def test_a_changed_range_changes_the_test(data: Path, tiny: ElfFacts, tmp_path: Path) -> None:
    now = rebuilt(data, tmp_path, "0x08000100u", "0x08000200u")
    before = prints(tiny)
    assert {name for name in before if before[name] != now[name]} == {"first_words"}


def test_normalised_lines_name_symbols_not_addresses(tiny: ElfFacts, graph: CallGraph) -> None:
    lines = normalised(tiny, graph.code["dispatch"])
    assert "b.w delay_rounds" in lines and "ldr r3, =g_ticks" in lines
    assert not any(
        "0x80" in line and "=" not in line for line in lines if not line.startswith(("mov", "cmp", ".table"))
    )
