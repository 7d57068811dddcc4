@ SysTick with LOAD 999. SELECT is CTRL. Its value is watched in the main loop: largest, smallest, and COUNTFLAGs seen.
        .include "common.inc"

        handler start
        set     SYST + 4, 999
        set     SYST + 8, 0
        get     r1, SELECT
        ldr     r0, =SYST
        str     r1, [r0]
        movs    r2, #0          @ largest
        ldr     r3, =0xFFFFFF   @ smallest
        movs    r4, #0          @ flags
        ldr     r7, =RESULTS
loop:
        ldr     r1, [r0, #8]
        cmp     r1, r2
        it      hi
        movhi   r2, r1
        cmp     r1, r3
        it      lo
        movlo   r3, r1
        ldr     r1, [r0]
        tst     r1, #0x10000
        it      ne
        addne   r4, #1
        stmia   r7, {r2, r3, r4}
        b       loop

        handler systick
        ldr     r1, =RESULTS
        ldr     r0, [r1, #12]
        adds    r0, #1
        str     r0, [r1, #12]
        bx      lr
