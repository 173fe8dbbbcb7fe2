// SPDX-License-Identifier: MIT
#include "tests/power/vm.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/mpthread.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "shared/readline/readline.h"
#include "shared/runtime/pyexec.h"

#include "board/hardware.h"
#include "board/machine.h"
#include "board/options.h"

enum {
    HEAP = 256 * 1024,
    SAID = 6 * 1024,
    LIFE_S = 3600, // of the device's time that a life may take
    REAL_S = 20,   // and of the host's
};

static char *heap;
static sigjmp_buf leave;
static enum board_reset cause, next_cause;
static struct board_always_on always_on;
static uint64_t now_us;
static uint64_t random_state;
static char said[SAID + 1];
static size_t said_size;
static bool shown;

// The only alarm of the board's that a program under test sets.
static struct {
    uint64_t bites_us; // 0: not started
    uint64_t timeout_us;
} watchdog;

_Noreturn void vm_leave(enum vm_end end) {
    siglongjmp(leave, end);
}

enum board_reset vm_cause(void) {
    return next_cause;
}

void vm_show(bool show) {
    shown = show;
}

const char *vm_said(void) {
    said[said_size] = '\0';
    return said;
}

// ---- time ------------------------------------------------------------------

static void bite(void) {
    const char *line = "\nTask watchdog got triggered.\n";
    watchdog.bites_us = 0;
    mp_hal_stdout_tx_str(line);
    board_reset_now(BOARD_RESET_WATCHDOG);
}

static void pass(uint64_t us) {
    now_us += us;
    if (now_us > (uint64_t)LIFE_S * 1000000) {
        vm_leave(VM_STUCK);
    }
    if (watchdog.bites_us != 0 && watchdog.bites_us <= now_us) {
        bite();
    }
}

// Passes at most us, but not more than to the watchdog's end.
static void wait(uint64_t us) {
    uint64_t end = now_us + us;
    if (watchdog.bites_us != 0 && watchdog.bites_us < end) {
        end = watchdog.bites_us;
    }
    pass(end - now_us + 1);
}

// Looking at the clock takes time as well, or loops that wait for it would
// never end.
static uint64_t look(void) {
    pass(20);
    return now_us;
}

mp_uint_t __wrap_mp_hal_ticks_ms(void);
mp_uint_t __wrap_mp_hal_ticks_ms(void) {
    return look() / 1000;
}

mp_uint_t __wrap_mp_hal_ticks_us(void);
mp_uint_t __wrap_mp_hal_ticks_us(void) {
    return look();
}

uint64_t __wrap_mp_hal_time_ns(void);
uint64_t __wrap_mp_hal_time_ns(void) {
    return look() * 1000;
}

int64_t __wrap_board_clock_us(void);
int64_t __wrap_board_clock_us(void) {
    return (int64_t)look();
}

uint64_t __wrap_board_clock_uptime_ms(void);
uint64_t __wrap_board_clock_uptime_ms(void) {
    return look() / 1000;
}

void __wrap_mp_hal_delay_ms(mp_uint_t ms);
void __wrap_mp_hal_delay_ms(mp_uint_t ms) {
    uint64_t end = now_us + ms * 1000;
    while (now_us < end) {
        wait(end - now_us);
        mp_handle_pending(true);
    }
}

void __wrap_mp_hal_delay_us(mp_uint_t us);
void __wrap_mp_hal_delay_us(mp_uint_t us) {
    pass(us);
}

void __wrap_board_hardware_wait(int ms);
void __wrap_board_hardware_wait(int ms) {
    wait(ms < 0 ? (uint64_t)LIFE_S * 1000000 : (uint64_t)ms * 1000);
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int ms) {
    for (nfds_t i = 0; i < count; i++) {
        fds[i].revents = 0;
    }
    if (ms != 0) {
        __wrap_board_hardware_wait(ms);
    }
    return 0;
}

// The same numbers in every run.
void __wrap_mp_hal_get_random(size_t size, void *data);
void __wrap_mp_hal_get_random(size_t size, void *data) {
    uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++) {
        random_state =
            random_state * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (uint8_t)(random_state >> 56);
    }
}

// ---- what surrounds the processor -------------------------------------------

void __wrap_board_hardware_start(void);
void __wrap_board_hardware_start(void) {
}

void __wrap_board_hardware_watch(int fd, board_watch *watch, void *context);
void __wrap_board_hardware_watch(int fd, board_watch *watch, void *context) {
    (void)fd;
    (void)watch;
    (void)context;
}

void __wrap_board_watchdog_feed(void);
void __wrap_board_watchdog_feed(void) {
    watchdog.bites_us = now_us + watchdog.timeout_us;
}

