"""File headers and function comments of sources, in the terms of Annex 4 row 5, Chinese or English.

A header is the comment at the top of a file; a field is a line of it such as `Version: 1.2`, `@author Chen` or
`修改说明：初始版本`. Proved: each field is there and says something. Not proved: that it is true.
"""

import re
from dataclasses import dataclass

FIELDS = ("name", "purpose", "change note", "version", "date", "author", "company")

_TERMS: dict[str, str] = {
    "name": (
        "file name|filename|file|name|module|module name|program|program name|function name|"
        "文件名|文件名称|文件|名称|模块|模块名|模块名称|程序名|程序名称|函数名|函数名称|函数"
    ),
    "purpose": (
        "purpose|description|function|functions|brief|details|summary|abstract|"
        "功能|功能说明|功能描述|描述|说明|用途|作用|简介|概述"
    ),
    "change note": (
        "change|changes|change note|change notes|change history|change log|changelog|history|revision history|"
        "modification|modifications|modification note|modification history|"
        "修改|修改说明|修改记录|修改历史|修改内容|变更|变更说明|变更记录|变更历史|更改|更改说明|更改记录|历史|历史记录"
    ),
    "version": ("version|ver|rev|revision|版本|版本号|当前版本|软件版本"),
    "date": ("date|created|日期|创建日期|编写日期|修改日期|完成日期|时间"),
    "author": (
        "author|authors|programmer|programmers|written by|作者|编程员|编程人员|程序员|编写|编写人|编写者|编制|编制人"
    ),
    "company": (
        "company|manufacturer|organisation|organization|copyright|公司|公司名称|单位|版权|版权所有|制造商|生产商"
    ),
}
_FIELD_OF = {term: field for field, terms in _TERMS.items() for term in terms.split("|")}
_LABELLED = re.compile(r"([^:：=|]{1,60}?)\s*(?:[:：=|]|\t+|\s{2,})\s*(.*)")
_TAG = re.compile(r"[@\\]([A-Za-z]+)(?:\[[a-z,]*\])?(?:\s+|:\s*)?(.*)")
_SEPARATORS = re.compile(r"[/()（）、,，|]+|(?<=[\u4e00-\u9fff])\s+|\s+(?=[\u4e00-\u9fff])")
_COPYRIGHT = re.compile(r"(?:copyright|©|\(c\)|版权所有)\s*(.*\w.*)", re.IGNORECASE)
_DECORATION = " \t*/!;#@-=+~|<>"
_NOTHING = {"", "todo", "tbd", "xxx", "fixme", "待定"}
_BEFORE_HEADER = re.compile(r"\s*(?:#\s*(?:ifndef|define|pragma)\b|\.[a-z_]+\b).*")
_KEYWORDS = {"if", "for", "while", "switch", "return", "sizeof", "do", "else", "defined", "__attribute__", "_Alignas",
             "__declspec", "section", "aligned"}  # fmt: skip
_CALLABLE = re.compile(r"([A-Za-z_]\w*)\s*\(")
_TOKEN = re.compile(
    r'/\*.*?(?:\*/|\Z)|//[^\n]*|"(?:\\.|[^"\\\n])*"?|\'(?:\\.|[^\'\\\n])*\'?|^[ \t]*#(?:\\\n|[^\n])*|[{};]',
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class FunctionComment:
    """A function definition of a C file: its name, line (from 1), and whether a comment stands directly above it."""

    name: str
    line: int
    commented: bool


def missing_fields(text: str) -> tuple[str, ...]:
    """Names of the header fields that the comment at the top of `text` lacks, in the order of FIELDS."""
    found = _fields(_header_lines(text))
    return tuple(field for field in FIELDS if field not in found)


def functions_of(text: str) -> tuple[FunctionComment, ...]:
    """Function definitions of a C file, found by its outermost braces; one pass, no preprocessing.

    Not found: functions that a macro makes, or whose braces are unbalanced by conditional compilation.
    """
    out: list[FunctionComment] = []
    depth = 0
    declaration: list[str] = []  # source between the last outer `;` or `}` and here, comments left out
    begin = -1  # where that declaration starts
    comment_end = -1
    commented = False
    at = 0
    line, counted_to = 1, 0
    for match in _TOKEN.finditer(text):
        between = text[at : match.start()]
        if depth == 0 and between.strip():
            if begin < 0:
                begin = at + len(between) - len(between.lstrip())
                commented = comment_end >= 0 and text.count("\n", comment_end, begin) <= 1
            declaration.append(between)
        at = match.end()
        token = match.group()
        if token.startswith(("/*", "//")):
            comment_end = match.end()
        elif token == "{":
            if depth == 0:
                name = _function_name("".join(declaration))
                line, counted_to = line + text.count("\n", counted_to, begin), begin
                if name:
                    out.append(FunctionComment(name, line, commented))
            depth += 1
        elif token in "};" and (depth := max(0, depth - (token == "}"))) == 0:
            declaration, begin = [], -1
    return tuple(out)


def _function_name(declaration: str) -> str:
    """The name in a declaration such as `static int f(void)`; empty for types, initialisers and macros."""
    if "=" in declaration or re.match(r"\s*(?:typedef|struct|union|enum|extern\s*$)\b[^()]*$", declaration):
        return ""
    names = [name for name in _CALLABLE.findall(declaration[:4000]) if name not in _KEYWORDS]
    return names[0] if names else ""


def _header_lines(text: str) -> list[str]:
    """Lines of the comments before the first code, without their marks. An include guard may stand before them."""
    out: list[str] = []
    inside = False
    for line in text[:65536].splitlines():
        bare = line.strip()
        if inside or bare.startswith("/*"):
            inside = "*/" not in (bare[2:] if not inside else bare)
            out.append(bare.replace("/*", "").split("*/")[0])
        elif bare.startswith(("//", ";")) or (bare.startswith("@") and not out):
            out.append(bare)
        elif bare.startswith("@"):  # the assembler's comment sign
            out.append(bare[1:])
        elif bare and not (_BEFORE_HEADER.fullmatch(line) and not out):
            break
    return [line.strip(" \t*/!;").strip() for line in out]


def _fields(lines: list[str]) -> set[str]:
    found: set[str] = set()
    for number, line in enumerate(lines):
        field, value = _split(line)
        if not field:
            if _COPYRIGHT.search(line):
                found.add("company")
            continue
        following = next((other for other in lines[number + 1 :] if other), "")
        if not _says_something(value) and field in ("change note", "purpose") and not _split(following)[0]:
            value = following  # these two may go on below their label
        if _says_something(value):
            found.add(field)
    return found


def _split(line: str) -> tuple[str, str]:
    """(field, value) of a header line; the field is empty when the line has no known label."""
    tag = _TAG.match(line)
    if tag and tag.group(1).casefold() in _FIELD_OF:
        return _FIELD_OF[tag.group(1).casefold()], tag.group(2)
    labelled = _LABELLED.match(line.lstrip(_DECORATION))
    if labelled is None:
        return "", ""
    label = " ".join(labelled.group(1).split()).casefold()
    for term in (label, *(part.strip() for part in _SEPARATORS.split(label))):
        if term in _FIELD_OF:
            return _FIELD_OF[term], labelled.group(2)
    return "", ""


def _says_something(value: str) -> bool:
    bare = value.strip(_DECORATION + ".:：?？")
    return bare.casefold() not in _NOTHING
