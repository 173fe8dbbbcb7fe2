// SPDX-License-Identifier: MIT
#include "core/ota/install.h"

#include <string.h>

#include "core/base/error.h"
#include "core/codec/crc32.h"
#include "core/ota/rescue.h"
#include "core/ota/settle.h"

enum pass {
    PASS_START,
    PASS_VERIFY, // the list is the one that `ready` was written for
    PASS_CLEAN,  // remove what an attempt before this one left
    PASS_REMOVE, // entries: what goes
    PASS_RECORD, // one entry's old package, file by file
    PASS_STAGE,  // entries: what comes
    PASS_UNPACK, // one entry's wheel
    PASS_SRC,    // one entry's file
    PASS_CHECK,  // waits for blox_install_checked()
    PASS_LIST,   // the list of src files
    PASS_PREPARE,
    PASS_RESERVE,
    PASS_COMMIT,
    PASS_DONE,
};

enum {
    SPARE_BLOCKS = 8,     // of the reserve, and for each directory:
    DIRECTORY_BLOCKS = 2, // renames allocate metadata (DESIGN §4)
    MARGIN_BLOCKS = 24,   // journal and reserve, while unpacking
};

// What `import mpy_blox.rescue` reads. Users of the library alone need it
// until the last moment: these are never moved away first, only replaced, and
// an old one that has no successor goes last.
static const char vital[][24] = {
    "mpy_blox/__init__.py",
    "mpy_blox/__init__.mpy",
    "mpy_blox/rescue.py",
    "mpy_blox/rescue.mpy",
};
enum { VITAL = sizeof vital / sizeof vital[0] };

static struct blox_span none(void) {
    return blox_span(NULL, 0);
}

static int more(int error) {
    return error == BLOX_OK ? BLOX_INSTALL_MORE : error;
}

int blox_install_init(struct blox_install *install,
                      const struct blox_install_config *config) {
    memset(install, 0, sizeof *install);
    install->config = *config;
    blox_list_file_init(&install->list, config->storage);
    blox_text_clear(config->why);
    return config->io_size >= 512 && config->bitmap_size > 0
               ? BLOX_OK
               : BLOX_ERROR_ARGUMENT;
}

void blox_install_set_window(struct blox_install *install, uint8_t *window,
                             size_t size) {
    install->window = window;
    install->window_size = size;
    blox_unpack_set_window(&install->unpack, window, size);
}

static void close_file(struct blox_install *install, void **file) {
    const struct blox_storage *storage = install->config.storage;
    if (*file != NULL) {
        storage->close(storage->context, *file);
        *file = NULL;
    }
}

void blox_install_close(struct blox_install *install) {
    if (install->pass == PASS_UNPACK) {
        blox_unpack_close(&install->unpack);
    }
    if (install->pass == PASS_RECORD) {
        blox_record_close(&install->old.record);
    }
    close_file(install, &install->file);
    close_file(install, &install->out);
    blox_list_file_close(&install->list);
    blox_journal_close(&install->journal);
}

