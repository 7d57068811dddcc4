"""The child's side of C types: a table of plain rows, made from the type entries of the debug information.

Rows (JSON-able; types are indices into the table):
["void"] | ["function", name] | ["base", name, size, encoding] | ["pointer", size, target] |
["enum", name, size, signed, [[name, value], ...]] | ["array", element, count] |
["struct" or "union", name, size, [[name, type, offset, bit_offset, bit_size], ...]]
"""

from typing import Any

from swassess.firmware.elf_reader import decode

TYPES_SECTION = 1 << 40  # added to offsets inside .debug_types, which are counted apart from those of .debug_info

_TRANSPARENT = {
    "DW_TAG_typedef",
    "DW_TAG_const_type",
    "DW_TAG_volatile_type",
    "DW_TAG_restrict_type",
    "DW_TAG_atomic_type",
    "DW_TAG_packed_type",
    "DW_TAG_unaligned",
}
_SIGNED_ENCODINGS = {5, 6, 13}  # signed, signed_char, signed_fixed
_LOCAL_REFERENCES = {
    "DW_FORM_ref1",
    "DW_FORM_ref2",
    "DW_FORM_ref4",
    "DW_FORM_ref8",
    "DW_FORM_ref",
    "DW_FORM_ref_udata",
}


class Entries:
    """All debugging entries by offset, with the children of those that the readers look into."""

    def __init__(self) -> None:
        self.by_offset: dict[int, Any] = {}
        self.children: dict[int, list[Any]] = {}
        self.by_signature: dict[int, Any] = {}

    def reference(self, die: Any, name: str) -> Any | None:
        """The entry that attribute `name` points to, or None."""
        attribute = die.attributes.get(name)
        if attribute is None:
            return None
        if attribute.form == "DW_FORM_ref_sig8":
            return self.by_signature.get(attribute.raw_value)
        base = die.cu.cu_offset + (die.offset & TYPES_SECTION) if attribute.form in _LOCAL_REFERENCES else 0
        return self.by_offset.get(base + attribute.raw_value)


def number(die: Any, name: str, default: int = 0) -> int:
    """A constant attribute, or `default` where it is missing or computed at run time."""
    attribute = die.attributes.get(name)
    return attribute.value if attribute is not None and isinstance(attribute.value, int) else default


def text(die: Any, name: str = "DW_AT_name") -> str:
    attribute = die.attributes.get(name)
    return decode(attribute.value) if attribute is not None else ""


