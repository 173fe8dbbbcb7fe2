// SPDX-License-Identifier: MIT
#include "core/ota/todo.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/codec/crc32.h"

enum {
    HEAD = 8,   // type, flags, two lengths, size
    IS_END = 0, // types; those of entries are one more than in the list
    FLAG_EMPTY = 1,
    FLAG_SIZE = 2,
};

static const uint8_t magic[8] = {'b', 'l', 'x', 't', 'o', 'd', 'o', '1'};

static uint8_t code_of(enum blox_list_type type) {
    return type == BLOX_LIST_SRC ? 2 : type == BLOX_LIST_DELETE ? 3 : 1;
}

static int put(struct blox_todo_writer *writer, const void *data, size_t size) {
    writer->crc = blox_crc32(writer->crc, data, size);
    return writer->storage->write(writer->storage->context, writer->file, data,
                                  size);
}

int blox_todo_create(struct blox_todo_writer *writer,
                     const struct blox_storage *storage, const char *path,
                     const uint8_t set[BLOX_SHA256_SIZE]) {
    writer->storage = storage;
    writer->crc = 0;
    int error = storage->open(storage->context, path, BLOX_STORAGE_WRITE,
                              &writer->file);
    if (error != BLOX_OK) {
        writer->file = NULL;
        return error;
    }
    error = put(writer, magic, sizeof magic);
    return error == BLOX_OK ? put(writer, set, BLOX_SHA256_SIZE) : error;
}

int blox_todo_put(struct blox_todo_writer *writer,
                  const struct blox_list_entry *entry) {
    struct blox_span name = entry->path.size > 0 ? entry->path : entry->name;
    uint8_t head[HEAD] = {
        code_of(entry->type),
        (uint8_t)((entry->empty ? FLAG_EMPTY : 0) |
                  (entry->has_size ? FLAG_SIZE : 0)),
        (uint8_t)name.size,
        (uint8_t)entry->version.size,
    };
    blox_put_le32(head + 4, entry->size);
    int error = put(writer, head, sizeof head);
    if (error == BLOX_OK) {
        error = put(writer, entry->sha256, BLOX_SHA256_SIZE);
    }
    if (error == BLOX_OK) {
        error = put(writer, name.data, name.size);
    }
    if (error == BLOX_OK && entry->version.size > 0) {
        error = put(writer, entry->version.data, entry->version.size);
    }
    return error;
}

void blox_todo_abandon(struct blox_todo_writer *writer) {
    if (writer->file != NULL) {
        writer->storage->close(writer->storage->context, writer->file);
        writer->file = NULL;
    }
}

int blox_todo_finish(struct blox_todo_writer *writer) {
    const struct blox_storage *storage = writer->storage;
    uint8_t tail[5] = {IS_END};
    blox_put_le32(tail + 1, blox_crc32(writer->crc, tail, 1));
    int error =
        storage->write(storage->context, writer->file, tail, sizeof tail);
    int closed = storage->close(storage->context, writer->file);
    writer->file = NULL;
    return error == BLOX_OK ? closed : error;
}

// Reads exactly size bytes.
static int get(struct blox_todo *todo, void *data, size_t size) {
    const struct blox_storage *storage = todo->storage;
    uint8_t *to = data;
    for (size_t done = 0; done < size;) {
        int32_t count =
            storage->read(storage->context, todo->file, to + done, size - done);
        if (count <= 0) {
            return count < 0 ? (int)count : BLOX_ERROR_FORMAT;
        }
        done += (size_t)count;
    }
    return BLOX_OK;
}

static int get_counted(struct blox_todo *todo, void *data, size_t size) {
    int error = get(todo, data, size);
    if (error == BLOX_OK) {
        todo->crc = blox_crc32(todo->crc, data, size);
    }
    return error;
}

int blox_todo_open(struct blox_todo *todo, const struct blox_storage *storage,
                   const char *path) {
    uint8_t head[sizeof magic];
    blox_todo_close(todo);
    todo->storage = storage;
    todo->crc = 0;
    todo->next = 0;
    int error =
        storage->open(storage->context, path, BLOX_STORAGE_READ, &todo->file);
    if (error != BLOX_OK) {
        todo->file = NULL;
        return error;
    }
    error = get_counted(todo, head, sizeof head);
    if (error == BLOX_OK && memcmp(head, magic, sizeof magic) != 0) {
        error = BLOX_ERROR_FORMAT;
    }
    if (error == BLOX_OK) {
        error = get_counted(todo, todo->set, sizeof todo->set);
    }
    if (error != BLOX_OK) {
        blox_todo_close(todo);
    }
    return error;
}

void blox_todo_close(struct blox_todo *todo) {
    if (todo->file != NULL) {
        todo->storage->close(todo->storage->context, todo->file);
        todo->file = NULL;
    }
}

static int check_end(struct blox_todo *todo) {
    uint8_t tail[4];
    int error = get(todo, tail, sizeof tail);
    bool right = error == BLOX_OK && blox_le32(tail) == todo->crc;
    return error != BLOX_OK ? error : right ? BLOX_OK : BLOX_ERROR_FORMAT;
}

// Reads a text of size bytes into text[0..capacity), NUL-terminated.
static int get_text(struct blox_todo *todo, char *text, size_t capacity,
                    size_t size) {
    if (size >= capacity) {
        return BLOX_ERROR_FORMAT;
    }
    text[size] = '\0';
    return get_counted(todo, text, size);
}

static int get_entry(struct blox_todo *todo, uint8_t type) {
    static const uint8_t type_of[] = {0, BLOX_LIST_WHEEL, BLOX_LIST_SRC,
                                      BLOX_LIST_DELETE};
    struct blox_todo_entry *entry = &todo->entry;
    uint8_t head[HEAD - 1];
    if (type >= sizeof type_of) {
        return BLOX_ERROR_FORMAT;
    }
    int error = get_counted(todo, head, sizeof head);
    entry->type = (enum blox_list_type)type_of[type];
    entry->index = todo->next++;
    entry->empty = (head[0] & FLAG_EMPTY) != 0;
    entry->has_size = (head[0] & FLAG_SIZE) != 0;
    entry->size = blox_le32(head + 3);
    if (error == BLOX_OK) {
        error = get_counted(todo, entry->sha256, sizeof entry->sha256);
    }
    if (error == BLOX_OK) {
        error = get_text(todo, entry->name, sizeof entry->name, head[1]);
    }
    if (error == BLOX_OK) {
        error = get_text(todo, entry->version, sizeof entry->version, head[2]);
    }
    return error == BLOX_OK ? 1 : error;
}

int blox_todo_next(struct blox_todo *todo) {
    uint8_t type = IS_END;
    int error = get_counted(todo, &type, 1);
    if (error != BLOX_OK) {
        return error;
    }
    return type == IS_END ? check_end(todo) : get_entry(todo, type);
}
