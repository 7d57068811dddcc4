@ cores: m0 m3 m4
@ A storm of exceptions. Main programme and handlers carry out actions from a random script: interrupts made pending,
@ masked, given other priorities, faults provoked. A handler looks at everything, acts once or twice and returns.
@ Before an instruction that may fault, r7 says where to go on; fault handlers return there.

        .syntax unified
        .thumb
        .equ    SCRIPT, 0x2000          @ 0x2000 random bytes (and some more behind them)
        .equ    SCRIPT_MASK, 0x1FFF
        .equ    POSITION, 0x20000000
        .ifdef MAINLINE
        .equ    STACK, 0x20010000
        .equ    PROCESS_STACK, 0x20008000
        .equ    PRIORITIES, 0xFFFFFFFF  @ QEMU has all eight bits
        .equ    SYSTEM_PRIORITIES, 0xFFFFFFFF
        .else
        .equ    STACK, 0x20004000
        .equ    PROCESS_STACK, 0x20002000
        .equ    PRIORITIES, 0xC0C0C0C0
        .equ    SYSTEM_PRIORITIES, 0xC0C00000   @ QEMU has a priority for DebugMonitor here too
        .endif
        .equ    NOWHERE, 0x60000000
        .equ    ICSR, 0xE000ED04
        .equ    ISER, 0xE000E100

        .word   STACK
        .word   start + 1
        .rept   46
        .word   handler + 1
        .endr

        .balign 0x100                   @ the other vector table
        .word   STACK
        .word   start + 1
        .rept   46
        .word   other_handler + 1
        .endr

        .include "look.inc"

        .thumb_func
start:
        ldr     r0, =PROCESS_STACK
        msr     psp, r0
        ldr     r0, =ISER
        movs    r1, #0xFF
        str     r1, [r0]
        .ifdef MAINLINE
        ldr     r0, =0xE000ED24
        ldr     r1, =0x70000
        str     r1, [r0]
        .endif
again:  bl      look
        bl      act
        bl      act
        bl      act
        b       again

        .thumb_func
other_handler:
        nop
        .thumb_func
handler:
        mrs     r0, msp                 @ r0: the frame, r3: IPSR
        movs    r1, #4
        mov     r2, lr
        tst     r2, r1
        beq     main_stack
        mrs     r0, psp
