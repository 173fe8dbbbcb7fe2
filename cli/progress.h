// SPDX-License-Identifier: MIT
// A progress bar on a terminal; nothing in a pipe.
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool shown;     // stderr is a terminal
    uint64_t total; // bytes
    double began;   // of broker_clock()
    double drawn;
};

// Starts a bar of so many bytes.
void progress_begin(struct progress *progress, uint64_t total);

// Draws done of total bytes, with rate and time left, a few times a second.
void progress_draw(struct progress *progress, uint64_t done);

// Wipes the bar away, so that a line can be written.
void progress_clear(struct progress *progress);

#endif
