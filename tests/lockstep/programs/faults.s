@ cores: m0 m3 m4
@ One case each: something that faults, returns wrongly or changes state of exceptions. The word at CASE says which one
@ runs (the test patches it). Every exception leads to `handler`: it looks at everything, then goes to the hook of the
@ case (r10) with EXC_RETURN in r11; without a hook it stops. Handlers leave r10 and r11 alone and need no stack.

        .syntax unified
        .thumb
        .equ    STACK, 0x20003800
        .equ    PROCESS_STACK, 0x20003000
        .equ    NOWHERE, 0x60001000
        .equ    FRAME_LEFT, 0x20000400
        .equ    SHCSR, 0xE000ED24
        .equ    CFSR, 0xE000ED28
        .equ    CCR, 0xE000ED14
        .equ    VTOR, 0xE000ED08
        .equ    ICSR, 0xE000ED04
        .equ    ISPR, 0xE000E200
        .equ    ISER, 0xE000E100
        .equ    IPR, 0xE000E400
        .equ    SHPR, 0xE000ED18

        .word   STACK
        .word   start + 1
        .rept   46
        .word   handler + 1
        .endr
        .balign 0x100
CASE:   .word   0                       @ at 0x100

        .balign 0x200                   @ a vector table with an even address for exception 11 and 16
        .word   STACK
        .word   start + 1
        .rept   9
        .word   handler + 1
        .endr
        .word   handler
        .rept   4
        .word   handler + 1
        .endr
        .word   handler
        .rept   31
        .word   handler + 1
        .endr
        .balign 0x100

        .include "look.inc"

        .thumb_func
start:
        movs    r0, #0
        mov     r10, r0
        mov     r11, r0
        ldr     r0, =PROCESS_STACK
        msr     psp, r0
        movs    r0, #0
        adds    r0, #1                  @ known flags
        ldr     r0, =CASE
        ldr     r0, [r0]
        bx      r0
        .pool

        .thumb_func
handler:
        mov     r11, lr
        bl      look
        mov     r0, r11                 @ the frame, if it is where it can be read
        lsrs    r0, #3
        mrs     r0, msp
        bcc     1f
        mrs     r0, psp
