@ SVC: its number, its argument and its answer. SELECT 1: with PRIMASK set, where it becomes a HardFault.
@ SELECT 2: in an IT block whose rest still has to be carried out.
        .include "common.inc"

        handler start
        get     r0, SELECT
        cmp     r0, #1
        bne     1f
        cpsid   i
1:      cmp     r0, #2
        itte    eq
        moveq   r0, #50
        svceq   #9
        movne   r0, #40
        beq     2f
        svc     #7
2:      result  1, r0
        mrs     r0, ipsr
        result  2, r0
        b       .

        handler sv_call
        mov     r3, sp
        ldr     r1, [r3, #24]   @ stacked PC
        ldrb    r2, [r1, #-2]
        result  0, r2
        ldr     r2, [r3]        @ stacked R0
        adds    r2, #2
        str     r2, [r3]
        mrs     r2, ipsr
        result  3, r2
        result  4, lr
        bx      lr

        handler hard_fault
        get     r0, SCB + HFSR
        result  5, r0
        b       .
