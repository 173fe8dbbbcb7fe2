// SPDX-License-Identifier: MIT
#include "core/ota/install.h"

#include <string.h>

#include "core/ota/install_parts.h"

enum {
    SPARE_BLOCKS = 8,     // of the reserve, and for each directory:
    DIRECTORY_BLOCKS = 2, // renames allocate metadata (docs/journal.md)
    MARGIN_BLOCKS = 24,   // journal and reserve, while unpacking
};

int blox_install_init(struct blox_install *install,
                      const struct blox_install_config *config) {
    memset(install, 0, sizeof *install);
    install->config = *config;
    blox_text_clear(config->why);
    return config->io_size >= 512 && config->bitmap_size > 0
               ? BLOX_OK
               : BLOX_ERROR_ARGUMENT;
}

void blox_install_set_window(struct blox_install *install, uint8_t *window,
                             size_t size) {
    install->window = window;
    install->window_size = size;
    install->config.unpack->set_window(&install->unpack, window, size);
}

void blox_install_close_file(struct blox_install *install, void **file) {
    const struct blox_storage *storage = install->config.storage;
    if (*file != NULL) {
        storage->close(storage->context, *file);
        *file = NULL;
    }
}

void blox_install_close(struct blox_install *install) {
    if (install->pass == PASS_UNPACK) {
        install->config.unpack->close(&install->unpack);
    }
    if (install->pass == PASS_RECORD) {
        install->config.unpack->record_close(&install->old.record);
    }
    blox_install_close_file(install, &install->file);
    blox_install_close_file(install, &install->out);
    blox_todo_close(&install->todo);
    blox_journal_close(&install->journal);
}

int blox_install_open_file(struct blox_install *install, const char *path,
                           enum blox_storage_mode mode, void **file) {
    const struct blox_storage *storage = install->config.storage;
    int error = storage->open(storage->context, path, mode, file);
    if (error != BLOX_OK) {
        *file = NULL;
        blox_text_fail(install->config.why, error, "installing",
                       blox_span_text(path), blox_error_text(error));
    }
    return error;
}

int32_t blox_install_read(struct blox_install *install, void *file) {
    const struct blox_storage *storage = install->config.storage;
    return storage->read(storage->context, file, install->config.io,
                         install->config.io_size);
}

int blox_install_open_todo(struct blox_install *install) {
    return blox_todo_open(&install->todo, install->config.storage,
                          BLOX_FILE_READY);
}

void blox_install_set_label(struct blox_install *install) {
    const struct blox_todo_entry *entry = &install->todo.entry;
    struct blox_text label;
    blox_text_init(&label, install->label, sizeof install->label);
    blox_text_add(&label, entry->name);
    blox_text_add(&label, entry->version[0] != '\0' ? " " : "");
    blox_text_add(&label, entry->version);
}

// ---- start ----------------------------------------------------------------

static int start(struct blox_install *install) {
    int state = blox_journal_state(install->config.storage);
    if (state != BLOX_JOURNAL_NONE) {
        return state < 0 ? state : BLOX_ERROR_STATE;
    }
    int error = blox_install_open_todo(install);
    if (error != BLOX_OK) {
        return error == BLOX_ERROR_FORMAT ? BLOX_ERROR_MISSING : error;
    }
    install->pass = PASS_VERIFY;
    return BLOX_INSTALL_MORE;
}

// Whether the entry's package is there, if it has one. Returns BLOX_OK,
// BLOX_ERROR_MISSING, or another error of storage.
static int find_package(struct blox_install *install) {
    const struct blox_storage *storage = install->config.storage;
    char path[BLOX_FILE_NAME_MAX];
    struct blox_storage_stat stat;
    if (!blox_todo_fetched(&install->todo.entry)) {
        return BLOX_OK;
    }
    blox_file_package(path, install->todo.entry.index);
    return storage->stat(storage->context, path, &stat);
}

