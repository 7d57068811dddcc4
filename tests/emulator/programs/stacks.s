@ Thread mode on the process stack, SELECT 1: unprivileged. PendSV looks, and returns; SVC gives the privilege back.
        .include "common.inc"

        handler start
        ldr     r6, =RESULTS
        ldr     r0, =0x20003004         @ not a multiple of eight: the frame is padded
        msr     psp, r0
        get     r3, SELECT
        movs    r0, #2
        orrs    r0, r3
        msr     control, r0
        isb
        movs    r4, #77
        svc     #0
        str     r0, [r6]
        mrs     r0, control
        str     r0, [r6, #4]
        mov     r0, sp
        str     r0, [r6, #8]
        str     r4, [r6, #12]
        b       .

        handler sv_call
        str     lr, [r6, #16]
        mrs     r0, psp
        str     r0, [r6, #20]
        mov     r1, sp
        str     r1, [r6, #24]
        mrs     r1, control
        str     r1, [r6, #28]
        ldr     r1, [r0, #28]           @ stacked xPSR
        str     r1, [r6, #32]
        movs    r1, #5
        str     r1, [r0]                @ stacked R0
        set     SCB + ICSR, 0x10000000  @ PendSV follows without unstacking
        movs    r0, #0
        msr     control, r0
        bx      lr

        handler pend_sv
        str     lr, [r6, #36]
        bx      lr
