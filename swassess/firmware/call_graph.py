"""Who calls whom, from the instructions: direct calls, tail calls, and honestly unknown indirect ones."""

import struct
from collections import defaultdict
from dataclasses import dataclass, field

from swassess.errors import ImageError
from swassess.firmware.disassembly import FunctionCode, disassemble_function
from swassess.firmware.elf_facts import ElfFacts
from swassess.firmware.immediates import immediate_pairs


@dataclass(frozen=True, slots=True)
class CallSite:
    """One instruction that leaves its function for another. kind: "call", "tail", "indirect" or "indirect tail".

    caller, target: unique function names; target is "" for indirect ones, which may reach any function whose address
    is taken. file, line: source place of the instruction.
    """

    address: int
    caller: str
    target: str
    kind: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class TakenAddress:
    """A place that holds a function's address: "vector", "literal pool", "data" or "code" (movw and movt)."""

    function: str
    place: int
    kind: str


@dataclass(frozen=True, slots=True)
class CallGraph:
    """Functions by unique name (see ElfFacts.unique_name); aliases stand under the name in `aliases`."""

    functions: tuple[str, ...]
    sites: tuple[CallSite, ...]
    taken: tuple[TakenAddress, ...]
    aliases: dict[str, str]
    code: dict[str, FunctionCode] = field(repr=False)

    def resolve(self, name: str) -> str | None:
        """The unique name for a symbol, alias included; None when unknown or ambiguous."""
        return name if name in self.code else self.aliases.get(name)

    def callees(self, name: str) -> tuple[str, ...]:
        """Functions that `name` calls or jumps to directly, sorted."""
        return tuple(sorted({site.target for site in self.sites_in(name) if site.target}))

    def callers(self, name: str) -> tuple[str, ...]:
        """Functions that call or jump to `name` directly, sorted."""
        return tuple(sorted({site.caller for site in self.sites_of(name)}))

    def sites_in(self, name: str) -> tuple[CallSite, ...]:
        """The call sites inside `name`, by address."""
        wanted = self.resolve(name)
        return tuple(site for site in self.sites if site.caller == wanted)

    def sites_of(self, name: str) -> tuple[CallSite, ...]:
        """The direct call sites whose target is `name`, by address."""
        wanted = self.resolve(name)
        return tuple(site for site in self.sites if wanted is not None and site.target == wanted)

    def reachable(self, name: str, through_pointers: bool = False) -> frozenset[str]:
        """Everything that runs when `name` runs, itself included. Indirect calls add nothing, or with
        `through_pointers` every function whose address is taken (more than can really happen)."""
        first = self.resolve(name)
        if first is None:
            return frozenset()
        targets: dict[str, set[str]] = defaultdict(set)
        pointed = {taken.function for taken in self.taken}
        for site in self.sites:
            if site.target:
                targets[site.caller].add(site.target)
            elif through_pointers:
                targets[site.caller] |= pointed
        found = {first}
        waiting = [first]
        while waiting:
            for target in targets[waiting.pop()] - found:
                found.add(target)
                waiting.append(target)
        return frozenset(found)

    def unknown_calls(self, name: str) -> tuple[CallSite, ...]:
        """Indirect calls in everything directly reachable from `name`: where `reachable` may be incomplete."""
        inside = self.reachable(name)
        return tuple(site for site in self.sites if not site.target and site.caller in inside)

    def address_taken(self, name: str) -> tuple[TakenAddress, ...]:
        """Places that hold the address of `name`."""
        wanted = self.resolve(name)
        return tuple(taken for taken in self.taken if taken.function == wanted)