// Reads it all once: a file that is damaged is none. Neither is one with a
// package that an attempt before this one, cut off, has dropped already: the
// caller clears away what is left, and the updater fetches anew.
static int verify(struct blox_install *install) {
    int result = blox_todo_next(&install->todo);
    int found = result == 1 ? find_package(install) : BLOX_OK;
    result = found == BLOX_OK ? result : found;
    if (result == BLOX_ERROR_FORMAT || result == BLOX_ERROR_MISSING) {
        blox_install_close(install);
        install->pass = PASS_START;
        return BLOX_ERROR_MISSING;
    }
    if (result == 0) {
        install->pass = PASS_CLEAN;
    }
    return result < 0 ? result : BLOX_INSTALL_MORE;
}

// Whether name in /.blox was staged by an earlier attempt: all but what the
// downloader left.
static bool is_leftover(const char *name) {
    static const char stays[][8] = {"list",  "origin", "src", "error",
                                    "boots", "ready",  "cmd", "pkg-"};
    struct blox_span span = blox_span_text(name);
    for (size_t i = 0; i < sizeof stays / sizeof stays[0]; ++i) {
        bool package = i == sizeof stays / sizeof stays[0] - 1;
        if (package ? blox_span_starts(span, stays[i])
                    : blox_span_is(span, stays[i])) {
            return false;
        }
    }
    return true;
}

static int end_clean(struct blox_install *install) {
    int error = blox_journal_open(&install->journal, install->config.storage);
    memset(install->config.bitmap, 0, install->config.bitmap_size);
    install->pass = PASS_REMOVE;
    return blox_install_more(error == BLOX_OK ? blox_install_open_todo(install)
                                              : error);
}

static int clean(struct blox_install *install) {
    const struct blox_storage *storage = install->config.storage;
    char name[BLOX_FILE_NAME_MAX * 2];
    char path[sizeof name + sizeof BLOX_FILE_FOLDER];
    int error = storage->list(storage->context, BLOX_FILE_FOLDER,
                              install->cursor, name, sizeof name);
    if (error == BLOX_ERROR_MISSING) {
        return end_clean(install);
    }
    if (error == BLOX_ERROR_BUFFER ||
        (error == BLOX_OK && !is_leftover(name))) {
        ++install->cursor;
        return BLOX_INSTALL_MORE;
    }
    if (error != BLOX_OK) {
        return error;
    }
    struct blox_text text;
    blox_text_init(&text, path, sizeof path);
    blox_text_add(&text, BLOX_FILE_FOLDER "/");
    blox_text_add(&text, name);
    install->cursor = 0;
    return blox_install_more(blox_file_remove(storage, path));
}

// ---- what comes ------------------------------------------------------------

static int make_directory(struct blox_install *install, const char *path) {
    const struct blox_storage *storage = install->config.storage;
    struct blox_storage_stat stat;
    int error = storage->stat(storage->context, path, &stat);
    if (error == BLOX_ERROR_MISSING) {
        return blox_journal_make_directory(&install->journal, path);
    }
    if (error == BLOX_OK && stat.kind == BLOX_STORAGE_FILE) {
        return blox_text_fail(install->config.why, BLOX_ERROR_PATH,
                              "installing", blox_span_text(path),
                              "a file stands where a directory must be");
    }
    return error;
}

// Adds a mkdir line for each directory above target that is not there.
static int make_parents(struct blox_install *install, const char *target) {
    size_t size = strlen(target);
    while (size > 0 && target[size] != '/') {
        --size;
    }
    struct blox_span folder = blox_span(target, size);
    if (blox_span_is(folder, install->folder)) {
        return BLOX_OK;
    }
    if (install->pass != PASS_UNPACK) { // the unpacker has counted a wheel's
        ++install->directories;
    }
    for (size_t i = 1; i <= size; ++i) {
        if (target[i] != '/') {
            continue;
        }
        memcpy(install->folder, target, i);
        install->folder[i] = '\0';
        int error = make_directory(install, install->folder);
        if (error != BLOX_OK) {
            return error;
        }
    }
    install->folder[size] = '\0';
    return BLOX_OK;
}

