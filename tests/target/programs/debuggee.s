@ What a debugger meets: calls, IT blocks (breakpoints, stores and exceptions inside), loads and stores, SVC, PendSV,
@ an undefined instruction, and, when SELECT is not 0, a read where nothing is mapped.
        .include "common.inc"

        handler start
        ldr     r6, =RESULTS
        movs    r0, #0
        movs    r1, #0
        movs    r2, #0
        movs    r5, #0
        handler loop
        adds    r0, #1
        cmp     r0, #3
        handler conditional
        itte    lo
        addlo   r1, #5
        handler inside
        lsllo   r2, r1, #1
        movhs   r2, #7
        cmp     r0, #9
        itt     eq
        cmpeq   r1, #15
        moveq   r3, #1
        tst     r0, #1
        it      ne
        blne    function
        add.w   r3, r2, r1
        handler store
        str     r3, [r6, #4]
        handler stored
        ldr     r4, [r6, #4]
        handler loaded
        tst     r0, #2
        itt     ne
        strne   r0, [r6, #8]
        ldrne   r5, [r6, #8]
        handler stored_conditionally
        cmp     r0, #20
        blo     loop
        movs    r0, #1
        handler call
        svc     #7
        handler called
        ldr     r0, =SCB
        mov     r1, #1 << 28
        str     r1, [r0, #ICSR]
        handler pended
        nop
        nop
        cmp     r0, r0
        ittt    eq
        moveq   r1, #2
        svceq   #8
        handler called_conditionally
        addeq   r1, #1
        nop
        handler undefined
        udf     #1
        handler resumed
        get     r0, SELECT
        cbz     r0, 1f
        mov     r1, #0x60000000
        handler bad
        ldr     r2, [r1]
1:
        handler done
        b       done

        handler function
        adds    r5, r0, #3
        handler leave
        bx      lr

        handler sv_call
        push    {r4, lr}
        movs    r4, #9
        str     r4, [r6, #12]
        pop     {r4, pc}

        handler pend_sv
        ldr     r3, [r6, #16]
        adds    r3, #1
        str     r3, [r6, #16]
        bx      lr

        handler hard_fault
        ldr     r0, [sp, #24]
        adds    r0, #2
        str     r0, [sp, #24]
        bx      lr
