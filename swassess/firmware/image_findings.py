"""Findings about check values, the compiler and symbols of the image."""

from collections import defaultdict

from swassess.firmware.check_values import check_value, format_value
from swassess.firmware.elf_facts import ElfFacts, Symbol
from swassess.firmware.image import LoadImage
from swassess.firmware.producer import Difference, compare_producer, image_producers
from swassess.model.declared import CheckValue, Declaration
from swassess.model.finding import Finding, Place, Severity

_SUBJECT = "image"
_SHOWN = 8


def check_value_findings(image: LoadImage, checks: tuple[CheckValue, ...], path: str) -> list[Finding]:
    """IMG-CHECK-VALUE: a declared value that the image does not have, in itself or where the image stores it."""
    findings = []
    for check in checks:
        found = check_value(image, check.algorithm, check.start, check.end, check.fill)
        span = f"0x{check.start:08X}-0x{check.end - 1:08X}"
        if found != check.value:
            findings.append(
                Finding(
                    "IMG-CHECK-VALUE",
                    _SUBJECT,
                    Severity.NONCONFORMITY,
                    f"The check value {check.name} ({check.algorithm}) over {span} is "
                    f"{format_value(check.algorithm, found)}, declared {format_value(check.algorithm, check.value)}.",
                    (Place(file=path, address=check.start),),
                )
            )
        if check.stored_at is not None:
            stored = _stored(image, check)
            if stored != check.value:
                findings.append(
                    Finding(
                        "IMG-CHECK-VALUE",
                        _SUBJECT,
                        Severity.NONCONFORMITY,
                        f"The image stores {'nothing' if stored is None else format_value(check.algorithm, stored)} at "
                        f"0x{check.stored_at:08X}, where {check.name} is declared as "
                        f"{format_value(check.algorithm, check.value)}.",
                        (Place(file=path, address=check.stored_at),),
                    )
                )
    return findings


def _stored(image: LoadImage, check: CheckValue) -> int | None:
    """The number at `stored_at`, little-endian as the core reads it; digests in the order of their bytes."""
    size = {"sha-256": 32, "crc-16-ccitt": 2}.get(check.algorithm) or int(check.algorithm.rsplit("-", 1)[1]) // 8
    start = check.stored_at or 0
    if not image.covers(start, start + size):
        return None
    return int.from_bytes(image.bytes_at(start, start + size), "big" if check.algorithm == "sha-256" else "little")


def producer_findings(facts: ElfFacts, declaration: Declaration, path: str) -> list[Finding]:
    """IMG-COMPILER, IMG-VERSION, IMG-SWITCH: what built the image against what is declared. Each unit has its say."""
    producers = image_producers(facts)
    if not producers:
        text = "The image does not tell which compiler built it; hand in the ELF file with debug information."
        return [Finding("IMG-COMPILER", _SUBJECT, Severity.REMARK, text, (Place(file=path),))]
    units: dict[Difference, list[str]] = defaultdict(list)
    for producer, built in producers:
        for difference in compare_producer(
            producer, declaration.compiler, declaration.compiler_version, declaration.compiler_switches
        ):
            units[difference] += built
    total = sum(len(names) for _, names in producers)
    findings = []
    for difference, names in units.items():
        severity, text = _difference_text(difference)
        where = "all units" if len(names) == total else f"{len(names)} of {total} units"
        findings.append(
            Finding(
                {"compiler": "IMG-COMPILER", "version": "IMG-VERSION", "switch": "IMG-SWITCH"}[difference.kind],
                _SUBJECT,
                severity,
                f"{text} ({where}).",
                (Place(file=path),),
                tuple(sorted(names)[:_SHOWN]),
            )
        )
    return findings


def _difference_text(difference: Difference) -> tuple[Severity, str]:
    found, declared = difference.found, difference.declared
    if difference.kind == "compiler":
        return Severity.NONCONFORMITY, f"The image was built by {found}, declared is {declared}"
    if difference.kind == "version":
        return Severity.NONCONFORMITY, f"The image was built by compiler version {found}, declared is {declared}"
    switch = found or declared
    # -f switches mostly shape sections and diagnostics; optimisation, machine and language decide what the code is
    severity = Severity.REMARK if switch.startswith("-f") else Severity.NONCONFORMITY
    if found:
        return severity, f"The image was built with {found}, which is not declared"
    return severity, f"{declared} is declared, but the image was built without it"


def duplicate_symbol_findings(facts: ElfFacts, path: str) -> list[Finding]:
    """IMG-SYMBOL-DUPLICATE (R.2.2.7: labels of memory locations are unique).

    One name for several places is a nonconformity between global symbols and a remark between statics of different
    files, which C allows. Names that compilers number themselves (with a dot) do not count.
    """
    by_name: dict[str, set[Symbol]] = defaultdict(set)
    for symbol in (*facts.objects, *facts.functions):
        if "." not in symbol.name:
            by_name[symbol.name].add(symbol)
    findings = []
    for name, symbols in sorted(by_name.items()):
        if len({symbol.address for symbol in symbols}) < 2:
            continue
        visible = [symbol for symbol in symbols if symbol.binding != "local"]
        severity = Severity.NONCONFORMITY if len({symbol.address for symbol in visible}) > 1 else Severity.REMARK
        ordered = sorted(symbols, key=lambda symbol: (symbol.address, symbol.file))
        shown = ", ".join(
            f"0x{symbol.address:08X}" + (f" ({symbol.file})" if symbol.file else "") for symbol in ordered
        )
        findings.append(
            Finding(
                "IMG-SYMBOL-DUPLICATE",
                _SUBJECT,
                severity,
                f"The label {name} stands for {len(ordered)} places: {shown}.",
                tuple(Place(file=path, address=symbol.address, symbol=name) for symbol in ordered),
            )
        )
    return findings
