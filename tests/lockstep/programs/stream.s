@ cores: m0 m3 m4
@ What surrounds a generated stream: vectors, a handler that steps over faulting instructions, fresh register contents.
@ The stream lies at STREAM; it calls `refresh` now and then and ends with a call of `pass_end`.

        .syntax unified
        .thumb
        .equ    STREAM, 0x4000
        .equ    TABLE, 0x2000           @ random words, 0x1000 bytes and a bit
        .equ    POSITION, 0x20000000    @ byte offset in TABLE
        .equ    PASSES, 0x20000004
        .equ    SCRATCH, 0x20001000
        .equ    SCRATCH_MASK, 0x1FC0
        .equ    STACK, 0x20003800

        .word   STACK
        .word   start + 1
        .rept   14
        .word   fault + 1
        .endr
        .rept   32
        .word   fault + 1
        .endr

        .thumb_func
start:
        .ifdef MAINLINE
        ldr     r0, =0xE000ED24         @ SHCSR: the configurable faults have handlers of their own
        ldr     r1, =0x70000
        str     r1, [r0]
        .endif
        .ifdef FPU
        ldr     r0, =0xE000ED88         @ CPACR
        ldr     r1, =0xF00000
        str     r1, [r0]
        dsb
        isb
        .endif
        ldr     r0, =POSITION
        movs    r1, #0
        str     r1, [r0]
        str     r1, [r0, #4]
        b       go

        .thumb_func
pass_end:                               @ part of the scratch memory becomes visible
        ldr     r0, =PASSES
        ldr     r1, [r0]
        adds    r1, #1
        str     r1, [r0]
        lsls    r1, #6
        ldr     r2, =SCRATCH_MASK
        ands    r1, r2
        ldr     r0, =SCRATCH
        adds    r0, r1
        ldmia   r0!, {r1-r7}
        ldmia   r0!, {r1-r7}
        mrs     r1, psp
        mrs     r2, primask
        mrs     r3, control
        .ifdef MAINLINE
        mrs     r4, basepri
        mrs     r5, faultmask
        .endif
go:
        ldr     r0, =STACK
        mov     sp, r0
        bl      refresh
        b       over
        .thumb_func
leaf:   bx      lr
        .balign 4
        .pool
over:
        ldr     r0, =STREAM + 1
        bx      r0

        .thumb_func
refresh:                                @ new contents for r0 to r12 and the flags
        ldr     r0, =POSITION
        ldr     r1, [r0]
        adds    r1, #60
        ldr     r2, =0xFFC
        ands    r1, r2
        str     r1, [r0]
        ldr     r0, =TABLE
        adds    r0, r1
        ldr     r1, [r0, #52]
        .ifdef DSP
        msr     apsr_nzcvqg, r1
        .else
        msr     apsr_nzcvq, r1
        .endif
        .ifdef FPU
        vldmia  r0, {s0-s31}
        .endif
        .ifdef MAINLINE
        ldmia   r0, {r0-r12}
        bx      lr
        .else
        ldmia   r0!, {r3-r7}
        mov     r8, r3
        mov     r9, r4
        mov     r10, r5
        mov     r11, r6
        mov     r12, r7
        ldmia   r0, {r0-r7}
        bx      lr
        .endif
        .pool

        .thumb_func
fault:
        ldr     r1, [sp, #24]
        ldr     r2, [sp, #28]
        ldr     r3, =0xE000ED28
        .ifdef MAINLINE
        ldr     r0, [r3]                @ CFSR
        str     r0, [r3]
        ldr     r0, [r3, #4]            @ HFSR
        str     r0, [r3, #4]
        ldr     r0, [r3, #12]           @ MMFAR
        ldr     r0, [r3, #16]           @ BFAR
        subs    r3, #4
        ldr     r0, [r3]                @ SHCSR
        adds    r3, #4
        .endif
        subs    r3, #36
        .thumb_func
fault_icsr:
        ldr     r0, [r3]                @ ICSR
        movs    r0, #0
        ldr     r3, =0xF9FF03FF         @ whatever follows is outside an IT block
        ands    r2, r3
        str     r2, [sp, #28]
        mrs     r3, ipsr
        cmp     r3, #11
        beq     stepped
        ldrh    r3, [r1]
        lsrs    r3, #11
        adds    r1, #2
        cmp     r3, #29
        blo     narrow
        adds    r1, #2
narrow: str     r1, [sp, #24]
stepped:
        bx      lr
        .pool
