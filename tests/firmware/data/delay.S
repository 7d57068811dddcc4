/* Assembly unit of the test firmware: a busy wait of r0 rounds. */
    .syntax unified
    .thumb
    .section .text.delay_rounds, "ax"
    .global delay_rounds
    .type delay_rounds, %function
    .thumb_func
delay_rounds:
    subs r0, r0, #1
    bne delay_rounds
    bx lr
    .size delay_rounds, . - delay_rounds
