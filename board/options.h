// SPDX-License-Identifier: MIT
// The board's command line.
#ifndef BOARD_OPTIONS_H
#define BOARD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct board_options {
    const char *image;     // the flash image's path
    size_t flash;          // bytes of the file system; 0: as the image has
    size_t heap;           // bytes of the heap at start
    size_t heap_grow;      // bytes it may grow by
    size_t stack;          // bytes of C stack for Python
    uint8_t unique_id[6];  // machine.unique_id() and the station's MAC
    const char *link;      // a symbolic link to the pty, or NULL
    const char *log;       // a file that gets what the console prints, or NULL
    const char *control;   // a socket that takes commands, or NULL
    bool heap_watch;       // collect often, note what was alive
    bool quiet;            // say nothing on standard error
    const char *wifi_ssid; // the one network in range, or NULL: any
    const char *wifi_psk;  // its password, or NULL: any
    unsigned wifi_join_ms; // from connect() to an address
    const char *ntp_host;  // where ntptime asks, or NULL: the host's clock
    unsigned ntp_port;
    bool fast;            // time passes where the program waits
    const char *scenario; // what is connected, a JSON file, or NULL
    const char *vcd;      // a trace of the pins, or NULL
    const char *wav;      // what is played through I2S, or NULL
    uint64_t cut_after;   // lose power in that flash operation; 0: never
};

// Reads the command line into the options that board_options() gives. Prints
// help and exits 0, or one sentence and exits 2, when that is what the command
// line asks for.
void board_options_parse(int argc, char **argv);

// What was asked for; constant after board_options_parse().
const struct board_options *board_options(void);

#endif
