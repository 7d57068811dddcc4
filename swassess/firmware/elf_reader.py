"""The child's side of reading an ELF file: header, sections, segments, load pieces, symbols, as JSON-able values.

Everything here handles bytes of a stranger. Sizes are checked against the file before anything is allocated.
"""

import io
import posixpath
import struct
from typing import Any

from elftools.elf.elffile import ELFFile

from swassess.errors import ImageError

_MACHINES = {0: "no machine", 3: "x86", 8: "MIPS", 20: "PowerPC", 40: "ARM", 42: "SuperH", 62: "x86-64", 83: "AVR"}
_MACHINES |= {94: "Xtensa", 105: "MSP430", 165: "8051", 172: "RL78", 173: "RX", 183: "AArch64", 243: "RISC-V"}
_TYPES = {0: "no file type", 1: "an unlinked object file", 3: "a shared object", 4: "a core dump"}
_SHF_WRITE, _SHF_ALLOC, _SHF_EXECINSTR, _SHF_COMPRESSED = 1, 2, 4, 0x800
_STT_NOTYPE, _STT_OBJECT, _STT_FUNC, _STT_FILE = 0, 1, 2, 4
_BINDINGS = {0: "local", 1: "global", 2: "weak"}
_LARGEST_IMAGE = 64 * 1024 * 1024


def decode(raw: bytes | str | None) -> str:
    """Text of a string table: UTF-8, else the Chinese encoding of older tools, else byte by byte."""
    if raw is None or isinstance(raw, str):
        return raw or ""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def join_path(*parts: str) -> str:
    """Join a directory and a name of the debug information into one path with forward slashes."""
    path = ""
    for part in parts:
        part = part.replace("\\", "/")
        absolute = part.startswith("/") or part[1:3] == ":/"
        path = part if absolute or not path else f"{path}/{part}"
    return posixpath.normpath(path) if path else ""


def check_header(data: bytes) -> None:
    """Raise ImageError unless the bytes begin a complete, little-endian, linked 32-bit ARM ELF file."""
    if len(data) < 52 or data[:4] != b"\x7fELF":
        raise ImageError("this is not a complete ELF file; hand in the linker's output (.elf or .axf).")
    order = ">" if data[5] == 2 else "<"
    file_type, machine = struct.unpack_from(order + "HH", data, 16)
    if data[4] != 1 or machine != 40:
        name = _MACHINES.get(machine, f"machine number {machine}")
        raise ImageError(f"the image is for {name}, but a 32-bit ARM Cortex-M image is needed.")
    if data[5] != 1:
        raise ImageError("the image is big-endian, but Cortex-M images must be little-endian.")
    if file_type != 2:
        raise ImageError(f"this is {_TYPES.get(file_type, 'not an executable')}; hand in the linked executable.")
    phoff, shoff = struct.unpack_from("<II", data, 28)
    _, phentsize, phnum, shentsize, shnum, _ = struct.unpack_from("<HHHHHH", data, 40)
    for what, offset, size, count in (("program", phoff, phentsize, phnum), ("section", shoff, shentsize, shnum)):
        if count and offset + size * count > len(data):
            raise ImageError(
                f"the ELF file is truncated: its {what} header table ends at byte {offset + size * count}, "
                f"the file at byte {len(data)}; copy it again."
            )


def read_elf_parts(data: bytes) -> tuple[ELFFile, dict[str, Any]]:
    """Parse everything but the debug information. Raises ImageError."""
    check_header(data)
    elf = ELFFile(io.BytesIO(data))
    sections = [_section(section) for section in elf.iter_sections()]
    segments = []
    for segment in elf.iter_segments():
        header = segment.header
        if header["p_type"] != "PT_LOAD":
            continue
        _check_inside("a segment", header["p_offset"], header["p_filesz"], data)
        segments.append(
            (header["p_offset"], header["p_vaddr"], header["p_paddr"], header["p_filesz"], header["p_memsz"])
        )
    for section in sections:
        if section["type"] not in ("SHT_NOBITS", "SHT_NULL"):
            _check_inside(f"section {section['name']}", section["offset"], section["bytes"], data)
        if section["flags"] & _SHF_COMPRESSED and section["bytes"] > 0:
            unpacked = struct.unpack_from("<I", data, section["offset"] + 4)[0] if section["bytes"] >= 12 else 0
            if unpacked > _LARGEST_IMAGE * 4:
                raise ImageError(f"section {section['name']} claims to unpack to {unpacked} bytes.")
    return elf, {
        "entry": elf.header["e_entry"],
        "sections": [
            [s["name"], s["address"], _load_address(s, segments), s["size"], _kind(s), s["flags"] & _SHF_ALLOC != 0]
            for s in sections
            if s["type"] != "SHT_NULL"
        ],
        "segments": [list(segment[1:]) for segment in segments],
        "pieces": _pieces(data, sections, segments),
        **_symbols(elf, data),
        "comments": _comments(data, sections),
        "attributes": _attributes(elf),
    }


def _section(section: Any) -> dict[str, Any]:
    header = section.header
    nobits = header["sh_type"] == "SHT_NOBITS"
    return {
        "name": section.name,
        "type": header["sh_type"],
        "flags": header["sh_flags"],
        "address": header["sh_addr"],
        "offset": header["sh_offset"],
        "size": header["sh_size"],
        "bytes": 0 if nobits else header["sh_size"],
    }


