@ SELECT: 0 input capture of PA0 by TIM2, 1 every eighth edge, 2 captures nobody reads, 3 updates of TIM3 by interrupt,
@ 4 update flags by polling and what EGR does, 5 compare of TIM3 by interrupt, 6 one-pulse mode, 7 preloaded ARR.
        .include "common.inc"

        handler start
        ldr     r6, =RESULTS
        get     r3, SELECT
        cmp     r3, #3
        bhs     updates
        set     TIM2 + 0x28, 7          @ PSC: 1 us a count at 8 MHz
        set     TIM2 + 0x14, 1          @ EGR: takes PSC over
        cmp     r3, #1
        ite     eq
        moveq   r1, #0x0D               @ CC1S input, prescaler 8
        movne   r1, #0x01
        ldr     r0, =TIM2
        str     r1, [r0, #0x18]
        set     TIM2 + 0x20, 1          @ CC1E
        set     TIM2 + 0x10, 0
        cmp     r3, #2
        beq     1f
        set     TIM2 + 0x0C, 2          @ CC1IE
        set     NVIC_ISER, 1 << 28
1:      set     TIM2, 1                 @ CEN
        b       .

        handler irq28
        ldr     r0, =TIM2
        ldr     r1, [r0, #0x34]
        ldr     r7, =RESULTS
        ldr     r2, [r7]
        str     r1, [r7]
        subs    r2, r1, r2
        uxth    r2, r2
        str     r2, [r7, #4]            @ counts since the capture before
        ldr     r1, [r7, #8]
        adds    r1, #1
        str     r1, [r7, #8]            @ captures
        ldr     r1, [r0, #0x10]
        str     r1, [r7, #12]           @ flags after reading CCR1
        bx      lr

updates:
        set     TIM3 + 0x28, 7999       @ PSC: 1 ms a count
        set     TIM3 + 0x2C, 9          @ ARR: ten counts
        cmp     r3, #4
        beq     polling
        set     TIM3 + 0x14, 1
        set     TIM3 + 0x10, 0
        cmp     r3, #5
        beq     compare
        cmp     r3, #6
        beq     one_pulse
        cmp     r3, #7
        beq     preloaded
        set     TIM3 + 0x0C, 1          @ UIE
        set     NVIC_ISER, 1 << 29
        set     TIM3, 1
        b       .

        handler irq29
        ldr     r0, =TIM3
        ldr     r1, [r0, #0x10]
        ldr     r7, =RESULTS
        str     r1, [r7, #4]
        ldr     r2, [r0, #0x24]
        str     r2, [r7, #8]
        mvns    r1, r1
        str     r1, [r0, #0x10]
        ldr     r1, [r7]
        adds    r1, #1
        str     r1, [r7]
        bx      lr

polling:
        get     r0, TIM3 + 0x10
        str     r0, [r6]                @ nothing yet
        set     TIM3, 5                 @ CEN, URS: EGR sets no flag
        set     TIM3 + 0x14, 1
        get     r0, TIM3 + 0x10
        str     r0, [r6, #4]
        set     TIM3, 1
        set     TIM3 + 0x14, 1
        get     r0, TIM3 + 0x10
        str     r0, [r6, #8]
        set     TIM3 + 0x10, 0
        get     r0, TIM3 + 0x10
        str     r0, [r6, #12]
2:      get     r0, TIM3 + 0x10
        tst     r0, #1
        beq     2b
        str     r0, [r6, #16]
        get     r0, TIM3 + 0x24
        str     r0, [r6, #20]
        handler polled
        b       .

compare:
        set     TIM3 + 0x38, 4          @ CCR2
        set     TIM3 + 0x0C, 4          @ CC2IE
        set     NVIC_ISER, 1 << 29
        set     TIM3, 1
        b       .

one_pulse:
        set     TIM3 + 0x0C, 1
        set     NVIC_ISER, 1 << 29
        set     TIM3, 9                 @ CEN, OPM
        b       .

preloaded:
        set     TIM3 + 0x0C, 1
        set     NVIC_ISER, 1 << 29
        set     TIM3, 0x81              @ CEN, ARPE
        set     TIM3 + 0x2C, 19
        b       .
