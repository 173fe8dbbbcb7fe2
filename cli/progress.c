// SPDX-License-Identifier: MIT
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/broker.h"
#include "cli/terminal.h"

enum {
    FIGURES = 45, // columns beside the bar
    BAR_MIN = 10,
    BAR_MAX = 60,
};

static const double INTERVAL = 0.1; // seconds between two drawings

void progress_begin(struct progress *progress, uint64_t total) {
    progress->shown = terminal_is(STDERR_FILENO);
    progress->total = total;
    progress->began = broker_clock();
    progress->drawn = 0;
}

static int bar_width(void) {
    int width = terminal_width(STDERR_FILENO) - FIGURES;
    return width < BAR_MIN ? BAR_MIN : width > BAR_MAX ? BAR_MAX : width;
}

static void draw_bar(double part) {
    int width = bar_width();
    int full = (int)(part * width);
    fprintf(stderr, "\r[");
    for (int i = 0; i < width; ++i) {
        fputc(i < full ? '=' : i == full ? '>' : ' ', stderr);
    }
    fprintf(stderr, "] %3d %%", (int)(part * 100));
}

static void draw_time(double seconds) {
    unsigned left = seconds < 359999 ? (unsigned)(seconds + 0.5) : 359999;
    if (left >= 60) {
        fprintf(stderr, "  %u:%02u left", left / 60, left % 60);
    } else {
        fprintf(stderr, "  %u s left", left);
    }
}

void progress_draw(struct progress *progress, uint64_t done) {
    double now = broker_clock();
    if (!progress->shown || progress->total == 0 ||
        now - progress->drawn < INTERVAL) {
        return;
    }
    progress->drawn = now;
    double rate = (double)done / (now - progress->began + 1e-9);
    draw_bar((double)done / (double)progress->total);
    fprintf(stderr, "  %.1f MB  %.1f kB/s", (double)done / 1e6, rate / 1e3);
    if (done > 0) {
        draw_time((double)(progress->total - done) / rate);
    }
    fprintf(stderr, "\033[K");
    fflush(stderr);
}

void progress_clear(struct progress *progress) {
    if (progress->shown && progress->drawn > 0) {
        fprintf(stderr, "\r\033[K");
        fflush(stderr);
        progress->drawn = 0;
    }
}
