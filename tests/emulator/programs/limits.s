@ Armv8-M Mainline: stack limits and the codes of exception returns.
        .include "common.inc"
        .arch   armv8-m.main
        .cpu    cortex-m33
        handler start
        set     SCB + SHCSR, 0x70000
        choose
        .balign 4
cases:  .word   call, overflow, process

        .thumb_func
call:   svc     #0
        ldr     r6, =RESULTS
        movs    r0, #5
        str     r0, [r6, #4]
        b       .
        .thumb_func
process:
        ldr     r0, =0x20003000
        msr     psp, r0
        movs    r0, #2
        msr     control, r0
        isb
        svc     #0
        b       .
        .thumb_func
overflow:
        ldr     r0, =0x20002000
        msr     psp, r0
        sub     r0, #8
        msr     psplim, r0
        movs    r0, #2
        msr     control, r0
        isb
        push    {r0}
        handler too_deep
        push    {r0-r3}
        b       .
        handler sv_call
        ldr     r3, =RESULTS
        str     lr, [r3]
        bx      lr
        handler usage_fault
        ldr     r6, =RESULTS
        mrs     r0, psp
        str     r0, [r6]
        get     r0, SCB + CFSR
        str     r0, [r6, #4]
        str     lr, [r6, #8]
        movs    r0, #0
        msr     psplim, r0
        b       .
