@ Self tests as loops: SELECT rounds of a CRC-32 over 256 bytes of flash, bit by bit, then of March C- over 64 words of
@ RAM. Leaves the CRC in RESULTS and the errors found in RESULTS + 4. For benchmarks: no peripheral is touched.
        .include "common.inc"

        handler start
        get     r11, SELECT
        movs    r10, #0                 @ errors
        cmp     r11, #0
        beq     done
round:  mvn     r0, #0                  @ CRC
        ldr     r1, =0x08000000
        add     r2, r1, #256
        ldr     r3, =0xEDB88320
1:      ldrb    r4, [r1], #1
        eor     r0, r0, r4
        movs    r5, #8
2:      lsrs    r0, r0, #1
        it      cs
        eorcs   r0, r0, r3
        subs    r5, #1
        bne     2b
        cmp     r1, r2
        bne     1b
        ldr     r1, =RESULTS
        str     r0, [r1]

        ldr     r1, =0x20001000         @ March C-: up w0; up r0 w1; up r1 w0; down r0 w1; down r1 w0; down r0
        add     r2, r1, #256
        movs    r6, #0
        mvn     r7, #0
        mov     r0, r1
1:      str     r6, [r0], #4
        cmp     r0, r2
        bne     1b
        bl      up
        eor     r6, r6, r7              @ the patterns change places
        eor     r7, r7, r6
        eor     r6, r6, r7
        bl      up
        eor     r6, r6, r7
        eor     r7, r7, r6
        eor     r6, r6, r7
        bl      down
        eor     r6, r6, r7
        eor     r7, r7, r6
        eor     r6, r6, r7
        bl      down
        mov     r0, r1
1:      ldr     r4, [r0], #4
        cmp     r4, #0
        it      ne
        addne   r10, r10, #1
        cmp     r0, r2
        bne     1b
        subs    r11, #1
        bne     round
        ldr     r1, =RESULTS
        str     r10, [r1, #4]
        handler done
        b       done

up:     mov     r0, r1                  @ ascending: read r6, write r7
1:      ldr     r4, [r0]
        cmp     r4, r6
        it      ne
        addne   r10, r10, #1
        str     r7, [r0], #4
        cmp     r0, r2
        bne     1b
        bx      lr

down:   mov     r0, r2                  @ descending: read r6, write r7
1:      ldr     r4, [r0, #-4]!
        cmp     r4, r6
        it      ne
        addne   r10, r10, #1
        str     r7, [r0]
        cmp     r0, r1
        bne     1b
        bx      lr
