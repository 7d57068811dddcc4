"""What the submitted image is, and what is wrong with it."""

import hashlib
from pathlib import Path

from swassess.errors import ImageError
from swassess.firmware.check_values import check_value, format_value
from swassess.firmware.child_process import read_file
from swassess.firmware.compare import compare_load_images
from swassess.firmware.elf_facts import ElfFacts
from swassess.firmware.image import LoadImage
from swassess.firmware.image_findings import check_value_findings, duplicate_symbol_findings, producer_findings
from swassess.firmware.load import load_image
from swassess.firmware.memory_use import memory_use
from swassess.firmware.producer import image_producers
from swassess.firmware.vectors import VectorTable, read_vectors
from swassess.model.declared import Declaration
from swassess.model.evaluation import ImageSummary
from swassess.model.finding import Finding, Place, Severity

_SUBJECT = "image"
_SHOWN = 8


def summarise_image(root: Path, declaration: Declaration, facts: ElfFacts) -> tuple[ImageSummary, tuple[Finding, ...]]:
    """Everything the report says about the image. `root`: the submission's folder; `facts`: of the declared ELF file.

    Raises ImageError where an image is unreadable or does not fit the declared flash.
    """
    images = dict(declaration.images)
    if "elf" not in images:
        raise ImageError("the submission declares no ELF image; add one with role elf, the other images lack symbols.")
    elf_path = images["elf"]
    use = memory_use(facts, declaration.flash, declaration.ram)
    _check_fits(facts.image, declaration, elf_path)
    table = read_vectors(facts, declaration.flash, declaration.ram)
    findings = _vector_findings(table, elf_path)
    agreement: list[tuple[str, str]] = []
    for role in ("hex", "bin"):
        if role in images:
            other = load_image(root / images[role], role, declaration.flash)
            found = _compare(role, images[role], facts, other)
            findings += found
            agreement.append((f"{role.upper()} equals ELF", "no" if found else "yes"))
    findings += check_value_findings(facts.image, declaration.check_values, elf_path)
    findings += producer_findings(facts, declaration, elf_path)
    findings += duplicate_symbol_findings(facts, elf_path)
    producers = image_producers(facts)
    agreement += [
        (
            f"check value {check.name}",
            format_value(
                check.algorithm, check_value(facts.image, check.algorithm, check.start, check.end, check.fill)
            ),
        )
        for check in declaration.check_values
    ]
    agreement += [(f"load range {n}", f"0x{a:08X}-0x{b - 1:08X}") for n, (a, b) in enumerate(facts.image.ranges(), 1)]
    agreement += [(f"outside flash {n}", f"0x{a:08X}-0x{b - 1:08X}") for n, (a, b) in enumerate(use.outside, 1)]
    if facts.debug_problem:
        agreement.append(("debug information", facts.debug_problem))
    summary = ImageSummary(
        path=elf_path,
        sha256=hashlib.sha256(read_file(root / elf_path)).hexdigest(),
        machine="ARM Cortex-M, 32 bit, little-endian",
        entry=facts.entry,
        flash_used=use.flash,
        ram_used=use.ram,
        producer=" / ".join(f"{p.compiler} {p.version}".strip() for p, _ in producers) or "unknown",
        sections=tuple((name, address, size) for name, address, size, _ in use.sections),
        vectors=tuple((vector.number, vector.handler, vector.address) for vector in table.vectors),
        facts=tuple(agreement),
    )
    return summary, tuple(sorted(findings, key=lambda f: (f.rule, f.message)))


def _check_fits(image: LoadImage, declaration: Declaration, path: str) -> None:
    flash = declaration.flash
    inside = [pair for pair in image.ranges() if pair[0] < flash.end and pair[1] > flash.start]
    if not inside:
        low = image.ranges()[0][0] if image.ranges() else 0
        raise ImageError(
            f"{path}: nothing of the image lies in the declared flash 0x{flash.start:08X}-0x{flash.end - 1:08X} "
            f"(it begins at 0x{low:08X}); check the declared MCU."
        )
    for low, high in inside:
        if high > flash.end or low < flash.start:
            raise ImageError(
                f"{path}: the image fills 0x{low:08X}-0x{high - 1:08X}, more than the declared flash "
                f"0x{flash.start:08X}-0x{flash.end - 1:08X} holds; check the declared MCU."
            )


def _vector_findings(table: VectorTable, path: str) -> list[Finding]:
    return [
        Finding(
            "IMG-VECTORS",
            _SUBJECT,
            Severity.NONCONFORMITY,
            f"In the vector table {problem}",
            (Place(file=path, address=table.address),),
        )
        for problem in table.problems
    ]


def _compare(role: str, path: str, facts: ElfFacts, other: LoadImage) -> list[Finding]:
    """Differences in what the ELF file holds are a nonconformity; fill bytes between its parts are a remark."""
    differences = compare_load_images(facts.image, other)
    filled = facts.image.ranges()
    content = [part for part in differences if any(low < part[1] and part[0] < high for low, high in filled)]
    padding = [part for part in differences if part not in content]
    findings = []
    for parts, severity, what in (
        (content, Severity.NONCONFORMITY, "differs from the ELF file's load image"),
        (padding, Severity.REMARK, "fills places that the ELF file leaves open with something else than 0xFF"),
    ):
        if parts:
            count = sum(high - low for low, high in parts)
            findings.append(
                Finding(
                    f"IMG-{role.upper()}-DIFFERS",
                    _SUBJECT,
                    severity,
                    f"The {role.upper()} file {what} in {count} bytes, first at 0x{parts[0][0]:08X}.",
                    tuple(Place(file=path, address=low, symbol=facts.symbol_at(low)) for low, _ in parts[:_SHOWN]),
                    tuple(f"0x{low:08X}-0x{high - 1:08X}" for low, high in parts[:_SHOWN]),
                )
            )
    return findings
