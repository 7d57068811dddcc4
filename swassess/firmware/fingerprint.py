"""One hash a function that stays the same when the function only moves, and changes when it does something else."""

import hashlib
import re

from swassess.firmware.disassembly import FunctionCode, Instruction
from swassess.firmware.elf_facts import ElfFacts, Section, Symbol
from swassess.firmware.immediates import immediate_pairs

_LONGEST_TEXT = 256
_DESIGNED_BORDER = 256
_COMPILERS_NUMBER = re.compile(r"\.\d+")  # of statics inside functions and of compiler-made tables; changes at whim


def fingerprint(facts: ElfFacts, function: FunctionCode) -> str:
    """SHA-256 in hex over the normalised disassembly.

    Normalised: branches inside name the instruction they reach, branches outside the symbol; PC-relative loads name the
    value or the symbol that the loaded word means, constants in flash stand for their content. Not covered: the
    functions it calls, which have their own, and variables' initial values.
    """
    digest = hashlib.sha256()
    for line in normalised(facts, function):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def normalised(facts: ElfFacts, function: FunctionCode) -> list[str]:
    """The lines that the fingerprint hashes."""
    index = {instruction.address: place for place, instruction in enumerate(function.instructions)}
    pairs = immediate_pairs(function)
    halves = {pair.low_index: pair.value for pair in pairs} | {pair.high_index: pair.value for pair in pairs}
    borders = _section_borders(facts, function, set(halves.values()))
    loaded: set[int] = set()
    lines = []
    for place, instruction in enumerate(function.instructions):
        literal = instruction.literal_address
        if literal is not None:
            loaded.update(range(literal, literal + _loaded_size(instruction)))
        operands = _operands(facts, function, instruction, index, halves.get(place), borders)
        lines.append(f"{instruction.mnemonic} {operands}".rstrip())
    for low, high in function.data:  # what is left are jump tables, relative to their own code
        rest = bytes(
            byte for at, byte in zip(range(low, high), facts.bytes_at(low, high), strict=True) if at not in loaded
        )
        if rest.strip(b"\0"):
            lines.append(f".table {rest.hex()}")
    return lines


def _operands(
    facts: ElfFacts,
    function: FunctionCode,
    instruction: Instruction,
    index: dict[int, int],
    pair: int | None,
    borders: dict[int, str],
) -> str:
    target = instruction.branch_target
    if target is not None:
        before = instruction.operands.rpartition("#")[0]
        if function.start <= target < function.end:
            return f"{before}@{index.get(target, target - function.start)}"
        return before + _branch_name(facts, target)
    literal = instruction.literal_address
    if literal is not None and instruction.mnemonic.startswith("ldr") and not instruction.mnemonic.startswith("ldrd"):
        register = instruction.operands.split(",")[0]
        word = facts.word_at(literal)
        return f"{register}, ={'?' if word is None else borders.get(word) or meaning(facts, word)}"
    if literal is not None:
        content = facts.bytes_at(literal, literal + _loaded_size(instruction))
        return f"{instruction.operands.split(', [')[0]}, ={content.hex()}"
    if pair is not None and _points_somewhere(facts, pair):
        return f"{instruction.operands.split(',')[0]}, ={borders.get(pair) or meaning(facts, pair)}"
    return instruction.operands


def _section_borders(facts: ElfFacts, function: FunctionCode, values: set[int]) -> dict[int, str]:
    """Names for the borders of sections that the function handles as a whole, start and end (as start-up code copies
    and clears them): they follow from what lies in the section, and no symbol table tells which label was meant."""
    words = values | {
        word
        for instruction in function.instructions
        if (literal := instruction.literal_address) is not None and (word := facts.word_at(literal)) is not None
    }
    borders: dict[int, str] = {}
    for section in facts.sections:
        end = section.address + section.size
        if section.allocated and section.size and section.address in words and end in words:
            borders |= {section.address: f"start {section.name}", end: f"end {section.name}"}
            if section.load_address != section.address:
                borders[section.load_address] = f"load {section.name}"
    return borders


def _loaded_size(instruction: Instruction) -> int:
    double = instruction.mnemonic.startswith("ldrd") or instruction.operands.startswith("d")
    return 8 if double else 4


def meaning(facts: ElfFacts, word: int) -> str:
    """What a constant means when the image is linked elsewhere: a symbol, text, or the number itself.

    Constant objects stand with their content, because a limit in a table is part of what the function does. Borders on
    a multiple of 256 bytes are designed (the end of a test's range) and stay numbers: moving them changes the function.
    Other labels of the linker script follow from the amount of code and data before them, and stand with their name.
    """
    holder = facts.function_at(word)
    if holder is not None:
        return _function_name(facts, holder) if word == holder.address | 1 else f"0x{word:x}"
    name = _COMPILERS_NUMBER.sub("", facts.symbol_at(word))
    section = _constant_section(facts, word)
    if section is None:
        return name or _label(facts, word) or f"0x{word:x}"
    found = facts.object_at(word)
    if found is not None and found.size:
        return f"{name} {_content(facts, found.address, found.end)}"
    content = facts.bytes_at(word, min(word + _LONGEST_TEXT, section.address + section.size))
    return f"text {content.partition(bytes(1))[0].hex()}"


def _label(facts: ElfFacts, address: int) -> str:
    if address % _DESIGNED_BORDER == 0:
        return ""
    return min((name for name, value in facts.labels.items() if value == address), default="")


def _content(facts: ElfFacts, start: int, end: int) -> str:
    """The object's bytes; words that hold a known address are replaced by the symbol's name."""
    data = facts.bytes_at(start, end)
    parts = []
    for offset in range(0, len(data), 4):
        word = int.from_bytes(data[offset : offset + 4], "little")
        function = facts.function_starts.get(word - 1) if word & 1 else None
        found = facts.object_at(word)
        if function is not None:
            parts.append(_function_name(facts, function))
        elif found is not None and start % 4 == 0:
            parts.append(_COMPILERS_NUMBER.sub("", facts.symbol_at(word)))
        else:
            parts.append(data[offset : offset + 4].hex())
    return " ".join(parts)


def _constant_section(facts: ElfFacts, address: int) -> Section | None:
    for section in facts.sections:
        if section.kind in ("constant", "code") and section.address <= address < section.address + section.size:
            return section
    return None


def _function_name(facts: ElfFacts, function: Symbol) -> str:
    return facts.unique_name(function).partition("@0x")[0]  # an address would tie the print to one build


def _branch_name(facts: ElfFacts, address: int) -> str:
    function = facts.function_at(address)
    if function is None:
        return hex(address)
    offset = (address & ~1) - function.address
    return _function_name(facts, function) + (f"+{offset}" if offset else "")


def _points_somewhere(facts: ElfFacts, value: int) -> bool:
    return any(s.allocated and s.address <= value < s.address + s.size for s in facts.sections)
