// SPDX-License-Identifier: MIT
// Files that come as src, and the list of them that is kept in /.blox/src.

#include <string.h>

#include "core/codec/crc32.h"
#include "core/ota/install_parts.h"
#include "core/ota/rescue.h"

static bool carries_rescue(struct blox_span path) {
    return blox_span_is(path, "main.py") || blox_span_is(path, "boot.py");
}

static int make_empty(struct blox_install *install) {
    int error = blox_install_open_file(install, install->check_path,
                                       BLOX_STORAGE_WRITE, &install->file);
    blox_install_close_file(install, &install->file);
    return error;
}

int blox_install_start_src(struct blox_install *install) {
    const struct blox_todo_entry *entry = &install->todo.entry;
    int error = BLOX_OK;
    if (entry->empty) {
        blox_file_staged(install->check_path, install->number++);
        error = make_empty(install);
    } else {
        blox_file_package(install->check_path, entry->index);
    }
    install->crc = 0;
    install->pass = PASS_SRC;
    return blox_install_more(
        error == BLOX_OK
            ? blox_install_open_file(install, install->check_path,
                                     BLOX_STORAGE_READ, &install->file)
            : error);
}

// A new main.py waits in /.blox until the set is confirmed.
static int move_src(struct blox_install *install) {
    struct blox_span path = blox_span_text(install->todo.entry.name);
    char target[BLOX_FILE_TARGET_MAX];
    blox_file_target(target, "/", path);
    const char *to = blox_span_is(path, "main.py")   ? BLOX_FILE_LATE_MAIN
                     : blox_span_is(path, "boot.py") ? BLOX_FILE_LATE_BOOT
                                                     : target;
    install->pass = PASS_STAGE;
    return blox_install_more(
        blox_install_move(install, install->check_path, to, install->crc));
}

static int check_rescue(struct blox_install *install) {
    struct blox_span path = blox_span_text(install->todo.entry.name);
    if (!carries_rescue(path)) {
        return move_src(install);
    }
    int format =
        blox_rescue_format(install->config.storage, install->check_path);
    if (format < BLOX_JOURNAL_FORMAT) {
        return blox_text_fail(install->config.why, BLOX_ERROR_REFUSED, "src",
                              path,
                              "a file that starts the device must carry the "
                              "rescue and declare RESCUE = 1");
    }
    install->pass = PASS_CHECK;
    return BLOX_INSTALL_CHECK;
}

void blox_install_checked(struct blox_install *install, bool compiles,
                          struct blox_span said) {
    if (compiles) {
        install->pass = PASS_SRC;
        install->cursor = 1;
        return;
    }
    blox_text_fail(install->config.why, BLOX_ERROR_REFUSED, "src",
                   blox_span_text(install->todo.entry.name),
                   "it does not compile: ");
    blox_text_add_shown(install->config.why, said);
}

int blox_install_take_src(struct blox_install *install) {
    if (install->file == NULL && install->cursor == 1) {
        install->cursor = 0;
        return move_src(install);
    }
    int32_t count = blox_install_read(install, install->file);
    if (count < 0) {
        return (int)count;
    }
    if (count > 0) {
        install->crc =
            blox_crc32(install->crc, install->config.io, (size_t)count);
        return BLOX_INSTALL_MORE;
    }
    blox_install_close_file(install, &install->file);
    return check_rescue(install);
}

// ---- the list of src files --------------------------------------------------

// Looks whether this update touches path, or anything when path is empty.
// Returns 1, 0, or an error.
static int touches(struct blox_install *install, struct blox_span path) {
    const struct blox_todo_entry *entry = &install->todo.entry;
    int result = blox_install_open_todo(install);
    if (result != BLOX_OK) {
        return result;
    }
    do {
        result = blox_todo_next(&install->todo);
        if (result == 1 && entry->type != BLOX_LIST_WHEEL &&
            (path.size == 0 ||
             blox_span_equal(path, blox_span_text(entry->name)))) {
            return 1;
        }
    } while (result == 1);
    return result;
}

int blox_install_start_src_list(struct blox_install *install) {
    int result = touches(install, blox_span(NULL, 0));
    install->pass = result == 0 ? PASS_PREPARE : PASS_LIST;
    if (result <= 0) {
        return blox_install_more(result);
    }
    install->crc = 0;
    install->cursor = 0;
    blox_file_staged(install->check_path, install->number++);
    return blox_install_more(blox_install_open_file(
        install, install->check_path, BLOX_STORAGE_WRITE, &install->out));
}

static int write_src_line(struct blox_install *install, struct blox_span line) {
    const struct blox_storage *storage = install->config.storage;
    install->crc = blox_crc32(install->crc, line.data, line.size);
    return storage->write(storage->context, install->out, line.data, line.size);
}

// Reads the next line "<8 hex> <path>" of the old list into io, its end
// included. Returns its size, 0 after the last one, or an error.
static int32_t read_src_line(struct blox_install *install) {
    const struct blox_storage *storage = install->config.storage;
    int32_t error = storage->open(storage->context, BLOX_FILE_SRC,
                                  BLOX_STORAGE_READ, &install->file);
    if (error != BLOX_OK) {
        install->file = NULL;
        return error == BLOX_ERROR_MISSING ? 0 : error;
    }
    error = storage->seek(storage->context, install->file, install->cursor);
    int32_t count =
        error == BLOX_OK ? blox_install_read(install, install->file) : 0;
    blox_install_close_file(install, &install->file);
    if (error != BLOX_OK || count <= 0) {
        return error != BLOX_OK ? error : count;
    }
    struct blox_span read = blox_span(install->config.io, (size_t)count);
    size_t size = blox_span_find(read, '\n');
    size += size < read.size;
    install->cursor += (uint32_t)size;
    return (int32_t)size;
}

static int add_new_lines(struct blox_install *install) {
    const struct blox_todo_entry *entry = &install->todo.entry;
    char data[BLOX_PATH_MAX + 16];
    struct blox_text line;
    int result = blox_install_open_todo(install);
    if (result != BLOX_OK) {
        return result;
    }
    while ((result = blox_todo_next(&install->todo)) == 1) {
        if (entry->type != BLOX_LIST_SRC) {
            continue;
        }
        blox_text_init(&line, data, sizeof data);
        blox_text_add_hex(&line, entry->sha256, 4);
        blox_text_add_char(&line, ' ');
        blox_text_add_span(&line, blox_span_text(entry->name));
        blox_text_add_char(&line, '\n');
        result = write_src_line(install, blox_text_span(&line));
        if (result != BLOX_OK) {
            return result;
        }
    }
    return result;
}

static int end_src_list(struct blox_install *install) {
    int error = add_new_lines(install);
    blox_install_close_file(install, &install->out);
    install->pass = PASS_PREPARE;
    if (error == BLOX_OK) {
        error = blox_install_move(install, install->check_path, BLOX_FILE_SRC,
                                  install->crc);
        --install->files; // it is ours, nobody sent it
    }
    return blox_install_more(error);
}

int blox_install_take_src_line(struct blox_install *install) {
    enum { HASH = 9 }; // "b6c58805 "
    int32_t size = read_src_line(install);
    if (size <= 0) {
        return size < 0 ? (int)size : end_src_list(install);
    }
    struct blox_span line = blox_span(install->config.io, (size_t)size);
    struct blox_span path = blox_span_part(line, HASH, line.size);
    path.size = blox_span_find(path, '\n');
    int touched = path.size == 0 ? 1 : touches(install, path);
    return touched == 0 ? blox_install_more(write_src_line(install, line))
                        : blox_install_more(touched < 0 ? touched : BLOX_OK);
}
