@ Counts its starts in RAM and keeps the reset causes. SELECT: 0 watchdog at its slowest start value, 1 shortened and
@ then left alone, 2 shortened and refreshed, 3 shortened without the key, 4 software reset, 5 locked up with watchdog,
@ 6 asleep with watchdog.
        .include "common.inc"

        .macro  start_watchdog
        set     IWDG, 0xCCCC
        .endm
        .macro  refresh
        set     IWDG, 0xAAAA
        .endm

        handler start
        ldr     r6, =RESULTS
        ldr     r0, [r6]
        adds    r0, #1
        str     r0, [r6]
        get     r1, RCC + 0x24
        str     r1, [r6, r0, lsl #2]
        set     RCC + 0x24, 0x01000000  @ RMVF
        get     r3, SELECT
        cmp     r3, #4
        beq     software
        start_watchdog
        cbz     r3, wait
        cmp     r3, #3
        beq     1f
        set     IWDG, 0x5555
1:      set     IWDG + 8, 99            @ 100 counts
        refresh                         @ 4 LSI cycles a count
        cmp     r3, #2
        beq     refreshing
        cmp     r3, #5
        bne     2f
        cpsid   f
        udf     #0
2:      cmp     r3, #6
        bne     wait
3:      wfi
        b       3b
wait:   b       wait

refreshing:
        refresh
        b       refreshing

software:
        set     SCB + AIRCR, 0x12340004 @ wrong key
        log     1
        set     SCB + AIRCR, 0x05FA0004
        b       .
