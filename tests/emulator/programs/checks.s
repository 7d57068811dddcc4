@ What the engine leaves to the layers above it: traps, alignment, privilege, IT blocks.
        .include "common.inc"
        handler start
        set     SCB + SHCSR, 0x70000
        choose
        .balign 4
cases:  .word   divide_trap, divide, unaligned_trap, multiple, double, pointer, taken, not_taken, user_read, user_write
        .word   conditional_store, hints, floating, unaligned, two_conditions, user_pend, table, early

        .thumb_func
divide_trap:
        set     SCB + 0x14, 0x210
        movs    r1, #0
        movs    r0, #7
        isb
        adds    r3, #1
        handler division
        udiv    r2, r0, r1
        b       .
        .thumb_func
divide: movs    r1, #0
        movs    r0, #7
        movs    r2, #9
        udiv    r2, r0, r1
        ldr     r6, =RESULTS
        str     r2, [r6]
        movs    r0, #1
        str     r0, [r6, #4]
        b       .
        .thumb_func
unaligned_trap:
        set     SCB + 0x14, 0x208
        ldr     r5, =0x20000301
        isb
        handler trapped
        ldrh    r1, [r5]
        b       .
        .thumb_func
multiple:
        ldr     r5, =0x20000302
        b       1f
1:      movs    r3, #1
        handler multiple_access
        stmia   r5!, {r0, r1, r3}
        b       .
        .thumb_func
double: movs    r2, #1
        ldr     r5, =0x20000302
        adds    r5, #4
        handler double_access
        ldrd    r0, r1, [r5, #8]
        b       .
        .thumb_func
pointer:
        ldr     r4, =0x20000400
        ldr     r5, =0x20000301
        str     r5, [r4, #8]
        b       1f
1:      ldr     r5, [r4, #8]
        handler pointer_access
        strd    r0, r1, [r5]
        b       .
        .thumb_func
taken:  set     SCB + 0x14, 0x210
        movs    r1, #0
        movs    r2, #3
        isb
        cmp     r1, #0
        ittt    eq
        moveq   r0, #5
        handler conditional_division
        udiveq  r2, r0, r1
        moveq   r3, #6
        b       .
        .thumb_func
not_taken:
        set     SCB + 0x14, 0x210
        movs    r1, #0
        movs    r2, #3
        isb
        cmp     r1, #1
        ite     eq
        udiveq  r2, r0, r1
        movne   r2, #8
        ldr     r6, =RESULTS
        str     r2, [r6]
        ldr     r0, =not_taken_end
        str     r0, [r6, #4]
not_taken_end:
        b       .
        .thumb_func
two_conditions:                                 @ the faulting half is the other one
        set     SCB + 0x14, 0x210
        movs    r1, #0
        movs    r2, #3
        isb
        cmp     r1, #1
        itte    eq
        moveq   r3, #1
        udiveq  r2, r0, r1
        handler other_half
        udivne  r2, r0, r1
        b       .

        .thumb_func
user_read:
        movs    r0, #1
        ldr     r5, =SCB
        movs    r1, #55
        msr     control, r0
        isb
        adds    r3, #1
        handler user_access
        ldr     r1, [r5, #4]
        b       .
        .thumb_func
user_write:
        movs    r0, #1
        ldr     r5, =SYST
        msr     control, r0
        handler user_store
        str     r0, [r5]
        b       .
        .thumb_func
user_pend:
        set     NVIC_ISER, 2
        set     SCB + 0x14, 0x202
        ldr     r5, =0xE000EF00
        movs    r0, #1
        msr     control, r0
        isb
        str     r0, [r5]
        isb
        ldr     r6, =RESULTS
        movs    r0, #77
        str     r0, [r6, #4]
        b       .
        handler irq1
        ldr     r0, =RESULTS
        movs    r1, #33
        str     r1, [r0]
        bx      lr

        .thumb_func
conditional_store:
        ldr     r5, =0x60000000
        movs    r1, #1
        movs    r0, #0
        itttt   eq
        addeq   r1, #2
        handler bad_store
        streq   r1, [r5, #4]
        addeq   r1, #4
        addeq   r1, #8
        ldr     r6, =RESULTS
        movs    r0, #99
        str     r0, [r6, #32]
        b       .

        .thumb_func
hints:  .inst.w 0xF3AF8001                      @ yield.w
        .inst.w 0xF3AF8004                      @ sev.w
        .inst.w 0xF3AF8002                      @ wfe.w
        sev
        wfe
        ldr     r6, =RESULTS
        movs    r0, #5
        str     r0, [r6]
        wfe
        movs    r0, #6
        str     r0, [r6]
        b       .

        .thumb_func
floating:
        adds    r1, #1
        handler no_coprocessor
        .inst.w 0xEE000A10                      @ vmov s0, r0
        b       .

        .thumb_func
unaligned:
        ldr     r5, =0x20000301
        ldr     r0, =0x11223344
        str     r0, [r5]
        ldr     r1, [r5]
        ldr     r6, =RESULTS
        str     r1, [r6]
        b       .

        .thumb_func
table:  set     SCB + 0x14, 0x218
        isb
        movs    r4, #1
        tbh     [pc, r4, lsl #1]
1:      .hword  0, (2f - 1b) / 2
2:      push    {r0-r3}
        pop     {r4-r7}
        ldr     r6, =RESULTS
        ldrb    r0, [r6, #1]
        movs    r0, #7
        str     r0, [r6]
        b       .

        .thumb_func
early:  ldr     r5, =0x20000302
        b       1f
1:      cmp     r5, #0
        beq     2f
2:      handler early_access
        ldmia   r5, {r0, r1}
        b       .
        .include "report.inc"
