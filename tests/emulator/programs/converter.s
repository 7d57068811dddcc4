@ ADC1. SELECT: 0 channel 1 by SWSTART, polled, 1 by writing ADON again, 2 a write that changes another bit starts
@ nothing, 3 by interrupt, 4 continuously and left-aligned, 5 switched off in between.
        .include "common.inc"

        handler start
        ldr     r6, =RESULTS
        ldr     r4, =ADC1
        get     r3, SELECT
        set     ADC1 + 0x34, 1          @ SQR3: channel 1
        set     ADC1 + 0x10, 7 << 3     @ SMPR2: 239.5 cycles for channel 1
        set     ADC1 + 8, 0x1E0001      @ EXTTRIG, SWSTART selected, ADON
        cmp     r3, #1
        beq     again
        cmp     r3, #2
        beq     another_bit
        cmp     r3, #3
        beq     by_interrupt
        cmp     r3, #4
        beq     continuous
        set     ADC1 + 8, 0x5E0001      @ SWSTART
        cmp     r3, #5
        bne     poll
        set     ADC1 + 8, 0
        b       poll
again:  set     ADC1 + 8, 1
        set     ADC1 + 8, 1
        b       poll
another_bit:
        set     ADC1 + 8, 1             @ clears EXTTRIG and selection: no start
poll:   handler polling
        ldr     r0, [r4]
        str     r0, [r6, #12]
        tst     r0, #2
        beq     polling
        handler converted
        ldr     r0, [r4, #0x4C]
        str     r0, [r6]
        ldr     r0, [r4]
        str     r0, [r6, #4]            @ EOC has gone
        b       .

by_interrupt:
        set     ADC1 + 4, 0x20          @ EOCIE
        set     NVIC_ISER, 1 << 18
        set     ADC1 + 8, 0x5E0001
        b       .

        handler irq18
        ldr     r7, =RESULTS
        get     r0, ADC1 + 0x4C
        str     r0, [r7]
        ldr     r0, [r7, #8]
        adds    r0, #1
        str     r0, [r7, #8]
        bx      lr

continuous:
        set     ADC1 + 8, 0x1E0803      @ CONT, left-aligned
        set     ADC1 + 8, 0x5E0803
1:      ldr     r0, [r4]
        tst     r0, #2
        beq     1b
        ldr     r0, [r4, #0x4C]
        str     r0, [r6]
        ldr     r0, [r6, #8]
        adds    r0, #1
        str     r0, [r6, #8]
        b       1b
