# SPDX-License-Identifier: MIT
# What functions call at their start and end on RISC-V when they are compiled
# with -msave-restore: one copy of the code that stacks registers instead of
# one in each function. Names, register and frame layout are those of the
# RISC-V ABI's millicode; a native module has no libgcc to bring them.
# ra and s0 stand highest; frames are 16, 32, 48 or 64 bytes. tools/short_calls.py
# puts both among the functions that use them.

    .text

    .macro save count
    .globl __riscv_save_\count
__riscv_save_\count:
    .endm

    .macro restore count
    .globl __riscv_restore_\count
__riscv_restore_\count:
    .endm

	.type	__riscv_save, @function
__riscv_save:
    save 12
    addi sp, sp, -64
    sw s11, 12(sp)
    li t1, 0
    j 1f
    save 11
    save 10
    save 9
    save 8
    addi sp, sp, -64
    li t1, 16
1:
    sw s10, 16(sp)
    sw s9, 20(sp)
    sw s8, 24(sp)
    sw s7, 28(sp)
    j 2f
    save 7
    save 6
    save 5
    save 4
    addi sp, sp, -64
    li t1, 32
2:
    sw s6, 32(sp)
    sw s5, 36(sp)
    sw s4, 40(sp)
    sw s3, 44(sp)
    sw s2, 48(sp)
    sw s1, 52(sp)
    sw s0, 56(sp)
    sw ra, 60(sp)
    add sp, sp, t1
    jr t0
    save 3
    save 2
    save 1
    save 0
    addi sp, sp, -16
    sw s2, 0(sp)
    sw s1, 4(sp)
    sw s0, 8(sp)
    sw ra, 12(sp)
    jr t0
	.size	__riscv_save, .-__riscv_save

	.type	__riscv_restore, @function
__riscv_restore:
    restore 12
    lw s11, 12(sp)
    addi sp, sp, 16
    restore 11
    restore 10
    restore 9
    restore 8
    lw s10, 0(sp)
    lw s9, 4(sp)
    lw s8, 8(sp)
    lw s7, 12(sp)
    addi sp, sp, 16
    restore 7
    restore 6
    restore 5
    restore 4
    lw s6, 0(sp)
    lw s5, 4(sp)
    lw s4, 8(sp)
    lw s3, 12(sp)
    addi sp, sp, 16
    restore 3
    restore 2
    restore 1
    restore 0
    lw s2, 0(sp)
    lw s1, 4(sp)
    lw s0, 8(sp)
    lw ra, 12(sp)
    addi sp, sp, 16
    ret
	.size	__riscv_restore, .-__riscv_restore