1:      lsrs    r1, r0, #29
        cmp     r1, #1
        bne     no_frame
        ldr     r1, [r0]
        ldr     r1, [r0, #4]
        ldr     r1, [r0, #8]
        ldr     r1, [r0, #12]
        ldr     r1, [r0, #16]
        ldr     r1, [r0, #20]
        ldr     r1, [r0, #24]
        ldr     r1, [r0, #28]
no_frame:
        mov     r1, r10
        cmp     r1, #0
        beq     stop
        bx      r1
        .thumb_func
stop:   bl      look
        b       .
        .pool

        .macro  case name
        .pool
        .balign 4
        .thumb_func
case_\name:
        .endm
        .macro  hook label              @ where handlers go on (r0 is lost)
        ldr     r0, =\label + 1
        mov     r10, r0
        .endm

@ hooks: r0 points to the frame
        .thumb_func
hook_return:
        bx      r11
        .thumb_func
hook_step:                              @ over a 16-bit instruction
        ldr     r1, [r0, #24]
        adds    r1, #2
        str     r1, [r0, #24]
        bx      r11
        .thumb_func
hook_again_odd:                         @ bit 0 of the stacked PC does not matter
        ldr     r1, [r0, #24]
        adds    r1, #3
        str     r1, [r0, #24]
        bx      r11
        .thumb_func
hook_no_thumb:                          @ return to code without Thumb state
        movs    r1, #0
        mov     r10, r1
        str     r1, [r0, #28]
        bx      r11
        .thumb_func
hook_wrong_number:                      @ thread mode with an exception number in the frame
        movs    r1, #0
        mov     r10, r1
        ldr     r1, [r0, #28]
        adds    r1, #5
        str     r1, [r0, #28]
        bx      r11
        .thumb_func
hook_psp_nowhere:
        movs    r1, #0
        mov     r10, r1
        ldr     r1, =NOWHERE
        msr     psp, r1
        bx      r11
        .thumb_func
hook_msp_nowhere:
        movs    r1, #0
        mov     r10, r1
        ldr     r1, =NOWHERE
        msr     msp, r1
        bx      r11
        .thumb_func
hook_svc:
        movs    r1, #0
        mov     r10, r1
        svc     1
        b       stop
        .thumb_func
hook_undefined:
        movs    r1, #0
        mov     r10, r1
        udf     2
        b       stop
        .thumb_func
hook_twice:                             @ an undefined instruction in the handler, then both return
        ldr     r1, =hook_step + 1
        mov     r10, r1
        mov     r4, r11
        udf     2
        mov     r11, r4
        ldr     r1, =hook_return + 1
        mov     r10, r1
        mrs     r0, msp
        ldr     r1, [r0, #24]
        adds    r1, #2
        str     r1, [r0, #24]
        bx      r11
        .pool

@ ---- all cores ---------------------------------------------------------------------------------------------------
case undefined
        hook    hook_step
        udf     0
        b       stop
case undefined_wide
        .short  0xF7F1, 0xA123          @ UDF.W
        b       stop
case undefined_in_handler
        hook    hook_undefined
        svc     0
        b       stop
case undefined_in_fault_handler         @ lockup where the first one is a HardFault
        hook    hook_undefined
        udf     0
        b       stop
case undefined_twice
        hook    hook_twice
        svc     0
        nop
        b       stop
case svc
        hook    hook_return
        svc     0xAB
        b       stop
case svc_behind_primask
        hook    hook_return
        cpsid   i
        svc     1
        cpsie   i
        b       stop
case svc_in_svc
        hook    hook_svc
        svc     0
        b       stop
case svc_in_nmi
        hook    hook_svc
        ldr     r0, =ICSR
        movs    r1, #1
        lsls    r1, #31
        str     r1, [r0]
        nop
        b       stop
case bus_error_read
        ldr     r1, =NOWHERE
        ldr     r0, [r1, #8]
        b       stop
case bus_error_write
        ldr     r1, =NOWHERE
        hook    hook_step
        str     r0, [r1, #12]
        b       stop
case bus_error_multiple                 @ the base register keeps its value
        ldr     r1, =NOWHERE
        ldmia   r1!, {r2-r4}
        b       stop
case bus_error_push
        ldr     r1, =NOWHERE
        mov     r5, sp
        mov     sp, r1
        push    {r2-r4}
        b       stop
case jump_even
        ldr     r1, =stop
        bx      r1
case call_even
        ldr     r1, =stop
        blx     r1
        b       stop
case pop_even
        ldr     r1, =stop
        push    {r1}
        pop     {pc}
case jump_nowhere
        ldr     r1, =NOWHERE + 1
        bx      r1
case jump_to_peripherals
        ldr     r1, =0x40010001
        bx      r1
case jump_to_system
        ldr     r1, =0xE0001001
        bx      r1
case jump_to_devices
        ldr     r1, =0xA0000001
        bx      r1
case return_in_thread                   @ EXC_RETURN outside a handler is an address
        ldr     r1, =0xFFFFFFF9
        bx      r1
        .macro  wrong_return value, name
case return_\name
        ldr     r0, =hook_wrong + 1
        mov     r10, r0
        ldr     r4, =\value
        svc     0
        b       stop
        .endm
        wrong_return 0xFFFFFFF1, f1
        wrong_return 0xFFFFFFFD, fd     @ valid: the frame on the other stack is all zeros
        wrong_return 0xFFFFFFF0, f0
        wrong_return 0xFFFFFFF5, f5
        wrong_return 0xFFFFFFE9, e9
        wrong_return 0xFF000009, unusual
        .pool
        .thumb_func
hook_wrong:
        movs    r1, #0
        mov     r10, r1
        bx      r4
case return_no_thumb                    @ to an address that Arm state would allow as well
        hook    hook_no_thumb
        nop
        svc     0
        b       stop
case return_odd_pc
        hook    hook_again_odd
        udf     0
        nop
        b       stop
case return_wrong_number
        hook    hook_wrong_number
        svc     0
        b       stop
case stacking_psp
        ldr     r0, =NOWHERE
        msr     psp, r0
        movs    r0, #2
        msr     control, r0
        isb
        svc     0
        b       stop
case stacking_msp                       @ lockup, or HardFault on a stack that is not there
        ldr     r0, =NOWHERE
        mov     sp, r0
        svc     0
        b       stop
case unstacking_psp
        movs    r0, #2
        msr     control, r0
        isb
        hook    hook_psp_nowhere
        svc     0
        b       stop
case unstacking_msp
        hook    hook_msp_nowhere
        svc     0
        b       stop
case process_stack
        movs    r0, #2
        msr     control, r0
        isb
        hook    hook_return
        svc     0
        push    {r0}
        svc     1
        pop     {r0}
        mrs     r0, control
        b       stop
case process_stack_nested
        movs    r0, #2
        msr     control, r0
        isb
        hook    hook_twice
        svc     0
        nop
        b       stop
case unaligned_word
        ldr     r1, =0x20000402
        ldr     r0, [r1]
        b       stop
case unaligned_half_word
        ldr     r1, =0x20000401
        strh    r0, [r1]
        b       stop
case pend_and_mask
        ldr     r0, =ISER
        movs    r1, #3
        str     r1, [r0]
        hook    hook_return
        cpsid   i
        ldr     r0, =ISPR
        movs    r1, #3
        str     r1, [r0]
        nop
        bl      look
        cpsie   i
        nop
        b       stop
case pend_disabled
        ldr     r0, =ISPR
        movs    r1, #4
        str     r1, [r0]
        bl      look
        hook    hook_return
        ldr     r0, =ISER
        movs    r1, #4
        str     r1, [r0]
        nop
        b       stop
case wfi_masked                         @ WFI ends although PRIMASK holds the interrupt back
        ldr     r0, =ISER
        movs    r1, #1
        str     r1, [r0]
        cpsid   i
        ldr     r0, =ISPR
        str     r1, [r0]
        wfi
        hook    hook_return
        cpsie   i
        nop
        b       stop
case sev_wfe
        sev
        wfe
        nop
        b       stop
case registers                          @ what cannot be written reads as zero
        movs    r2, #0
        mvns    r2, r2
        ldr     r0, =0xE000ED1C
        str     r2, [r0]
        str     r2, [r0, #4]
        ldr     r0, =0xE000E400
        str     r2, [r0]
        str     r2, [r0, #4]
        b       stop
case sleep_register                     @ SCR
        ldr     r0, =0xE000ED10
        movs    r1, #4                  @ SLEEPDEEP
        str     r1, [r0]
        ldr     r1, [r0]
        b       stop
case control_writes
        movs    r0, #0
        mvns    r0, r0
        msr     primask, r0
        mrs     r1, primask
        movs    r0, #0
        msr     primask, r0
        ldr     r0, =0x20000400
        msr     msp, r0
        mrs     r1, msp
        b       stop
case stack_pointer_low_bits
        ldr     r0, =0x20003003
        msr     psp, r0
        mrs     r1, psp
        b       stop
case reset_request
        ldr     r1, =0x20000300
        ldr     r0, [r1]
        adds    r0, #1
        str     r0, [r1]
        cmp     r0, #3
        bhs     stop_far
        ldr     r1, =0xE000ED0C
        ldr     r0, =0x05FA0004
        cpsid   i
        str     r0, [r1]
        dsb
        nop
        nop
stop_far:
        ldr     r0, =stop + 1
        bx      r0

        .ifdef MAINLINE
@ ---- Armv7-M -----------------------------------------------------------------------------------------------------
        .macro  enable_faults
        ldr     r0, =SHCSR
        ldr     r1, =0x70000
        str     r1, [r0]
        .endm
        .macro  enabled name, original
case enabled_\name
        enable_faults
        b.w     case_\original
        .endm
        enabled undefined, undefined
        enabled undefined_in_handler, undefined_in_handler
        enabled undefined_in_fault_handler, undefined_in_fault_handler
        enabled undefined_twice, undefined_twice
        enabled bus_error_read, bus_error_read
        enabled bus_error_write, bus_error_write
        enabled bus_error_multiple, bus_error_multiple
        enabled bus_error_push, bus_error_push
        enabled jump_even, jump_even
        enabled call_even, call_even
        enabled pop_even, pop_even
        enabled jump_nowhere, jump_nowhere
        enabled jump_to_peripherals, jump_to_peripherals
        enabled jump_to_system, jump_to_system
        enabled jump_to_devices, jump_to_devices
        enabled return_in_thread, return_in_thread
        enabled return_f1, return_f1
        enabled return_fd, return_fd
        enabled return_f0, return_f0
        enabled return_f5, return_f5
        enabled return_e9, return_e9
        enabled return_unusual, return_unusual
        enabled return_no_thumb, return_no_thumb
        enabled return_wrong_number, return_wrong_number
        enabled stacking_psp, stacking_psp
        enabled stacking_msp, stacking_msp
        enabled unstacking_psp, unstacking_psp
        enabled unstacking_msp, unstacking_msp
        enabled process_stack_nested, process_stack_nested
case coprocessor
        enable_faults
        mrc     p1, 0, r0, c0, c0, 0
        b       stop
case divide_by_zero
        enable_faults
        ldr     r0, =CCR
        ldr     r1, [r0]
        orr     r1, #0x10
        str     r1, [r0]
        movs    r0, #0
        sdiv    r1, r1, r0
        b       stop
case unaligned_trap
        enable_faults
        ldr     r0, =CCR
        ldr     r1, [r0]
        orr     r1, #8
        str     r1, [r0]
        ldr     r1, =0x20000402
        ldr     r0, [r1]
        b       stop
case unaligned_multiple
        enable_faults
        ldr     r1, =0x20000402
        ldmia   r1, {r2-r4}
        b       stop
case unaligned_dual
        enable_faults
        ldr     r1, =0x20000402
        ldrd    r2, r3, [r1]
        b       stop
case unaligned_exclusive
        enable_faults
        ldr     r1, =0x20000402
        ldrex   r2, [r1]
        b       stop
case fault_in_it
        enable_faults
        ldr     r1, =NOWHERE
        movs    r2, #1
        cmp     r2, #1
        ittet   eq
        moveq   r3, #1
        ldreq   r3, [r1]
        movne   r3, #2
        moveq   r4, #3
        b       stop
case store_fault_in_it
        enable_faults
        ldr     r1, =NOWHERE
        movs    r2, #1
        cmp     r2, #1
        itte    eq
        streq   r3, [r1]
        moveq   r4, #3
        movne   r3, #2
        b       stop
case store_fault_ends_it
        enable_faults
        ldr     r1, =NOWHERE
        movs    r2, #1
        cmp     r2, #1
        it      eq
        streq   r3, [r1]
        movs    r4, #3
        b       stop
case svc_in_it
        hook    hook_return
        movs    r2, #1
        cmp     r2, #1
        ittet   eq
        moveq   r3, #1
        svceq   3
        movne   r3, #2
        moveq   r4, #3
        b       stop
case undefined_skipped_in_it
        movs    r2, #1
        cmp     r2, #1
        itt     ne
        udfne   #1
        ldrne   r2, [r3]
        b       stop
case isb_in_it
        movs    r2, #1
        cmp     r2, #1
        itet    eq
        isbeq
        movne   r3, #2
        moveq   r4, #3
        b       stop
case wide_hints
        sev.w
        wfe.w
        yield.w
        nop.w
        yield
        b       stop
case vectors_nowhere                    @ HardFault upon the vector's read, which needs vectors too: lockup
        ldr     r0, =VTOR
        ldr     r1, =NOWHERE
        bic     r1, #0x60000000
        orr     r1, #0x10000000
        str     r1, [r0]
        svc     0
        b       stop
case vector_even
        enable_faults
        ldr     r0, =VTOR
        mov     r1, #0x200
        str     r1, [r0]
        svc     0
        b       stop
case vector_even_disabled
        ldr     r0, =VTOR
        mov     r1, #0x200
        str     r1, [r0]
        svc     0
        b       stop
case faultmask
        cpsid   f
        mrs     r0, faultmask
        ldr     r0, =ISER
        movs    r1, #1
        str     r1, [r0]
        ldr     r0, =ISPR
        str     r1, [r0]
        bl      look
        hook    hook_return
        cpsie   f
        nop
        b       stop
case faultmask_cleared_by_return
        hook    hook_faultmask
        svc     0
        mrs     r0, faultmask
        b       stop
        .thumb_func
hook_faultmask:
        cpsid   f
        bx      r11
case faultmask_in_nmi
        hook    hook_faultmask_look
        ldr     r0, =ICSR
        mov     r1, #0x80000000
        str     r1, [r0]
        nop
        b       stop
case faultmask_in_hard_fault
        hook    hook_faultmask_step
        udf     0
        mrs     r0, faultmask
        b       stop
        .pool
        .thumb_func
hook_faultmask_step:
        ldr     r1, [r0, #24]
        adds    r1, #2
        str     r1, [r0, #24]
        .thumb_func
hook_faultmask_look:
        cpsid   f
        mrs     r0, faultmask
        mov     r0, #1
        msr     faultmask, r0
        mrs     r0, faultmask
        bx      r11
case fault_behind_faultmask             @ lockup
        cpsid   f
        udf     0
        b       stop
case basepri
        ldr     r0, =ISER
        movs    r1, #7
        str     r1, [r0]
        ldr     r0, =IPR
        ldr     r1, =0x00604020
        str     r1, [r0]
        mov     r0, #0x40
        msr     basepri, r0
        hook    hook_return
        ldr     r0, =ISPR
        movs    r1, #7
        str     r1, [r0]
        nop
        nop
        mov     r0, #0x50
        msr     basepri, r0
        nop
        mov     r0, #0x60
        msr     basepri_max, r0
        mrs     r0, basepri
        mov     r0, #0x30
        msr     basepri_max, r0
        mrs     r0, basepri
        mov     r0, #0
        msr     basepri_max, r0
        mrs     r0, basepri
        msr     basepri, r0
        nop
        b       stop
case fault_behind_basepri               @ the fault's priority is not above it: HardFault
        enable_faults
        ldr     r0, =SHPR
        ldr     r1, =0x00808080
        str     r1, [r0]
        mov     r0, #0x40
        msr     basepri, r0
        udf     0
        b       stop
case sub_priority                       @ of one group: the order follows the sub-priority, nothing pre-empts
        ldr     r0, =0xE000ED0C
        ldr     r1, =0x05FA0600
        str     r1, [r0]
        ldr     r0, =ISER
        movs    r1, #7
        str     r1, [r0]
        ldr     r0, =IPR
        ldr     r1, =0x00102030
        str     r1, [r0]
        hook    hook_return
        ldr     r0, =ISPR
        movs    r1, #7
        str     r1, [r0]
        nop
        b       stop
case pre_empted
        ldr     r0, =ISER
        movs    r1, #7
        str     r1, [r0]
        ldr     r0, =IPR
        ldr     r1, =0x00204060
        str     r1, [r0]
        hook    hook_pend_next
        movs    r4, #1
        ldr     r0, =ISPR
        str     r4, [r0]
        nop
        b       stop
        .thumb_func
hook_pend_next:                         @ each handler makes the next, more urgent one pending, then returns
        lsls    r4, #1
        cmp     r4, #8
        bhs     1f
        push    {r11, lr}
        ldr     r0, =ISPR
        str     r4, [r0]
        nop
        pop     {r11, lr}
1:      bx      r11
case tail_chained                       @ less urgent ones wait, then follow without unstacking
        ldr     r0, =ISER
        movs    r1, #7
        str     r1, [r0]
        ldr     r0, =IPR
        ldr     r1, =0x00604020
        str     r1, [r0]
        hook    hook_pend_next
        movs    r4, #1
        ldr     r0, =ISPR
        str     r4, [r0]
        nop
        b       stop
case trigger_unprivileged
        ldr     r0, =ISER
        movs    r1, #1
        str     r1, [r0]
        ldr     r0, =CCR
        ldr     r1, [r0]
        orr     r1, #2
        str     r1, [r0]
        hook    hook_return
        movs    r0, #1
        msr     control, r0
        isb
        ldr     r0, =0xE000EF00
        movs    r1, #0
        str     r1, [r0]
        nop
        b       .
case unprivileged
        movs    r0, #1
        msr     control, r0
        isb
        mrs     r1, control
        cpsid   i
        msr     primask, r0
        mrs     r1, primask
        mov     r0, #0x20
        msr     basepri, r0
        mrs     r1, basepri
        mrs     r1, msp
        mrs     r1, psp
        mrs     r1, xpsr
        movs    r0, #0
        msr     control, r0
        mrs     r1, control
        hook    hook_privileged
        svc     0
        mrs     r1, control
        b       stop
        .thumb_func
hook_privileged:
        movs    r1, #0
        msr     control, r1
        bx      r11
case unprivileged_system_access
        enable_faults
        movs    r0, #1
        msr     control, r0
        isb
        ldr     r0, =SHCSR
        ldr     r1, [r0]
        b       .
case unprivileged_process_stack
        movs    r0, #3
        msr     control, r0
        isb
        hook    hook_return
        svc     0
        mrs     r1, control
        push    {r0}
        svc     1
        hook    hook_privileged_frame
        svc     2
        mrs     r1, control
        b       stop
        .thumb_func
hook_privileged_frame:
        movs    r1, #2
        msr     control, r1
        isb
        mrs     r1, control
        bx      r11
case stack_alignment_off
        ldr     r0, =CCR
        ldr     r1, [r0]
        bic     r1, #0x200
        str     r1, [r0]
        hook    hook_return
        push    {r0}
        svc     0
        pop     {r0}
        b       stop
case stack_alignment
        hook    hook_return
        push    {r0}
        svc     0
        pop     {r0}
        b       stop
case set_active                         @ SHCSR: an active exception is cleared, then its return is refused
        hook    hook_deactivate
        enable_faults
        svc     0
        b       stop
        .thumb_func
hook_deactivate:
        movs    r1, #0
        mov     r10, r1
        ldr     r0, =SHCSR
        ldr     r1, [r0]
        bic     r1, #0x80
        str     r1, [r0]
        ldr     r1, [r0]
        bx      r11
case set_pending                        @ SHCSR: UsageFault, BusFault, MemManage and SVCall made pending
        enable_faults
        cpsid   i
        ldr     r1, =0x7F000
        str     r1, [r0]
        bl      look
        hook    hook_return
        cpsie   i
        nop
        b       stop
case fault_registers                    @ write one to clear; address registers can be written
        ldr     r1, =NOWHERE
        hook    hook_step
        ldr     r0, [r1]
        ldr     r0, =0xE000ED34
        ldr     r1, =0x12345678
        str     r1, [r0]
        str     r1, [r0, #4]
        b       stop
case status_bytes                       @ parts of CFSR
        hook    hook_bytes
        ldr     r1, =NOWHERE
        ldr     r0, [r1]
        b       stop
        .thumb_func
hook_bytes:
        ldr     r0, =CFSR
        ldrb    r1, [r0]
        ldrb    r1, [r0, #1]
        ldrh    r1, [r0, #2]
        b       stop
case return_to_thread_from_nested       @ CCR.NONBASETHRDENA
        ldr     r0, =CCR
        ldr     r1, [r0]
        orr     r1, #1
        str     r1, [r0]
        enable_faults
        hook    hook_nested_undefined
        svc     0
        b       stop
        .thumb_func
hook_nested_undefined:
        ldr     r1, =hook_to_thread + 1
        mov     r10, r1
        udf     2
        b       stop
        .thumb_func
hook_to_thread:
        mrs     r0, msp
        ldr     r1, =stop
        str     r1, [r0, #24]
        ldr     r1, =0x01000000
        str     r1, [r0, #28]
        ldr     r1, =0xFFFFFFF9
        bx      r1
case bit_band
        ldr     r1, =0x20000400
        ldr     r0, =0xA5A55A5A
        str     r0, [r1]
        ldr     r2, =0x22008000
        ldr     r3, [r2]
        ldr     r3, [r2, #4]
        ldrb    r3, [r2, #4]
        movs    r3, #1
        str     r3, [r2]
        ldr     r0, [r1]
        movs    r3, #0xFE
        str     r3, [r2, #4]
        ldr     r0, [r1]
        strb    r3, [r2, #20]
        movs    r3, #3
        strh    r3, [r2, #60]
        ldr     r0, [r1]
        b       stop
case exclusive_over_exception           @ an exception between LDREX and STREX makes the store fail
        hook    hook_return
        ldr     r1, =0x20000400
        ldrex   r2, [r1]
        svc     0
        strex   r3, r2, [r1]
        b       stop
case registers_mainline
        mvn     r2, #0
        ldr     r0, =0xE000ED08         @ VTOR back at once
        ldr     r1, [r0]
        ldr     r0, =0xE000ED0C
        ldr     r1, =0x05FA0700
        str     r1, [r0]
        ldr     r1, [r0]
        str     r2, [r0]                @ without the key nothing changes
        ldr     r1, [r0]
        ldr     r0, =CCR
        str     r2, [r0]
        ldr     r1, [r0]
        mov     r1, #0x200
        str     r1, [r0]
        ldr     r0, =SHPR
        str     r2, [r0]
        ldr     r1, [r0]
        ldrb    r1, [r0, #7]
        strb    r2, [r0, #11]
        ldr     r0, =0xE000E400
        strb    r2, [r0, #5]
        ldrb    r1, [r0, #5]
        b       stop
case breakpoint
        enable_faults
        bkpt    1
        b       stop
        .endif
        .pool
