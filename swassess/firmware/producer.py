"""Which compiler built the image, by its own words, against what the manufacturer declares."""

import re
import shlex
from dataclasses import dataclass

from swassess.firmware.elf_facts import ElfFacts

_GNU = re.compile(r"^GNU (?:C|C\+\+|AS|GIMPLE)[\w+]*\s+(?:\([^)]*\)\s*)?(\d+(?:\.\d+)*)")
_CLANG = re.compile(r"clang version (\d+(?:\.\d+)*)")
_ARM_CLANG = re.compile(r"Arm Compiler (?:for Embedded )?(?:FuSa )?([6-9](?:\.\d+)*)", re.IGNORECASE)
_ARMCC = re.compile(
    r"(?:ARM Compiler|ARM/Thumb C/C\+\+ Compiler,? RVCT|RVCT)\s*(\d+(?:\.\d+)*)(?: update (\d+))?", re.I
)
_IAR = re.compile(r"IAR (?:ANSI )?C/C\+\+ (?:Compiler )?V?(\d+(?:\.\d+)*)", re.IGNORECASE)
_NAMES = {
    "gcc": "gcc",
    "gnu": "gcc",
    "arm-none-eabi-gcc": "gcc",
    "gnu c": "gcc",
    "clang": "clang",
    "llvm": "clang",
    "armclang": "armclang",
    "arm compiler 6": "armclang",
    "armcc": "armcc",
    "arm compiler 5": "armcc",
    "rvct": "armcc",
    "iar": "iar",
    "iccarm": "iar",
}
_COMPARED = ("-f", "-O", "-m", "-std")
_PATHS = ("-ffile-prefix-map", "-fdebug-prefix-map", "-fmacro-prefix-map", "-frandom-seed", "-flto", "-fltrans")
_IMPLIED = ("-mfloat-abi=soft", "-mlibarch")  # GCC adds them to its own words without being asked


@dataclass(frozen=True, slots=True)
class Producer:
    """compiler: "gcc", "clang", "armclang", "armcc", "iar" or "unknown"; version as written; switches in order."""

    compiler: str
    version: str
    switches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """kind: "compiler", "version" or "switch"; what the image says and what is declared ("" where one lacks it)."""

    kind: str
    found: str
    declared: str


def parse_producer(text: str) -> Producer:
    """Take a producer string of the debug information (or of .comment) apart."""
    switches = _switches(text)
    for compiler, pattern in (("armclang", _ARM_CLANG), ("clang", _CLANG), ("gcc", _GNU), ("iar", _IAR)):
        found = pattern.search(text)
        if found:
            return Producer(compiler, found.group(1), switches)
    found = _ARMCC.search(text)
    if found:
        update = f" update {found.group(2)}" if found.group(2) else ""
        return Producer("armcc", found.group(1) + update, switches)
    return Producer("unknown", "", switches)


def image_producers(facts: ElfFacts) -> tuple[tuple[Producer, tuple[str, ...]], ...]:
    """The different producers of C units with the units they built, most units first. Assembly and units without a
    producer string are left out; armcc's switches come from .comment, where it keeps them."""
    found: dict[Producer, list[str]] = {}
    extra = tuple(dict.fromkeys(s for text in facts.comments if _ARMCC.search(text) for s in _switches(text)))
    for unit in facts.units:
        if not unit.producer or unit.is_assembly:
            continue
        producer = parse_producer(unit.producer)
        if producer.compiler == "armcc" and not producer.switches:
            producer = Producer("armcc", producer.version, extra)
        found.setdefault(producer, []).append(unit.name)
    ranked = sorted(
        found.items(), key=lambda item: (-len(item[1]), item[0].compiler, item[0].version, item[0].switches)
    )
    return tuple((producer, tuple(sorted(units))) for producer, units in ranked)


def compare_producer(
    producer: Producer, compiler: str, version: str, switches: tuple[str, ...]
) -> tuple[Difference, ...]:
    """What the image says against the declared compiler, version and switches, in whatever order they stand.

    Only switches that change the code count (-f, -O, -m, -std). Of several -O or -std the last one holds. A declared
    version may be shorter ("12.2" for 12.2.1). Switches are compared only where the producer records any.
    """
    differences = []
    declared_name = canonical_compiler(compiler)
    if declared_name and producer.compiler != declared_name:
        differences.append(Difference("compiler", producer.compiler, compiler))
    elif version and not _version_fits(producer.version, version):
        differences.append(Difference("version", producer.version, version))
    if producer.switches:
        found, declared = _effective(producer.switches), _effective(switches)
        implied = {switch for switch in found if switch.startswith(_IMPLIED)} | _implied_architecture(found, declared)
        differences += [Difference("switch", switch, "") for switch in sorted(found - declared - implied)]
        differences += [Difference("switch", "", switch) for switch in sorted(declared - found)]
    return tuple(differences)


def canonical_compiler(name: str) -> str:
    """The short name of a declared compiler; the lower-cased name itself where it is not known."""
    lowered = name.strip().lower()
    for known in sorted(_NAMES, key=len, reverse=True):
        if known in lowered:
            return _NAMES[known]
    return lowered


def _switches(text: str) -> tuple[str, ...]:
    try:
        words = shlex.split(text)
    except ValueError:  # an unmatched quote
        words = text.split()
    return tuple(word for word in words if word.startswith("-"))


def _version_fits(found: str, declared: str) -> bool:
    wanted = re.search(r"\d+(?:\.\d+)*(?: update \d+)?", declared, re.IGNORECASE)
    if wanted is None:
        return found == declared
    return found == wanted.group(0).lower() or found.startswith((wanted.group(0) + ".", wanted.group(0) + " "))


def _effective(switches: tuple[str, ...]) -> set[str]:
    kept: dict[str, str] = {}
    for switch in switches:
        if not switch.startswith(_COMPARED) or switch.startswith(_PATHS):
            continue
        switch = "-O1" if switch == "-O" else switch
        if switch.startswith(("-O", "-std")):
            key = "-O" if switch.startswith("-O") else "-std"
        else:
            name = switch.partition("=")[0]
            key = f"-f{name[5:]}" if name.startswith("-fno-") else f"-m{name[5:]}" if name.startswith("-mno-") else name
        kept[key] = switch
    return set(kept.values()) - {"-O0"}  # not asking for optimisation is -O0


def _implied_architecture(found: set[str], declared: set[str]) -> set[str]:
    """GCC spells out -march after a declared -mcpu."""
    if any(switch.startswith("-mcpu") for switch in declared):
        return {switch for switch in found if switch.startswith("-march")}
    return set()
