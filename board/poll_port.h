// SPDX-License-Identifier: MIT
// What extmod/modselect.c calls instead of poll(): it also tells until when it
// will go on calling, which with --fast is how far time may jump.
#ifndef BOARD_POLL_PORT_H
#define BOARD_POLL_PORT_H

#include <poll.h>

// timeout: the program's own in milliseconds, -1 for none, counted from
// start_ticks.
int board_poll(struct pollfd *fds, nfds_t count, int ms, unsigned long timeout,
               unsigned long start_ticks);

#define poll(fds, count, ms) board_poll(fds, count, ms, timeout, start_ticks)

#endif
