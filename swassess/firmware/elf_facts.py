"""Everything the other rooms ask an ELF file: symbols, lines, functions, variables and their types, enumerators."""

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from swassess.firmware.c_types import CType, Variable
from swassess.firmware.image import LoadImage
from swassess.firmware.line_table import LineTable


@dataclass(frozen=True, slots=True)
class Section:
    """kind: "code", "constant", "data", "zero" or "other" (not in the MCU). load_address: where it lies in flash."""

    name: str
    address: int
    load_address: int
    size: int
    kind: str
    allocated: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """A loadable segment: run-time address, load address, bytes in the file, bytes in memory."""

    address: int
    load_address: int
    file_size: int
    memory_size: int


@dataclass(frozen=True, slots=True)
class Symbol:
    """A function (address without the Thumb bit) or object. file: of local symbols, from the symbol table; may be "".

    binding: "local", "global" or "weak". size 0: the symbol table does not say.
    """

    name: str
    address: int
    size: int
    file: str
    binding: str

    @property
    def end(self) -> int:
        return self.address + self.size


@dataclass(frozen=True, slots=True)
class CompileUnit:
    """name: path of the source; producer: compiler, version and often switches; language: DWARF's number."""

    name: str
    directory: str
    producer: str
    language: int
    dwarf_version: int

    @property
    def is_assembly(self) -> bool:
        return self.language in (0x8001, 0x8006)  # DW_LANG_Mips_Assembler, which all assemblers use


