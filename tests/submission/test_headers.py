import time

import pytest

from swassess.submission.headers import FIELDS, functions_of, missing_fields

ENGLISH = """\
/**************************************
 * File:        heater.c
 * Description: drives the relay
 * History:
 *   1.1 debounce added
 * Version:     1.1
 * Date:        2026-01-12
 * Author:      Chen
 * Company:     Example Controls
 **************************************/
#include "heater.h"
"""
CHINESE = """\
// 文件名称：heater.c
// 功能说明：驱动加热继电器
// 修改说明：初始版本
// 版本：V1.0
// 日期：2026-01-12
// 编程员：陈
// 公司：示例控制器公司
"""
DOXYGEN = """\
#ifndef HEATER_H
#define HEATER_H
/**
 * @file heater.h
 * @brief drives the relay
 * @version 1.0
 * @date 2026-01-12
 * @author Chen
 * @copyright Example Controls
 * Changes: none
 */
"""
BILINGUAL = """\
/* 文件 File:     heater.c
   功能 (Purpose)   drives the relay
   修改说明 / Change note: first issue
   版本 / Version   1.0
   日期 / Date      2026-01-12
   编程员 / Author  Chen
   公司 / Company   Example Controls */
"""
ASSEMBLER = """\
@ File: march.S
@ Purpose: RAM test
@ Modification: none
@ Version: 1.0
@ Date: 2026-01-12
@ Programmer: Chen
@ (c) 2026 Example Controls
        .syntax unified
"""


@pytest.mark.parametrize("text", [ENGLISH, CHINESE, DOXYGEN, BILINGUAL, ASSEMBLER, ASSEMBLER.replace("@", ";")])
def test_a_complete_header(text):
    assert missing_fields(text) == ()


@pytest.mark.parametrize("text", [ENGLISH, CHINESE, BILINGUAL])
@pytest.mark.parametrize("number", range(len(FIELDS)))
def test_each_field_is_missed_when_its_line_is_gone(text, number):
    lines = [line for line in text.splitlines() if any(c.isalnum() for c in line) and not line.startswith("#")]
    lines = [line for line in lines if "debounce" not in line]
    field = FIELDS[number]
    kept = [line for n, line in enumerate(lines) if n != number]
    source = "/*\n" + "\n".join(line.replace("/*", "").replace("*/", "") for line in kept) + "\n*/\n"
    assert field in missing_fields(source)


@pytest.mark.parametrize("value", ["", "TODO", "---", "待定", "..."])
def test_a_field_that_says_nothing_is_missing(value):
    assert missing_fields(CHINESE.replace("V1.0", value)) == ("version",)


def test_comments_below_the_first_code_are_no_header():
    assert missing_fields("int a;\n" + ENGLISH) == FIELDS
    assert missing_fields("") == FIELDS


CODE = """\
#include "x.h"
#define CALL(x) { x(); }

/* Adds. */
int add(int a, int b)
{
    if (a) { return b; }  /* } */
    return a + b;
}
static const int table[] = { 1, 2 };
struct point { int x; };

// Runs { in the section.
__attribute__((section(".ram"))) static void
run(void) {
    const char *text = "} int wrong(void) {";
    char c = '{';
}

void bare(void)
{
}

/* far above */

enum mode { A, B };
typedef struct { int (*call)(int); } table_t;
void prototype(void);
void last(void) { for (;;) { } }
"""


def test_functions_are_found_with_line_and_comment():
    found = [(function.name, function.line, function.commented) for function in functions_of(CODE)]
    assert found == [("add", 5, True), ("run", 14, True), ("bare", 20, False), ("last", 29, False)]


@pytest.mark.parametrize(
    "text",
    ['"\\' * 200_000, "/*" * 200_000, "{" * 400_000, "f(" * 200_000, "int f(void){}\n" * 20_000, "#\\\n" * 100_000],
)
def test_hostile_sources_take_no_longer_than_others(text):
    start = time.process_time()
    functions_of(text)
    missing_fields(text)
    assert time.process_time() - start < 5
