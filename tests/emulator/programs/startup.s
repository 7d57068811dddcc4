@ Vector table. A handler that the program does not define leads to `unexpected`, which leaves the exception's number.
        .include "common.inc"

        .word   STACK_TOP
        .word   start
        .irp    name, nmi, hard_fault, memory_fault, bus_fault, usage_fault
        .weak   \name
        .word   \name
        .endr
        .word   0, 0, 0, 0
        .weak   sv_call, debug_monitor, pend_sv, systick
        .word   sv_call, debug_monitor, 0, pend_sv, systick
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21
        .weak   irq\number
        .word   irq\number
        .endr
        .irp    number, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42
        .weak   irq\number
        .word   irq\number
        .endr

        .irp    name, nmi, hard_fault, memory_fault, bus_fault, usage_fault, sv_call, debug_monitor, pend_sv, systick
        .thumb_set \name, unexpected
        .endr
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21
        .thumb_set irq\number, unexpected
        .endr
        .irp    number, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42
        .thumb_set irq\number, unexpected
        .endr

        .thumb_func
unexpected:
        mrs     r0, ipsr
        ldr     r1, =UNEXPECTED
        str     r0, [r1]
        b       .
