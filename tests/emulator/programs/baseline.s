@ Armv6-M. SELECT chooses the case. Results: exception, stacked pc, stacked xPSR, EXC_RETURN, CFSR, HFSR, recovered.
        .include "common.inc"
        .cpu    cortex-m0

        .macro  note index, register            @ uses r7
        ldr     r7, =RESULTS
        str     \register, [r7, #4 * \index]
        .endm

        .macro  mark number                     @ appends to the log; uses r0-r2
        ldr     r0, =LOG
        ldr     r1, [r0]
        adds    r1, #1
        str     r1, [r0]
        lsls    r1, #2
        movs    r2, #\number
        str     r2, [r0, r1]
        .endm

        handler start
        get     r4, SELECT
        ldr     r5, =0x60000000
        lsls    r4, #2
        ldr     r0, =cases
        ldr     r0, [r0, r4]
        bx      r0
        .balign 4
cases:  .word   supervisor, undefined_case, unaligned_case, divide_case, bus_case, arm_case, breakpoint_case
        .word   masked_case, registers, order, store_case, half_case, multiple_case, wide_priorities, sleep

        .thumb_func
supervisor:
        movs    r0, #40
        svc     #7
        note    7, r0
        b       .
        .thumb_func
undefined_case:
        handler undefined
        udf     #3
        b       .
        .thumb_func
unaligned_case:
        ldr     r5, =0x20000102
        handler unaligned
        ldr     r1, [r5]
        b       .
        .thumb_func
divide_case:
        handler divide
        .inst.w 0xFB90F0F1                      @ sdiv r0, r0, r1
        b       .
        .thumb_func
bus_case:
        handler bus_error
        ldr     r1, [r5, #4]
        b       .
        .thumb_func
arm_case:
        ldr     r0, =arm_code
        bx      r0
        .thumb_func
breakpoint_case:
        handler breakpoint
        bkpt    #0
        b       .
        .thumb_func
masked_case:
        cpsid   i
        handler masked
        svc     #1
        b       .
        .thumb_func
store_case:
        ldr     r5, =0x20000101
        handler store
        strh    r1, [r5]
        b       .
        .thumb_func
half_case:
        ldr     r5, =0x20000301
        handler half
        ldrh    r1, [r5]
        b       .
        .thumb_func
multiple_case:
        ldr     r5, =0x20000302
        handler multiple
        ldm     r5!, {r0, r1}
        b       .

@ what Armv6-M has of the system control block
        .thumb_func
registers:
        ldr     r4, =SCB
        ldr     r0, =0xFFFFFFFF
        str     r0, [r4, #0x08]                 @ VTOR
        str     r0, [r4, #SHPR2]
        str     r0, [r4, #SHPR3]
        str     r0, [r4, #0x18]                 @ SHPR1
        str     r0, [r4, #SHCSR]
        movs    r1, #0
        str     r1, [r4, #0x14]                 @ CCR
        ldr     r2, =0x05FA0700
        str     r2, [r4, #AIRCR]
        ldr     r3, =NVIC_IPR
        str     r0, [r3]
        ldr     r6, =RESULTS
        ldr     r0, [r4, #0x00]
        str     r0, [r6]
        ldr     r0, [r4, #0x08]
        str     r0, [r6, #4]
        ldr     r0, [r4, #SHPR2]
        str     r0, [r6, #8]
        ldr     r0, [r4, #SHPR3]
        str     r0, [r6, #12]
        ldr     r0, [r4, #0x18]
        str     r0, [r6, #16]
        ldr     r0, [r4, #SHCSR]
        str     r0, [r6, #20]
        ldr     r0, [r4, #0x14]
        str     r0, [r6, #24]
        ldr     r0, [r4, #AIRCR]
        str     r0, [r6, #28]
        ldr     r0, [r3]
        str     r0, [r6, #32]
        ldr     r0, [r4, #CFSR]
        str     r0, [r6, #36]
        b       .

@ irq1 at 0x80, irq0 at 0x40, PendSV at 0xC0, SysTick at 0x40: all made pending while masked
        .thumb_func
order:
        set     SCB + SHPR3, 0x40C00000
        set     NVIC_IPR, 0x00008040
        set     NVIC_ISER, 3
        cpsid   i
        set     NVIC_ISPR, 2
        set     SCB + ICSR, (1 << 28) | (1 << 26)
        mark    90
        cpsie   i
        nop
        mark    91
        b       .

@ 0x7F and 0x40 are one priority: two bits exist
        .thumb_func
wide_priorities:
        set     NVIC_IPR, 0x0000407F
        set     NVIC_ISER, 3
        set     NVIC_ISPR, 2
        isb
        mark    91
        b       .

        .thumb_func
sleep:
        ldr     r4, =SYST
        ldr     r0, =999
        str     r0, [r4, #4]
        movs    r0, #7
        str     r0, [r4]
        wfi
        mark    91
        wfe
        sev
        wfe
        mark    92
        b       .

        .balign 4
        .type   arm_code, %object
arm_code:
        .word   0xE320F000

        handler irq0
        mark    10
        bx      lr
        handler irq1
        push    {lr}
        mark    20
        set     NVIC_ISPR, 1
        isb
        mark    21
        pop     {pc}
        handler pend_sv
        mark    14
        bx      lr
        handler systick
        mark    15
        bx      lr

        handler sv_call
        mrs     r1, ipsr
        note    0, r1
        mov     r1, lr
        note    3, r1
        ldr     r1, [sp]
        adds    r1, #2
        str     r1, [sp]
        bx      lr

        handler hard_fault
        mrs     r0, ipsr
        note    0, r0
        ldr     r0, [sp, #24]
        note    1, r0
        ldr     r0, [sp, #28]
        note    2, r0
        mov     r0, lr
        note    3, r0
        get     r0, SCB + CFSR
        note    4, r0
        get     r0, SCB + HFSR
        note    5, r0
        get     r0, SELECT
        cmp     r0, #4
        bne     1f
        get     r0, LOG
        cmp     r0, #0
        beq     1f
        ldr     r0, [r5]                        @ once more: lockup
1:      ldr     r0, =recovered
        str     r0, [sp, #24]
        ldr     r0, =0x01000000
        str     r0, [sp, #28]
        bx      lr

        handler recovered
        mrs     r0, ipsr
        adds    r0, #100
        note    6, r0
        b       .
