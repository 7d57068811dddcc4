"""Finds the vector table of an image: it need not lie at the start of the flash (bootloaders, ELF headers, boot ROMs).

A place is a candidate when its first word can be a stack pointer in RAM and its second the address of code that the
image holds. What else speaks for it (the entry point, a name, the other exceptions) is counted and told.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from swassess.errors import ImageError
from swassess.firmware.elf_facts import ElfFacts
from swassess.firmware.image import LoadImage
from swassess.firmware.vectors import SYSTEM_EXCEPTIONS

_STEP = 64  # every alignment that VTOR allows is a multiple of it
_LONGEST = 16 + 240
# Where makers put RAM: its usual place, just below it (Kinetis), LPC and core-coupled RAM, and RAM of large parts.
_RAM_PLACES = ((0x1FFE0000, 0x20400000), (0x10000000, 0x10100000), (0x24000000, 0x24200000), (0x30000000, 0x30100000),
               (0x02000000, 0x02100000), (0x04000000, 0x04100000))  # fmt: skip
_TABLE_NAMES = ("isr_vector", "vectors", "vector_table", "g_pfnvectors", "exception_table", "interrupt_vectors")
_RESERVED = (7, 8, 9, 10, 13)
_CERTAIN = 4  # points that the entry point or a name gives


@dataclass(frozen=True, slots=True)
class VectorCandidate:
    """A place where the core could find its vectors. reset: without the Thumb bit. entries: words that can be vectors.

    used: exception numbers above 15 whose entry is not empty. points: how much speaks for it, told by `reasons`.
    """

    address: int
    initial_sp: int
    reset: int
    entries: int
    used: tuple[int, ...]
    matches_entry: bool
    points: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VectorTables:
    """candidates: best first; never empty."""

    candidates: tuple[VectorCandidate, ...]

    @property
    def best(self) -> VectorCandidate:
        return self.candidates[0]

    @property
    def is_certain(self) -> bool:
        """Whether the best one is alone, or has an outside reason (entry point, name) that no other one has."""
        return len(self.candidates) == 1 or self.best.points >= self.candidates[1].points + _CERTAIN


def find_vector_tables(image: LoadImage, facts: ElfFacts | None = None) -> VectorTables:
    """Every place that can be the vector table, best first. Without facts (BIN, HEX) the lowest of equals wins: that is
    where the core starts. Raises ImageError where there is none."""
    found = [one for address in _places(image, facts) if (one := _candidate(image, facts, address)) is not None]
    if not found:
        raise ImageError(
            "the image has no vector table: nowhere in it does a stack pointer in RAM stand before the address of a "
            "reset handler; check that the image is complete and made for a Cortex-M."
        )
    return VectorTables(tuple(sorted(found, key=lambda one: (-one.points, one.address))))


def _places(image: LoadImage, facts: ElfFacts | None) -> list[int]:
    places: set[int] = set()
    for start, end in image.ranges():
        places.update(range(-(-start // _STEP) * _STEP, end - 7, _STEP))
        if start % 4 == 0:
            places.add(start)
    if facts is not None:
        named = [symbol.address for symbol in facts.objects if _is_table_name(symbol.name)]
        named += [value for name, value in facts.labels.items() if _is_table_name(name)]
        places.update(address for address in named if address % 4 == 0 and image.covers(address, address + 8))
    return sorted(places)


def _is_table_name(name: str) -> bool:
    plain = name.lower().strip("_.").removesuffix("_start")
    return plain.endswith(_TABLE_NAMES)


def _candidate(image: LoadImage, facts: ElfFacts | None, address: int) -> VectorCandidate | None:
    initial_sp, reset = _word(image, address), _word(image, address + 4)
    if not _can_be_stack(initial_sp) or not _is_code(image, reset):
        return None
    points, reasons = 0, []
    entries, used, faults = _rest(image, address)
    if faults >= 2:
        points += 2
        reasons.append("NMI and hard fault have handlers")
    starts = {start for start, _ in image.ranges()}
    if address in starts:
        points += 2
        reasons.append("starts a part of the image")
    matches = image.entry is not None and image.entry & ~1 == reset & ~1
    if matches:
        points += _CERTAIN
        reasons.append("its reset vector is the image's entry point")
    name = _name_at(facts, address) if facts is not None else ""
    if name:
        points += _CERTAIN
        reasons.append(f"{name} names it")
    if not matches and not name and address not in starts and (faults < 2 or entries < 8):
        return None  # two words in a row can look like that by chance
    return VectorCandidate(address, initial_sp, reset & ~1, entries, used, matches, points, tuple(reasons))


def _can_be_stack(value: int) -> bool:
    return value % 4 == 0 and any(low < value <= high for low, high in _RAM_PLACES)


def _is_code(image: LoadImage, value: int) -> bool:
    return value & 1 == 1 and value != 0xFFFFFFFF and image.covers(value & ~1, (value & ~1) + 2)


def _rest(image: LoadImage, address: int) -> tuple[int, tuple[int, ...], int]:
    """Number of entries, interrupts with a handler, and how many of NMI and hard fault have one."""
    faults, used, number = 0, [], 2
    for number, value in _entries(image, address):
        handler = _is_code(image, value)
        if number in _RESERVED and number < 16:
            continue  # checksums and signatures of boot ROMs
        if not handler and value not in (0, 0xFFFFFFFF) and not _can_run_in_ram(value):
            break
        if number < 4 and handler:
            faults += 1
        if number >= 16 and value not in (0, 0xFFFFFFFF):
            used.append(number)
    else:
        number += 1
    entries = max(used, default=min(number, 16) - 1) + 1
    return entries, tuple(used), faults


def _entries(image: LoadImage, address: int) -> Iterator[tuple[int, int]]:
    for number in range(2, _LONGEST):
        place = address + 4 * number
        if not image.covers(place, place + 4):
            return
        yield number, _word(image, place)


def _can_run_in_ram(value: int) -> bool:
    return value & 1 == 1 and any(low <= value < high for low, high in _RAM_PLACES)


def _name_at(facts: ElfFacts, address: int) -> str:
    for symbol in facts.objects:
        if symbol.address == address and _is_table_name(symbol.name):
            return symbol.name
    for name, value in sorted(facts.labels.items()):
        if value == address and _is_table_name(name):
            return name
    for section in facts.sections:
        if section.allocated and section.load_address == address and "vec" in section.name.lower():
            return f"section {section.name}"
    return ""


def _word(image: LoadImage, address: int) -> int:
    return int.from_bytes(image.bytes_at(address, address + 4), "little")


def exception_name(number: int) -> str:
    """Name of an exception for reports: "SysTick", "IRQ 5"."""
    return SYSTEM_EXCEPTIONS.get(number, f"IRQ {number - 16}" if number >= 16 else f"exception {number}")
