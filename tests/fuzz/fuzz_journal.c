// SPDX-License-Identifier: MIT
// The journal. The first byte chooses: any bytes as the journal in force, or
// as lines behind a right header, which the device then tidies up after; or
// paths made of the bytes, written as a journal. However it reads, tidying
// ends and removes nothing outside /.blox but directories under /lib that are
// empty; what is written has the CRC-32 it says.
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/codec/crc32.h"
#include "core/ota/journal.h"
#include "core/ota/settle.h"
#include "tests/fuzz/flat.h"
#include "tests/fuzz/fuzz.h"

enum { STEPS_MAX = 20000, LINES_MAX = 5 };

static const char *const states[] = {"apply", "trial", "confirmed", "undo"};
static const char *const stay[] = {"/lib/pkg/a.py", "/lib/pkg", "/data/empty",
                                   "/data/x",       "/lib",     "/main.py"};
static const char *const staged[] = {"/.blox/journal.undo",
                                     "/.blox/journal.confirmed",
                                     "/.blox/journal.trial",
                                     "/.blox/b0",
                                     "/.blox/7",
                                     "/.blox/pkg-0",
                                     "/.blox/crashes",
                                     "/.blox/late.main.py"};

static uint8_t text[FLAT_BYTES];
static struct blox_settle settle;
static struct blox_journal journal;

// ---- Reading

static bool changeable(const char *path) {
    return strncmp(path, "/.blox/", 7) == 0 || strncmp(path, "/lib/", 5) == 0 ||
           strcmp(path, "/main.py") == 0 || strcmp(path, "/boot.py") == 0;
}

static void make_device(void) {
    struct blox_span content = blox_span_text("x");
    flat_init();
    flat.changeable = changeable;
    flat_mkdir("/lib");
    flat_mkdir("/lib/pkg");
    flat_put("/lib/pkg/a.py", content);
    flat_mkdir("/lib/old");
    flat_mkdir("/lib/old/deep");
    flat_mkdir("/data");
    flat_mkdir("/data/empty");
    flat_put("/data/x", content);
    flat_put("/main.py", content);
    flat_mkdir("/.blox");
    for (size_t i = 0; i < sizeof staged / sizeof staged[0]; ++i) {
        flat_put(staged[i], content);
    }
}

static void tidy(void) {
    int result = blox_settle_init(&settle, &flat.ops, NULL);
    fuzz_must(result == BLOX_OK);
    for (int steps = 0; (result = blox_settle_step(&settle)) == 1; ++steps) {
        fuzz_must(steps < STEPS_MAX);
    }
    blox_settle_close(&settle);
    fuzz_must(result == 0 && flat.open_files == 0);
    for (size_t i = 0; i < sizeof stay / sizeof stay[0]; ++i) {
        fuzz_must(flat_get(stay[i]) != NULL);
    }
    bool trial = settle.state == BLOX_JOURNAL_TRIAL;
    fuzz_must((flat_get(BLOX_FILE_JOURNAL) != NULL) == trial);
    fuzz_must((flat_get("/.blox/b0") != NULL) == trial);
}

// The state that a header names, read another way.
static int named_state(struct blox_span bytes) {
    char line[64], word[12];
    int end = 0;
    snprintf(line, sizeof line, "%.*s", (int)bytes.size,
             bytes.size > 0 ? (const char *)bytes.data : "");
    if (sscanf(line, "blox-journal%*1[ ]1%*1[ ]%11[a-z]%*1[ ]%*8[^ \n]%n", word,
               &end) != 1 ||
        end != 24 + (int)strlen(word) || line[end] != '\n') {
        return BLOX_JOURNAL_UNDO;
    }
    for (int i = 0; i < 4; ++i) {
        if (strcmp(word, states[i]) == 0) {
            return BLOX_JOURNAL_APPLY + i;
        }
    }
    return BLOX_JOURNAL_UNDO;
}

static void read_any(struct blox_span bytes) {
    make_device();
    flat_put(BLOX_FILE_JOURNAL, bytes);
    int state = blox_journal_state(&flat.ops);
    fuzz_must(state >= BLOX_JOURNAL_APPLY && state <= BLOX_JOURNAL_UNDO);
    int named = named_state(bytes);
    fuzz_must(named == BLOX_JOURNAL_UNDO || state == named);
    tidy();
}

