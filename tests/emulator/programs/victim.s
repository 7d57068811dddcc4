@ A loop for faults: writes and reads a cell, reads a constant, calls two functions, one of them conditionally.
        .include "common.inc"
        .equ    CELL, 0x20001000

        handler start
        ldr     r6, =RESULTS
        ldr     r5, =CELL
        ldr     r4, =constant
        movs    r3, #0
loop:
        handler round
        movs    r0, #0
        str     r0, [r5]
        ldr     r0, [r5]
        str     r0, [r6]                @ the cell as read
        ldrb    r0, [r4, #1]
        str     r0, [r6, #4]            @ a byte of the constant
        handler call_site
        bl      counted
        cmp     r3, #0
        it      eq
        handler conditional_call
        bleq    conditional
        ldr     r0, [r6, #16]
        adds    r0, #1
        str     r0, [r6, #16]           @ rounds
        b       loop

        handler counted
        ldr     r0, [r6, #8]
        adds    r0, #1
        str     r0, [r6, #8]
        bx      lr

        handler conditional
        ldr     r0, [r6, #12]
        adds    r0, #1
        str     r0, [r6, #12]
        bx      lr

        .balign 4
        .type   constant, %object
constant:
        .word   0x44332211

        @ where `round` leads when the bit of PC that is set here is stuck at 1
        .org    0x480
        handler elsewhere
        movs    r0, #55
        str     r0, [r6, #20]
        b       .
        .org    0x800
        nop
