@ Sleeping with a SysTick each 10 ms at 8 MHz. SELECT: 0 WFI in a loop, 1 WFI behind PRIMASK, 2 WFE in a loop,
@ 3 sleep on exit, 4 YIELD.
        .include "common.inc"

        handler start
        get     r3, SELECT
        ldr     r6, =RESULTS
        movs    r4, #0
        cmp     r3, #1
        bne     1f
        cpsid   i
1:      set     SYST + 4, 79999
        set     SYST + 8, 0
        set     SYST, 7
        cmp     r3, #2
        beq     events
        cmp     r3, #3
        beq     on_exit
        cmp     r3, #4
        beq     yielding
loop:   wfi
        adds    r4, #1
        str     r4, [r6]
        cmp     r3, #1
        bne     loop
        ldr     r0, [r6, #4]    @ handler runs so far
        str     r0, [r6, #8]
        cpsie   i
        isb
        ldr     r0, [r6, #4]
        str     r0, [r6, #12]
        b       .

events: wfe
        adds    r4, #1
        str     r4, [r6]
        b       events

on_exit:
        set     SCB + SCR, 2
2:      adds    r4, #1
        b       2b

yielding:
        movs    r0, #1
        yield
        adds    r0, #1
        str     r0, [r6]
        yield
        udf     #0

        handler hard_fault
        movs    r0, #99
        str     r0, [r6, #16]
        b       .

        handler systick
        ldr     r1, =RESULTS
        ldr     r0, [r1, #4]
        adds    r0, #1
        str     r0, [r1, #4]
        bx      lr