static void read_lines(struct blox_span lines, unsigned choice) {
    int size =
        sprintf((char *)text, "blox-journal 1 %s %08x\n", states[choice % 4],
                blox_crc32(0, lines.data, lines.size));
    memcpy(text + size, lines.size > 0 ? lines.data : text, lines.size);
    make_device();
    flat_put(BLOX_FILE_JOURNAL, blox_span(text, (size_t)size + lines.size));
    fuzz_must(blox_journal_state(&flat.ops) ==
              BLOX_JOURNAL_APPLY + (int)(choice % 4));
    tidy();
}

// ---- Writing

static char paths[LINES_MAX][BLOX_FILE_TARGET_MAX];
static bool removed[LINES_MAX];

static void add_line(uint32_t i, unsigned choice) {
    int error;
    removed[i] = choice % 3 == 0;
    if (choice % 3 == 0) {
        error = blox_journal_remove(&journal, paths[i], "/.blox/b1");
    } else if (choice % 3 == 1) {
        error = blox_journal_make_directory(&journal, paths[i]);
    } else {
        error = blox_journal_move(&journal, "/.blox/1", paths[i], "/.blox/b1",
                                  choice * 2654435761u);
    }
    fuzz_must(error == BLOX_OK);
}

// A path of the bytes up to the next control character.
static struct blox_span take_path(struct blox_span from, char *path) {
    size_t size = 1;
    path[0] = '/';
    while (from.size > 0 && from.data[0] > ' ' &&
           size < BLOX_FILE_TARGET_MAX - 1) {
        path[size++] = (char)from.data[0];
        from = blox_span_part(from, 1, from.size);
    }
    path[size] = '\0';
    return blox_span_part(from, 1, from.size);
}

static void must_be_whole(const char *path, const char *state) {
    const struct flat_file *file = flat_get(path);
    char header[40];
    fuzz_must(file != NULL);
    struct blox_span content = blox_span(file->data, file->size);
    size_t line = blox_span_find(content, '\n') + 1;
    struct blox_span lines = blox_span_part(content, line, content.size);
    int size = sprintf(header, "blox-journal 1 %s %08x\n", state,
                       blox_crc32(0, lines.data, lines.size));
    fuzz_must(blox_span_equal(blox_span_part(content, 0, line),
                              blox_span(header, (size_t)size)));
    fuzz_must(lines.size == journal.bytes);
}

static void must_know_removals(uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
        bool any = false;
        for (uint32_t j = 0; j < count; ++j) {
            any = any || (removed[j] && strcmp(paths[i], paths[j]) == 0);
        }
        fuzz_must(blox_journal_removes(&journal, paths[i]) == any);
    }
}

static void write_journal(struct blox_span bytes) {
    uint32_t count = 0;
    flat_init();
    fuzz_must(blox_journal_open(&journal, &flat.ops) == BLOX_OK);
    while (bytes.size > 1 && count < LINES_MAX) {
        unsigned choice = bytes.data[0];
        bytes = blox_span_part(bytes, 1, bytes.size);
        bytes = take_path(bytes, paths[count]);
        add_line(count++, choice);
    }
    fuzz_must(journal.lines == count);
    must_know_removals(count);
    flat.blocks = 1000;
    fuzz_must(blox_journal_prepare(&journal) == BLOX_OK);
    fuzz_must(blox_journal_state(&flat.ops) == BLOX_JOURNAL_NONE);
    fuzz_must(blox_journal_commit(&journal) == BLOX_OK);
    fuzz_must(blox_journal_state(&flat.ops) == BLOX_JOURNAL_APPLY);
    must_be_whole(BLOX_FILE_JOURNAL, "apply");
    must_be_whole(BLOX_FILE_JOURNAL_TRIAL, "trial");
    must_be_whole(BLOX_FILE_JOURNAL_CONFIRMED, "confirmed");
    must_be_whole(BLOX_FILE_JOURNAL_UNDO, "undo");
    fuzz_must(flat.open_files == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || size > sizeof text - 60) {
        return 0;
    }
    struct blox_span rest = blox_span(data + 1, size - 1);
    if (data[0] % 4 == 0) {
        write_journal(rest);
    } else if (data[0] % 4 == 1) {
        read_any(rest);
    } else {
        read_lines(rest, data[0] / 4u);
    }
    return 0;
}
