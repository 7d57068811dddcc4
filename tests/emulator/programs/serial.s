@ USART1. SELECT: 0 receives by interrupt, 1 reads nothing until the end of the frame, 2 transmits two bytes,
@ 3 is switched off.
        .include "common.inc"

        handler start
        ldr     r6, =RESULTS
        ldr     r4, =USART1
        get     r3, SELECT
        set     USART1 + 8, 833         @ BRR: 9600 baud at 8 MHz
        cmp     r3, #3
        beq     1f
        set     USART1 + 12, 0x200C     @ UE, TE, RE
1:      cmp     r3, #2
        beq     transmit
        cbnz    r3, 2f
        set     USART1 + 12, 0x202C     @ RXNEIE
        set     NVIC_ISER + 4, 1 << (37 - 32)
2:      b       2b

        handler irq37
        ldr     r7, =RESULTS
        get     r0, USART1
        str     r0, [r7]                @ status
        get     r0, USART1 + 4
        ldr     r1, [r7, #4]
        adds    r1, #1
        str     r1, [r7, #4]            @ bytes
        add     r2, r7, #8
        strb    r0, [r2, r1]
        bx      lr

transmit:
        ldr     r1, [r4]                @ status read, then data written: clears TC
        movs    r0, #0x41
        str     r0, [r4, #4]
        ldr     r1, [r4]
        str     r1, [r6]                @ TXE is on again at once, TC is off
3:      ldr     r1, [r4]
        tst     r1, #0x40
        beq     3b
        handler sent
        str     r1, [r6, #4]
        b       .