def _kind(section: dict[str, Any]) -> str:
    """ "code", "constant", "data" (written, initialised), "zero" (written, not in the file) or "other"."""
    flags = section["flags"]
    if not flags & _SHF_ALLOC:
        return "other"
    if section["type"] == "SHT_NOBITS":
        return "zero"
    if flags & _SHF_EXECINSTR:
        return "code"
    return "data" if flags & _SHF_WRITE else "constant"


def _check_inside(what: str, offset: int, size: int, data: bytes) -> None:
    if offset + size > len(data):
        raise ImageError(
            f"the ELF file is truncated: {what} reaches byte {offset + size}, the file ends at byte {len(data)}; "
            "copy it again."
        )


def _load_address(section: dict[str, Any], segments: list[tuple[int, int, int, int, int]]) -> int:
    """Where the section's bytes lie before start-up (LMA): by file offset, because the VMA is the run-time place."""
    for offset, vaddr, paddr, filesz, memsz in segments:
        if section["bytes"] and offset <= section["offset"] and section["offset"] + section["bytes"] <= offset + filesz:
            return int(paddr + section["offset"] - offset)
        if not section["bytes"] and vaddr <= section["address"] and section["address"] < vaddr + memsz:
            return int(section["address"])
    return int(section["address"])


def _pieces(
    data: bytes, sections: list[dict[str, Any]], segments: list[tuple[int, int, int, int, int]]
) -> list[tuple[int, str]]:
    """What a programmer writes: allocated sections at their load address. Bytes of a segment that no section names are
    padding where they are all 0x00 or 0xFF; else they are content somebody left unnamed, and belong to the image."""
    pieces: list[tuple[int, str]] = []
    total = 0
    for offset, _, paddr, filesz, _ in segments:
        total += filesz
        if total > _LARGEST_IMAGE:
            raise ImageError(f"the image holds more than {_LARGEST_IMAGE} bytes, too many for a microcontroller.")
        end = offset + filesz
        inside = sorted(
            (s["offset"], s["offset"] + s["bytes"])
            for s in sections
            if s["flags"] & _SHF_ALLOC and s["bytes"] and offset <= s["offset"] and s["offset"] + s["bytes"] <= end
        )
        position = offset
        for low, high in [*inside, (end, end)]:
            gap = data[position:low]
            starts_with_headers = position == 0  # the linker let the ELF header fall into the first segment
            if gap.strip(b"\0") and gap.strip(b"\xff") and not starts_with_headers:
                pieces.append((paddr + position - offset, gap.hex()))
            if low >= position and high > low:
                pieces.append((paddr + low - offset, data[low:high].hex()))
            elif high > position:
                pieces.append((paddr + position - offset, data[position:high].hex()))
            position = max(position, high)
    return pieces


def _symbols(elf: ELFFile, data: bytes) -> dict[str, list[list[Any]]]:
    functions: list[list[Any]] = []
    objects: list[list[Any]] = []
    labels: list[list[Any]] = []
    mapping: list[list[Any]] = []
    table = elf.get_section_by_name(".symtab")
    if table is not None and table.header["sh_type"] == "SHT_SYMTAB" and table.header["sh_link"] < elf.num_sections():
        strings_header = elf.get_section(table.header["sh_link"]).header
        strings = data[strings_header["sh_offset"] : strings_header["sh_offset"] + strings_header["sh_size"]]
        start, size = table.header["sh_offset"], table.header["sh_size"] // 16 * 16
        file = ""
        for name_at, value, length, info, _, index in struct.iter_unpack("<IIIBBH", data[start : start + size]):
            if name_at >= len(strings):
                raise ImageError("the ELF file's symbol table points outside its names; the file is damaged.")
            name = decode(strings[name_at : strings.find(b"\0", name_at)])
            kind, binding = info & 15, _BINDINGS.get(info >> 4, "global")
            if kind == _STT_FILE:
                file = name
            if index == 0 or not name or kind not in (_STT_NOTYPE, _STT_OBJECT, _STT_FUNC):
                continue
            where = file if binding == "local" else ""
            if kind == _STT_FUNC:
                functions.append([name, value & ~1, length, where, binding])
            elif kind == _STT_OBJECT:
                objects.append([name, value, length, where, binding])
            elif name[:2] in ("$a", "$t", "$d"):
                mapping.append([value & ~1 if name[1] == "t" else value, name[1]])
            elif not name.startswith("$"):
                labels.append([name, value])
    return {"functions": functions, "objects": objects, "labels": labels, "mapping": mapping}


def _comments(data: bytes, sections: list[dict[str, Any]]) -> list[str]:
    """Texts of .comment: armcc and armlink keep their switches there."""
    found: dict[str, None] = {}
    for section in sections:
        if section["name"] == ".comment":
            for text in data[section["offset"] : section["offset"] + section["bytes"]].split(b"\0"):
                if text.strip():
                    found[decode(text.strip())] = None
    return sorted(found)


def _attributes(elf: ELFFile) -> dict[str, Any]:
    """The build attributes of .ARM.attributes (core, architecture, floating point) by name; none where damaged."""
    found: dict[str, Any] = {}
    try:
        section = elf.get_section_by_name(".ARM.attributes")
        if section is None or not hasattr(section, "iter_subsections"):
            return {}
        for subsection in section.iter_subsections():
            for part in subsection.iter_subsubsections():
                for attribute in part.iter_attributes():
                    if isinstance(attribute.tag, str) and isinstance(attribute.value, int | str):
                        found[attribute.tag.removeprefix("TAG_")] = attribute.value
    except MemoryError:
        raise
    except Exception:  # pyelftools raises nearly anything on damaged input; the attributes are only hints
        return {}
    return found
