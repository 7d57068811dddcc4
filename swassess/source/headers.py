"""Does a file carry the header that Annex 4 row 5 of CQC11-448321 asks for?"""

import re
from collections.abc import Iterable

FIELDS: dict[str, tuple[str, ...]] = {
    "name": ("file", "file name", "filename", "module", "name", "文件", "文件名", "文件名称", "模块", "名称"),
    "purpose": ("purpose", "description", "brief", "abstract", "功能", "用途", "描述", "说明", "目的"),
    "change note": (
        "change",
        "changes",
        "change note",
        "history",
        "modification",
        "修改",
        "修改说明",
        "变更",
        "变更说明",
    ),
    "version": ("version", "ver", "revision", "rev", "版本", "版本号"),
    "date": ("date", "created", "日期", "时间"),
    "author": ("author", "authors", "written by", "programmer", "作者", "编写", "编写人", "编制", "编程", "编程员"),
    "company": ("company", "copyright", "organisation", "organization", "manufacturer", "公司", "版权", "单位", "企业"),
}


_NOT_A_NOTE = "(?!日期|时间|人|者)"  # "修改日期" is a date, "修改人" a person


def _alternatives(words: Iterable[str]) -> str:
    ordered = sorted(words, key=len, reverse=True)
    english = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in ordered if word.isascii())
    chinese = "|".join(
        word + _NOT_A_NOTE if word in ("修改", "变更", "更改") else word for word in ordered if not word.isascii()
    )
    return rf"(?:(?<!\w)(?:{english})(?!\w)|(?:{chinese}))"


def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    label = _alternatives(words) + r"[^:：\n]{0,24}[:：]"
    another = rf"[^\w\n]*{_ANY}[^:：\n]{{0,24}}[:：]"
    content = rf"(?:[ \t]*[^\s:：]|[ \t]*\n(?!{another})[ \t]*\S)"  # on the same line, or on the next that is no label
    command = rf"[@\\](?:{'|'.join(re.escape(word) for word in words if word.isascii())})[ \t]+\S"
    bare = r"|copyright[ \t]+\S" if "copyright" in words else ""
    return re.compile(f"{label}{content}|{command}{bare}", re.IGNORECASE)


_ANY = _alternatives(word for words in FIELDS.values() for word in words)
_PATTERNS = {name: _pattern(words) for name, words in FIELDS.items()}
_FUNCTION_NAME = _pattern((*FIELDS["name"], "function", "函数", "函数名", "函数名称", "子程序"))
_BLOCK = re.compile(r"\s*(/\*.*?\*/|(?:[ \t]*(?://|@|;|#(?!\w)).*(?:\n|$))+)", re.DOTALL)


def leading_comment(text: str) -> str:
    """All comments before the first code of a C or assembly file, joined."""
    position, parts = 0, []
    text = text.removeprefix("\ufeff")
    while found := _BLOCK.match(text, position):
        if found.end() == position:
            break
        parts.append(found.group(1))
        position = found.end()
    return "\n".join(parts)


def comment_before(text: str, line: int) -> str:
    """The comment that ends directly above `line` (counted from 1; blank lines between are allowed), "" for none."""
    above = text.splitlines()[: line - 1]
    while above and not above[-1].strip():
        above.pop()
    end = len(above)
    if above and above[-1].rstrip().endswith("*/"):
        start = end - 1
        while start >= 0 and "/*" not in above[start]:
            start -= 1
        return "\n".join(above[max(start, 0) :])
    start = end
    while start > 0 and above[start - 1].lstrip().startswith(("//", "@", ";")):
        start -= 1
    return "\n".join(above[start:end])


def missing_header_fields(text: str) -> tuple[str, ...]:
    """Fields of FIELDS that the file's leading comment does not fill, in that order (all of them without a comment)."""
    return missing_fields(leading_comment(text))


def missing_function_fields(text: str, line: int) -> tuple[str, ...]:
    """Fields that the comment above the function defined at `line` does not fill (Annex 4 row 5 asks for the same)."""
    comment = comment_before(text, line)
    missing = missing_fields(comment)
    return missing[1:] if missing[:1] == ("name",) and _FUNCTION_NAME.search(_plain(comment)) else missing


def missing_fields(comment: str) -> tuple[str, ...]:
    """Fields of FIELDS that a comment does not fill, in that order.

    A field counts when one of its words, in English or Chinese, stands before a colon with content behind it or on the
    next line; labels may hold both languages ("版本 Version: V1.2") and share a line. Doxygen commands and "Copyright"
    need no colon. Whether the content is true is for the assessor.
    """
    plain = _plain(comment)
    return tuple(name for name, pattern in _PATTERNS.items() if not pattern.search(plain))


def _plain(comment: str) -> str:
    return "\n".join(line.strip().strip("*/;#!<").strip() for line in comment.splitlines())
