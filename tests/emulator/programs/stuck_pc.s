@ For a stuck bit 5 of PC: a conditional block begins where the bit is 1 and goes on where it is 0.
        .include "common.inc"

        .balign 64
        .space  32
        handler start                   @ 32
        ldr     r6, =RESULTS            @ 32
        movs    r1, #0                  @ 34
        movs    r2, #0                  @ 36
        movs    r3, #0                  @ 38
        .rept   9
        nop                             @ 40 to 56
        .endr
        cmp     r1, #0                  @ 58
        itt     eq                      @ 60
        moveq   r1, #1                  @ 62
        moveq   r2, #2                  @ 64
        movs    r3, #3                  @ 66
        b       .
        .balign 32, 0                   @ lsls r0, r0, #0
        .space  8
        stmia   r6!, {r1, r2, r3}       @ 104
        b       .
