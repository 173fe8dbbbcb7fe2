// SPDX-License-Identifier: MIT
// The todo file, both ways. Read: any bytes, with the CRC-32 set right when
// the first byte is odd; what is read whole and written again is read again
// the same. Written: entries made of the bytes are read back as they were.
#include <string.h>

#include "core/base/error.h"
#include "core/codec/crc32.h"
#include "core/ota/todo.h"
#include "tests/fuzz/flat.h"
#include "tests/fuzz/fuzz.h"

enum { ENTRIES = 16, TAIL = 4 };

static struct blox_todo todo;
static struct blox_todo_entry entries[ENTRIES];
static uint8_t set[BLOX_SHA256_SIZE];
static uint8_t text[FLAT_BYTES];

static void must_be_equal(const struct blox_todo_entry *a,
                          const struct blox_todo_entry *b) {
    fuzz_must(a->type == b->type && a->index == b->index &&
              a->empty == b->empty && a->has_size == b->has_size &&
              a->size == b->size);
    fuzz_must(memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0);
    fuzz_must(strcmp(a->name, b->name) == 0);
    fuzz_must(strcmp(a->version, b->version) == 0);
}

// Reads the file at path; keeps the first entries. Returns how many there
// are, or an error.
static int read_all(const char *path) {
    int count = 0;
    int result = blox_todo_open(&todo, &flat.ops, path);
    while (result == BLOX_OK && (result = blox_todo_next(&todo)) == 1) {
        fuzz_must(todo.entry.index == (uint32_t)count);
        if (count < ENTRIES) {
            entries[count] = todo.entry;
        }
        ++count;
        result = BLOX_OK;
    }
    memcpy(set, todo.set, sizeof set);
    blox_todo_close(&todo);
    fuzz_must(flat.open_files == 0);
    fuzz_must(result == BLOX_OK || result == BLOX_ERROR_FORMAT);
    return result == BLOX_OK ? count : result;
}

static bool is_path(enum blox_list_type type) {
    return type == BLOX_LIST_SRC || type == BLOX_LIST_DELETE;
}

static void put(struct blox_todo_writer *writer,
                const struct blox_todo_entry *from) {
    struct blox_span name = blox_span_text(from->name);
    struct blox_list_entry entry = {
        .type = from->type,
        .version = blox_span_text(from->version),
        .has_size = from->has_size,
        .size = from->size,
        .empty = from->empty,
    };
    *(is_path(from->type) ? &entry.path : &entry.name) = name;
    memcpy(entry.sha256, from->sha256, sizeof entry.sha256);
    fuzz_must(blox_todo_put(writer, &entry) == BLOX_OK);
}

// Writes the entries, reads them back.
static void there_and_back(int count) {
    struct blox_todo_writer writer;
    fuzz_must(blox_todo_create(&writer, &flat.ops, "/.blox/b", set) == BLOX_OK);
    for (int i = 0; i < count; ++i) {
        put(&writer, &entries[i]);
    }
    fuzz_must(blox_todo_finish(&writer) == BLOX_OK);
    fuzz_must(blox_todo_open(&todo, &flat.ops, "/.blox/b") == BLOX_OK);
    fuzz_must(memcmp(todo.set, set, sizeof set) == 0);
    for (int i = 0; i < count; ++i) {
        fuzz_must(blox_todo_next(&todo) == 1);
        must_be_equal(&todo.entry, &entries[i]);
    }
    fuzz_must(blox_todo_next(&todo) == 0);
    blox_todo_close(&todo);
    fuzz_must(flat.open_files == 0);
}

static void take_text(struct blox_span *from, char *to, size_t max) {
    size_t size = from->size > 0 ? from->data[0] % max : 0;
    *from = blox_span_part(*from, 1, from->size);
    struct blox_span part = blox_span_part(*from, 0, size);
    for (size_t i = 0; i < part.size; ++i) {
        to[i] = part.data[i] == 0 ? '0' : (char)part.data[i];
    }
    to[part.size] = '\0';
    *from = blox_span_part(*from, size, from->size);
}

// Makes an entry of the bytes.
static void make_entry(struct blox_span *from, struct blox_todo_entry *entry,
                       uint32_t index) {
    static const enum blox_list_type types[] = {BLOX_LIST_WHEEL, BLOX_LIST_SRC,
                                                BLOX_LIST_DELETE};
    uint8_t choice = from->data[0];
    memset(entry, 0, sizeof *entry);
    entry->type = types[choice % 3];
    entry->index = index;
    entry->empty = (choice & 16) != 0;
    entry->has_size = (choice & 32) != 0;
    *from = blox_span_part(*from, 1, from->size);
    struct blox_span fixed = blox_span_part(*from, 0, 4);
    for (size_t i = 0; i < fixed.size; ++i) {
        entry->size = entry->size << 8 | fixed.data[i];
    }
    memset(entry->sha256, choice, sizeof entry->sha256);
    *from = blox_span_part(*from, 4, from->size);
    take_text(from, entry->name, BLOX_PATH_MAX + 1);
    take_text(from, entry->version, BLOX_VERSION_MAX + 1);
    if (entry->name[0] == '\0') {
        strcpy(entry->name, "x");
    }
}

static void write_made(struct blox_span from) {
    int count = 0;
    memset(set, 0x5a, sizeof set);
    while (from.size > 0 && count < ENTRIES - 1) {
        make_entry(&from, &entries[count], (uint32_t)count);
        ++count;
    }
    there_and_back(count);
}

// The bytes as a file, its last four the CRC-32 of the rest when mended.
static void read_any(struct blox_span from, bool mended) {
    memcpy(text, from.data, from.size); // it has at least a byte
    if (mended && from.size >= TAIL) {
        size_t size = from.size - TAIL;
        uint32_t crc = blox_crc32(0, text, size);
        for (int i = 0; i < TAIL; ++i) {
            text[size + (size_t)i] = (uint8_t)(crc >> 8 * i);
        }
    }
    flat_put("/.blox/a", blox_span(text, from.size));
    int count = read_all("/.blox/a");
    if (count >= 0) {
        there_and_back(count < ENTRIES ? count : ENTRIES);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > sizeof text) {
        return 0;
    }
    flat_init();
    flat.read_at_most = data[0] >> 2;
    if ((data[0] & 2) != 0) {
        write_made(blox_span(data + 1, size - 1));
    } else {
        read_any(blox_span(data + 1, size - 1), (data[0] & 1) != 0);
    }
    return 0;
}