void __wrap_board_watchdog_start(mp_int_t timeout_ms);
void __wrap_board_watchdog_start(mp_int_t timeout_ms) {
    watchdog.timeout_us = (uint64_t)timeout_ms * 1000;
    __wrap_board_watchdog_feed();
}

void __wrap_board_hardware_look_again(int fd);
void __wrap_board_hardware_look_again(int fd) {
    (void)fd;
}

void __wrap_board_hardware_wake(void);
void __wrap_board_hardware_wake(void) {
}

_Noreturn void __wrap_board_reset_now(enum board_reset why);
_Noreturn void __wrap_board_reset_now(enum board_reset why) {
    next_cause = why;
    vm_leave(VM_RESET);
}

enum board_reset __wrap_board_reset_cause(void);
enum board_reset __wrap_board_reset_cause(void) {
    return cause;
}

struct board_always_on *__wrap_board_always_on(void);
struct board_always_on *__wrap_board_always_on(void) {
    return &always_on;
}

// ---- the console ------------------------------------------------------------

static void keep(const char *text, size_t size) {
    if (said_size + size > SAID) {
        size_t drop = said_size + size - SAID / 2;
        drop = drop < said_size ? drop : said_size;
        memmove(said, said + drop, said_size - drop);
        said_size -= drop;
    }
    size = size < SAID - said_size ? size : SAID - said_size;
    memcpy(said + said_size, text, size);
    said_size += size;
}

mp_uint_t __wrap_mp_hal_stdout_tx_strn(const char *text, size_t size);
mp_uint_t __wrap_mp_hal_stdout_tx_strn(const char *text, size_t size) {
    keep(text, size);
    if (shown) {
        fwrite(text, 1, size, stdout);
        fflush(stdout);
    }
    return size;
}

void __wrap_mp_hal_stdout_tx_strn_cooked(const char *text, size_t size);
void __wrap_mp_hal_stdout_tx_strn_cooked(const char *text, size_t size) {
    __wrap_mp_hal_stdout_tx_strn(text, size);
}

void __wrap_mp_hal_stdout_tx_str(const char *text);
void __wrap_mp_hal_stdout_tx_str(const char *text) {
    __wrap_mp_hal_stdout_tx_strn(text, strlen(text));
}

void __wrap_board_console_print(const char *text);
void __wrap_board_console_print(const char *text) {
    __wrap_mp_hal_stdout_tx_strn(text, strlen(text));
}

// Nobody types.
int __wrap_mp_hal_stdin_rx_chr(void);
int __wrap_mp_hal_stdin_rx_chr(void) {
    vm_leave(VM_REPL);
}

uintptr_t __wrap_mp_hal_stdio_poll(uintptr_t flags);
uintptr_t __wrap_mp_hal_stdio_poll(uintptr_t flags) {
    return flags & MP_STREAM_POLL_WR;
}

void nlr_jump_fail(void *value) {
    (void)value;
    fprintf(stderr, "power: NLR jump failed\n");
    abort();
}

void __wrap_mbedtls_debug_set_threshold(int threshold);
void __wrap_mbedtls_debug_set_threshold(int threshold) {
    (void)threshold;
}

// ---- lives ------------------------------------------------------------------

static void too_long(int number) {
    (void)number;
    vm_leave(VM_STUCK);
}

void vm_start(void) {
    static char *arguments[] = {"power", "--heap=256K", NULL};
    board_options_parse(2, arguments);
    heap = malloc(HEAP);
    mp_thread_init();
    signal(SIGALRM, too_long);
}

static void run_files(void) {
    pyexec_frozen_module("_boot.py", false);
    int result = pyexec_file_if_exists("boot.py");
    if (!(result & PYEXEC_FORCED_EXIT)) {
        pyexec_file_if_exists("main.py");
    }
}

static MP_NOINLINE void live(void) {
    mp_cstack_init_with_sp_here(board_options()->stack);
    gc_init(heap, heap + HEAP);
    // What the last life was in the middle of is gone.
    MP_STATE_THREAD(nlr_top) = NULL;
    MP_STATE_THREAD(nlr_jump_callback_top) = NULL;
    mp_init();
    MP_STATE_VM(mmap_region_head) = NULL;
    mp_obj_list_append(mp_sys_path, MP_OBJ_NEW_QSTR(MP_QSTR__slash_lib));
    readline_init0();
    run_files();
}

enum vm_end vm_run(enum board_reset why) {
    cause = always_on.cause = why;
    now_us = 0;
    random_state = 1;
    watchdog.bites_us = 0;
    alarm(REAL_S);
    int end = sigsetjmp(leave, 1);
    if (end == 0) {
        live();
        end = VM_REPL;
    }
    alarm(0);
    return (enum vm_end)end;
}