static int open_file(struct blox_install *install, const char *path,
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

static int32_t read_file(struct blox_install *install, void *file) {
    const struct blox_storage *storage = install->config.storage;
    return storage->read(storage->context, file, install->config.io,
                         install->config.io_size);
}

static int open_list(struct blox_install *install) {
    return blox_list_file_open(&install->list, BLOX_FILE_LIST,
                               install->config.why);
}

// The next entry that is to be installed. Returns 1, 0 after the last one, or
// an error.
static int next_entry(struct blox_install *install) {
    struct blox_list_entry *entry = &install->list.list.entry;
    int result = 1;
    while (result == 1) {
        result = blox_list_file_next(&install->list);
        if (result == 1 && blox_plan_bit(install->ready.needed, entry->index)) {
            return 1;
        }
    }
    return result;
}

static void set_label(struct blox_install *install) {
    const struct blox_list_entry *entry = &install->list.list.entry;
    struct blox_text label;
    blox_text_init(&label, install->label, sizeof install->label);
    blox_text_add_span(&label, entry->path);
    blox_text_add_span(&label, entry->name);
    blox_text_add(&label, entry->name.size > 0 ? " " : "");
    blox_text_add_span(&label, entry->version);
}

// ---- start ----------------------------------------------------------------

static int start(struct blox_install *install) {
    const struct blox_storage *storage = install->config.storage;
    const struct blox_sha256 *sha256 = install->config.sha256;
    int state = blox_journal_state(storage);
    if (state != BLOX_JOURNAL_NONE) {
        return state < 0 ? state : BLOX_ERROR_STATE;
    }
    int error = blox_ready_read(storage, &install->ready);
    if (error != BLOX_OK) {
        return error == BLOX_ERROR_FORMAT ? BLOX_ERROR_MISSING : error;
    }
    error =
        open_file(install, BLOX_FILE_LIST, BLOX_STORAGE_READ, &install->file);
    install->pass = PASS_VERIFY;
    return more(error == BLOX_OK ? sha256->begin(sha256->context) : error);
}

static int verify(struct blox_install *install) {
    const struct blox_sha256 *sha256 = install->config.sha256;
    uint8_t digest[BLOX_SHA256_SIZE];
    int32_t count = read_file(install, install->file);
    if (count != 0) {
        return count < 0
                   ? (int)count
                   : more(sha256->update(sha256->context, install->config.io,
                                         (size_t)count));
    }
    close_file(install, &install->file);
    int error = sha256->finish(sha256->context, digest);
    if (error == BLOX_OK &&
        memcmp(digest, install->ready.list, BLOX_SHA256_SIZE) != 0) {
        return blox_text_fail(install->config.why, BLOX_ERROR_DIGEST, "list",
                              none(), "it changed after the download");
    }
    install->pass = PASS_CLEAN;
    return more(error);
}

// Whether name in /.blox was staged by an earlier attempt: all but what the
// downloader left.
static bool is_leftover(const char *name) {
    static const char stays[][8] = {"list",  "origin", "src",
                                    "error", "ready",  "pkg-"};
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
    return more(error == BLOX_OK ? open_list(install) : error);
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
    return more(blox_file_remove(storage, path));
}

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

// The bit of a vital file, or 0.
static uint8_t vital_bit(const char *path) {
    for (size_t i = 0; i < VITAL; ++i) {
        if (blox_span_is(blox_span_text(path), vital[i])) {
            return (uint8_t)(1u << i);
        }
    }
    return 0;
}

static int remove_member(struct blox_install *install, const char *path) {
    char target[BLOX_FILE_TARGET_MAX];
    if (blox_path_refuse_member(blox_span_text(path)) != NULL) {
        return BLOX_OK;
    }
    uint8_t bit = vital_bit(path);
    install->vital_old = install->vital_old | bit;
    blox_file_target(target, "/lib/", blox_span_text(path));
    return bit == 0 ? remove_file(install, target) : BLOX_OK;
}

// The path "<dist-info>/<name>", relative to /lib.
static void dist_info_path(struct blox_install *install, const char *name,
                           char *path, size_t capacity) {
    struct blox_text text;
    blox_text_init(&text, path, capacity);
    blox_text_add(&text, install->old.installed.dist_info);
    blox_text_add_char(&text, '/');
    blox_text_add(&text, name);
}

// METADATA is what makes a package an installed one: it goes even when the
// old RECORD does not name it, and so does RECORD.
static int end_record(struct blox_install *install) {
    static const char names[][12] = {"METADATA", "RECORD"};
    char path[BLOX_FILE_TARGET_MAX];
    blox_record_close(&install->old.record);
    install->pass = PASS_REMOVE;
    int error = BLOX_OK;
    for (size_t i = 0; error == BLOX_OK && i < 2; ++i) {
        dist_info_path(install, names[i], path, sizeof path);
        error = remove_member(install, path);
    }
    return more(error);
}

static int take_record_line(struct blox_install *install) {
    int result = blox_record_next(&install->old.record);
    bool broken = result == BLOX_ERROR_FORMAT || result == BLOX_ERROR_PATH;
    if (result == 0 || broken) {
        return end_record(install);
    }
    return result < 0 ? result
                      : more(remove_member(
                            install, install->old.record.record.line.path));
}

static int remove_package(struct blox_install *install) {
    const struct blox_storage *storage = install->config.storage;
    char path[BLOX_FILE_TARGET_MAX];
    char target[BLOX_FILE_TARGET_MAX + 8];
    int error =
        blox_installed_find(storage, "/lib", install->list.list.entry.name,
                            &install->old.installed);
    if (error != BLOX_OK) {
        return error == BLOX_ERROR_MISSING ? BLOX_INSTALL_MORE : error;
    }
    dist_info_path(install, "RECORD", path, sizeof path);
    struct blox_text text;
    blox_text_init(&text, target, sizeof target);
    blox_text_add(&text, "/lib/");
    blox_text_add(&text, path);
    install->pass = PASS_RECORD;
    error = blox_record_open(&install->old.record, storage, target);
    return error == BLOX_ERROR_MISSING ? end_record(install) : more(error);
}

static int take_removal(struct blox_install *install) {
    const struct blox_list_entry *entry = &install->list.list.entry;
    char target[BLOX_FILE_TARGET_MAX];
    int result = next_entry(install);
    if (result < 0) {
        return result;
    }
    if (result == 0) {
        install->pass = PASS_STAGE;
        return more(open_list(install));
    }
    set_label(install);
    if (entry->type == BLOX_LIST_DELETE) {
        blox_file_target(target, "/", entry->path);
        return more(remove_file(install, target));
    }
    return entry->type == BLOX_LIST_SRC ? BLOX_INSTALL_MORE
                                        : remove_package(install);
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
    ++install->directories;
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

static int copy(struct blox_install *install, const char *from,
                const char *to) {
    const struct blox_storage *storage = install->config.storage;
    int error = open_file(install, from, BLOX_STORAGE_READ, &install->file);
    if (error == BLOX_OK) {
        error = open_file(install, to, BLOX_STORAGE_WRITE, &install->out);
    }
    int32_t count = 1;
    while (error == BLOX_OK && count > 0) {
        count = read_file(install, install->file);
        error = count > 0 ? storage->write(storage->context, install->out,
                                           install->config.io, (size_t)count)
                          : (int)count;
    }
    close_file(install, &install->file);
    close_file(install, &install->out);
    return error;
}

// Adds the move of a staged file. With backup_now the backup is copied before
// the commit, so that the target is never missing, not for a moment.
static int move_file(struct blox_install *install, const char *from,
                     const char *target, uint32_t crc32, bool backup_now) {
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
    if (error == BLOX_OK && backup_now && found == BLOX_OK) {
        error = copy(install, target, backup);
    }
    ++install->files;
    return error == BLOX_OK ? blox_journal_move(&install->journal, from, target,
                                                backup, crc32)
                            : error;
}

static int start_unpack(struct blox_install *install) {
    const struct blox_list_entry *entry = &install->list.list.entry;
    const struct blox_install_config *config = &install->config;
    blox_file_package(install->check_path, entry->index);
    struct blox_unpack_config unpack = {
        .storage = config->storage,
        .sha256 = config->sha256,
        .wheel = install->check_path,
        .staging = BLOX_FILE_FOLDER,
        .number = install->number,
        .reserve_blocks = MARGIN_BLOCKS,
        .platform = config->platform,
        .name = entry->name,
        .version = entry->version,
        .window = install->window,
        .window_size = install->window_size,
        .io = config->io,
        .io_size = config->io_size,
        .bitmap = config->bitmap,
        .bitmap_size = config->bitmap_size,
        .why = config->why,
    };
    install->pass = PASS_UNPACK;
    return more(blox_unpack_init(&install->unpack, &unpack));
}

static int take_member(struct blox_install *install) {
    const struct blox_unpack_member *member = &install->unpack.member;
    char from[BLOX_FILE_NAME_MAX];
    char target[BLOX_FILE_TARGET_MAX];
    uint8_t bit = vital_bit(member->path);
    install->vital_new = install->vital_new | bit;
    blox_file_staged(from, member->number);
    blox_file_target(target, "/lib/", blox_span_text(member->path));
    return more(move_file(install, from, target, member->crc32, bit != 0));
}

static int unpack(struct blox_install *install) {
    int result = blox_unpack_step(&install->unpack);
    switch (result) {
    case BLOX_UNPACK_DONE:
        blox_unpack_close(&install->unpack);
        install->number += install->unpack.files;
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

static bool carries_rescue(struct blox_span path) {
    return blox_span_is(path, "main.py") || blox_span_is(path, "boot.py");
}

static int make_empty(struct blox_install *install) {
    int error = open_file(install, install->check_path, BLOX_STORAGE_WRITE,
                          &install->file);
    close_file(install, &install->file);
    return error;
}

static int start_src(struct blox_install *install) {
    const struct blox_list_entry *entry = &install->list.list.entry;
    int error = BLOX_OK;
    if (entry->empty) {
        blox_file_staged(install->check_path, install->number++);
        error = make_empty(install);
    } else {
        blox_file_package(install->check_path, entry->index);
    }
    install->crc = 0;
    install->pass = PASS_SRC;
    return more(error == BLOX_OK ? open_file(install, install->check_path,
                                             BLOX_STORAGE_READ, &install->file)
                                 : error);
}

// A new main.py waits in /.blox until the set is confirmed.
static int move_src(struct blox_install *install) {
    struct blox_span path = install->list.list.entry.path;
    char target[BLOX_FILE_TARGET_MAX];
    blox_file_target(target, "/", path);
    const char *to = blox_span_is(path, "main.py")   ? BLOX_FILE_LATE_MAIN
                     : blox_span_is(path, "boot.py") ? BLOX_FILE_LATE_BOOT
                                                     : target;
    install->pass = PASS_STAGE;
    return more(
        move_file(install, install->check_path, to, install->crc, false));
}

static int check_rescue(struct blox_install *install) {
    struct blox_span path = install->list.list.entry.path;
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
                   install->list.list.entry.path, "it does not compile: ");
    blox_text_add_shown(install->config.why, said);
}

static int take_src(struct blox_install *install) {
    if (install->file == NULL && install->cursor == 1) {
        install->cursor = 0;
        return move_src(install);
    }
    int32_t count = read_file(install, install->file);
    if (count < 0) {
        return (int)count;
    }
    if (count > 0) {
        install->crc =
            blox_crc32(install->crc, install->config.io, (size_t)count);
        return BLOX_INSTALL_MORE;
    }
    close_file(install, &install->file);
    return check_rescue(install);
}

// Removes old vital files that have no successor, last of all lines.
static int remove_vital(struct blox_install *install) {
    char target[BLOX_FILE_TARGET_MAX];
    int error = BLOX_OK;
    for (size_t i = 0; error == BLOX_OK && i < VITAL; ++i) {
        uint8_t bit = (uint8_t)(1u << i);
        if ((install->vital_old & bit) == 0 ||
            (install->vital_new & bit) != 0) {
            continue;
        }
        blox_file_target(target, "/lib/", blox_span_text(vital[i]));
        memset(install->config.bitmap, 0xff, install->config.bitmap_size);
        error = remove_file(install, target);
    }
    return error;
}

static int start_src_list(struct blox_install *install);

static int take_arrival(struct blox_install *install) {
    const struct blox_list_entry *entry = &install->list.list.entry;
    int result = next_entry(install);
    if (result < 0) {
        return result;
    }
    if (result == 0) {
        int error = remove_vital(install);
        return error == BLOX_OK ? start_src_list(install) : error;
    }
    set_label(install);
    if (entry->type == BLOX_LIST_DELETE) {
        return BLOX_INSTALL_MORE;
    }
    return entry->type == BLOX_LIST_SRC ? start_src(install)
                                        : start_unpack(install);
}

// ---- the list of src files
// ---------------------------------------------------

// Looks whether this update touches path, or anything when path is empty.
// Returns 1, 0, or an error.
static int touches(struct blox_install *install, struct blox_span path) {
    const struct blox_list_entry *entry = &install->list.list.entry;
    int result = open_list(install);
    if (result != BLOX_OK) {
        return result;
    }
    do {
        result = next_entry(install);
        if (result == 1 && entry->path.size > 0 &&
            (path.size == 0 || blox_span_equal(path, entry->path))) {
            return 1;
        }
    } while (result == 1);
    return result;
}

static int start_src_list(struct blox_install *install) {
    int result = touches(install, none());
    install->pass = result == 0 ? PASS_PREPARE : PASS_LIST;
    if (result <= 0) {
        return more(result);
    }
    install->crc = 0;
    install->cursor = 0;
    blox_file_staged(install->check_path, install->number++);
    return more(open_file(install, install->check_path, BLOX_STORAGE_WRITE,
                          &install->out));
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
    int32_t count = error == BLOX_OK ? read_file(install, install->file) : 0;
    close_file(install, &install->file);
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
    const struct blox_list_entry *entry = &install->list.list.entry;
    char data[BLOX_PATH_MAX + 16];
    struct blox_text line;
    int result = open_list(install);
    if (result != BLOX_OK) {
        return result;
    }
    while ((result = next_entry(install)) == 1) {
        if (entry->type != BLOX_LIST_SRC) {
            continue;
        }
        blox_text_init(&line, data, sizeof data);
        blox_text_add_hex(&line, entry->sha256, 4);
        blox_text_add_char(&line, ' ');
        blox_text_add_span(&line, entry->path);
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
    close_file(install, &install->out);
    install->pass = PASS_PREPARE;
    return more(error == BLOX_OK ? move_file(install, install->check_path,
                                             BLOX_FILE_SRC, install->crc, false)
                                 : error);
}

static int take_src_line(struct blox_install *install) {
    enum { HASH = 9 }; // "b6c58805 "
    int32_t size = read_src_line(install);
    if (size <= 0) {
        return size < 0 ? (int)size : end_src_list(install);
    }
    struct blox_span line = blox_span(install->config.io, (size_t)size);
    struct blox_span path = blox_span_part(line, HASH, line.size);
    path.size = blox_span_find(path, '\n');
    int touched = path.size == 0 ? 1 : touches(install, path);
    return touched == 0 ? more(write_src_line(install, line))
                        : more(touched < 0 ? touched : BLOX_OK);
}

// ---- the commit
// --------------------------------------------------------------

static int prepare(struct blox_install *install) {
    const struct blox_storage *storage = install->config.storage;
    struct blox_storage_space space;
    blox_list_file_close(&install->list);
    int error = blox_journal_prepare(&install->journal);
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
    return more(open_file(install, BLOX_FILE_RESERVE, BLOX_STORAGE_WRITE,
                          &install->out));
}

static int write_reserve(struct blox_install *install) {
    const struct blox_storage *storage = install->config.storage;
    size_t size = install->config.io_size;
    size = size < install->left ? size : install->left;
    if (size > 0) {
        install->left -= (uint32_t)size;
        return more(storage->write(storage->context, install->out,
                                   install->config.io, size));
    }
    int error = storage->close(storage->context, install->out);
    install->out = NULL;
    install->pass = PASS_COMMIT;
    return more(error);
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
        [PASS_REMOVE] = take_removal,
        [PASS_RECORD] = take_record_line,
        [PASS_STAGE] = take_arrival,
        [PASS_UNPACK] = unpack,
        [PASS_SRC] = take_src,
        [PASS_LIST] = take_src_line,
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

// The set is refused: nothing is ready any more, so that it is not tried at
// every boot, and its room is free again before the reason is written.
static void refuse(struct blox_install *install, int error) {
    const struct blox_storage *storage = install->config.storage;
    struct blox_text *why = install->config.why;
    struct blox_settle settle;
    struct blox_failure failure = {.rolled_back = false};
    if (why->size == 0) {
        blox_text_fail(why, error, "installing", blox_span_text(install->label),
                       blox_error_text(error));
    }
    blox_file_remove(storage, BLOX_FILE_READY);
    if (blox_settle_init(&settle, storage) == BLOX_OK) {
        while (blox_settle_step(&settle) == 1) {
        }
    }
    struct blox_text text;
    memcpy(failure.set, install->ready.set, sizeof failure.set);
    blox_text_init(&text, failure.sentence, sizeof failure.sentence);
    blox_text_add(&text, why->data);
    blox_failure_write(storage, &failure);
}

int blox_install_step(struct blox_install *install) {
    bool began = install->pass != PASS_START && install->pass != PASS_DONE;
    int result = step(install);
    if (result < 0) {
        blox_install_close(install);
        if (began || install->pass != PASS_START) {
            refuse(install, result);
        }
        install->pass = PASS_DONE;
    }
    return result;
}
