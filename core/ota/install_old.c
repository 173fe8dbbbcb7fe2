// SPDX-License-Identifier: MIT
// What goes: the files of packages that are replaced, and `delete` entries.

#include <string.h>

#include "core/base/compiler.h"
#include "core/codec/crc32.h"
#include "core/ota/install_parts.h"

// Of a directory whose name is read from flash.
enum { DIST_INFO_PATH_MAX = BLOX_PATH_MAX + sizeof "/lib//METADATA" };

// ---- what goes -------------------------------------------------------------

// Whether path was seen before. Four bits of the bitmap stand for each path;
// when all are set already, the lines written so far decide.
static int seen_before(struct blox_install *install, const char *path) {
    uint32_t bits = (uint32_t)install->config.bitmap_size * 8;
    uint32_t hash = 0;
    bool all = true;
    for (int i = 0; i < 4; ++i) {
        hash = blox_crc32(hash + 1, (const uint8_t *)path, strlen(path));
        uint8_t *byte = &install->config.bitmap[hash % bits / 8];
        uint8_t bit = (uint8_t)(1u << hash % 8);
        all = all && (*byte & bit) != 0;
        *byte = *byte | bit;
    }
    return all ? blox_journal_removes(&install->journal, path) : 0;
}

// Adds the removal of a file, if it is there and not removed already: doing
// it twice would take the new file of that name away when the journal is
// replayed.
static int remove_file(struct blox_install *install, const char *path) {
    const struct blox_storage *storage = install->config.storage;
    struct blox_storage_stat stat;
    char backup[BLOX_FILE_NAME_MAX];
    int error = storage->stat(storage->context, path, &stat);
    if (error != BLOX_OK || stat.kind == BLOX_STORAGE_DIRECTORY) {
        return error == BLOX_ERROR_MISSING ? BLOX_OK : error;
    }
    int seen = seen_before(install, path);
    if (seen != 0) {
        return seen < 0 ? seen : BLOX_OK;
    }
    blox_file_backup(backup, install->backups++);
    return blox_journal_remove(&install->journal, path, backup);
}

// `import mpy_blox.rescue` is to users of the library alone what main.py is to
// others: never missing, and never one that is on trial itself.
const char *blox_install_late(const char *target) {
    struct blox_span span = blox_span_text(target);
    return blox_span_is(span, BLOX_FILE_RESCUE_PY) ? BLOX_FILE_LATE_RESCUE_PY
           : blox_span_is(span, BLOX_FILE_RESCUE_MPY)
               ? BLOX_FILE_LATE_RESCUE_MPY
               : NULL;
}

BLOX_NOINLINE static int remove_member(struct blox_install *install,
                                       const char *path) {
    char target[BLOX_FILE_TARGET_MAX];
    if (install->config.unpack->path_refuse_member(blox_span_text(path)) !=
        NULL) {
        return BLOX_OK;
    }
    blox_file_target(target, "/lib/", blox_span_text(path));
    return blox_install_late(target) == NULL ? remove_file(install, target)
                                             : BLOX_OK;
}

// A file of the old package's dist-info, "/lib/<dist-info>/<name>".
static void dist_info_path(struct blox_install *install, const char *name,
                           char path[DIST_INFO_PATH_MAX]) {
    struct blox_text text;
    blox_text_init(&text, path, DIST_INFO_PATH_MAX);
    blox_text_add(&text, "/lib/");
    blox_text_add(&text, install->old.installed.dist_info);
    blox_text_add_char(&text, '/');
    blox_text_add(&text, name);
}

// METADATA is what makes a package an installed one: it goes even when the
// old RECORD does not name it, and so does RECORD.
BLOX_NOINLINE static int end_record(struct blox_install *install) {
    static const char names[][12] = {"METADATA", "RECORD"};
    char path[DIST_INFO_PATH_MAX];
    install->config.unpack->record_close(&install->old.record);
    install->pass = PASS_REMOVE;
    int error = BLOX_OK;
    for (size_t i = 0; error == BLOX_OK && i < 2; ++i) {
        dist_info_path(install, names[i], path);
        error = remove_file(install, path);
    }
    return blox_install_more(error);
}

int blox_install_take_record_line(struct blox_install *install) {
    int result = install->config.unpack->record_next(&install->old.record);
    bool broken = result == BLOX_ERROR_FORMAT || result == BLOX_ERROR_PATH;
    if (result == 0 || broken) {
        return end_record(install);
    }
    return result < 0 ? result
                      : blox_install_more(remove_member(
                            install, install->old.record.record.line.path));
}

BLOX_NOINLINE static int open_record(struct blox_install *install) {
    char path[DIST_INFO_PATH_MAX];
    dist_info_path(install, "RECORD", path);
    return install->config.unpack->record_open(&install->old.record,
                                               install->config.storage, path);
}

static int remove_package(struct blox_install *install) {
    int error = blox_installed_find(install->config.storage, "/lib",
                                    blox_span_text(install->todo.entry.name),
                                    &install->old.installed);
    if (error != BLOX_OK) {
        return error == BLOX_ERROR_MISSING ? BLOX_INSTALL_MORE : error;
    }
    install->pass = PASS_RECORD;
    error = open_record(install);
    return error == BLOX_ERROR_MISSING ? end_record(install)
                                       : blox_install_more(error);
}

BLOX_NOINLINE static int remove_target(struct blox_install *install) {
    char target[BLOX_FILE_TARGET_MAX];
    blox_file_target(target, "/", blox_span_text(install->todo.entry.name));
    return blox_install_more(remove_file(install, target));
}

int blox_install_take_removal(struct blox_install *install) {
    int result = blox_todo_next(&install->todo);
    if (result < 0) {
        return result;
    }
    if (result == 0) {
        install->pass = PASS_STAGE;
        return blox_install_more(blox_install_open_todo(install));
    }
    blox_install_set_label(install);
    switch (install->todo.entry.type) {
    case BLOX_LIST_DELETE:
        return remove_target(install);
    case BLOX_LIST_SRC:
        return BLOX_INSTALL_MORE;
    default:
        return remove_package(install);
    }
}
