@ Regions: 7 is all of RAM, 6 all of flash, 5 the system; region 0 upwards as the case likes.
        .include "common.inc"
        .equ    MPU_TYPE, 0xE000ED90
        .equ    MPU_CTRL, 0xE000ED94
        .equ    MPU_RBAR, 0xE000ED9C
        .equ    MPU_RASR, 0xE000EDA0
        .equ    FULL, 3 << 24
        .equ    PRIVILEGED, 1 << 24
        .equ    READ_ONLY, 6 << 24
        .equ    NO_EXECUTE, 1 << 28

        @ region number, base, log2 of the size, attributes
        .macro  region number, base, exponent, attributes
        set     MPU_RBAR, (\base) | 0x10 | \number
        set     MPU_RASR, (\attributes) | (\exponent - 1) << 1 | 1
        .endm
        .macro  protect mode
        set     MPU_CTRL, \mode
        dsb
        isb
        .endm

        handler start
        set     SCB + SHCSR, 0x70000
        choose
        .balign 4
cases:  .word   read, write, execute, background, subregion, stacking, unstacking, user, hard, strict, crossing
        .word   conditional, overlap, registers, unprivileged_load, user_stack

        .thumb_func
read:   region  0, 0x20001000, 8, 0
        protect 5
        ldr     r5, =0x20001000
        adds    r3, #1
        handler read_access
        ldr     r1, [r5, #0x10]
        b       .
        .thumb_func
write:  region  0, 0x20001000, 8, READ_ONLY
        protect 5
        ldr     r5, =0x20001000
        ldr     r1, [r5, #4]
        handler write_access
        strb    r1, [r5, #0x21]
        b       .
        .thumb_func
execute:
        region  0, 0x20001000, 8, FULL | NO_EXECUTE
        ldr     r5, =0x20001000
        ldr     r0, =0xBF00BF00
        str     r0, [r5, #0x20]
        protect 5
        adds    r5, #0x21
        bx      r5
        .thumb_func
background:
        region  6, 0x08000000, 17, READ_ONLY
        region  0, 0x20000000, 12, FULL
        protect 1
        ldr     r5, =0x20004F00
        ldr     r0, =0x20000F00
        mov     sp, r0
        handler background_access
        ldr     r1, [r5]
        b       .
        .thumb_func
subregion:
        region  0, 0x20001000, 8, 2 << 8
        protect 5
        ldr     r5, =0x20001000
        ldr     r1, [r5, #0x20]
        ldr     r1, [r5, #0x3C]
        handler subregion_access
        ldr     r1, [r5, #0x40]
        b       .
        .thumb_func
stacking:
        region  0, 0x20001000, 8, 0
        protect 5
        ldr     r0, =0x20001110
        mov     sp, r0
        svc     #0
        b       .
        .thumb_func
unstacking:
        ldr     r0, =0x20001100
        msr     psp, r0
        movs    r0, #2
        msr     control, r0
        isb
        svc     #1
        b       .
        .thumb_func
user:   region  0, 0x20001000, 8, PRIVILEGED
        region  1, 0x20000000, 12, FULL
        region  6, 0x08000000, 17, READ_ONLY
        protect 5
        ldr     r5, =0x20001000
        ldr     r1, [r5]
        movs    r0, #1
        msr     control, r0
        isb
        ldr     r0, =0x20000F00
        mov     sp, r0
        adds    r3, #1
        handler user_access
        ldr     r1, [r5]
        b       .
        .thumb_func
user_stack:                                     @ the frame of unprivileged code is written with its rights
        region  0, 0x20001000, 8, PRIVILEGED
        region  1, 0x20000000, 12, FULL
        region  6, 0x08000000, 17, READ_ONLY
        protect 5
        ldr     r0, =0x20001080
        msr     psp, r0
        movs    r0, #3
        msr     control, r0
        isb
        svc     #0
        b       .
        .thumb_func
hard:   region  0, 0x20001000, 8, 0
        protect 5
        cpsid   f
        ldr     r5, =0x20001000
        ldr     r1, [r5]
        ldr     r6, =RESULTS
        movs    r0, #21
        str     r0, [r6]
        b       .
        .thumb_func
strict: region  0, 0x20001000, 8, 0
        protect 7
        cpsid   f
        ldr     r5, =0x20001000
        ldr     r1, [r5]
        ldr     r6, =RESULTS
        movs    r0, #21
        str     r0, [r6]
        b       .
        .thumb_func
crossing:
        region  0, 0x20001000, 8, 0
        protect 5
        ldr     r5, =0x20000FF8
        handler crossing_access
        ldmia   r5!, {r0-r3}
        b       .
        .thumb_func
conditional:
        region  0, 0x20001000, 8, 0
        protect 5
        ldr     r5, =0x20001000
        movs    r1, #1
        movs    r0, #0
        ittt    eq
        addeq   r1, #2
        handler conditional_access
        streq   r1, [r5, #4]
        addeq   r1, #4
        b       .
        .thumb_func
overlap:
        region  0, 0x20001000, 8, 0
        region  3, 0x20001000, 7, FULL
        protect 5
        ldr     r5, =0x20001000
        str     r5, [r5, #0x7C]
        handler overlap_access
        str     r5, [r5, #0x80]
        b       .
        .thumb_func
registers:
        region  2, 0x20001020, 5, FULL
        ldr     r6, =RESULTS
        get     r0, MPU_TYPE
        str     r0, [r6]
        get     r0, MPU_RBAR
        str     r0, [r6, #4]
        get     r0, MPU_RASR
        str     r0, [r6, #8]
        set     0xE000ED98, 7
        get     r0, MPU_RBAR
        str     r0, [r6, #12]
        b       .
        .thumb_func
unprivileged_load:
        region  0, 0x20001000, 8, PRIVILEGED
        protect 5
        ldr     r5, =0x20001000
        ldr     r1, [r5]
        handler load_as_user
        ldrt    r1, [r5, #8]
        b       .

        handler sv_call
        ldr     r0, =RESULTS
        movs    r1, #11
        str     r1, [r0, #44]
        ldr     r0, =cases
        get     r1, SELECT
        cmp     r1, #6
        bne     1f
        region  0, 0x20001000, 8, 0
        protect 5
1:      bx      lr
        .include "report.inc"
