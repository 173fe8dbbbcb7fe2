// SPDX-License-Identifier: MIT
#include "board/hardware.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "py/mphal.h"
#include "py/mpthread.h"
#include "py/runtime.h"

#include "board/reset.h"
#include "board/world.h"

enum {
    WATCHES_MAX = 32,
    INSIST_MS = 5, // how often a blocked system call is interrupted anew
};

struct watch {
    int fd;
    board_watch *call;
    void *context;
};

static struct watch watches[WATCHES_MAX];
static int watch_count;
static int epoll_fd;
static int interrupt_fd; // an eventfd: set while an interrupt is not yet seen
static int insist_fd;    // an eventfd: starts the insisting below
static pthread_t main_thread;

static void no_handler(int number) {
    (void)number;
}

// Whether MicroPython has been told something that it has not yet acted on.
static bool processor_is_behind(void) {
    return MP_STATE_MAIN_THREAD(mp_pending_exception) != MP_OBJ_NULL ||
           MP_STATE_VM(sched_state) == MP_SCHED_PENDING;
}

// A signal ends a system call only if it comes while the call blocks, so it is
// sent again until the interrupt has been seen.
static void *hardware_thread(void *unused) {
    (void)unused;
    bool insist = false;
    for (;;) {
        struct epoll_event events[8];
        int count = epoll_wait(epoll_fd, events, 8, insist ? INSIST_MS : -1);
        for (int i = 0; i < count; i++) {
            struct watch *watch = events[i].data.ptr;
            if (watch->fd == insist_fd) {
                insist = true;
            }
            watch->call(watch->context);
        }
        insist = insist && processor_is_behind();
        if (insist) {
            pthread_kill(main_thread, SIGUSR2);
        }
    }
    return NULL;
}

static void take_event(void *context) {
    uint64_t count;
    ssize_t got = read(*(int *)context, &count, sizeof(count));
    (void)got;
}

static void put_event(int fd) {
    const uint64_t one = 1;
    ssize_t put = write(fd, &one, sizeof(one));
    (void)put;
}

void board_hardware_watch(int fd, board_watch *call, void *context) {
    if (watch_count == WATCHES_MAX) {
        fprintf(stderr, "board: too many devices\n");
        exit(EXIT_FAILURE);
    }
    struct watch *watch = &watches[watch_count++];
    *watch = (struct watch){.fd = fd, .call = call, .context = context};
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLET,
        .data.ptr = watch,
    };
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

void board_hardware_look_again(int fd) {
    for (int i = 0; i < watch_count; i++) {
        struct epoll_event event = {
            .events = EPOLLIN | EPOLLET,
            .data.ptr = &watches[i],
        };
        if (watches[i].fd == fd) {
            epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event);
        }
    }
}

void board_hardware_start(void) {
    struct sigaction wake = {.sa_handler = no_handler};
    sigaction(SIGUSR2, &wake, NULL);
    main_thread = pthread_self();
    epoll_fd = board_keep_fd(epoll_create1(0), false);
    interrupt_fd = board_keep_fd(eventfd(0, EFD_NONBLOCK), false);
    insist_fd = board_keep_fd(eventfd(0, EFD_NONBLOCK), false);
    board_hardware_watch(insist_fd, take_event, &insist_fd);

    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_t thread;
    pthread_sigmask(SIG_BLOCK, &all, &before);
    if (pthread_create(&thread, NULL, hardware_thread, NULL) != 0) {
        perror("board: no hardware thread");
        exit(EXIT_FAILURE);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void board_hardware_wake(void) {
    put_event(interrupt_fd);
    put_event(insist_fd);
}

bool board_hardware_is_main(void) {
    return pthread_equal(pthread_self(), main_thread);
}

// Waiting for what comes from outside, a byte typed or the like, is not
// hurried: it would only take the clock far away.
static void wait_fast(int ms) {
    struct pollfd ready = {.fd = interrupt_fd, .events = POLLIN};
    if (ms < 0) {
        board_world_flush();
        struct timespec before;
        struct timespec after;
        clock_gettime(CLOCK_MONOTONIC, &before);
        if (poll(&ready, 1, board_world_next_ms()) == 1) {
            take_event(&interrupt_fd);
        }
        clock_gettime(CLOCK_MONOTONIC, &after);
        board_world_pass_us((uint64_t)(after.tv_sec - before.tv_sec) * 1000000 +
                            (uint64_t)(after.tv_nsec / 1000) -
                            (uint64_t)(before.tv_nsec / 1000));
    } else if (poll(&ready, 1, 0) == 1) {
        take_event(&interrupt_fd);
    } else {
        board_world_skip((uint64_t)ms * 1000);
    }
}

void board_hardware_wait(int ms) {
    struct pollfd ready = {.fd = interrupt_fd, .events = POLLIN};
    if (board_world_is_fast) {
        MP_THREAD_GIL_EXIT();
        wait_fast(ms);
        MP_THREAD_GIL_ENTER();
        return;
    }
    MP_THREAD_GIL_EXIT();
    if (board_hardware_is_main()) {
        if (poll(&ready, 1, ms) == 1) {
            take_event(&interrupt_fd);
        }
    } else {
        // Other threads leave the interrupt to the main one.
        poll(NULL, 0, ms < 0 || ms > 10 ? 10 : ms);
    }
    MP_THREAD_GIL_ENTER();
}

// Called without the GIL.
int board_poll(struct pollfd *fds, nfds_t count, int ms, unsigned long timeout,
               unsigned long start_ticks) {
    if (!board_world_is_fast || ms == 0) {
        return poll(fds, count, ms);
    }
    // Descriptors lead out of this world, where time is the host's.
    for (nfds_t i = 0; i < count; i++) {
        if (fds[i].fd >= 0) {
            int ready = poll(fds, count, ms);
            board_world_pass_us(ready == 0 && ms > 0 ? (uint64_t)ms * 1000 : 0);
            return ready;
        }
    }
    uint64_t us = SIM_NEVER;
    if (timeout != (unsigned long)-1) {
        unsigned long passed = mp_hal_ticks_ms() - start_ticks;
        us = passed < timeout ? (timeout - passed) * 1000 : 0;
    }
    return board_world_skip(us) ? 0 : poll(NULL, 0, ms);
}

int board_hardware_timer(void) {
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    return board_keep_fd(fd, false);
}

static struct timespec timespec_us(uint64_t us) {
    return (struct timespec){
        .tv_sec = (time_t)(us / 1000000),
        .tv_nsec = (long)(us % 1000000) * 1000,
    };
}

void board_hardware_timer_set(int fd, uint64_t first_us, uint64_t period_us) {
    struct itimerspec setting = {
        .it_value = timespec_us(first_us),
        .it_interval = timespec_us(period_us),
    };
    timerfd_settime(fd, 0, &setting, NULL);
}

uint64_t board_hardware_timer_take(int fd) {
    uint64_t count = 0;
    return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}