@dataclass(frozen=True, slots=True)
class Subprogram:
    """A C function with the place of its declaration; half-open code ranges, of its own and where it is inlined."""

    name: str
    file: str
    line: int
    external: bool
    ranges: tuple[tuple[int, int], ...]
    inlined: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class ElfFacts:
    """What one ELF file says. Tuples are sorted by address; all code addresses are without the Thumb bit.

    labels: other symbols, linker script's included (name -> value). mapping: ARM mapping symbols (address, "a", "t" or
    "d"). enumerators: name -> value; names with two different values are in `ambiguous_enumerators` only.
    debug_problem: why there is no debug information although the file has some ("": no problem).
    attributes: build attributes such as CPU_NAME and CPU_ARCH (Addenda to the ABI, IHI 0045), where the file has them.
    """

    entry: int
    image: LoadImage
    sections: tuple[Section, ...]
    segments: tuple[Segment, ...]
    functions: tuple[Symbol, ...]
    objects: tuple[Symbol, ...]
    labels: dict[str, int]
    mapping: tuple[tuple[int, str], ...]
    comments: tuple[str, ...]
    has_debug: bool
    debug_problem: str
    units: tuple[CompileUnit, ...] = ()
    lines: LineTable = field(default_factory=LineTable)
    subprograms: tuple[Subprogram, ...] = ()
    variables: tuple[Variable, ...] = ()
    types: dict[str, CType] = field(default_factory=dict)
    enumerators: dict[str, int] = field(default_factory=dict)
    ambiguous_enumerators: tuple[str, ...] = ()
    attributes: dict[str, int | str] = field(default_factory=dict)

    def line_at(self, address: int) -> tuple[str, int]:
        """(file, line) of the code at `address`; ("", 0) when unknown."""
        return self.lines.line_at(address)

    def variables_named(self, name: str, file: str = "") -> tuple[Variable, ...]:
        """All variables of that name; `file` narrows to units whose path is or ends with it."""
        found = self._variables_by_name.get(name, ())
        if not file:
            return found
        return tuple(v for v in found if v.file == file or v.file.endswith("/" + file.lstrip("/")))

    def variable(self, name: str, file: str = "") -> Variable | None:
        """The variable of that name when there is exactly one, else None (see variables_named)."""
        found = self.variables_named(name, file)
        return found[0] if len(found) == 1 else None

    @cached_property
    def ambiguous_variables(self) -> tuple[str, ...]:
        """Names that more than one variable bears."""
        return tuple(sorted(name for name, found in self._variables_by_name.items() if len(found) > 1))

    def functions_named(self, name: str) -> tuple[Symbol, ...]:
        """Function symbols of that name (several when statics of different files share it)."""
        return self._functions_by_name.get(name, ())

    def function(self, name: str) -> Symbol | None:
        """The function symbol of that name when there is exactly one, else None."""
        found = self.functions_named(name)
        return found[0] if len(found) == 1 else None

    def function_at(self, address: int) -> Symbol | None:
        """The function whose code holds `address` (Thumb bit ignored); aliases: see function_starts."""
        address &= ~1
        starts, symbols, ends = self._function_extents
        place = bisect_right(starts, address) - 1
        return symbols[place] if place >= 0 and address < ends[place] else None

    @cached_property
    def function_starts(self) -> dict[int, Symbol]:
        """Start address -> the one symbol that stands for it: strong before weak, global before local, then by name."""
        rank = {"global": 0, "local": 1, "weak": 2}
        chosen: dict[int, Symbol] = {}
        for symbol in sorted(self.functions, key=lambda s: (s.address, rank[s.binding], s.name)):
            chosen.setdefault(symbol.address, symbol)
        return chosen

    def extent(self, symbol: Symbol) -> tuple[int, int]:
        """Half-open code range; without a size in the symbol table up to the next function or the section's end."""
        if symbol.size:
            return symbol.address, symbol.end
        starts, _, _ = self._function_extents
        place = bisect_right(starts, symbol.address)
        end = starts[place] if place < len(starts) else 1 << 32
        for section in self.sections:
            if section.allocated and section.address <= symbol.address < section.address + section.size:
                return symbol.address, min(end, section.address + section.size)
        return symbol.address, symbol.address

    def subprogram_at(self, address: int) -> Subprogram | None:
        """The C function whose own code holds `address`."""
        address &= ~1
        for subprogram in self.subprograms:
            if any(low <= address < high for low, high in subprogram.ranges):
                return subprogram
        return None

    def symbol_at(self, address: int) -> str:
        """Name of the function or object that holds `address` ("" when none), with "+offset" inside it."""
        function = self.function_at(address)
        if function is not None:
            offset = (address & ~1) - function.address
            return function.name if offset == 0 else f"{function.name}+{offset}"
        found = self.object_at(address)
        if found is None:
            return ""
        offset = address - found.address
        return found.name if offset == 0 else f"{found.name}+{offset}"

    def object_at(self, address: int) -> Symbol | None:
        """The object symbol that holds `address` (one without a size: only at its very address)."""
        starts, objects = self._object_starts
        place = bisect_right(starts, address) - 1
        if place >= 0 and address < max(objects[place].end, objects[place].address + 1):
            return objects[place]
        return None

    def unique_name(self, symbol: Symbol) -> str:
        """The function's name, made unique by its file or address where several functions share it."""
        if len(self.functions_named(symbol.name)) == 1:
            return symbol.name
        twins = [other for other in self.functions_named(symbol.name) if other.file == symbol.file]
        if symbol.file and len(twins) == 1:
            return f"{symbol.name}@{symbol.file}"
        return f"{symbol.name}@0x{symbol.address:08X}"

    def load_address_of(self, address: int) -> int:
        """Where the byte that is at run-time `address` lies in the load image (code copied to RAM lies elsewhere)."""
        for section in self.sections:
            if section.allocated and section.address <= address < section.address + section.size:
                return section.load_address + address - section.address
        return address

    def bytes_at(self, start: int, end: int) -> bytes:
        """The initial bytes of run-time addresses [start, end), which lie in one section; open places read 0xFF."""
        low = self.load_address_of(start)
        return self.image.bytes_at(low, low + end - start)

    def word_at(self, address: int) -> int | None:
        """The initial 32-bit word at a run-time address, None where the image has none."""
        low = self.load_address_of(address)
        return int.from_bytes(self.image.bytes_at(low, low + 4), "little") if self.image.covers(low, low + 4) else None

    @cached_property
    def _variables_by_name(self) -> dict[str, tuple[Variable, ...]]:
        found: dict[str, tuple[Variable, ...]] = {}
        for variable in self.variables:
            found[variable.name] = (*found.get(variable.name, ()), variable)
        return found

    @cached_property
    def _functions_by_name(self) -> dict[str, tuple[Symbol, ...]]:
        found: dict[str, tuple[Symbol, ...]] = {}
        for symbol in self.functions:
            found[symbol.name] = (*found.get(symbol.name, ()), symbol)
        return found

    @cached_property
    def _function_extents(self) -> tuple[list[int], list[Symbol], list[int]]:
        starts = sorted(self.function_starts)
        self.__dict__["_function_extents"] = (starts, [], [])  # extent() asks for the starts while the ends are made
        symbols = [self.function_starts[start] for start in starts]
        return starts, symbols, [self.extent(symbol)[1] for symbol in symbols]

    @cached_property
    def _object_starts(self) -> tuple[list[int], list[Symbol]]:
        objects = sorted(self.objects, key=lambda o: (o.address, o.size, o.name))
        return [o.address for o in objects], objects


def read_elf(path: Path) -> ElfFacts:
    """Read an ELF or AXF file in a child process. Raises ImageError with one sentence."""
    from swassess.firmware.child_process import parse_elf_in_child
    from swassess.firmware.elf_decode import decode_facts

    return decode_facts(parse_elf_in_child(path), path.name)
