"""The image as rules see it, and which bytes of flash and RAM are in use."""

from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np

from swassess.firmware.call_graph import CallGraph, build_call_graph
from swassess.firmware.elf_facts import ElfFacts, Section
from swassess.firmware.vectors import VectorTable, read_vectors
from swassess.model.declared import AddressRange, Declaration
from swassess.model.finding import Place
from swassess.model.trace import Trace
from swassess.rules.evidence import UsedSpan
from swassess.rules.ranges import union, without

_FLASH_KINDS = {"code": "code", "constant": "constants", "data": "initial data"}
_RAM_KINDS = {"data": "data", "zero": "bss"}


class ElfImage:
    """ImageFacts over an ELF file."""

    def __init__(self, facts: ElfFacts, declaration: Declaration) -> None:
        self.facts = facts
        self._declaration = declaration

    @cached_property
    def vectors(self) -> VectorTable:
        return read_vectors(self.facts, self._declaration.flash, self._declaration.ram)

    @cached_property
    def calls(self) -> CallGraph:
        return build_call_graph(self.facts, (self.vectors.address, self.vectors.address + self.vectors.size))

    def function_at(self, address: int) -> str:
        symbol = self.facts.function_at(address)
        return symbol.name if symbol else ""

    def function_address(self, name: str) -> int | None:
        symbol = self.facts.function(name)
        return symbol.address if symbol else None

    def place(self, address: int) -> Place:
        file, line = self.facts.line_at(address)
        return Place(file, line or None, address, self.facts.symbol_at(address))

    @cached_property
    def _handlers(self) -> frozenset[str]:
        return frozenset(v.handler for v in self.vectors.vectors if v.number > 1 and v.handler)

    def handlers(self) -> frozenset[str]:
        return self._handlers

    @cached_property
    def _from_reset(self) -> frozenset[str]:
        reset = self.function_at(self.vectors.reset)
        return self.calls.reachable(reset) | {reset}

    def handler_only(self, name: str) -> bool:
        if name in self._from_reset:
            return False
        return any(name == handler or name in self.calls.reachable(handler) for handler in self._handlers)


def used_flash(image: ElfImage, declaration: Declaration) -> tuple[UsedSpan, ...]:
    """Vectors, code, constants and initial data, by section of the ELF file, at their load addresses."""
    flash = declaration.flash
    table = AddressRange(image.vectors.address, image.vectors.address + image.vectors.size)
    spans = [UsedSpan(table.start, table.end, "vectors", "vector table")]
    for section in image.facts.sections:
        if section.allocated and section.size and section.kind in _FLASH_KINDS:
            start = section.load_address
            for part in without([AddressRange(start, start + section.size)], [table]):
                if flash.start <= part.start < flash.end:
                    spans.append(
                        UsedSpan(part.start, min(part.end, flash.end), _FLASH_KINDS[section.kind], section.name)
                    )
    return tuple(sorted(spans, key=lambda span: span.start))


def used_ram(
    image: ElfImage, declaration: Declaration, traces: Mapping[str, Trace], test_blocks: Iterable[int]
) -> tuple[UsedSpan, ...]:
    """Data sections by symbol, and the stack from the deepest byte that ordinary code touched up to the initial SP.

    test_blocks: basic blocks of RAM tests, whose accesses are no use.
    """
    ram = declaration.ram
    spans: list[UsedSpan] = []
    sections = [s for s in image.facts.sections if s.allocated and s.kind in _RAM_KINDS and s.size]
    inside = [AddressRange(s.address, s.address + s.size) for s in sections if ram.start <= s.address < ram.end]
    top = image.vectors.initial_sp
    for section in sections:
        if ram.start <= section.address < ram.end and not _is_stack(section, top):
            spans += _by_symbol(image.facts, section)
    stacks = [s for s in sections if _is_stack(s, top)]
    data = without(inside, [AddressRange(s.address, s.address + s.size) for s in stacks])
    touched = _touched(traces.values(), ram, frozenset(test_blocks))
    for span in data:
        touched[span.start - ram.start : span.end - ram.start] = False
    floor = max((span.end for span in data if span.end <= top), default=ram.start)
    used = np.flatnonzero(touched[floor - ram.start : max(top - ram.start, 0)])
    if used.size:
        spans.append(UsedSpan(floor + int(used[0]), top, "stack", "stack"))
    return tuple(sorted(spans, key=lambda span: span.start))


def _is_stack(section: Section, top: int) -> bool:
    return (
        section.kind == "zero" and section.address < top <= section.address + section.size and "stack" in section.name
    )


def _by_symbol(facts: ElfFacts, section: Section) -> list[UsedSpan]:
    kind = _RAM_KINDS[section.kind]
    end = section.address + section.size
    named = [
        UsedSpan(o.address, min(o.end, end), kind, o.name)
        for o in facts.objects
        if section.address <= o.address < end and o.size
    ]
    taken = union(AddressRange(span.start, span.end) for span in named)
    gaps = without([AddressRange(section.address, end)], taken)
    return named + [UsedSpan(gap.start, gap.end, kind, section.name) for gap in gaps]


def _touched(traces: Iterable[Trace], ram: AddressRange, test_blocks: frozenset[int]) -> np.ndarray:
    """Bytes of RAM that code outside the RAM tests read or wrote, exception frames included."""
    touched = np.zeros(ram.end - ram.start, np.bool_)
    tests = np.array(sorted(test_blocks), np.uint32)
    for trace in traces:
        memory = trace.memory
        rows = (memory.address >= ram.start) & (memory.address < ram.end) & ~np.isin(memory.block, tests)
        offsets = memory.address[rows].astype(np.int64) - ram.start
        for byte in range(4):
            wide = memory.size[rows] > byte
            touched[np.minimum(offsets[wide] + byte, touched.size - 1)] = True
    return touched
