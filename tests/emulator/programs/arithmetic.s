@ Sum of 1 to 100.
        .include "common.inc"

        handler start
        movs    r0, #0
        movs    r1, #100
loop:
        adds    r0, r1
        subs    r1, #1
        bne     loop
        ldr     r6, =RESULTS
        str     r0, [r6]
        b       done
        nop
        handler done
        b       done
