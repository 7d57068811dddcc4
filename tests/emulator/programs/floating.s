@ Floating point and exceptions. Results are told per case.
        .include "common.inc"
        .cpu    cortex-m4
        .fpu    fpv4-sp-d16
        .equ    CPACR, 0xE000ED88
        .equ    FPCCR, 0xE000EF34
        .equ    FPCAR, 0xE000EF38

        .macro  enable
        set     CPACR, 0xF00000
        dsb
        isb
        .endm

        handler start
        set     SCB + SHCSR, 0x70000
        sub     sp, #256
        choose
        .balign 4
cases:  .word   denied, lazy, eager, unused, kept, registers, nested, user

        .thumb_func
denied: adds    r1, #1
        handler denied_instruction
        vmov    s0, r1
        b       .

        .macro  before                          @ s0 = 1.5, s15 = 2.5, s16 = 3.5
        vmov.f32 s0, #1.5
        vmov.f32 s15, #2.5
        vmov.f32 s16, #3.5
        .endm
        .macro  after fpccr=FPCCR               @ results 8.. : s0, s15, s16, CONTROL, FPCCR, stack pointer
        ldr     r6, =RESULTS
        vmov    r0, s0
        str     r0, [r6, #32]
        vmov    r0, s15
        str     r0, [r6, #36]
        vmov    r0, s16
        str     r0, [r6, #40]
        mrs     r0, control
        str     r0, [r6, #44]
        get     r0, \fpccr
        str     r0, [r6, #48]
        mov     r0, sp
        str     r0, [r6, #52]
        b       .
        .endm

        .thumb_func
lazy:   enable                                  @ the handler spoils s0
        before
        svc     #1
        after
        .thumb_func
kept:   enable                                  @ the handler does not use floating point
        before
        svc     #0
        after
        .thumb_func
eager:  enable
        set     FPCCR, 0x80000000
        before
        svc     #0
        after
        .thumb_func
unused: enable
        svc     #0
        ldr     r6, =RESULTS
        mrs     r0, control
        str     r0, [r6, #44]
        mov     r0, sp
        str     r0, [r6, #52]
        b       .
        .thumb_func
nested: enable                                  @ the handler spoils s0 and is pre-empted by one that does too
        set     SCB + SHPR3, 0x00800000
        before
        set     SCB + ICSR, 1 << 28
        isb
        after
        .thumb_func
user:   enable
        before
        ldr     r0, =0x20003000
        msr     psp, r0
        movs    r0, #7
        msr     control, r0
        isb
        svc     #1
        after   RESULTS

        handler pend_sv
        push    {r4, lr}
        vmov.f32 s0, #4.0
        svc     #1
        ldr     r0, =RESULTS
        vmov    r1, s0
        str     r1, [r0, #56]
        pop     {r4, pc}

        .thumb_func
registers:
        ldr     r6, =RESULTS
        get     r0, CPACR
        str     r0, [r6]
        set     CPACR, 0xFFFFFFFF
        get     r0, CPACR
        str     r0, [r6, #4]
        get     r0, FPCCR
        str     r0, [r6, #8]
        get     r0, 0xE000EF40
        str     r0, [r6, #12]
        b       .

        @ results 0..: EXC_RETURN, frame, FPCCR, FPCAR, CONTROL, the frame's s0 before and after, s0 of the handler
        handler sv_call
        ldr     r3, =RESULTS
        str     lr, [r3]
        mov     r2, sp
        tst     lr, #4
        it      ne
        mrsne   r2, psp
        str     r2, [r3, #4]
        get     r0, FPCCR
        str     r0, [r3, #8]
        get     r0, FPCAR
        str     r0, [r3, #12]
        mrs     r0, control
        str     r0, [r3, #16]
        ldr     r0, [r2, #32]
        str     r0, [r3, #20]
        ldr     r0, [r2, #24]
        ldrb    r0, [r0, #-2]
        cmp     r0, #0
        beq     1f
        vmov.f32 s0, #7.0
        ldr     r0, [r2, #32]
        str     r0, [r3, #24]
        mrs     r0, control
        str     r0, [r3, #28]
1:      bx      lr
        .include "report.inc"
