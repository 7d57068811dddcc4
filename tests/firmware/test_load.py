"""Load images of all formats, and one sentence for every kind of bad file."""

import random
import struct
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from swassess.errors import ImageError
from swassess.firmware.call_graph import build_call_graph
from swassess.firmware.child_process import parse_elf_in_child
from swassess.firmware.elf_facts import ElfFacts, Symbol, read_elf
from swassess.firmware.image import LoadImage, make_load_image
from swassess.firmware.load import load_image
from swassess.model.declared import AddressRange


def changed(data: Path, folder: Path, **places: bytes) -> Path:
    """The test firmware with bytes at offsets (named at0x12) replaced."""
    content = bytearray((data / "tiny.elf").read_bytes())
    for name, value in places.items():
        offset = int(name[2:], 16)
        content[offset : offset + len(value)] = value
    path = folder / "changed.elf"
    path.write_bytes(content)
    return path


def refused(path: Path, role: str = "elf", flash: AddressRange | None = None) -> str:
    with pytest.raises(ImageError) as caught:
        load_image(path, role, flash)
    message = str(caught.value)
    assert message.startswith(path.name) and message.endswith(".") and "\n" not in message
    assert "Traceback" not in message and len(message) < 400
    return message


def test_every_format_gives_the_same_bytes(data: Path, flash: AddressRange) -> None:
    elf = load_image(data / "tiny.elf", "elf")
    assert load_image(data / "tiny.hex", "hex").segments == elf.segments
    assert load_image(data / "tiny.bin", "bin", flash).segments == elf.segments
    assert elf.entry is not None and elf.entry & 1 == 1
    assert elf.bytes_at(flash.start, flash.start + elf.size) == (data / "tiny.bin").read_bytes()


def test_fill_and_coverage() -> None:
    image = LoadImage(((0x100, b"ab"), (0x104, b"c")))
    assert image.bytes_at(0xFF, 0x106, 0x00) == b"\0ab\0\0c\0"
    assert image.bytes_at(0x101, 0x105) == b"b\xff\xffc"
    assert image.covers(0x100, 0x102) and not image.covers(0x101, 0x105)


def test_parts_that_overlap_are_refused() -> None:
    with pytest.raises(ImageError, match="0x00000101"):
        make_load_image([(0x100, b"ab"), (0x101, b"c")], None, "x.elf")
    assert make_load_image([(0x102, b"c"), (0x100, b"ab")], None, "x").segments == ((0x100, b"abc"),)


