"""The image summary: silent on a sound image, one finding for each thing that is wrong."""

import shutil
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from swassess.errors import ImageError
from swassess.firmware.elf_facts import ElfFacts, Symbol
from swassess.firmware.image import LoadImage
from swassess.firmware.summary import summarise_image
from swassess.model.declared import AddressRange, CheckValue, Declaration
from swassess.model.finding import Finding, Severity


@pytest.fixture
def declaration(flash: AddressRange, ram: AddressRange, tiny: ElfFacts) -> Declaration:
    crc = zlib.crc32(tiny.image.bytes_at(flash.start, flash.end))
    return Declaration(
        product="test firmware",
        product_model="",
        manufacturer="",
        standard="",
        part="STM32F103",
        core="cortex-m3",
        clock_hz=8_000_000,
        lsi_hz=(30_000, 40_000, 60_000),
        flash=flash,
        ram=ram,
        compiler="arm-none-eabi-gcc",
        compiler_version="12.2.1",
        compiler_switches=(
            "-mcpu=cortex-m3",
            "-mthumb",
            "-O2",
            "-std=c11",
            "-ffreestanding",
            "-ffunction-sections",
        ),
        linker="",
        linker_switches=(),
        images=(("elf", "tiny.elf"), ("hex", "tiny.hex"), ("bin", "tiny.bin")),
        check_values=(CheckValue("whole flash", "crc-32", flash.start, flash.end, 0xFF, crc),),
        constants=(),
        mode_expression="",
        modes=(),
        main_loop="main",
        hazards=(),
        safe_state=(),
        measures=(),
        oracles=(),
        scenarios=(),
        safety_sources=(),
        application_sources=(),
        compile_commands="",
    )


def rules(findings: tuple[Finding, ...]) -> list[tuple[str, Severity]]:
    return [(finding.rule, finding.severity) for finding in findings]


def test_a_sound_image(data: Path, declaration: Declaration, tiny: ElfFacts) -> None:
    summary, findings = summarise_image(data, declaration, tiny)
    assert rules(findings) == [("IMG-SYMBOL-DUPLICATE", Severity.REMARK)]
    assert "s_count" in findings[0].message and len(findings[0].places) == 2
    assert summary.producer == "gcc 12.2.1" and summary.flash_used == tiny.image.size
    assert summary.vectors[0][:2] == (1, "Reset_Handler")
    facts = dict(summary.facts)
    assert facts["HEX equals ELF"] == facts["BIN equals ELF"] == "yes"
    assert facts["check value whole flash"] == f"0x{declaration.check_values[0].value:08X}"


def test_what_is_declared_wrongly(data: Path, declaration: Declaration, tiny: ElfFacts) -> None:
    check = replace(declaration.check_values[0], value=1, stored_at=0x08000000)
    wrong = replace(
        declaration, compiler_version="10.3", compiler_switches=("-O3", "-fno-common"), check_values=(check,)
    )
    _, findings = summarise_image(data, wrong, tiny)
    found = {(finding.rule, finding.severity) for finding in findings}
    assert ("IMG-VERSION", Severity.NONCONFORMITY) in found
    assert ("IMG-SWITCH", Severity.NONCONFORMITY) in found and ("IMG-SWITCH", Severity.REMARK) in found
    texts = [finding.message for finding in findings if finding.rule == "IMG-CHECK-VALUE"]
    assert len(texts) == 2 and any("declared 0x00000001" in text for text in texts)
    assert any("stores 0x20005000 at 0x08000000" in text for text in texts)
    assert any("(all units)" in finding.message for finding in findings if finding.rule == "IMG-VERSION")
    _, findings = summarise_image(data, replace(declaration, compiler="IAR"), tiny)
    assert "IMG-COMPILER" in [finding.rule for finding in findings]


def test_images_that_differ(data: Path, declaration: Declaration, tiny: ElfFacts, tmp_path: Path) -> None:
    for name in ("tiny.elf", "tiny.hex", "tiny.bin"):
        shutil.copy(data / name, tmp_path)
    content = bytearray((data / "tiny.bin").read_bytes())
    content[0x90] ^= 1
    (tmp_path / "tiny.bin").write_bytes(content)
    _, findings = summarise_image(tmp_path, declaration, tiny)
    (finding,) = [finding for finding in findings if finding.rule == "IMG-BIN-DIFFERS"]
    assert finding.severity is Severity.NONCONFORMITY and finding.places[0].symbol == "first_words+4"
    (tmp_path / "tiny.bin").write_bytes((data / "tiny.bin").read_bytes() + b"\0\0")
    _, findings = summarise_image(tmp_path, declaration, tiny)
    assert ("IMG-BIN-DIFFERS", Severity.REMARK) in rules(findings)
    assert "IMG-HEX-DIFFERS" not in [finding.rule for finding in findings]


def test_a_bad_vector_table(data: Path, declaration: Declaration, tiny: ElfFacts) -> None:
    image = LoadImage(((0x08000000, b"\0\0\0\0" + tiny.image.segments[0][1][4:]),))
    _, findings = summarise_image(data, declaration, replace(tiny, image=image))
    assert ("IMG-VECTORS", Severity.NONCONFORMITY) in rules(findings)


def test_global_labels_must_be_unique(data: Path, declaration: Declaration, tiny: ElfFacts) -> None:
    twin = Symbol("g_state", 0x20000100, 1, "", "global")
    _, findings = summarise_image(data, declaration, replace(tiny, objects=(*tiny.objects, twin)))
    assert ("IMG-SYMBOL-DUPLICATE", Severity.NONCONFORMITY) in rules(findings)


def test_an_image_of_another_mcu_is_refused(data: Path, declaration: Declaration, tiny: ElfFacts) -> None:
    with pytest.raises(ImageError, match="nothing of the image lies in the declared flash"):
        summarise_image(data, replace(declaration, flash=AddressRange(0, 0x10000)), tiny)
    with pytest.raises(ImageError, match="more than the declared flash"):
        summarise_image(data, replace(declaration, flash=AddressRange(0x08000000, 0x08000100)), tiny)
    with pytest.raises(ImageError, match="no ELF image"):
        summarise_image(data, replace(declaration, images=(("hex", "tiny.hex"),)), tiny)


def test_without_debug_information_the_compiler_is_unknown(
    data: Path, declaration: Declaration, tiny: ElfFacts
) -> None:
    summary, findings = summarise_image(data, declaration, replace(tiny, units=()))
    assert ("IMG-COMPILER", Severity.REMARK) in rules(findings) and summary.producer == "unknown"
