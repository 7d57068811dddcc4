@ Blocks in plain Python behind the bus. SELECT: 0 reads two bytes from an I2C device, 1 asks an SPI device twice, 2 copies
@ memory by DMA with an interrupt, 3 receives on USART2 by DMA.
        .include "common.inc"

        .equ    SPI1,   0x40013000
        .equ    USART2, 0x40004400
        .equ    I2C1,   0x40005400
        .equ    DMA1,   0x40020000
        .equ    BUFFER, 0x20000300

        handler start
        set     RCC + 0x14, 0x15            @ DMA1
        set     RCC + 0x18, 0x1005          @ AFIO, GPIOA, SPI1
        set     RCC + 0x1C, 0x220000        @ USART2, I2C1
        get     r3, SELECT
        cmp     r3, #1
        beq     spi
        cmp     r3, #2
        beq     copy
        cmp     r3, #3
        beq     receive

        ldr     r4, =I2C1
        set     I2C1 + 4, 8                 @ CR2: 8 MHz
        set     I2C1 + 0x1C, 40             @ CCR: 100 kHz
        set     I2C1, 0x101                 @ PE, START
        bl      started
        movs    r0, #0x90
        bl      addressed
        bcs     absent
        movs    r0, #0
        str     r0, [r4, #0x10]             @ register 0
        movs    r2, #4                      @ BTF
        bl      flag
        set     I2C1, 0x501                 @ START again, ACK
        bl      started
        movs    r0, #0x91
        bl      addressed
        set     I2C1, 0x801                 @ POS, no ACK
        ldr     r0, [r4, #0x18]             @ clears ADDR
        movs    r2, #4
        bl      flag
        set     I2C1, 0xA01                 @ STOP
        ldr     r1, [r4, #0x10]
        ldr     r2, [r4, #0x10]
        result  0, r1
        result  1, r2
absent: ldr     r1, [r4, #0x14]
        result  2, r1
        b       .

started:
        movs    r2, #1                      @ SB
flag:   ldr     r1, [r4, #0x14]
        tst     r1, r2
        beq     flag
        bx      lr

addressed:                                  @ carry set when nobody answers
        str     r0, [r4, #0x10]
1:      ldr     r1, [r4, #0x14]
        lsrs    r2, r1, #11                 @ AF
        bcs     2f
        lsrs    r2, r1, #2                  @ ADDR
        bcc     1b
        ldr     r2, [r4, #0x18]
        cmn     r4, #0                      @ carry clear
2:      bx      lr

spi:    set     GPIOA + 0x10, 0x10          @ PA4 up
        set     GPIOA, 0x44434444           @ PA4 is an output
        set     SPI1, 0x344                 @ SSM, SSI, SPE, MSTR
        ldr     r4, =SPI1
        ldr     r5, =GPIOA
        bl      ask
        result  0, r3
        bl      ask
        result  1, r3
        b       .

ask:    mov     r6, lr
        movs    r0, #0x10
        str     r0, [r5, #0x14]             @ selected
        movs    r1, #0x8F
        bl      exchange
        movs    r1, #0
        bl      exchange
        mov     r3, r1
        movs    r0, #0x10
        str     r0, [r5, #0x10]
        bx      r6

exchange:
        strb    r1, [r4, #12]
3:      ldr     r0, [r4, #8]
        lsrs    r0, r0, #1
        bcc     3b
        ldrb    r1, [r4, #12]
        bx      lr

copy:   set     NVIC_ISER, 1 << 11          @ DMA1_Channel1
        set     BUFFER, 0x11223344
        set     BUFFER + 4, 0x55667788
        set     DMA1 + 0x10, BUFFER
        set     DMA1 + 0x14, BUFFER + 16
        set     DMA1 + 0x0C, 2
        set     DMA1 + 0x08, 0x4AC3         @ MEM2MEM, words, MINC, PINC, TCIE, EN
        b       .

        handler irq11
        get     r1, DMA1
        result  0, r1
        set     DMA1 + 4, 15
        get     r1, BUFFER + 16
        result  1, r1
        get     r1, BUFFER + 20
        result  2, r1
        get     r1, RESULTS + 12
        adds    r1, #1
        result  3, r1
        bx      lr

receive:
        set     DMA1 + 0x74, USART2 + 4     @ channel 6
        set     DMA1 + 0x78, RESULTS
        set     DMA1 + 0x70, 4
        set     DMA1 + 0x6C, 0xA1           @ CIRC, MINC, EN
        set     USART2 + 8, 833
        set     USART2 + 0x14, 0x40         @ DMAR
        set     USART2 + 12, 0x2004         @ UE, RE
        b       .
