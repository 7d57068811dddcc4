@ Interrupts made pending by software; what runs when is logged. irq0 is urgent, irq1 middle, irq2 and irq3 low.
@ SELECT: 0 pre-emption and tail-chaining, 1 PRIMASK, 2 FAULTMASK, 3 BASEPRI, 4 groups (AIRCR.PRIGROUP),
@ 5 a byte-wide store to a priority, 6 pending while disabled, 7 PendSV and SysTick by ICSR.
        .include "common.inc"
        .equ    LOW, 0xC0C08040

        .macro  pend number
        set     NVIC_ISPR, 1 << \number
        .endm

        handler start
        set     NVIC_IPR, LOW
        set     NVIC_ISER, 0xF
        get     r0, SELECT
        tbb     [pc, r0]
cases:  .byte   (case0 - cases) / 2, (case1 - cases) / 2, (case2 - cases) / 2, (case3 - cases) / 2
        .byte   (case4 - cases) / 2, (case5 - cases) / 2, (case6 - cases) / 2, (case7 - cases) / 2

case0:  pend    2
        isb
        log     90
        b       .

case1:  cpsid   i
        pend    1
        isb
        log     90
        cpsie   i
        log     91
        b       .

case2:  cpsid   f
        pend    1
        isb
        log     90
        cpsie   f
        log     91
        b       .

case3:  movs    r3, #0x80
        msr     basepri, r3
        pend    1               @ priority 0x80: held back
        isb
        log     90
        pend    0               @ priority 0x40: taken
        isb
        log     91
        movs    r3, #0
        msr     basepri, r3
        log     92
        b       .

case4:  set     SCB + AIRCR, 0x05FA0700   @ no priority bit counts for pre-emption
        b       case0

case5:  ldr     r0, =NVIC_IPR
        movs    r1, #0x30
        strb    r1, [r0, #3]
        ldr     r1, [r0]
        result  0, r1
        ldrb    r1, [r0, #3]
        result  1, r1
        b       .

case6:  set     NVIC_ICER, 2
        pend    1
        isb
        log     90
        get     r0, NVIC_ISPR
        result  0, r0
        get     r0, SCB + ICSR
        result  1, r0
        set     NVIC_ISER, 2
        isb
        log     91
        b       .

case7:  set     SCB + SHPR3, 0x40F00000   @ SysTick above PendSV
        set     SCB + ICSR, 0x14000000
        isb
        log     90
        b       .

        handler irq0
        log     10
        bx      lr

        handler irq1
        log     11
        pend    0
        isb
        log     12
        get     r0, SCB + ICSR
        result  2, r0
        bx      lr

        handler irq2
        log     20
        pend    1               @ more urgent: pre-empts
        isb
        log     21
        pend    3               @ equally urgent: waits
        isb
        log     22
        mov     r0, sp
        result  3, r0
        bx      lr

        handler irq3
        log     30
        mov     r0, sp
        result  4, r0
        bx      lr

        handler pend_sv
        log     14
        bx      lr

        handler systick
        log     15
        bx      lr