int blox_install_move(struct blox_install *install, const char *from,
                      const char *target, uint32_t crc32) {
    const struct blox_storage *storage = install->config.storage;
    struct blox_storage_stat stat;
    char backup[BLOX_FILE_NAME_MAX];
    blox_file_backup(backup, install->backups++);
    int found = storage->stat(storage->context, target, &stat);
    if (found == BLOX_OK && stat.kind == BLOX_STORAGE_DIRECTORY) {
        return blox_text_fail(install->config.why, BLOX_ERROR_PATH,
                              "installing", blox_span_text(target),
                              "a directory stands where a file must be");
    }
    int error = make_parents(install, target);
    ++install->files;
    return error == BLOX_OK ? blox_journal_move(&install->journal, from, target,
                                                backup, crc32)
                            : error;
}

static int start_unpack(struct blox_install *install) {
    const struct blox_todo_entry *entry = &install->todo.entry;
    const struct blox_install_config *config = &install->config;
    blox_file_package(install->check_path, entry->index);
    struct blox_unpack_config unpack = {
        .storage = config->storage,
        .sha256 = config->sha256,
        .wheel = install->check_path,
        .staging = BLOX_FILE_FOLDER,
        .number = install->number,
        .reserve_blocks = MARGIN_BLOCKS,
        .goes = true,
        .platform = config->platform,
        .mpy = config->mpy,
        .name = blox_span_text(entry->name),
        .version = blox_span_text(entry->version),
        .window = install->window,
        .window_size = install->window_size,
        .io = config->io,
        .io_size = config->io_size,
        .bitmap = config->bitmap,
        .bitmap_size = config->bitmap_size,
        .why = config->why,
    };
    install->pass = PASS_UNPACK;
    return blox_install_more(config->unpack->init(&install->unpack, &unpack));
}

static int take_member(struct blox_install *install) {
    const struct blox_unpack_member *member = &install->unpack.member;
    char from[BLOX_FILE_NAME_MAX];
    char target[BLOX_FILE_TARGET_MAX];
    blox_file_staged(from, member->number);
    blox_file_target(target, "/lib/", blox_span_text(member->path));
    const char *late = blox_install_late(target);
    int error = late == NULL ? BLOX_OK : make_parents(install, target);
    return blox_install_more(
        error == BLOX_OK
            ? blox_install_move(install, from, late == NULL ? target : late,
                                member->crc32)
            : error);
}

static int unpack(struct blox_install *install) {
    int result = install->config.unpack->step(&install->unpack);
    switch (result) {
    case BLOX_UNPACK_DONE:
        install->config.unpack->close(&install->unpack);
        install->number += install->unpack.files;
        install->directories += install->unpack.directories;
        install->pass = PASS_STAGE;
        return BLOX_INSTALL_MORE;
    case BLOX_UNPACK_MORE:
        return BLOX_INSTALL_MORE;
    case BLOX_UNPACK_WINDOW:
        install->window_wanted = install->unpack.window_wanted;
        return BLOX_INSTALL_WINDOW;
    case BLOX_UNPACK_MEMBER:
        return take_member(install);
    default:
        return result;
    }
}

static int take_arrival(struct blox_install *install) {
    const struct blox_todo_entry *entry = &install->todo.entry;
    int result = blox_todo_next(&install->todo);
    if (result < 0) {
        return result;
    }
    if (result == 0) {
        return blox_install_start_src_list(install);
    }
    blox_install_set_label(install);
    if (entry->type == BLOX_LIST_DELETE) {
        return BLOX_INSTALL_MORE;
    }
    return entry->type == BLOX_LIST_SRC ? blox_install_start_src(install)
                                        : start_unpack(install);
}

// ---- the commit -----------------------------------------------------------

