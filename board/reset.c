// SPDX-License-Identifier: MIT
#include "board/reset.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <time.h>
#include <unistd.h>

#include "board/flash.h"

// Descriptors from here on are the board's, those between standard error and
// here the program's.
enum { BOARD_FDS = 100 };

// Tells the program after a reset where its always-on domain is.
#define ALWAYS_ON_VARIABLE "BLOX_BOARD_ALWAYS_ON"

static char **arguments;
static struct board_always_on *always_on;
static bool after_soft_reset;

static _Noreturn void give_up(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

int board_keep_fd(int fd, bool over_reset) {
    int kept =
        fcntl(fd, over_reset ? F_DUPFD : F_DUPFD_CLOEXEC, (int)BOARD_FDS);
    if (kept < 0) {
        give_up("board: no descriptor left");
    }
    close(fd);
    return kept;
}

static void map_domain(int fd) {
    void *memory = mmap(NULL, sizeof(*always_on), PROT_READ | PROT_WRITE,
                        MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        give_up("board: no memory for the always-on domain");
    }
    always_on = memory;
}

static void power_on(void) {
    int fd = memfd_create("always-on", 0);
    if (fd < 0 || ftruncate(fd, sizeof(*always_on)) != 0) {
        give_up("board: no memory for the always-on domain");
    }
    fd = board_keep_fd(fd, true);
    map_domain(fd);
    always_on->cause = BOARD_RESET_POWER_ON;
    always_on->pty = -1;
    char number[16];
    snprintf(number, sizeof(number), "%d", fd);
    setenv(ALWAYS_ON_VARIABLE, number, 1);
}

// Starts the program again at addresses that are the same every time: the
// garbage collector takes what looks like a pointer for one, and a measured
// heap shall not depend on luck. Returns where the system does not allow it.
static void fix_addresses(void) {
    int current = personality(0xffffffff);
    if (current >= 0 && !(current & ADDR_NO_RANDOMIZE) &&
        personality((unsigned long)current | ADDR_NO_RANDOMIZE) >= 0) {
        execv("/proc/self/exe", arguments);
    }
}

void board_reset_init(char **argv) {
    arguments = argv;
    // A reset may come from a thread that blocks signals; exec keeps that.
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    const char *number = getenv(ALWAYS_ON_VARIABLE);
    if (number != NULL) {
        map_domain(atoi(number));
    } else {
        fix_addresses();
        power_on();
    }
}

struct board_always_on *board_always_on(void) {
    return always_on;
}

enum board_reset board_reset_cause(void) {
    return after_soft_reset ? BOARD_RESET_SOFT : always_on->cause;
}

static void close_programs_fds(void) {
    for (int fd = STDERR_FILENO + 1; fd < BOARD_FDS; fd++) {
        close(fd);
    }
}

void board_reset_soft(void) {
    after_soft_reset = true;
    close_programs_fds();
}

_Noreturn void board_reset_now(enum board_reset cause) {
    always_on->cause = cause;
    always_on->flash_operations += board_flash()->operations;
    close_programs_fds();
    execv("/proc/self/exe", arguments);
    give_up("board: cannot start itself again");
}

_Noreturn void board_power_cut(void) {
    for (;;) {
        kill(getpid(), SIGKILL);
        pause();
    }
}
