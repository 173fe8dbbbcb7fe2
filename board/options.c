// SPDX-License-Identifier: MIT
#include "board/options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

static struct board_options options = {
    .image = "board.flash",
    .heap = 112 * 1024,
    .heap_grow = 112 * 1024,
    .stack = 32 * 1024,
    .unique_id = {0x84, 0x0d, 0x8e, 0xd2, 0x97, 0x60},
    .wifi_join_ms = 300,
};

// A parser stores value and returns NULL, or says what is wrong with it.
struct row {
    const char *name;
    const char *argument; // what --help calls the value; NULL: takes none
    const char *(*parse)(const char *value);
    const char *help;
};

// Reads "2M", "112K" or "4096" at *text and moves *text behind it.
static bool read_size(const char **text, size_t *size) {
    char *end;
    if (!isdigit((unsigned char)**text)) {
        return false;
    }
    unsigned long long value = strtoull(*text, &end, 10);
    int shift = *end == 'K' ? 10 : *end == 'M' ? 20 : 0;
    *size = (size_t)(value << shift);
    *text = end + (shift != 0);
    return value < 1ULL << 30;
}

static const char *parse_size(const char *value, size_t *size) {
    bool good = read_size(&value, size) && *value == '\0';
    return good ? NULL : "is not a size; write it like 2M, 512K or 4096";
}

static const char *parse_number(const char *value, uint64_t *number) {
    char *end;
    *number = strtoull(value, &end, 10);
    bool good = isdigit((unsigned char)*value) && *end == '\0';
    return good ? NULL : "is not a number";
}

static const char *parse_image(const char *value) {
    options.image = value;
    return NULL;
}

static const char *parse_flash(const char *value) {
    const char *wrong = parse_size(value, &options.flash);
    if (wrong == NULL && (options.flash % 4096 || options.flash < 64 * 1024)) {
        wrong = "is not a flash size; take 64K or more, in steps of 4K";
    }
    return wrong;
}

static const char *parse_heap(const char *value) {
    options.heap_grow = 0;
    bool good = read_size(&value, &options.heap);
    if (good && *value == '+') {
        value++;
        good = read_size(&value, &options.heap_grow);
    }
    if (!good || *value != '\0') {
        return "is not a heap; write it like 112K or 112K+112K";
    }
    return options.heap < 16 * 1024 ? "is too small; take 16K or more" : NULL;
}

static const char *parse_stack(const char *value) {
    const char *wrong = parse_size(value, &options.stack);
    if (wrong == NULL &&
        (options.stack < 8 * 1024 || options.stack > 4096 * 1024)) {
        wrong = "is not a stack size; take 8K to 4M";
    }
    return wrong;
}

