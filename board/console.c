// SPDX-License-Identifier: MIT
#include "board/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "py/mphal.h"
#include "py/mpthread.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "extmod/misc.h"
#include "shared/runtime/interrupt_char.h"

#include "board/hardware.h"
#include "board/options.h"
#include "board/reset.h"

enum {
    RING_SIZE = 16384, // bytes typed ahead
    STUCK_MS = 1000,   // how long a terminal may not read before bytes go lost
};

static int pty_fd = -1;
static int log_fd = -1;

// One writer (the hardware thread), one reader (Python's thread with the GIL).
static struct {
    uint8_t bytes[RING_SIZE];
    atomic_size_t put;
    atomic_size_t got;
} ring;

static _Noreturn void give_up(const char *what, const char *name) {
    fprintf(stderr, "board: %s %s: %s\n", what, name, strerror(errno));
    exit(EXIT_FAILURE);
}

static size_t ring_used(void) {
    return atomic_load(&ring.put) - atomic_load(&ring.got);
}

static void ring_put(uint8_t byte) {
    size_t put = atomic_load(&ring.put);
    ring.bytes[put % RING_SIZE] = byte;
    atomic_store(&ring.put, put + 1);
}

static int ring_get(void) {
    size_t got = atomic_load(&ring.got);
    if (ring_used() == 0) {
        return -1;
    }
    uint8_t byte = ring.bytes[got % RING_SIZE];
    atomic_store(&ring.got, got + 1);
    if (ring_used() == RING_SIZE / 2) {
        board_hardware_look_again(pty_fd);
    }
    return byte;
}

static void receive(void *unused) {
    (void)unused;
    uint8_t bytes[512];
    while (RING_SIZE - ring_used() >= sizeof(bytes)) {
        ssize_t count = read(pty_fd, bytes, sizeof(bytes));
        if (count <= 0) {
            return; // nothing more, or nobody has the other side open
        }
        for (ssize_t i = 0; i < count; i++) {
            if (bytes[i] == mp_interrupt_char) {
                mp_sched_keyboard_interrupt();
            } else {
                ring_put(bytes[i]);
            }
        }
        board_hardware_wake();
    }
}

static void make_link(const char *name) {
    const char *link = board_options()->link;
    struct stat old;
    if (link == NULL) {
        return;
    }
    if (lstat(link, &old) == 0 && S_ISLNK(old.st_mode)) {
        unlink(link);
    }
    if (symlink(name, link) != 0) {
        give_up("cannot make the link", link);
    }
}

static void open_pty(void) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
        give_up("cannot open", "a pty");
    }
    pty_fd = board_keep_fd(master, true);
    const char *name = ptsname(pty_fd);
    int slave = open(name, O_RDWR | O_NOCTTY);
    struct termios settings;
    if (slave < 0 || tcgetattr(slave, &settings) != 0) {
        give_up("cannot open", name);
    }
    cfmakeraw(&settings);
    tcsetattr(slave, TCSANOW, &settings);
    close(slave);
    fcntl(pty_fd, F_SETFL, O_RDWR | O_NONBLOCK);
    board_always_on()->pty = pty_fd;
    make_link(name);
    if (!board_options()->quiet) {
        fprintf(stderr, "board: the REPL is on %s\n", name);
    }
}

void board_console_start(void) {
    const char *log = board_options()->log;
    if (log != NULL) {
        int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
        if (fd < 0) {
            give_up("cannot write", log);
        }
        log_fd = board_keep_fd(fd, false);
    }
    pty_fd = board_always_on()->pty;
    if (pty_fd < 0) {
        open_pty();
    }
    board_hardware_watch(pty_fd, receive, NULL);
}

void board_console_unlink(void) {
    if (board_options()->link != NULL) {
        unlink(board_options()->link);
    }
}

// Waits until the terminal takes more. Returns false when there is none, or it
// has not read for so long that a UART's bytes would be gone.
static bool terminal_is_ready(void) {
    static bool stuck;
    struct pollfd ready = {.fd = pty_fd, .events = POLLOUT};
    poll(&ready, 1, 0);
    if (ready.revents & POLLHUP) {
        stuck = false;
        return false;
    }
    if (!(ready.revents & POLLOUT) && !stuck) {
        poll(&ready, 1, STUCK_MS);
    }
    stuck = !(ready.revents & POLLOUT);
    return !stuck && !(ready.revents & POLLHUP);
}

static void transmit(const char *text, size_t size) {
    while (size > 0 && terminal_is_ready()) {
        ssize_t count = write(pty_fd, text, size);
        if (count > 0) {
            text += count;
            size -= (size_t)count;
        } else if (errno != EAGAIN && errno != EINTR) {
            return;
        }
    }
}

static void print(const char *text, size_t size) {
    if (log_fd >= 0) {
        ssize_t count = write(log_fd, text, size);
        (void)count;
    }
    transmit(text, size);
}

void board_console_print(const char *text) {
    print(text, strlen(text));
}

int mp_hal_stdin_rx_chr(void) {
    for (;;) {
        int byte = ring_get();
        if (byte < 0) {
            byte = mp_os_dupterm_rx_chr();
        }
        if (byte >= 0) {
            return byte;
        }
        // A duplicate terminal cannot interrupt: it is asked now and then.
        bool polled = MP_STATE_VM(dupterm_objs[0]) != MP_OBJ_NULL;
        mp_event_wait_ms(polled ? 10 : (mp_uint_t)-1);
    }
}

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t size) {
    MP_THREAD_GIL_EXIT();
    print(text, size);
    MP_THREAD_GIL_ENTER();
    int copied = mp_os_dupterm_tx_strn(text, size);
    return copied >= 0 && (size_t)copied < size ? (mp_uint_t)copied : size;
}

void mp_hal_stdout_tx_str(const char *text) {
    mp_hal_stdout_tx_strn(text, strlen(text));
}

void mp_hal_stdout_tx_strn_cooked(const char *text, size_t size) {
    while (size > 0) {
        const char *newline = memchr(text, '\n', size);
        size_t part = newline ? (size_t)(newline - text) : size;
        if (part > 0) {
            mp_hal_stdout_tx_strn(text, part);
        }
        text += part;
        size -= part;
        if (newline != NULL) {
            mp_hal_stdout_tx_strn("\r\n", 2);
            text++;
            size--;
        }
    }
}

uintptr_t mp_hal_stdio_poll(uintptr_t flags) {
    uintptr_t ready = flags & MP_STREAM_POLL_WR;
    if ((flags & MP_STREAM_POLL_RD) && ring_used() > 0) {
        ready |= MP_STREAM_POLL_RD;
    }
    return ready | mp_os_dupterm_poll(flags);
}
