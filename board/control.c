// SPDX-License-Identifier: MIT
#include "board/control.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "board/clock.h"
#include "board/flash.h"
#include "board/hardware.h"
#include "board/heap.h"
#include "board/options.h"
#include "board/reset.h"
#include "board/scenario.h"
#include "board/wlan.h"

enum { CLIENT_US = 200000, ANSWER_MAX = 280, LINE_MAX_BYTES = 200 };

static int listen_fd = -1;

// A command writes its answer, without the newline, and returns whether the
// board goes on; otherwise `then` happens after the answer was sent.
struct command {
    const char *name;
    void (*run)(char *answer);
    void (*then)(void);
};

static void wifi_down(char *answer) {
    board_wlan_set_air(false);
    strcpy(answer, "ok");
}

static void wifi_up(char *answer) {
    board_wlan_set_air(true);
    strcpy(answer, "ok");
}

static void say_ok(char *answer) {
    strcpy(answer, "ok");
}

static void say_status(char *answer) {
    uint64_t operations =
        board_always_on()->flash_operations + board_flash()->operations;
    snprintf(answer, ANSWER_MAX,
             "cause %d, uptime %llu ms, wifi %s, flash operations %llu",
             (int)board_reset_cause(),
             (unsigned long long)board_clock_uptime_ms(),
             board_wlan_is_joined() ? "joined" : "not joined",
             (unsigned long long)operations);
}

static void say_heap(char *answer) {
    snprintf(answer, ANSWER_MAX, "peak %zu", board_heap_take_peak());
}

// The button EN: an ESP32 reports it as a power-on.
static void reset(void) {
    board_reset_now(BOARD_RESET_POWER_ON);
}

static void power_cut(void) {
    board_power_cut();
}

static const struct command commands[] = {
    {"wifi down", wifi_down, NULL}, {"wifi up", wifi_up, NULL},
    {"reset", say_ok, reset},       {"power-cut", say_ok, power_cut},
    {"status", say_status, NULL},   {"heap", say_heap, NULL},
};

// Commands about a scenario's devices, with arguments behind the name.
static const struct {
    const char *name;
    void (*run)(const char *arguments, char *answer, size_t size);
} device_commands[] = {
    {"devices", board_scenario_devices},
    {"show", board_scenario_show},
    {"fault", board_scenario_fault},
    {"set", board_scenario_set},
};

static void ask_devices(const char *line, char *answer) {
    size_t count = sizeof(device_commands) / sizeof(device_commands[0]);
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(device_commands[i].name);
        if (strncmp(device_commands[i].name, line, size) == 0 &&
            (line[size] == ' ' || line[size] == '\0')) {
            const char *arguments = line + size + (line[size] == ' ');
            device_commands[i].run(arguments, answer, ANSWER_MAX);
        }
    }
}

static void answer_line(int fd, const char *line) {
    char answer[ANSWER_MAX + 1] =
        "error: not a command; see --control in board --help";
    void (*then)(void) = NULL;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].name, line) == 0) {
            commands[i].run(answer);
            then = commands[i].then;
        }
    }
    ask_devices(line, answer);
    strcat(answer, "\n");
    ssize_t sent = send(fd, answer, strlen(answer), MSG_NOSIGNAL);
    (void)sent;
    if (then != NULL) {
        close(fd);
        then();
    }
}

static void serve(int fd) {
    struct timeval limit = {.tv_usec = CLIENT_US};
    char line[LINE_MAX_BYTES];
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    ssize_t size = recv(fd, line, sizeof(line) - 1, 0);
    if (size > 0) {
        line[size] = '\0';
        line[strcspn(line, "\r\n")] = '\0';
        answer_line(fd, line);
    }
}

static void accept_clients(void *unused) {
    (void)unused;
    int fd;
    while ((fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        fd = board_keep_fd(fd, false);
        serve(fd);
        close(fd);
    }
}

static _Noreturn void give_up(const char *path, const char *why) {
    fprintf(stderr, "board: cannot listen at %s: %s\n", path, why);
    exit(EXIT_FAILURE);
}

void board_control_start(void) {
    const char *path = board_options()->control;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat old;
    if (path == NULL) {
        return;
    }
    if (strlen(path) >= sizeof(address.sun_path)) {
        give_up(path, "the path is too long; take one under 108 characters");
    }
    strcpy(address.sun_path, path);
    if (stat(path, &old) == 0 && S_ISSOCK(old.st_mode)) {
        unlink(path);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(fd, 8) != 0) {
        give_up(path, strerror(errno));
    }
    listen_fd = board_keep_fd(fd, false);
    board_hardware_watch(listen_fd, accept_clients, NULL);
}

void board_control_unlink(void) {
    if (board_options()->control != NULL) {
        unlink(board_options()->control);
    }
}