@pytest.mark.parametrize("kept", [0, 3, 20, 51, 60, 4096, 9000])
def test_truncated_elf(data: Path, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "short.elf"
    path.write_bytes((data / "tiny.elf").read_bytes()[:kept])
    assert "truncated" in refused(path) or kept < 52


def test_other_machines(data: Path, tmp_path: Path) -> None:
    assert "x86-64" in refused(changed(data, tmp_path, at0x4=b"\x02", at0x12=struct.pack("<H", 62)))
    assert "AArch64" in refused(changed(data, tmp_path, at0x4=b"\x02", at0x12=struct.pack("<H", 183)))
    assert "for x86," in refused(changed(data, tmp_path, at0x12=struct.pack("<H", 3)))
    assert "RISC-V" in refused(changed(data, tmp_path, at0x12=struct.pack("<H", 243)))


def test_big_endian(data: Path, tmp_path: Path) -> None:
    path = changed(data, tmp_path, at0x5=b"\x02", at0x10=struct.pack(">HH", 2, 40))
    assert "big-endian" in refused(path)


def test_an_object_file_is_not_an_image(data: Path, tmp_path: Path) -> None:
    assert "unlinked" in refused(changed(data, tmp_path, at0x10=struct.pack("<H", 1)))


def test_a_missing_file(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "none.elf")
    assert "cannot be read" in refused(tmp_path / "none.hex", "hex")


def test_hex_with_a_bad_checksum_names_the_line(data: Path, tmp_path: Path) -> None:
    lines = (data / "tiny.hex").read_text().splitlines()
    lines[6] = lines[6][:-1] + ("0" if lines[6][-1] != "0" else "1")
    path = tmp_path / "bad.hex"
    path.write_text("\n".join(lines))
    assert "line 7 of the HEX file has a wrong checksum" in refused(path, "hex")


def test_hex_that_is_cut_off_or_no_hex(data: Path, tmp_path: Path) -> None:
    lines = (data / "tiny.hex").read_text().splitlines()
    path = tmp_path / "cut.hex"
    path.write_text("\n".join(lines[:-1]))
    assert "truncated" in refused(path, "hex")
    path.write_text("\n".join([*lines[:5], lines[5][:20]]))
    assert "line 6" in refused(path, "hex")
    path.write_text("good morning")
    assert "line 1" in refused(path, "hex")
    path.write_text("")
    refused(path, "hex")
    path.write_text(":00000001FF")
    assert "no data" in refused(path, "hex")
    path.write_text("\n".join([*lines[:-1], lines[3], lines[-1]]))
    assert "second time" in refused(path, "hex")


def test_bin_needs_a_place_and_must_fit(data: Path, tmp_path: Path, flash: AddressRange) -> None:
    refused(data / "tiny.bin", "bin")
    assert "the declared flash holds 256" in refused(data / "tiny.bin", "bin", AddressRange(0, 256))
    empty = tmp_path / "empty.bin"
    empty.write_bytes(b"")
    assert "empty" in refused(empty, "bin", flash)


def test_damaged_debug_information_leaves_the_image_usable(data: Path, tmp_path: Path, tiny: ElfFacts) -> None:
    section = (data / "tiny.elf").read_bytes().find(b"GNU C11")
    info = int.from_bytes((data / "tiny.elf").read_bytes()[0x20:0x24], "little")
    assert section > 0 and info > 0
    content = bytearray((data / "tiny.elf").read_bytes())
    start = 0x2000 + 0x24  # the first debug section follows .data in the file
    content[start : start + 400] = b"\xff" * 400
    path = tmp_path / "damaged.elf"
    path.write_bytes(content)
    facts = read_elf(path)
    assert facts.image == tiny.image and facts.functions == tiny.functions
    assert not facts.has_debug and "cannot be read" in facts.debug_problem


def test_random_damage_never_escapes(data: Path, tmp_path: Path) -> None:
    """Whatever is damaged: facts or one ImageError, soon. Headers and debug sections are hit more than code."""
    original = (data / "tiny.elf").read_bytes()
    random_source = random.Random(4706)
    path = tmp_path / "fuzz.elf"
    for _ in range(12):
        content = bytearray(original)
        for _ in range(random_source.choice((1, 4, 64))):
            low, high = random_source.choice(((0, 160), (0x2024, len(original)), (len(original) - 800, len(original))))
            content[random_source.randrange(low, high)] = random_source.randrange(256)
        path.write_bytes(content)
        try:
            assert isinstance(read_elf(path), ElfFacts)
        except ImageError as error:
            assert str(error).startswith("fuzz.elf")


def test_a_parser_that_hangs_is_stopped(data: Path) -> None:
    began = time.monotonic()
    with pytest.raises(ImageError, match=r"more than 0.001 s"):
        parse_elf_in_child(data / "tiny.elf", time_limit=0.001)
    assert time.monotonic() - began < 5


def test_memory_is_limited(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="this platform has no memory limit for processes")
    if sys.platform == "darwin":
        pytest.skip("macOS does not keep to RLIMIT_AS")
    path = tmp_path / "large.elf"
    path.write_bytes((data / "tiny.elf").read_bytes() + bytes(48 << 20))
    with pytest.raises(ImageError, match=r"large\.elf: reading the ELF file needs more memory"):
        parse_elf_in_child(path, memory_limit=40 << 20)


def test_a_module_in_the_current_folder_is_never_imported(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A submission may hold a file called json.py; nothing of a submission is executed."""
    (tmp_path / "json.py").write_text("raise SystemExit(7)")
    (tmp_path / "elftools").mkdir()
    (tmp_path / "elftools" / "__init__.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    assert read_elf(data / "tiny.elf").has_debug


def test_reading_is_fast(data: Path) -> None:
    began = time.monotonic()
    read_elf(data / "tiny.elf")
    assert time.monotonic() - began < 2, "the child must import nothing but pyelftools"


def test_symbols_that_claim_too_much_are_cut_at_their_section(data: Path, tmp_path: Path, tiny: ElfFacts) -> None:
    main = tiny.function("main")
    assert main is not None
    entry = struct.pack("<II", main.address | 1, main.size)
    content = (data / "tiny.elf").read_bytes()
    assert content.count(entry) == 1
    path = tmp_path / "liar.elf"
    path.write_bytes(content.replace(entry, struct.pack("<II", main.address | 1, 0xFFFF0000)))
    began = time.monotonic()
    facts = read_elf(path)
    build_call_graph(facts)
    assert time.monotonic() - began < 3
    liar = facts.function("main")
    text = next(section for section in facts.sections if section.name == ".text")
    assert liar is not None and liar.end == text.address + text.size


def test_a_table_full_of_claims_is_refused(tiny: ElfFacts) -> None:
    text = next(section for section in tiny.sections if section.name == ".text")
    end = text.address + text.size
    liars = tuple(Symbol(f"f{a}", a, end - a, "", "global") for a in range(text.address, end, 2))
    with pytest.raises(ImageError, match="claims"):
        build_call_graph(replace(tiny, functions=liars, mapping=()))
