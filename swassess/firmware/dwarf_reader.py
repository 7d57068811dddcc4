"""The child's side of the debug information: units, lines, functions, variables and enumerators as JSON-able values.

DWARF 2 to 5. Entries are walked one after another, without recursion, so that deep nesting costs nothing.
"""

from bisect import bisect_right
from typing import Any

from elftools.dwarf.die import DIE
from elftools.dwarf.ranges import BaseAddressEntry
from elftools.elf.elffile import ELFFile

from swassess.firmware.dwarf_types import TYPES_SECTION, Entries, TypeTable, enumerators, number, text
from swassess.firmware.elf_reader import decode, join_path

_PARENTS_KEPT = {
    "DW_TAG_structure_type",
    "DW_TAG_union_type",
    "DW_TAG_class_type",
    "DW_TAG_enumeration_type",
    "DW_TAG_array_type",
}
_CODE = {"DW_TAG_subprogram", "DW_TAG_inlined_subroutine"}


class DebugReader:
    """Reads the debug information of one file; `allocated` holds the half-open address ranges of its sections."""

    def __init__(self, elf: ELFFile, allocated: list[tuple[int, int]]) -> None:
        self._dwarf = elf.get_dwarf_info(relocate_dwarf_sections=False, follow_links=False)
        self._allocated = sorted(allocated)
        self._starts = [start for start, _ in self._allocated]
        self._entries = Entries()
        self._types = TypeTable(self._entries)
        self._files: dict[str, int] = {}
        self._unit_files: dict[int, list[str]] = {}
        self._variables: list[tuple[Any, str, str]] = []  # entry, unit file, function
        self._code: list[Any] = []
        self._enumerations: list[Any] = []
        self._named: list[Any] = []

    def read(self) -> dict[str, Any]:
        """Everything, as one JSON-able dictionary (see ElfFacts for what the parts mean)."""
        units = []
        rows: list[list[int]] = []
        programs: set[int] = set()
        for unit in self._dwarf.iter_CUs():
            top = unit.get_top_DIE()
            directory = text(top, "DW_AT_comp_dir")
            name = join_path(directory, text(top))
            self._unit_files[unit.cu_offset] = []
            program = self._dwarf.line_program_for_CU(unit)
            if program is not None:
                files = _program_files(program, directory)
                self._unit_files[unit.cu_offset] = files
                offset = number(top, "DW_AT_stmt_list")
                if offset not in programs:
                    programs.add(offset)
                    rows += self._line_rows(program, files)
            if top.tag == "DW_TAG_compile_unit":
                units.append(
                    [name, directory, text(top, "DW_AT_producer"), number(top, "DW_AT_language"), unit.header.version]
                )
            self._walk(unit, name)
        if self._dwarf.debug_types_sec is not None:
            for unit in self._dwarf.iter_TUs():
                self._walk(unit, "", types_section=True)
        variables = self._read_variables()
        named = self._named_types()
        rows.sort(key=lambda row: (row[0], row[1] >= 0))  # an end before the start at the same address
        return {
            "units": units,
            "lines": rows,
            "subprograms": self._read_code(),
            "variables": variables,
            "enumerators": sorted(
                {(name, value) for die in self._enumerations for name, value in enumerators(die, self._entries)}
            ),
            "named_types": named,
            "types": self._types.rows,
            "files": list(self._files),
        }

    def _walk(self, unit: Any, file: str, types_section: bool = False) -> None:
        stream = (self._dwarf.debug_types_sec if types_section else self._dwarf.debug_info_sec).stream
        end = unit.cu_offset + unit.size
        offset = unit.cu_die_offset
        parents: list[Any] = []
        functions: list[str | None] = []
        shift = TYPES_SECTION if types_section else 0
        while offset < end:
            die = DIE(cu=unit, stream=stream, offset=offset)
            offset += max(die.size, 1)
            if die.tag is None:
                if parents:
                    parents.pop()
                    functions.pop()
                if not parents:
                    break
                continue
            die.offset += shift
            self._entries.by_offset[die.offset] = die
            parent = parents[-1] if parents else None
            if parent is not None and parent.tag in _PARENTS_KEPT:
                self._entries.children.setdefault(parent.offset, []).append(die)
            function = next((name for name in reversed(functions) if name is not None), None)
            self._note(die, file, function)
            if die.has_children:
                parents.append(die)
                functions.append(self._function_name(die) if die.tag in _CODE else None)
            elif not parents:
                break
        signature = unit.header.get("signature", unit.header.get("type_signature"))
        if signature is not None:
            target = self._entries.by_offset.get(unit.cu_offset + unit.header["type_offset"] + shift)
            if target is not None:
                self._entries.by_signature[signature] = target

    def _note(self, die: Any, file: str, function: str | None) -> None:
        if die.tag == "DW_TAG_variable":
            if "DW_AT_location" in die.attributes:
                self._variables.append((die, file, function or ""))
        elif die.tag in _CODE:
            self._code.append(die)
        elif die.tag == "DW_TAG_enumeration_type":
            self._enumerations.append(die)
            self._named.append(die)
        elif die.tag in ("DW_TAG_structure_type", "DW_TAG_union_type"):
            self._types.complete_definition(die)
            self._named.append(die)
        elif die.tag in ("DW_TAG_typedef", "DW_TAG_base_type"):
            self._named.append(die)

    def _origin(self, die: Any) -> Any:
        """The entry that carries the name: through DW_AT_abstract_origin and DW_AT_specification."""
        for _ in range(8):
            target = self._entries.reference(die, "DW_AT_abstract_origin")
            if target is None:
                target = self._entries.reference(die, "DW_AT_specification")
            if target is None:
                break
            die = target
        return die

    def _function_name(self, die: Any) -> str:
        return text(die) or text(self._origin(die))

    def _file_of(self, die: Any) -> str:
        files = self._unit_files.get(die.cu.cu_offset, [])
        index = number(die, "DW_AT_decl_file")
        return files[index] if 0 <= index < len(files) else ""

    def _read_variables(self) -> list[list[Any]]:
        found = []
        for die, file, function in self._variables:
            address = _fixed_address(die)
            if address is None or not self._is_allocated(address):
                continue
            origin = self._origin(die)
            name = text(die) or text(origin)
            typed = die if "DW_AT_type" in die.attributes else origin
            line = number(die, "DW_AT_decl_line") or number(origin, "DW_AT_decl_line")
            if name:
                found.append([name, address, self._types.of(typed), file, function, line])
        return found

    def _named_types(self) -> list[list[Any]]:
        """[["typedef name" or "struct tag" or "enum tag", type], ...], first definition first."""
        found: dict[str, int] = {}
        prefix = {"DW_TAG_structure_type": "struct ", "DW_TAG_union_type": "union ", "DW_TAG_enumeration_type": "enum "}
        for die in self._named:
            name = text(die)
            if name and "DW_AT_declaration" not in die.attributes:
                key = prefix.get(die.tag, "") + name
                if key not in found:
                    found[key] = self._types.index(die)
        return [[name, index] for name, index in found.items()]

    def _read_code(self) -> list[list[Any]]:
        """[[name, file, line, external, ranges, inlined ranges], ...]: one row a function, its copies joined."""
        found: dict[int, list[Any]] = {}
        for die in self._code:
            origin = self._origin(die)
            name = text(origin)
            if not name:
                continue
            row = found.setdefault(
                origin.offset,
                [
                    name,
                    self._file_of(origin),
                    number(origin, "DW_AT_decl_line"),
                    bool(number(origin, "DW_AT_external")),
                    [],
                    [],
                ],
            )
            ranges = [pair for pair in self._ranges(die) if self._is_allocated(pair[0])]
            row[4 if die.tag == "DW_TAG_subprogram" else 5] += ranges
        rows = [row for row in found.values() if row[4] or row[5]]
        return sorted(rows, key=lambda row: (row[1], row[2], row[0], row[4]))

    def _ranges(self, die: Any) -> list[list[int]]:
        low = die.attributes.get("DW_AT_low_pc")
        high = die.attributes.get("DW_AT_high_pc")
        if low is not None and high is not None:
            end = high.value if high.form.startswith("DW_FORM_addr") else low.value + high.value
            return [[low.value & ~1, end]] if end > low.value else []
        if "DW_AT_ranges" not in die.attributes:
            return []
        lists = self._dwarf.range_lists()
        base = number(die.cu.get_top_DIE(), "DW_AT_low_pc")
        out = []
        for entry in lists.get_range_list_at_offset(die.attributes["DW_AT_ranges"].value, die.cu):
            if isinstance(entry, BaseAddressEntry):
                base = entry.base_address
            else:
                start = 0 if entry.is_absolute else base
                out.append([(start + entry.begin_offset) & ~1, start + entry.end_offset])
        return [pair for pair in out if pair[1] > pair[0]]

    def _line_rows(self, program: Any, files: list[str]) -> list[list[int]]:
        """[[address, file number, line], ...]; a row with file -1 ends a sequence. Sequences of code that the linker
        dropped (placed at 0 or outside every section) are left out."""
        rows: list[list[int]] = []
        sequence: list[list[int]] = []
        for entry in program.get_entries():
            state = entry.state
            if state is None:
                continue
            if state.end_sequence:
                if sequence and self._is_allocated(sequence[0][0]) and state.address > sequence[0][0]:
                    rows += [*sequence, [state.address, -1, 0]]
                sequence = []
            elif state.line:  # line 0 is code of the compiler's own: it stays with the line before it
                name = files[state.file] if 0 <= state.file < len(files) else ""
                number_of_file = self._files.setdefault(name, len(self._files))
                row = [state.address, number_of_file, state.line]
                if sequence and sequence[-1][0] == state.address:
                    sequence[-1] = row
                else:
                    sequence.append(row)
        return rows

    def _is_allocated(self, address: int) -> bool:
        if address == 0:  # where linkers put what they dropped; flash that begins at 0 has its vector table there
            return False
        place = bisect_right(self._starts, address) - 1
        return place >= 0 and address < self._allocated[place][1]


def _fixed_address(die: Any) -> int | None:
    """The address of DW_OP_addr, the only location a variable of the whole program's life has."""
    value = die.attributes["DW_AT_location"].value
    if isinstance(value, int) or len(value) != 5 or value[0] != 0x03:
        return None
    return int.from_bytes(bytes(value[1:5]), "little")


def _program_files(program: Any, directory: str) -> list[str]:
    """Paths by file number. DWARF 5 counts from 0, earlier versions from 1 (number 0 is then unused)."""
    header = program.header
    directories = [decode(name) for name in header["include_directory"]]
    modern = header["version"] >= 5
    if not modern:
        directories = [directory, *directories]
    files = [] if modern else [""]
    for entry in header["file_entry"]:
        index = entry["dir_index"] or 0
        parent = directories[index] if 0 <= index < len(directories) else ""
        files.append(join_path(directory, parent, decode(entry["name"])))
    return files
