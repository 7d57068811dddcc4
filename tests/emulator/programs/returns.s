@ PendSV whose frame or EXC_RETURN is spoilt. SELECT: 0 nothing spoilt, 1 xPSR without the Thumb bit, 2 xPSR with an
@ exception number, 3 return to a handler that is not active, 4 an EXC_RETURN that does not exist, 5 stack outside RAM,
@ 6 return to the other stack (process stack).
        .include "common.inc"

        handler start
        ldr     r6, =RESULTS
        ldr     r0, =0x20003000
        msr     psp, r0
        set     SCB + ICSR, 0x10000000
        isb
        handler back
        mrs     r0, control
        adds    r0, #100
        str     r0, [r6]
        mov     r0, sp
        str     r0, [r6, #4]
        b       .

        handler pend_sv
        get     r3, SELECT
        mrs     r0, control
        str     r0, [r6, #28]
        cmp     r3, #1
        itt     eq
        moveq   r0, #0
        streq   r0, [sp, #28]
        cmp     r3, #2
        ittt    eq
        ldreq   r0, [sp, #28]
        addeq   r0, #5
        streq   r0, [sp, #28]
        cmp     r3, #3
        it      eq
        subeq   lr, #8
        cmp     r3, #4
        it      eq
        subeq   lr, #4
        cmp     r3, #5
        bne     1f
        ldr     r0, =0x20005000
        mov     sp, r0
1:      cmp     r3, #6
        bne     2f
        mrs     r0, psp
        mov     r1, sp
        subs    r0, #32
        msr     psp, r0
        ldmia   r1!, {r2, r3, r4, r5}
        stmia   r0!, {r2, r3, r4, r5}
        ldmia   r1!, {r2, r3, r4, r5}
        stmia   r0!, {r2, r3, r4, r5}
        adds    lr, #4
2:      bx      lr

        handler hard_fault
        ldr     r6, =RESULTS
        get     r0, SCB + CFSR
        str     r0, [r6, #8]
        get     r0, SCB + HFSR
        str     r0, [r6, #12]
        mov     r0, lr
        str     r0, [r6, #16]
        b       .
