@ Backup domain and RTC. SELECT: 0 registers without and with DBP, then a software reset, 1 RTC on LSI / 40,
@ 2 RTC although LSI is off, 3 RTC second interrupt each 10 ms, 4 reset of the domain, 5 no configuration mode.
        .include "common.inc"

        handler start
        ldr     r6, =RESULTS
        ldr     r4, =BKP
        get     r3, SELECT
        cmp     r3, #4
        beq     domain
        cbnz    r3, clock
        ldr     r0, [r6]
        adds    r0, #1
        str     r0, [r6]
        cmp     r0, #2
        beq     after_reset
        set     BKP + 4, 0x1234
        ldr     r0, [r4, #4]
        str     r0, [r6, #4]            @ refused
        set     PWR, 0x100              @ DBP
        set     BKP + 4, 0x51234
        ldr     r0, [r4, #4]
        str     r0, [r6, #8]            @ 16 bits
        set     SCB + AIRCR, 0x05FA0004
        b       .
after_reset:
        ldr     r0, [r4, #4]
        str     r0, [r6, #12]
        set     BKP + 4, 0xFFFF
        ldr     r0, [r4, #4]
        str     r0, [r6, #16]           @ DBP is off again
        b       .

clock:  set     PWR, 0x100
        cmp     r3, #2
        beq     1f
        set     RCC + 0x24, 1           @ LSION
1:      set     RCC + 0x20, 0x8200      @ RTCEN, LSI
        cmp     r3, #5
        beq     2f
        set     RTC + 4, 0x10           @ CNF
2:      ldr     r1, =39
        cmp     r3, #3
        it      eq
        ldreq   r1, =399
        ldr     r0, =RTC
        str     r1, [r0, #0x0C]         @ PRLL
        movs    r1, #0
        str     r1, [r0, #0x08]
        set     RTC + 4, 0
        cmp     r3, #3
        bne     3f
        set     RTC, 1                  @ SECIE
        set     NVIC_ISER, 1 << 3
3:      get     r0, RTC + 0x1C
        str     r0, [r6]
        b       3b

        handler irq3
        ldr     r0, =RTC
        ldr     r1, [r0, #4]
        ldr     r7, =RESULTS
        str     r1, [r7, #8]
        movs    r1, #0
        str     r1, [r0, #4]
        ldr     r1, [r7, #4]
        adds    r1, #1
        str     r1, [r7, #4]
        bx      lr

domain: set     PWR, 0x100
        set     BKP + 4, 0x77
        set     RCC + 0x20, 0x8200
        set     RCC + 0x20, 0x8100      @ LSE: a source once chosen stays
        get     r0, RCC + 0x20
        str     r0, [r6, #8]
        set     RCC + 0x20, 0x10000     @ BDRST
        ldr     r0, [r4, #4]
        str     r0, [r6]
        set     RCC + 0x20, 0
        get     r0, RCC + 0x20
        str     r0, [r6, #4]
        b       .
