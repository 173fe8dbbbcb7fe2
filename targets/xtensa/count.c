// SPDX-License-Identifier: MIT
// A plugin of QEMU's (docs/devel/tcg-plugins) that counts the instructions of
// a program, and says so when the program makes the system call that
// target_mark() is. The few declarations of qemu-plugin.h stand here; Debian
// packages none.
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { MARK = 0x626c, NO_REGISTERS = 0 };

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
typedef void (*exec_t)(unsigned int cpu, void *data);
typedef void (*translate_t)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*syscall_t)(qemu_plugin_id_t id, unsigned int cpu, int64_t number,
                          uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                          uint64_t e, uint64_t f, uint64_t g, uint64_t h);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
                                          exec_t call, int registers,
                                          void *data);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           translate_t call);
void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t id, syscall_t call);
int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
                        char **argv);

int qemu_plugin_version = PLUGIN_VERSION;

static uint64_t count;
static unsigned marks;

static void executed(unsigned int cpu, void *instructions) {
    (void)cpu;
    count += (uintptr_t)instructions;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
    (void)id;
    uintptr_t instructions = qemu_plugin_tb_n_insns(tb);
    qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, NO_REGISTERS,
                                         (void *)instructions);
}

// The names are in the program's memory, out of reach here: marks are counted.
static void called(qemu_plugin_id_t id, unsigned int cpu, int64_t number,
                   uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                   uint64_t f, uint64_t g, uint64_t h) {
    if (number == MARK) {
        fprintf(stderr, "instructions %u %" PRIu64 "\n", ++marks, count);
    }
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
                        char **argv) {
    (void)info;
    (void)argc;
    (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_vcpu_syscall_cb(id, called);
    return 0;
}
