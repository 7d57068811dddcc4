@ Ports. SELECT: 0 output registers, 1 inputs, 2 EXTI4 on both edges of PA4, 3 EXTI4 on another port, 4 EXTI4 masked,
@ 5 a square wave on PB0 by SysTick, 6 bit-band, 7 as 2, the first handler run causing and clearing another edge.
        .include "common.inc"

        handler start
        ldr     r6, =RESULTS
        get     r3, SELECT
        cmp     r3, #6
        beq     bit_band
        cmp     r3, #5
        beq     wave
        cmp     r3, #2
        bhs     edges
        cmp     r3, #1
        beq     inputs

        ldr     r4, =GPIOB
        set     GPIOB, 0x44444466       @ PB0, PB1: open-drain outputs, the others floating inputs
        set     GPIOB, 0x44444422       @ PB0, PB1: push-pull outputs
        set     GPIOB + 0x10, 0x0001    @ BSRR sets PB0
        ldr     r0, [r4, #0x0C]
        str     r0, [r6]
        set     GPIOB + 0x10, 0x00010002        @ resets PB0, sets PB1
        ldr     r0, [r4, #0x0C]
        str     r0, [r6, #4]
        set     GPIOB + 0x10, 0x00020002        @ setting wins
        ldr     r0, [r4, #8]
        str     r0, [r6, #8]
        set     GPIOB + 0x14, 2         @ BRR
        ldr     r0, [r4, #0x0C]
        str     r0, [r6, #12]
        movs    r0, #2
        strh    r0, [r4, #0x10]         @ half-words of BSRR
        movs    r0, #1
        strh    r0, [r4, #0x12]
        ldr     r0, [r4, #8]
        str     r0, [r6, #16]
        set     GPIOB + 0x0C, 3
        ldr     r0, [r4, #8]
        str     r0, [r6, #20]
        handler outputs_done
        b       .

inputs:                                 @ PA0 pull-up, PA1 pull-down, PA2 floating, PA3 analogue, PA4 open drain at 1,
        set     GPIOA, 0x44460488       @ PA5 to PA7 floating
        set     GPIOA + 0x0C, 0x0011
1:      get     r0, GPIOA + 8
        str     r0, [r6]
        b       1b

edges:  set     EXTI + 8, 1 << 4        @ RTSR
        set     EXTI + 12, 1 << 4       @ FTSR
        cmp     r3, #4
        beq     2f
        set     EXTI, 1 << 4            @ IMR
2:      cmp     r3, #3
        bne     3f
        set     AFIO + 0x0C, 1          @ EXTICR2: PB4
3:      set     NVIC_ISER, 1 << 10
        b       .

        handler irq10
        ldr     r0, =EXTI
        ldr     r1, [r0, #0x14]
        ldr     r7, =RESULTS
        str     r1, [r7, #4]
        movs    r1, #1 << 4
        str     r1, [r0, #0x14]
        ldr     r1, [r7]
        adds    r1, #1
        str     r1, [r7]
        get     r2, SELECT
        cmp     r2, #7
        bne     4f
        cmp     r1, #1
        bne     4f
        isb
        movs    r1, #1 << 4
        str     r1, [r0, #0x10]         @ SWIER
        isb
        str     r1, [r0, #0x14]
4:      bx      lr

wave:   set     GPIOB, 0x44444442
        set     SYST + 4, 19999         @ 2.5 ms
        set     SYST + 8, 0
        set     SYST, 7
5:      wfi
        b       5b

        handler systick
        ldr     r0, =GPIOB
        ldr     r1, [r0, #0x0C]
        eor     r1, #1
        str     r1, [r0, #0x0C]
        bx      lr

bit_band:
        set     RESULTS + 4, 0x80
        set     0x22000000 + (RESULTS + 4 - 0x20000000) * 32 + 4 * 3, 1 @ bit 3
        set     0x22000000 + (RESULTS + 4 - 0x20000000) * 32 + 4 * 7, 2 @ bit 7: the value's bit 0 counts
        get     r0, 0x22000000 + (RESULTS + 4 - 0x20000000) * 32 + 4 * 3
        str     r0, [r6]
        set     GPIOB, 0x44444422
        set     0x42000000 + (GPIOB + 0x0C - 0x40000000) * 32 + 4, 1    @ ODR bit 1
        get     r0, GPIOB + 8
        str     r0, [r6, #8]
        get     r0, 0x42000000 + (GPIOB + 0x0C - 0x40000000) * 32
        str     r0, [r6, #12]
        b       .
