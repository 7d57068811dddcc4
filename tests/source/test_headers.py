"""File and function headers, in both languages and several styles."""

import pytest

from swassess.source.headers import FIELDS, comment_before, missing_function_fields, missing_header_fields

BOTH = """/*
 * 文件 File:     safety/cpu.c
 * 功能 Purpose:  register test
 * 变更 Change:   first issue
 * 版本 Version:  V1.2.0  日期 Date: 2026-05-18  编程 Author: 陈伟
 * 公司 Company:  灵湖控制
 */
#include "x.h"
"""
DOXYGEN = """/**
 * @file    main.c
 * @brief   Main loop.
 * @version 1.0
 * @date    2025-01-01
 * @author  Somebody
 * @copyright ACME
 * History: none so far
 */
"""
LINES = """// 文件名：主程序.c
// 功能描述：主循环
// 修改记录：
//   2025-01-01 初版
// 版本号：1.0
// 日期：2025-01-01
// 作者：李雷
// 公司：某某电器
int main(void);
"""


@pytest.mark.parametrize("text", [BOTH, DOXYGEN, LINES, "\ufeff" + BOTH])
def test_complete_headers(text: str) -> None:
    assert missing_header_fields(text) == ()


def test_no_header() -> None:
    assert missing_header_fields("int main(void) { return 0; }\n") == tuple(FIELDS)
    assert missing_header_fields("") == tuple(FIELDS)
    assert missing_header_fields("#include <a.h>\n" + BOTH) == tuple(FIELDS), "a header stands at the beginning"


@pytest.mark.parametrize(("line", "field"), [("Version", "version"), ("变更", "change note"), ("Company", "company")])
def test_a_missing_line(line: str, field: str) -> None:
    text = "\n".join(part for part in BOTH.replace("  日期", "\n * 日期").splitlines() if line not in part)
    assert missing_header_fields(text) == (field,)


def test_an_empty_field_is_missing() -> None:
    assert missing_header_fields(BOTH.replace("灵湖控制", "")) == ("company",)
    assert missing_header_fields(BOTH.replace("first issue", "")) == ("change note",)
    assert missing_header_fields(BOTH.replace("first issue", "\n *    2026-01-01: first issue")) == ()


def test_the_date_of_a_change_is_no_note() -> None:
    assert missing_header_fields(LINES.replace("修改记录", "修改日期")) == ("change note",)


def test_words_in_a_sentence_are_no_field() -> None:
    text = "/* This file has a new version by its author, made for the company at that date with every change. */\n"
    assert missing_header_fields(text) == tuple(FIELDS)


def test_function_headers() -> None:
    text = BOTH + "\n/* 函数 Function: f\n * 功能 Purpose: test\n */\n\nvoid f(void)\n{\n}\nvoid g(void)\n{\n}\n"
    at = text.splitlines().index("void f(void)") + 1
    assert missing_function_fields(text, at) == ("change note", "version", "date", "author", "company")
    assert missing_function_fields(text, at + 3) == tuple(FIELDS)
    assert comment_before(text, at).startswith("/* 函数")
    assert comment_before("// a\n// b\nint f;\n", 3) == "// a\n// b"
