// SPDX-License-Identifier: MIT
// What C cannot say on Xtensa with register windows: the entry of a process,
// spilling the windows to the stack, setjmp and longjmp, Linux's system calls.
// (Xtensa Instruction Set Architecture, chapters on the windowed registers.)

    .section .text.windows, "ax"
    .literal_position

// ---- process entry.  The kernel gives sp -> argc.  The outermost call must be a
// call4: the overflow handler for call8/call12 would look for a save area above
// this frame, through a caller's sp that does not exist.
    .global _start
    .type _start, @function
    .align 4
_start:
    movi    a0, 0               // ends the chain of frames
    mov     a6, a1              // argument: the kernel's sp
    addi    a1, a1, -32
    srli    a1, a1, 4           // the ABI wants 16-byte alignment
    slli    a1, a1, 4
    call4   port_start
1:  j       1b

// ---- void **xtensa_spill(void): on return every caller's registers are in its save
// area on the stack.  Eight nested call8 turn through 16 register panes; a core has
// 8 (32 registers, dc233c) or 16 (64 registers, LX6/LX7).  The result is where to
// begin a scan: our caller's caller's a0-a3 lie in the 16 bytes BELOW our caller's sp.
    .global xtensa_spill
    .type xtensa_spill, @function
    .align 4
xtensa_spill:
    entry   a1, 32
    movi    a10, 8
    call8   spill_deeper
    addi    a2, a1, 16          // the caller's sp - 16
    retw
    .align 4
spill_deeper:
    entry   a1, 32
    addi    a10, a2, -1
    beqz    a10, 1f
    call8   spill_deeper
1:  retw

// ---- int setjmp(jmp_buf); 17 words, as newlib's and as the native emitter assumes:
//   0..11 caller's a0-a11 (as many as its call left out of our window)
//   12..15 what is saved just below the caller's sp (alloca may move it later)
//   16 our return address, with the call size in its two top bits
    .global setjmp
    .type setjmp, @function
    .align 4
setjmp:
    entry   a1, 32
    call8   xtensa_spill
    addi    a3, a1, -16         // caller's a0-a3
    l32i    a4, a3, 0
    l32i    a5, a3, 4
    l32i    a6, a3, 8
    l32i    a7, a3, 12
    s32i    a4, a2, 0
    s32i    a5, a2, 4
    s32i    a6, a2, 8
    s32i    a7, a2, 12
    addi    a3, a5, -16         // a5: caller's sp
    l32i    a4, a3, 0           // caller's caller's a0-a3
    l32i    a5, a3, 4           // ... its sp
    l32i    a6, a3, 8
    l32i    a7, a3, 12
    s32i    a4, a2, 48
    s32i    a5, a2, 52
    s32i    a6, a2, 56
    s32i    a7, a2, 60
    s32i    a0, a2, 64
    extui   a3, a0, 30, 2       // 1, 2, 3: caller used call4, call8, call12
    slli    a3, a3, 4
    addi    a3, a3, -16         // bytes of a4.. in the extra save area
    addi    a5, a5, -16
    sub     a5, a5, a3          // it lies just below the top base save area
    addi    a6, a2, 16
    add     a7, a6, a3
    j       2f
1:  l32i    a4, a5, 0
    s32i    a4, a6, 0
    addi    a5, a5, 4
    addi    a6, a6, 4
2:  bltu    a6, a7, 1b
    movi    a2, 0
    retw

// ---- void longjmp(jmp_buf, int): refill the save areas, then let the window
// underflow of our own retw load the registers of setjmp's caller from them.
    .global longjmp
    .type longjmp, @function
    .align 4
longjmp:
    entry   a1, 32
    call8   xtensa_spill            // after this only our own window is live
    l32i    a0, a2, 64
    addi    a8, a1, -16         // retw underflow reads the caller's a0-a3 here
    l32i    a4, a2, 0
    l32i    a5, a2, 4
    l32i    a6, a2, 8
    l32i    a7, a2, 12
    s32i    a4, a8, 0
    s32i    a5, a8, 4
    s32i    a6, a8, 8
    s32i    a7, a8, 12
    addi    a8, a5, -16
    l32i    a4, a2, 48
    l32i    a5, a2, 52
    l32i    a6, a2, 56
    l32i    a7, a2, 60
    s32i    a4, a8, 0
    s32i    a5, a8, 4
    s32i    a6, a8, 8
    s32i    a7, a8, 12
    extui   a8, a0, 30, 2
    slli    a8, a8, 4
    addi    a8, a8, -16
    addi    a5, a5, -16
    sub     a5, a5, a8
    addi    a6, a2, 16
    add     a7, a6, a8
    j       2f
1:  l32i    a4, a6, 0
    s32i    a4, a5, 0
    addi    a5, a5, 4
    addi    a6, a6, 4
2:  bltu    a6, a7, 1b
    movi    a2, 1
    movnez  a2, a3, a3
    retw

// ---- long xtensa_syscall(long number, a, b, c, d, e, f): Linux wants the
// number in a2 and the arguments in a6, a3, a4, a5, a8, a9. The seventh word
// that C passes is on the stack.
    .global xtensa_syscall
    .type xtensa_syscall, @function
    .align 4
xtensa_syscall:
    entry   a1, 32
    l32i    a9, a1, 32          // f
    mov     a8, a7              // e
    mov     a10, a6             // d
    mov     a6, a3              // a
    mov     a3, a4              // b
    mov     a4, a5              // c
    mov     a5, a10
    syscall
    retw
