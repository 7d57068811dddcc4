"""Functions of assembly files."""

from swassess.source.assembly import assembly_functions
from swassess.source.model import SourceCall

GNU = """/* start-up
   bl in_a_comment */
    .syntax unified
    .global Reset_Handler, march
    .type Reset_Handler, %function
Reset_Handler:
    ldr r0, =march      @ bl not_this
1:  subs r0, #1
    bne 1b
    bl march
    bl main
    b .
    .thumb_func
local_step:
    bx lr
march:
loop:
    cbz r0, loop
    bne fail_safe
    beq.w local_step
    b loop
    .section .rodata
    .global table
table: .word 1
"""

ARMASM = """        AREA |.text|, CODE, READONLY
Reset_Handler PROC
        BL SystemInit
        ENDP
CPU_Test FUNCTION
        BX LR
        ENDFUNC
"""


def test_gnu_syntax() -> None:
    functions = {f.name: f for f in assembly_functions(GNU, "start.S")}
    assert list(functions) == ["Reset_Handler", "local_step", "march"]
    reset = functions["Reset_Handler"]
    assert (reset.line, reset.end, reset.static, reset.front_end) == (6, 13, False, "assembly")
    assert reset.calls == (SourceCall("march", 10), SourceCall("main", 11))
    assert functions["local_step"].static
    assert functions["march"].calls == (SourceCall("fail_safe", 19), SourceCall("local_step", 20))


def test_arm_syntax() -> None:
    functions = assembly_functions(ARMASM, "start.s")
    assert [(f.name, f.line) for f in functions] == [("Reset_Handler", 2), ("CPU_Test", 5)]
    assert functions[0].calls == (SourceCall("SystemInit", 3),)


def test_a_file_without_functions() -> None:
    assert assembly_functions("", "x.s") == ()
    assert assembly_functions(".data\nx: .word 3\n", "x.s") == ()
