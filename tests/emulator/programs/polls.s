@ Waits for a register to change. SELECT: 0 PA0 polled directly, SysTick interrupts meanwhile; 1 polled by a function
@ that keeps its registers on the stack and counts nothing; 2 the loop counts its rounds; 3 the loop reads SysTick too.
        .include "common.inc"

        handler start
        ldr     r6, =RESULTS
        get     r5, SELECT
        set     GPIOA, 0x44444444
        ldr     r7, =GPIOA + 8
        set     SYST + 4, 7999
        set     SYST + 8, 0
        set     SYST, 7                 @ 1 ms, with interrupt
        movs    r4, #0
        cmp     r5, #1
        beq     2f
        cmp     r5, #2
        beq     3f
        cmp     r5, #3
        beq     4f
1:      ldr     r0, [r7]
        tst     r0, #1
        beq     1b
        b       done
2:      bl      level
        cmp     r0, #0
        beq     2b
        b       done
3:      adds    r4, #1
        ldr     r0, [r7]
        tst     r0, #1
        beq     3b
        b       done
4:      ldr     r1, =SYST
        ldr     r1, [r1, #8]
        ldr     r0, [r7]
        tst     r0, #1
        beq     4b
        b       done
        .ltorg

        handler level
        push    {r1, r2, r3, lr}
        ldr     r0, [r7]
        and     r0, r0, #1
        pop     {r1, r2, r3, pc}

        handler done
        str     r4, [r6]
        b       .

        handler systick
        ldr     r1, =RESULTS + 4
        ldr     r0, [r1]
        adds    r0, #1
        str     r0, [r1]
        bx      lr