class TypeTable:
    """Numbers the types that variables need."""

    def __init__(self, entries: Entries) -> None:
        self.rows: list[list[Any]] = [["void"]]
        self._entries = entries
        self._known: dict[int, int] = {}
        self._complete: dict[tuple[str, str], int] = {}

    def complete_definition(self, die: Any) -> None:
        """Remember a structure's full definition, for units that only declare it."""
        if die.tag in ("DW_TAG_structure_type", "DW_TAG_union_type") and "DW_AT_declaration" not in die.attributes:
            self._complete.setdefault((die.tag, text(die)), die.offset)

    def of(self, die: Any) -> int:
        """Index of the type that the entry's DW_AT_type names (0: void)."""
        return self.index(self._entries.reference(die, "DW_AT_type"))

    def index(self, die: Any | None) -> int:
        """Index of a type entry, with typedefs and qualifiers stripped."""
        alias = ""
        seen: set[int] = set()
        while die is not None and die.tag in _TRANSPARENT and die.offset not in seen:
            seen.add(die.offset)
            alias = text(die) or alias
            die = self._entries.reference(die, "DW_AT_type")
        if die is None or die.tag in _TRANSPARENT or die.tag == "DW_TAG_unspecified_type":
            return 0
        if "DW_AT_declaration" in die.attributes and (die.tag, text(die)) in self._complete:
            die = self._entries.by_offset[self._complete[die.tag, text(die)]]
        if die.offset in self._known:
            return self._known[die.offset]
        place = len(self.rows)
        self.rows.append(["void"])
        self._known[die.offset] = place
        self.rows[place] = self._row(die, text(die) or alias)
        return place

    def _row(self, die: Any, name: str) -> list[Any]:
        size = number(die, "DW_AT_byte_size")
        match die.tag:
            case "DW_TAG_base_type":
                return ["base", name, size, number(die, "DW_AT_encoding", 7)]
            case "DW_TAG_pointer_type":
                return ["pointer", size or 4, self.of(die)]
            case "DW_TAG_subroutine_type":
                return ["function", name or "function"]
            case "DW_TAG_enumeration_type":
                return self._enumeration(die, name, size)
            case "DW_TAG_structure_type" | "DW_TAG_class_type":
                return ["struct", name, size, self._members(die)]
            case "DW_TAG_union_type":
                return ["union", name, size, self._members(die)]
            case "DW_TAG_array_type":
                return self._array(die)
        return ["void"]

    def _enumeration(self, die: Any, name: str, size: int) -> list[Any]:
        values = enumerators(die, self._entries)
        base = self._entries.reference(die, "DW_AT_type")
        encoding = number(base, "DW_AT_encoding") if base is not None else number(die, "DW_AT_encoding")
        signed = encoding in _SIGNED_ENCODINGS if encoding else any(value < 0 for _, value in values)
        return ["enum", name, size, signed, values]

    def _members(self, die: Any) -> list[list[Any]]:
        members = []
        for child in self._entries.children.get(die.offset, []):
            if child.tag != "DW_TAG_member":
                continue
            type_index = self.of(child)
            offset = _member_offset(child)
            bits = number(child, "DW_AT_bit_size")
            position = 0
            if bits and "DW_AT_data_bit_offset" in child.attributes:
                position = number(child, "DW_AT_data_bit_offset")
                offset, position = position // 8, position % 8
            elif bits:  # DWARF 2 and 3 count from the most significant bit of the storage unit
                base = self._entries.reference(child, "DW_AT_type")
                unit = number(child, "DW_AT_byte_size") or self._size(base)
                position = unit * 8 - number(child, "DW_AT_bit_offset") - bits
            members.append([text(child), type_index, offset, position, bits])
        return members

    def _size(self, die: Any | None) -> int:
        for _ in range(32):
            if die is None or "DW_AT_byte_size" in die.attributes:
                break
            die = self._entries.reference(die, "DW_AT_type")
        return number(die, "DW_AT_byte_size") if die is not None else 0

    def _array(self, die: Any) -> list[Any]:
        counts = []
        for child in self._entries.children.get(die.offset, []):
            if child.tag in ("DW_TAG_subrange_type", "DW_TAG_enumeration_type"):
                upper = number(child, "DW_AT_upper_bound", -1)
                count = number(child, "DW_AT_count", upper + 1 - number(child, "DW_AT_lower_bound"))
                counts.append(count if 0 <= count < 0xFFFFFFFF else 0)
        element = self.of(die)
        for count in reversed(counts[1:]):
            self.rows.append(["array", element, count])
            element = len(self.rows) - 1
        return ["array", element, counts[0] if counts else 0]


def enumerators(die: Any, entries: Entries) -> list[list[Any]]:
    """[[name, value], ...] of an enumeration entry."""
    return [
        [text(child), number(child, "DW_AT_const_value")]
        for child in entries.children.get(die.offset, [])
        if child.tag == "DW_TAG_enumerator"
    ]


def _member_offset(die: Any) -> int:
    attribute = die.attributes.get("DW_AT_data_member_location")
    if attribute is None:
        return 0
    if isinstance(attribute.value, int):
        return attribute.value
    expression = list(attribute.value)
    if not expression or expression[0] != 0x23:  # DW_OP_plus_uconst, as DWARF 2 and 3 write it
        return 0
    value = 0
    for shift, byte in enumerate(expression[1:]):
        value |= (byte & 0x7F) << (7 * shift)
    return value