static const char *parse_unique_id(const char *value) {
    if (strlen(value) != 2 * sizeof(options.unique_id) ||
        strspn(value, "0123456789abcdefABCDEF") != strlen(value)) {
        return "is not an id; give 12 hex digits such as 840d8ed29760";
    }
    for (size_t i = 0; i < sizeof(options.unique_id); i++) {
        char digits[3] = {value[2 * i], value[2 * i + 1], '\0'};
        options.unique_id[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return NULL;
}

static const char *parse_link(const char *value) {
    options.link = value;
    return NULL;
}

static const char *parse_log(const char *value) {
    options.log = value;
    return NULL;
}

static const char *parse_control(const char *value) {
    options.control = value;
    return NULL;
}

static const char *parse_fast(const char *value) {
    (void)value;
    options.fast = true;
    return NULL;
}

static const char *parse_scenario(const char *value) {
    options.scenario = value;
    return NULL;
}

static const char *parse_vcd(const char *value) {
    options.vcd = value;
    return NULL;
}

static const char *parse_wav(const char *value) {
    options.wav = value;
    return NULL;
}

static const char *parse_heap_watch(const char *value) {
    (void)value;
    options.heap_watch = true;
    return NULL;
}

static const char *parse_quiet(const char *value) {
    (void)value;
    options.quiet = true;
    return NULL;
}

static const char *parse_wifi_ssid(const char *value) {
    options.wifi_ssid = value;
    return NULL;
}

static const char *parse_wifi_psk(const char *value) {
    options.wifi_psk = value;
    return NULL;
}

static const char *parse_wifi_join_ms(const char *value) {
    uint64_t number;
    const char *wrong = parse_number(value, &number);
    options.wifi_join_ms = (unsigned)number;
    return wrong;
}

static const char *parse_ntp(const char *value) {
    static char host[128];
    const char *colon = strrchr(value, ':');
    uint64_t port = 123;
    size_t size = colon ? (size_t)(colon - value) : strlen(value);
    if (size == 0 || size >= sizeof(host)) {
        return "is not a host; write it like 127.0.0.1:1230";
    }
    memcpy(host, value, size);
    options.ntp_host = host;
    const char *wrong = colon ? parse_number(colon + 1, &port) : NULL;
    options.ntp_port = (unsigned)port;
    return wrong ? "has no port number behind its colon" : NULL;
}

static const char *parse_cut_after(const char *value) {
    return parse_number(value, &options.cut_after);
}

static const char *print_help(const char *value);

static const struct row rows[] = {
    {"image", "FILE", parse_image,
     "the flash image; made, formatted and given a boot.py when it is not\n"
     "there (board.flash)"},
    {"flash", "SIZE", parse_flash,
     "bytes of the file system: 2M is a stock 4 MiB ESP32, 16M a large one\n"
     "(2M for a new image)"},
    {"heap", "SIZE[+GROW]", parse_heap,
     "MicroPython's heap at start and what it may grow by (112K+112K)\n"
     "A stock ESP32 starts with 56 KiB and grows once by as much. Words are\n"
     "twice as wide on this host, so are most objects: hence twice 56."},
    {"stack", "SIZE", parse_stack,
     "C stack for Python calls (32K: twice an ESP32's 16 KiB)"},
    {"unique-id", "HEX", parse_unique_id,
     "machine.unique_id(), also the Wi-Fi MAC (840d8ed29760)"},
    {"link", "PATH", parse_link, "make PATH a symbolic link to the REPL's pty"},
    {"log", "FILE", parse_log, "append what the console prints to FILE"},
    {"control", "PATH", parse_control,
     "listen on a socket at PATH for commands, one a line: wifi down,\n"
     "wifi up, reset, power-cut, status, heap, devices, show, fault, set\n"
     "(docs/board.md); each is answered by a line"},
    {"scenario", "FILE", parse_scenario,
     "what is connected to the pins, and what happens to it (docs/board.md)"},
    {"vcd", "FILE", parse_vcd,
     "trace all pins into a value change dump, for a waveform viewer"},
    {"wav", "FILE", parse_wav,
     "keep what is played through I2S, where the scenario does not say"},
    {"fast", NULL, parse_fast,
     "do not wait for the host's clock: time passes where the program waits\n"
     "and while buses work; the same program runs the same way every time"},
    {"wifi-ssid", "NAME", parse_wifi_ssid,
     "the only Wi-Fi network in range (without: any name is)"},
    {"wifi-psk", "PASSWORD", parse_wifi_psk,
     "its password (without: any password is right)"},
    {"wifi-join-ms", "MS", parse_wifi_join_ms,
     "time to join it and get an address (300)"},
    {"ntp", "HOST[:PORT]", parse_ntp,
     "where ntptime.settime() asks (without: it takes the host's clock)"},
    {"cut-after", "N", parse_cut_after,
     "lose power in the middle of the N-th flash operation from power-on;\n"
     "resets do not start anew"},
    {"heap-watch", NULL, parse_heap_watch,
     "collect garbage at every 2K allocated: the command heap then tells\n"
     "how many bytes were alive at the fullest moment since it last did"},
    {"quiet", NULL, parse_quiet, "do not print the pty's name"},
    {"help", NULL, print_help, "print this"},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void print_row(const struct row *row) {
    char left[40];
    snprintf(left, sizeof(left), "--%s %s", row->name,
             row->argument ? row->argument : "");
    const char *line = row->help;
    while (line != NULL) {
        const char *end = strchr(line, '\n');
        int size = end ? (int)(end - line) : (int)strlen(line);
        printf("  %-22s %.*s\n", left, size, line);
        left[0] = '\0';
        line = end ? end + 1 : NULL;
    }
}

static const char *print_help(const char *value) {
    (void)value;
    printf("usage: board [OPTION]...\n"
           "A virtual ESP32 with MicroPython: its REPL is on a pty, its flash "
           "in a file.\n\n");
    for (int i = 0; i < ROWS; i++) {
        print_row(&rows[i]);
    }
    printf(
        "\nTalk to it:   mpremote connect PTY repl\n"
        "End it:       SIGTERM switches it off in order, SIGKILL is a power "
        "cut\n"
        "Exit status:  0 switched off, 1 a failure, 2 a wrong command line\n");
    exit(EXIT_SUCCESS);
}

static _Noreturn void usage(const char *format, ...) {
    va_list values;
    va_start(values, format);
    fprintf(stderr, "board: ");
    vfprintf(stderr, format, values);
    fprintf(stderr, "\n");
    exit(EXIT_USAGE);
}

static void parse_row(const struct row *row, const char *value) {
    const char *wrong = row->parse(value);
    if (wrong != NULL) {
        usage("--%s %s %s", row->name, value, wrong);
    }
}

void board_options_parse(int argc, char **argv) {
    struct option table[ROWS + 1] = {0};
    for (int i = 0; i < ROWS; i++) {
        table[i].name = rows[i].name;
        table[i].has_arg = rows[i].argument ? required_argument : no_argument;
    }
    int index;
    int found;
    opterr = 0;
    while ((found = getopt_long(argc, argv, "", table, &index)) != -1) {
        if (found != 0) {
            usage("%s is not an option, or lacks its value; see board --help",
                  argv[optind - 1]);
        }
        parse_row(&rows[index], optarg);
    }
    if (optind < argc) {
        usage("%s is not an option; see board --help", argv[optind]);
    }
}

const struct board_options *board_options(void) {
    return &options;
}