def build_call_graph(facts: ElfFacts, vector_range: tuple[int, int] = (0, 0)) -> CallGraph:
    """Disassemble every function once. vector_range: half-open range of the vector table, to name what lies there.

    Raises ImageError where the symbol table claims far more code than there is.
    """
    _check_claims(facts)
    unique = {start: facts.unique_name(symbol) for start, symbol in facts.function_starts.items()}
    code = {unique[start]: disassemble_function(facts, symbol) for start, symbol in facts.function_starts.items()}
    sites: list[CallSite] = []
    taken: set[TakenAddress] = set()
    for name, function in code.items():
        for place in range(len(function.instructions)):
            site = _site(facts, unique, name, function, place)
            if site is not None:
                sites.append(site)
        for pair in immediate_pairs(function):
            if pair.value & 1 and pair.value - 1 in unique:
                taken.add(TakenAddress(unique[pair.value - 1], pair.address, "code"))
        for low, high in function.data:
            taken |= _taken_in_words(facts, unique, low, high, "literal pool")
    inside = sorted((function.start, function.end) for function in code.values())
    for section in facts.sections:
        if section.kind in ("constant", "data", "code"):
            for low, high in _outside(section.address, section.address + section.size, inside):
                for found in _taken_in_words(facts, unique, low, high, "data"):
                    in_table = vector_range[0] <= found.place < vector_range[1]
                    taken.add(TakenAddress(found.function, found.place, "vector") if in_table else found)
    aliases: dict[str, set[str]] = defaultdict(set)
    for symbol in facts.functions:
        aliases[symbol.name].add(unique[symbol.address])
    return CallGraph(
        functions=tuple(sorted(code)),
        sites=tuple(sorted(sites, key=lambda site: site.address)),
        taken=tuple(sorted(taken, key=lambda found: (found.function, found.place))),
        aliases={name: min(found) for name, found in sorted(aliases.items()) if len(found) == 1},
        code=code,
    )


def _check_claims(facts: ElfFacts) -> None:
    """Functions may share code (second entries of assembly), but a damaged table must not cost hours."""
    claimed = sum(end - start for start, end in map(facts.extent, facts.function_starts.values()))
    code = sum(section.size for section in facts.sections if section.allocated and section.kind != "zero")
    if claimed > 4 * code + 4096:
        raise ImageError(
            f"the symbol table claims {claimed} bytes of functions, but the image has {code} bytes; link it anew."
        )


def _site(facts: ElfFacts, unique: dict[int, str], caller: str, function: FunctionCode, place: int) -> CallSite | None:
    instruction = function.instructions[place]
    kind = ""
    target = instruction.branch_target
    if instruction.branch in ("bl", "blx"):
        kind = "call" if target is not None else "indirect"
    elif instruction.branch in ("b", "cbz", "cbnz"):
        kind = "" if target is None or function.start <= target < function.end else "tail"
    elif _jumps_through_register(function, place):
        kind = "indirect tail"
    elif instruction.literal_address is not None and instruction.operands.startswith("pc,"):  # a linker's veneer
        word = facts.word_at(instruction.literal_address)
        kind, target = "tail", None if word is None else word & ~1
    if not kind:
        return None
    holder = facts.function_at(target) if target is not None else None
    if holder is None and not kind.startswith("indirect"):
        kind = "indirect" if kind == "call" else "indirect tail"  # into code that no symbol names
    name = unique[holder.address] if holder is not None else ""
    file, line = facts.line_at(instruction.address)
    return CallSite(instruction.address, caller, name, kind, file, line)


def _jumps_through_register(function: FunctionCode, place: int) -> bool:
    """Whether the instruction sets the PC from a register or a pointer in memory, returns and jump tables excepted."""
    instruction = function.instructions[place]
    operands = instruction.operands
    if instruction.branch == "bx":
        before = function.instructions[place - 1] if place else None
        popped = before is not None and before.mnemonic.startswith("pop") and operands in before.operands
        return operands != "lr" and not popped
    if instruction.mnemonic.startswith("mov") and operands.startswith("pc, "):
        return operands != "pc, lr"
    if instruction.mnemonic.startswith("ldr") and operands.startswith("pc, ["):
        return "[pc" not in operands and "[sp" not in operands and "lsl #2" not in operands
    return False


def _taken_in_words(facts: ElfFacts, unique: dict[int, str], low: int, high: int, kind: str) -> set[TakenAddress]:
    first = (low + 3) & ~3
    found = set()
    content = facts.bytes_at(first, high) if high > first else b""
    for index, (value,) in enumerate(struct.iter_unpack("<I", content[: len(content) & ~3])):
        if value & 1 and value - 1 in unique:
            found.add(TakenAddress(unique[value - 1], first + 4 * index, kind))
    return found


def _outside(low: int, high: int, inside: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of [low, high) that none of the sorted ranges covers."""
    parts = []
    for start, end in inside:
        if end <= low or start >= high:
            continue
        if start > low:
            parts.append((low, start))
        low = max(low, end)
    return [*parts, (low, high)] if low < high else parts