main_stack:
        push    {r4-r7, lr}
        movs    r4, r0
        movs    r5, r7
        ldr     r1, [r4, #24]
        ldr     r2, [r4, #28]
        mrs     r6, ipsr
        bl      look
        cmp     r6, #3
        bls     careful
        bl      act
        ldr     r0, =POSITION
        ldr     r0, [r0]
        lsrs    r0, #3
        bcc     acted
        bl      act
        b       acted
careful:
        bl      act_careful
acted:
        cmp     r6, #3
        blo     leave
        cmp     r6, #6
        bhi     leave
        str     r5, [r4, #24]           @ a fault: go on where r7 said
leave:
        bl      look
        pop     {r4-r7, pc}

@ the next action of the script: r1 its number, r2 its parameter
        .thumb_func
act_careful:
        push    {r4, lr}
        bl      next
        b       a_pend
        .thumb_func
act:
        push    {r4, lr}
        bl      next
        lsls    r1, #2
        ldr     r3, =actions
        ldr     r3, [r3, r1]
        bx      r3
        .thumb_func
next:
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
        movs    r3, #31
        ands    r1, r3
        bx      lr
        .pool

        .balign 4
actions:
        .word   a_pend + 1, a_unpend + 1, a_enable + 1, a_disable + 1                   @ 0
        .word   a_priority_low + 1, a_pend_sv + 1, a_unpend_sv + 1, a_tick + 1          @ 4
        .word   a_untick + 1, a_nmi + 1, a_svc + 1, a_undefined + 1                     @ 8
        .word   a_bus + 1, a_primask + 1, a_no_primask + 1, a_system_priority + 1       @ 12
        .word   a_stack + 1, a_odd_stack + 1, a_pend_two + 1, a_masked_svc + 1          @ 16
        .ifdef MAINLINE
        .word   a_basepri + 1, a_no_basepri + 1, a_basepri_max + 1, a_faultmask + 1     @ 20
        .word   a_group + 1, a_fault_enable + 1, a_trigger + 1, a_divide + 1            @ 24
        .word   a_coprocessor + 1, a_vectors + 1, a_fault_priority + 1, a_wfi + 1       @ 28
        .else
        .word   a_pend + 1, a_nothing + 1, a_pend_two + 1, a_unaligned + 1
        .word   a_pend_sv + 1, a_tick + 1, a_pend + 1, a_svc + 1
        .word   a_undefined + 1, a_priority_low + 1, a_enable + 1, a_wfi + 1
        .endif

        .macro  action name
        .thumb_func
        \name:
        .endm
        .macro  done
        pop     {r4, pc}
        .endm
        .macro  one_of_eight            @ r2: a bit of 0 to 7
        movs    r0, #7
        ands    r2, r0
        movs    r0, #1
        lsls    r0, r2
        mov     r2, r0
        .endm

action  a_pend
        one_of_eight
        ldr     r0, =0xE000E200
        str     r2, [r0]
        done
action  a_pend_two
        ldr     r0, =0xE000E200
        str     r2, [r0]
        nop
        done
action  a_unpend
        one_of_eight
        ldr     r0, =0xE000E280
        str     r2, [r0]
        done
action  a_enable
        ldr     r0, =ISER
        str     r2, [r0]
        done
action  a_disable
        one_of_eight
        ldr     r0, =0xE000E180
        str     r2, [r0]
        done
action  a_priority_low                  @ of four interrupts, spread from the parameter
        ldr     r0, =0xE000E400
        movs    r1, #4
        ands    r1, r2
        adds    r0, r1
        b       spread
action  a_system_priority               @ SVC, or PendSV and SysTick
        ldr     r0, =0xE000ED1C
        movs    r1, #4
        ands    r1, r2
        adds    r0, r1
        ldr     r1, =0x01030709
        muls    r2, r1
        ldr     r1, =SYSTEM_PRIORITIES
        ands    r2, r1
        b       masked
spread: ldr     r1, =0x01030709
        muls    r2, r1
        ldr     r1, =PRIORITIES
        ands    r2, r1
masked:
        cmp     r0, r0
        str     r2, [r0]
        ldr     r1, [r0]
        done
action  a_pend_sv
        movs    r1, #1
        lsls    r1, #28
        b       icsr
action  a_unpend_sv
        movs    r1, #1
        lsls    r1, #27
        b       icsr
action  a_tick
        movs    r1, #1
        lsls    r1, #26
        b       icsr
action  a_untick
        movs    r1, #1
        lsls    r1, #25
        b       icsr
action  a_nmi
        movs    r1, #1
        lsls    r1, #31
icsr:   ldr     r0, =ICSR
        str     r1, [r0]
        done
action  a_svc
        adr     r7, 1f
        svc     7
        .balign 4
1:      done
action  a_masked_svc
        cpsid   i
        adr     r7, 1f
        svc     9
        .balign 4
1:      cpsie   i
        done
action  a_undefined
        adr     r7, 1f
        udf     1
        .balign 4
1:      done
action  a_bus
        ldr     r0, =NOWHERE
        adds    r0, r2
        adr     r7, 1f
        ldrb    r0, [r0]
        .balign 4
1:      done
action  a_unaligned
        ldr     r0, =POSITION + 1
        adr     r7, 1f
        ldr     r0, [r0]
        .balign 4
1:      done
action  a_primask
        cpsid   i
        done
action  a_no_primask
        cpsie   i
        done
action  a_nothing
        done
action  a_stack                         @ the other stack, if in thread mode
        mrs     r0, ipsr
        cmp     r0, #0
        bne     1f
        mrs     r1, control
        movs    r0, #2
        mov     r2, sp
        pop     {r3, r4}
        eors    r1, r0
        msr     control, r1
        isb
        bx      r4
        .balign 4
1:      done
action  a_odd_stack                     @ the frame needs padding
        push    {r2}
        adr     r7, 1f
        svc     11
        .balign 4
1:      pop     {r2}
        done
action  a_wfi                           @ something is pending and masked: it does not wait
        cpsid   i
        ldr     r0, =ICSR
        movs    r1, #1
        lsls    r1, #28
        str     r1, [r0]
        dsb
        nop
        cpsie   i
        done
        .ifdef MAINLINE
action  a_basepri
        msr     basepri, r2
        done
action  a_no_basepri
        movs    r2, #0
        msr     basepri, r2
        done
action  a_basepri_max
        msr     basepri_max, r2
        done
action  a_faultmask
        mrs     r1, faultmask
        cpsid   f
        one_of_eight
        ldr     r0, =0xE000E200
        str     r2, [r0]
        mrs     r0, faultmask
        mrs     r0, basepri
        msr     faultmask, r1
        done
action  a_group
        movs    r0, #7
        ands    r2, r0
        lsls    r2, #8
        ldr     r0, =0x05FA0000
        orrs    r2, r0
        ldr     r0, =0xE000ED0C
        str     r2, [r0]
        done
action  a_fault_enable
        ldr     r0, =0xE000ED24
        ldr     r1, [r0]
        lsls    r2, #16
        and     r2, #0x70000
        bic     r1, #0x70000
        orrs    r1, r2
        str     r1, [r0]
        done
action  a_trigger
        and     r2, #7
        ldr     r0, =0xE000EF00
        str     r2, [r0]
        done
action  a_divide                        @ with DIV_0_TRP set or clear
        ldr     r0, =0xE000ED14
        ldr     r1, [r0]
        bfi     r1, r2, #4, #1
        str     r1, [r0]
        movs    r0, #0
        adr     r7, 1f
        udiv    r2, r2, r0
        .balign 4
1:      done
action  a_coprocessor
        adr     r7, 1f
        mrc     p1, 0, r0, c0, c0, 0
        .balign 4
1:      done
action  a_vectors
        movs    r1, #0x100
        and     r2, #1
        muls    r1, r2
        ldr     r0, =0xE000ED08
        str     r1, [r0]
        done
action  a_fault_priority
        ldr     r0, =0xE000ED18
        b       spread
        .endif
        .pool
