@ IT blocks around loads and stores of RAM, flash and peripherals, each followed by unconditional blocks.
        .include "common.inc"

        handler start
        ldr     r6, =RESULTS
        ldr     r5, =table
        ldr     r4, =GPIOA
        movs    r0, #0
        movs    r1, #0
round:
        ands    r2, r1, #7
        cmp     r2, #3
        ittet   hi
        ldrhi   r3, [r5, r2, lsl #2]
        addhi   r0, r3
        ldrls   r3, [r6]
        strhi   r0, [r6]
        b       1f
1:      adds    r0, #1
        cmp     r2, #5
        ite     eq
        ldreq   r3, [r4, #0x0C]
        ldrne   r3, [r6, #4]
        b       2f
2:      eors    r0, r3
        tst     r1, #1
        itt     ne
        strne   r0, [r4, #0x0C]
        ldrne   r3, [r5, #4]
        b       3f
3:      adds    r0, r3
        cmp     r0, r1
        it      cs
        pushcs  {r0, r1}
        b       4f
4:      cmp     r0, r1
        it      cs
        popcs   {r0, r1}
        b       5f
5:      str     r0, [r6, #4]
        cmp     r2, #6
        it      eq
        bleq    mix
        adds    r1, #1
        cmp     r1, #500
        bne     round
        str     r0, [r6, #8]
        movs    r2, #1
        str     r2, [r6, #12]
        handler done
        b       done

        handler mix
        adds    r0, r0, r0, lsl #3
        bx      lr

        .balign 4
table:  .word   0x11, 0x222, 0x3333, 0x44444, 0x555, 0x66, 0x7777, 0x8