// All is unpacked: what the wheels took is room for journal and reserve. The
// files of src entries are moved from where they lie, so those stay.
static int drop_wheels(struct blox_install *install) {
    const struct blox_todo_entry *entry = &install->todo.entry;
    char path[BLOX_FILE_NAME_MAX];
    int error = blox_install_open_todo(install);
    int more = 1;
    while (error == BLOX_OK && more == 1) {
        more = blox_todo_next(&install->todo);
        if (more == 1 && entry->type == BLOX_LIST_WHEEL) {
            blox_file_package(path, entry->index);
            error = blox_file_remove(install->config.storage, path);
        }
    }
    blox_todo_close(&install->todo);
    return error == BLOX_OK ? more : error;
}

static int prepare(struct blox_install *install) {
    const struct blox_storage *storage = install->config.storage;
    struct blox_storage_space space;
    int error = drop_wheels(install);
    if (error == BLOX_OK) {
        error = blox_journal_prepare(&install->journal);
    }
    if (error == BLOX_OK) {
        error = storage->space(storage->context, &space);
    }
    if (error != BLOX_OK) {
        return error;
    }
    install->left = (SPARE_BLOCKS + DIRECTORY_BLOCKS * install->directories) *
                    space.block_size;
    install->pass = PASS_RESERVE;
    memset(install->config.io, 0, install->config.io_size);
    return blox_install_more(blox_install_open_file(
        install, BLOX_FILE_RESERVE, BLOX_STORAGE_WRITE, &install->out));
}

static int write_reserve(struct blox_install *install) {
    const struct blox_storage *storage = install->config.storage;
    size_t size = install->config.io_size;
    size = size < install->left ? size : install->left;
    if (size > 0) {
        install->left -= (uint32_t)size;
        return blox_install_more(storage->write(storage->context, install->out,
                                                install->config.io, size));
    }
    int error = storage->close(storage->context, install->out);
    install->out = NULL;
    install->pass = PASS_COMMIT;
    return blox_install_more(error);
}

static int commit(struct blox_install *install) {
    int error = blox_journal_commit(&install->journal);
    if (error == BLOX_OK) {
        install->pass = PASS_DONE;
    }
    return error;
}

static int step(struct blox_install *install) {
    static int (*const steps[])(struct blox_install * install) = {
        [PASS_START] = start,
        [PASS_VERIFY] = verify,
        [PASS_CLEAN] = clean,
        [PASS_REMOVE] = blox_install_take_removal,
        [PASS_RECORD] = blox_install_take_record_line,
        [PASS_STAGE] = take_arrival,
        [PASS_UNPACK] = unpack,
        [PASS_SRC] = blox_install_take_src,
        [PASS_LIST] = blox_install_take_src_line,
        [PASS_PREPARE] = prepare,
        [PASS_RESERVE] = write_reserve,
        [PASS_COMMIT] = commit,
    };
    if (install->pass == PASS_CHECK) { // it did not compile
        return BLOX_ERROR_REFUSED;
    }
    return install->pass == PASS_DONE ? BLOX_ERROR_STATE
                                      : steps[install->pass](install);
}

// Puts the name of the package before the reason.
static void name_package(struct blox_install *install, int error) {
    struct blox_text *why = install->config.why;
    char data[sizeof install->label + 160];
    struct blox_text sentence;
    blox_text_init(&sentence, data, sizeof data);
    blox_text_add(&sentence, install->label);
    blox_text_add(&sentence, install->label[0] != '\0' ? ": " : "");
    blox_text_add(&sentence,
                  why->size > 0 ? why->data : blox_error_text(error));
    blox_text_clear(why);
    blox_text_add_span(why, blox_text_span(&sentence));
}

int blox_install_step(struct blox_install *install) {
    int result = step(install);
    if (result < 0) {
        blox_install_close(install);
        if (install->pass != PASS_START) {
            name_package(install, result);
        }
        install->pass = PASS_DONE;
    }
    return result;
}
