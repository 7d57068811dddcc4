@ SELECT bits 7:0 choose the fault, bit 8 lets MemManage, BusFault and UsageFault have handlers of their own,
@ bit 9 lets the handler fault again, bit 10 spoils the stack pointer first.
        .include "common.inc"

        handler start
        get     r4, SELECT
        tst     r4, #0x100
        beq     1f
        set     SCB + SHCSR, 0x70000
1:      tst     r4, #0x400
        beq     2f
        ldr     r0, =0x20000008
        mov     sp, r0
2:      ldr     r5, =0x60000000
        uxtb    r4, r4
        tbb     [pc, r4]
cases:  .byte   (case0 - cases) / 2, (case1 - cases) / 2, (case2 - cases) / 2, (case3 - cases) / 2
        .byte   (case4 - cases) / 2, (case5 - cases) / 2, (case6 - cases) / 2, (case7 - cases) / 2
        .byte   (case8 - cases) / 2, (case9 - cases) / 2, (case10 - cases) / 2, (case11 - cases) / 2

case0:
        handler unmapped_read
        ldr     r1, [r5, #4]
        b       .
case1:
        handler unmapped_write
        str     r1, [r5, #8]
        b       .
case2:  ldr     r5, =0x08000000
        handler flash_write
        str     r1, [r5, #12]
        b       .
case3:
        handler undefined
        udf     #3
        b       .
case4:  ldr     r0, =arm_code
        bx      r0
case5:
        handler breakpoint
        bkpt    #0
        b       .
case6:  ldr     r0, =0x60000001
        bx      r0
case7:  ldr     r0, =0x40000001
        bx      r0
case8:
        handler coprocessor
        .inst.w 0xEE100E10      @ mrc p14, 0, r0, c0, c0, 0
        b       .
case9:  ldr     r0, =0xFFFFFFF9
        bx      r0
case10: ldr     r5, =0x20000102
        handler unaligned
        ldrex   r1, [r5]
        b       .
case11: movs    r1, #0
        ittt    eq
        moveq   r1, #1
        handler conditional_read
        ldreq   r1, [r5, #4]
        moveq   r2, #2
        b       .

        .balign 4
        .type   arm_code, %object
arm_code:
        .word   0xE320F000              @ nop, were there an Arm state

        .macro  reporter name
        handler \name
        mrs     r0, ipsr
        b       report
        .endm
        reporter hard_fault
        reporter memory_fault
        reporter bus_fault
        reporter usage_fault

report: ldr     r6, =RESULTS
        str     r0, [r6]
        ldr     r0, [sp, #24]
        str     r0, [r6, #4]
        ldr     r0, [sp, #28]
        str     r0, [r6, #8]
        get     r0, SCB + CFSR
        str     r0, [r6, #12]
        get     r0, SCB + HFSR
        str     r0, [r6, #16]
        get     r0, SCB + BFAR
        str     r0, [r6, #20]
        get     r0, SCB + SHCSR
        str     r0, [r6, #24]
        get     r0, SELECT
        tst     r0, #0x200
        beq     3f
        ldr     r5, =0x60000000
        ldr     r0, [r5]
3:      ldr     r0, =recovered
        str     r0, [sp, #24]
        ldr     r0, =0x01000000
        str     r0, [sp, #28]
        bx      lr

        handler recovered
        mrs     r0, ipsr
        adds    r0, #100
        str     r0, [r6, #28]
        b       .
