"""How much flash and RAM the image uses, and by what."""

from dataclasses import dataclass

from swassess.firmware.elf_facts import ElfFacts
from swassess.model.declared import AddressRange


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """flash: bytes of the load image inside flash; ram: bytes of allocated sections inside RAM (stack and heap only
    where a section reserves them). sections: (name, address, size, kind). ram_symbols: half-open (start, end, symbol).
    outside: half-open load ranges that lie in neither.
    """

    flash: int
    ram: int
    sections: tuple[tuple[str, int, int, str], ...]
    ram_symbols: tuple[tuple[int, int, str], ...]
    outside: tuple[tuple[int, int], ...]


def memory_use(facts: ElfFacts, flash: AddressRange, ram: AddressRange) -> MemoryUse:
    """Bytes used by region, section and RAM symbol."""
    sections = tuple(
        (section.name, section.address, section.size, section.kind)
        for section in sorted(facts.sections, key=lambda s: (s.address, s.name))
        if section.allocated and section.size
    )
    ram_bytes: list[tuple[int, int]] = []
    for _, address, size, _ in sections:
        low, high = max(address, ram.start), min(address + size, ram.end)
        if low < high:
            ram_bytes.append((low, high))
    flash_bytes = sum(max(0, min(end, flash.end) - max(start, flash.start)) for start, end in facts.image.ranges())
    outside = [
        part
        for start, end in facts.image.ranges()
        for part in ((start, min(end, flash.start)), (max(start, flash.end), end))
        if part[0] < part[1]
    ]
    return MemoryUse(
        flash=flash_bytes,
        ram=_covered(ram_bytes),
        sections=sections,
        ram_symbols=ram_symbols(facts, ram),
        outside=tuple(outside),
    )


def ram_symbols(facts: ElfFacts, ram: AddressRange) -> tuple[tuple[int, int, str], ...]:
    """[(start, end, symbol), ...] of the objects in RAM, by address; names shared by several carry their file."""
    names = [symbol.name for symbol in facts.objects]
    found = []
    for symbol in facts.objects:
        if symbol.size and ram.start <= symbol.address < ram.end:
            shared = names.count(symbol.name) > 1 and symbol.file
            found.append((symbol.address, symbol.end, f"{symbol.name}@{symbol.file}" if shared else symbol.name))
    return tuple(sorted(found))


def _covered(ranges: list[tuple[int, int]]) -> int:
    """Bytes in the union of ranges."""
    total, reached = 0, 0
    for low, high in sorted(ranges):
        total += max(0, high - max(low, reached))
        reached = max(reached, high)
    return total
