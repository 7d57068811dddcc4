@ cores: m3 m4
@ SysTick under a random script: counter read and written, reloaded, stopped and started, its exception masked, pended,
@ pre-empted, waited for. No IT blocks: time is counted in instructions, also in those whose condition fails.

        .syntax unified
        .thumb
        .equ    SCRIPT, 0x2000
        .equ    SCRIPT_MASK, 0x1FFF
        .equ    POSITION, 0x20000000
        .equ    TICKS, 0x20000004
        .equ    STACK, 0x20010000
        .equ    SYSTICK, 0xE000E010     @ CTRL, LOAD, VAL
        .equ    ICSR, 0xE000ED04

        .word   STACK
        .word   start + 1
        .rept   13
        .word   handler + 1
        .endr
        .word   tick + 1
        .rept   32
        .word   handler + 1
        .endr

        .include "look.inc"

        .thumb_func
start:
        ldr     r0, =0xE000E100
        movs    r1, #0xFF
        str     r1, [r0]
        ldr     r0, =0xE000E400
        ldr     r1, =0x20406080
        str     r1, [r0]
        ldr     r0, =0xE000ED20         @ PendSV last, SysTick in the middle
        ldr     r1, =0x60FF0000
        str     r1, [r0]
        ldr     r4, =SYSTICK
        movs    r0, #9
        str     r0, [r4, #4]
        str     r0, [r4, #8]
        movs    r0, #1
        str     r0, [r4]
again:  bl      act
        b       again

        .thumb_func
tick:
        push    {r4, lr}
        ldr     r0, =TICKS
        ldr     r1, [r0]
        adds    r1, #1
        str     r1, [r0]
        ldr     r4, =SYSTICK
        ldr     r0, [r4, #8]
        bl      look
        tst     r1, #1
        beq     1f
        bl      act
1:      pop     {r4, pc}
        .thumb_func
handler:
        push    {r4, lr}
        ldr     r4, =SYSTICK
        bl      look
        pop     {r4, pc}

        .thumb_func
act:
        push    {r5, lr}
        ldr     r0, =POSITION
        ldr     r3, [r0]
        adds    r3, #2
        ldr     r1, =SCRIPT_MASK
        ands    r3, r1
        str     r3, [r0]
        ldr     r0, =SCRIPT
        adds    r0, r3
        ldrb    r1, [r0]
        ldrb    r2, [r0, #1]
        and     r1, #15
        ldr     r3, =actions
        ldr     r3, [r3, r1, lsl #2]
        bx      r3
        .balign 4
actions:
        .word   a_value + 1, a_control + 1, a_reload + 1, a_clear + 1
        .word   a_stop + 1, a_start + 1, a_start_interrupt + 1, a_delay + 1
        .word   a_pend + 1, a_unpend + 1, a_mask + 1, a_unmask + 1
        .word   a_pend_sv + 1, a_interrupt + 1, a_delay + 1, a_start_interrupt + 1
        .macro  action name
        .thumb_func
        \name:
        .endm
        .macro  done
        pop     {r5, pc}
        .endm
action  a_value
        ldr     r0, [r4, #8]
        ldr     r0, [r4, #8]
        done
action  a_control
        ldr     r0, [r4]
        ldr     r0, [r4]
        done
action  a_reload
        and     r2, #15
        adds    r2, #1                  @ QEMU's counter never starts again after a reload with 0
        str     r2, [r4, #4]
        str     r2, [r4, #8]            @ at once, as firmware does it
        ldr     r0, [r4, #4]
        done
action  a_clear
        str     r2, [r4, #8]
        ldr     r0, [r4, #8]
        ldr     r0, [r4]
        done
action  a_stop
        movs    r0, #0
        str     r0, [r4]
        ldr     r0, [r4, #8]
        done
action  a_start
        movs    r0, #1
        str     r0, [r4]
        ldr     r0, [r4, #8]
        done
action  a_start_interrupt
        movs    r0, #3
        str     r0, [r4]
        done
action  a_delay                         @ of up to 1022 instructions
        lsls    r2, #1
1:      subs    r2, #1
        bpl     1b
        ldr     r0, [r4, #8]
        done
action  a_pend
        mov     r0, #1 << 26
        ldr     r1, =ICSR
        str     r0, [r1]
        done
action  a_unpend
        mov     r0, #1 << 25
        ldr     r1, =ICSR
        str     r0, [r1]
        ldr     r0, [r1]
        done
action  a_mask
        cpsid   i
        ldr     r1, =ICSR
        ldr     r0, [r1]
        done
action  a_unmask
        cpsie   i
        done
action  a_pend_sv
        mov     r0, #1 << 28
        ldr     r1, =ICSR
        str     r0, [r1]
        done
action  a_interrupt
        and     r2, #3
        ldr     r1, =0xE000EF00
        str     r2, [r1]
        done
        .pool
