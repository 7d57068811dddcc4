"""Functions of assembly files, by their labels: GNU and ARM (armasm) syntax."""

import re

from swassess.source.model import SourceCall, SourceFunction

_LABEL = re.compile(r"^\s*([A-Za-z_.$][\w.$]*)\s*:")
_TYPE = re.compile(r"^\s*\.type\s+([\w.$]+)\s*,\s*[%@#]?(?:function|STT_FUNC)\b", re.IGNORECASE)
_GLOBAL = re.compile(r"^\s*\.(?:global|globl|weak)\s+(.+)$")
_THUMB_FUNC = re.compile(r"^\s*\.thumb_func\b\s*([\w.$]*)")
_SECTION = re.compile(r"^\s*\.(?:section\s+([\w.$]+)|(text|data|bss)\b)")
_PROC = re.compile(r"^([A-Za-z_][\w$]*)\s+(?:PROC|FUNCTION)\b", re.IGNORECASE)
_CONDITIONS = "eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le"
_CALL = re.compile(rf"^\s*(?:[\w.$]+:)?\s*bl?(?:{_CONDITIONS})?(?:\.[wn])?\s+([A-Za-z_][\w.$]*)\s*$", re.IGNORECASE)


def assembly_functions(text: str, file: str) -> tuple[SourceFunction, ...]:
    """Labels that are functions: marked as such (.type, .thumb_func, PROC), or global in a code section.

    A function ends before the next one; its calls are direct branches to names that are
    functions, or that no label of this file defines.
    """
    marked: set[str] = set()
    visible: set[str] = set()
    starts: list[tuple[int, str]] = []
    section, thumb_pending = ".text", False
    lines = _without_comments(text).splitlines()
    for number, line in enumerate(lines, 1):
        if found := _TYPE.match(line):
            marked.add(found.group(1))
        elif found := _GLOBAL.match(line):
            visible |= {name.strip() for name in found.group(1).split(",")}
        elif found := _THUMB_FUNC.match(line):
            thumb_pending = not found.group(1)
            marked |= {found.group(1)} - {""}
        elif found := _SECTION.match(line):
            section = found.group(1) or "." + found.group(2)
        elif found := _PROC.match(line):
            marked.add(found.group(1))
            starts.append((number, found.group(1)))
        elif found := _LABEL.match(line):
            name = found.group(1)
            if thumb_pending:
                marked.add(name)
            thumb_pending = False
            if section.startswith(".text") or name in marked:
                starts.append((number, name))
    code = [(number, name) for number, name in starts if name in marked or name in visible]
    functions = []
    for index, (number, name) in enumerate(code):
        end = code[index + 1][0] - 1 if index + 1 < len(code) else len(lines)
        calls = []
        for at in range(number, end + 1):
            called = _CALL.match(lines[at - 1])
            if called and called.group(1) in visible | marked | _outside(called.group(1), lines):
                calls.append(SourceCall(called.group(1), at))
        functions.append(SourceFunction(name, file, number, end, name not in visible, "assembly", file, tuple(calls)))
    return tuple(functions)


def _outside(name: str, lines: list[str]) -> set[str]:
    """The name itself when no line of the file defines it: then the linker finds it elsewhere."""
    defined = any((found := _LABEL.match(line)) is not None and found.group(1) == name for line in lines)
    return set() if defined else {name}


def _without_comments(text: str) -> str:
    """Blank out comments, keeping the line numbers."""
    text = re.sub(r"/\*.*?\*/", lambda found: re.sub(r"[^\n]", " ", found.group(0)), text, flags=re.DOTALL)
    return re.sub(r"(//|@|;)(?!function|progbits|nobits|object|notype).*", "", text)
