"""Thumb code, function by function, with literal pools and jump tables told from instructions."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import capstone

from swassess.firmware.elf_facts import ElfFacts, Symbol
from swassess.firmware.image import LoadImage

_CONDITIONS = ("eq", "ne", "cs", "hs", "cc", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le")
_BRANCH = re.compile(rf"^(b|bl|blx|bx|cbz|cbnz)({'|'.join(_CONDITIONS)})?(\.w|\.n)?$")
_PC_RELATIVE = re.compile(r"\[pc, #(-?)(0x[0-9a-f]+|\d+)\]|\[pc\]")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction as it lies in memory; ".short" for a half-word that is none."""

    address: int
    size: int
    mnemonic: str
    operands: str
    bytes: bytes

    @property
    def branch(self) -> str:
        """ "b", "bl", "blx", "bx", "cbz" or "cbnz" without condition, "" for everything else."""
        found = _BRANCH.match(self.mnemonic)
        return found.group(1) if found else ""

    @property
    def branch_target(self) -> int | None:
        """Address that a direct branch or call goes to, without the Thumb bit."""
        if not self.branch or "#" not in self.operands:
            return None
        return int(self.operands.rsplit("#", 1)[1], 0) & 0xFFFFFFFE

    @property
    def literal_address(self) -> int | None:
        """Address that a PC-relative load reads."""
        if not self.mnemonic.startswith(("ldr", "vldr")):
            return None
        found = _PC_RELATIVE.search(self.operands)
        if found is None:
            return None
        offset = int(found.group(2), 0) if found.group(2) else 0
        base = (self.address + 4) & ~3
        return (base - offset if found.group(1) else base + offset) & 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class FunctionCode:
    """Instructions in address order; data: half-open ranges inside the function that are no code."""

    symbol: Symbol
    start: int
    end: int
    instructions: tuple[Instruction, ...]
    data: tuple[tuple[int, int], ...]


def disassemble_function(facts: ElfFacts, symbol: Symbol) -> FunctionCode:
    """Linear disassembly of one function. Data are known from $d/$t mapping symbols; where the file has none, words
    that the function's own PC-relative loads read count as data."""
    start, end = facts.extent(symbol)
    code = facts.bytes_at(start, end)
    data = _mapped_data(facts, start, end)
    if not facts.mapping:
        data = _loaded_words(code, start, end)
    instructions: list[Instruction] = []
    position = start
    for low, high in [*data, (end, end)]:
        instructions += _decode(code[position - start : low - start], position)
        position = max(position, high)
    return FunctionCode(symbol, start, end, tuple(instructions), data)


def disassemble_range(facts: ElfFacts, start: int, end: int) -> tuple[Instruction, ...]:
    """Instructions of [start, end), taken as code throughout."""
    return tuple(_decode(facts.bytes_at(start, end), start))


def decode_at(image: LoadImage, address: int) -> Instruction | None:
    """The one instruction at an address of the image; None where there is none."""
    if not image.covers(address, address + 2):
        return None
    for at, size, mnemonic, operands in _engine().disasm_lite(image.bytes_at(address, address + 4), address, 1):
        return Instruction(at, size, mnemonic, operands, image.bytes_at(address, address + size))
    return None


@lru_cache(maxsize=1)
def _engine() -> capstone.Cs:
    return capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)


def _decode(code: bytes, address: int) -> Iterator[Instruction]:
    """Every half-word of `code`, one instruction or ".short" after another."""
    position = 0
    while position < len(code):
        for at, size, mnemonic, operands in _engine().disasm_lite(code[position:], address + position):
            position = at - address + size
            yield Instruction(at, size, mnemonic, operands, code[position - size : position])
        if position < len(code):
            rest = code[position : position + 2]
            value = int.from_bytes(rest, "little")
            yield Instruction(address + position, len(rest), ".short", f"0x{value:04x}", rest)
            position += len(rest)


def _mapped_data(facts: ElfFacts, start: int, end: int) -> tuple[tuple[int, int], ...]:
    """Stretches that the mapping symbols mark as data. Those of other sections are ignored beyond `end`."""
    place = max(bisect_right(facts.mapping, (start, "z")) - 1, 0)
    ranges: list[tuple[int, int]] = []
    begin: int | None = None
    for address, kind in facts.mapping[place:]:
        if address >= end:
            break
        if kind == "d" and begin is None and address >= start:
            begin = address
        elif kind != "d" and begin is not None:
            ranges.append((begin, address))
            begin = None
    if begin is not None:
        ranges.append((begin, end))
    return tuple(ranges)


def _loaded_words(code: bytes, start: int, end: int) -> tuple[tuple[int, int], ...]:
    words: set[int] = set()
    for instruction in _decode(code, start):
        literal = instruction.literal_address
        if literal is not None and start < literal <= end - 4 and instruction.address not in words:
            words.add(literal)
    return tuple((word, word + 4) for word in sorted(words))
