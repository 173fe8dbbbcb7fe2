// SPDX-License-Identifier: MIT
// Boot: what app_main() and the MicroPython task are on an ESP32.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/mpthread.h"
#include "py/runtime.h"

#include "shared/readline/readline.h"
#include "shared/runtime/pyexec.h"

#include "board/console.h"
#include "board/control.h"
#include "board/flash.h"
#include "board/hardware.h"
#include "board/heap.h"
#include "board/machine.h"
#include "board/nvs.h"
#include "board/options.h"
#include "board/reset.h"
#include "board/wlan.h"
#include "board/world.h"

// What the boot ROM of an ESP32 prints first.
static void print_cause(void) {
    static const char *const lines[] = {
        [BOARD_RESET_POWER_ON] = "rst:0x1 (POWERON_RESET)\r\n",
        [BOARD_RESET_HARD] = "rst:0xc (SW_CPU_RESET)\r\n",
        [BOARD_RESET_WATCHDOG] = "rst:0xc (SW_CPU_RESET), watchdog\r\n",
        [BOARD_RESET_DEEPSLEEP] = "rst:0x5 (DEEPSLEEP_RESET)\r\n",
    };
    board_console_print(lines[board_always_on()->cause]);
}

static void switch_off(void *context) {
    (void)context;
    board_console_unlink();
    board_control_unlink();
    board_world_flush();
    _exit(EXIT_SUCCESS);
}

// SIGTERM and SIGINT arrive in the hardware thread, whatever Python does.
static void watch_switch(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    int fd = board_keep_fd(signalfd(-1, &signals, SFD_NONBLOCK), false);
    board_hardware_watch(fd, switch_off, NULL);
}

// A crash of native code: an ESP32 says so and resets, and the reset reads as
// a hard one. This runs on a stack of its own, for the other may be the cause.
static void panic(int number, siginfo_t *info, void *context) {
    (void)context;
    char text[100];
    snprintf(text, sizeof(text),
             "\r\nGuru Meditation Error: %s, address %p. Rebooting...\r\n",
             sigabbrev_np(number), info->si_addr);
    board_console_print(text);
    board_reset_now(BOARD_RESET_HARD);
}

static void watch_crashes(void) {
    enum { STACK = 64 * 1024 };
    static uint8_t memory[STACK];
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    stack_t stack = {.ss_sp = memory, .ss_size = STACK};
    struct sigaction action = {
        .sa_sigaction = panic,
        .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
    };
    sigaltstack(&stack, NULL);
    for (size_t i = 0; i < MP_ARRAY_SIZE(signals); i++) {
        sigaction(signals[i], &action, NULL);
    }
}

static void run_boot_files(void) {
    pyexec_frozen_module("_boot.py", false);
    int result = pyexec_file_if_exists("boot.py");
    if (result & PYEXEC_FORCED_EXIT) {
        return;
    }
    if (pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL && result != 0) {
        result = pyexec_file_if_exists("main.py");
        if (result & PYEXEC_FORCED_EXIT) {
            return;
        }
    }
    for (;;) {
        bool raw = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL;
        if ((raw ? pyexec_raw_repl() : pyexec_friendly_repl()) != 0) {
            return;
        }
    }
}

// One life of the interpreter, from one soft reset to the next.
static void run_interpreter(char *heap) {
    gc_init(heap, heap + board_options()->heap);
    board_heap_watch();
    mp_init();
    // ports/unix/alloc.c lists the native code it made room for in here.
    MP_STATE_VM(mmap_region_head) = NULL;
    mp_obj_list_append(mp_sys_path, MP_OBJ_NEW_QSTR(MP_QSTR__slash_lib));
    readline_init0();
    board_pin_reset_all();
    run_boot_files();
    board_peripherals_stop();
    mp_thread_deinit();
    gc_sweep_all();
    mp_hal_stdout_tx_str("MPY: soft reboot\r\n");
    mp_deinit();
    board_reset_soft();
    mp_thread_init();
}

static MP_NOINLINE void run(void) {
    char *heap = malloc(board_options()->heap);
    if (heap == NULL) {
        fprintf(stderr, "board: no memory for a heap of that size\n");
        exit(EXIT_FAILURE);
    }
    for (;;) {
        mp_cstack_init_with_sp_here(board_options()->stack);
        run_interpreter(heap);
    }
}

int main(int argc, char **argv) {
    board_options_parse(argc, argv);
    board_reset_init(argv);
    mp_thread_init();
    board_flash_start();
    board_nvs_start();
    board_hardware_start();
    board_world_start();
    watch_switch();
    board_console_start();
    watch_crashes();
    board_control_start();
    board_wlan_start();
    print_cause();
    run();
}

void nlr_jump_fail(void *value) {
    (void)value;
    board_console_print("\r\nNLR jump failed\r\n");
    board_reset_now(BOARD_RESET_HARD);
}

// Without it modtls_mbedtls.c prints the library's debug output.
void __wrap_mbedtls_debug_set_threshold(int threshold) {
    (void)threshold;
}
