// SPDX-License-Identifier: MIT
#include "core/ota/settle.h"

#include <string.h>

#include "core/base/error.h"
#include "core/ota/boots.h"
#include "core/ota/remember.h"

enum pass {
    PASS_START,
    PASS_FOLDERS, // remove the directories that the set left empty
    PASS_CLEAR,
    PASS_END,
    PASS_DONE,
};

enum {
    KEPT_ALWAYS,
    KEPT_ON_TRIAL,
    KEPT_CONFIRMED, // a list that came on trial, or comes in the meantime
    KEPT_UNTIL_CONFIRMED,
};

// Names in /.blox that stay; the rest is staging. A name that ends in '*'
// stands for all that begin so.
static const struct {
    char name[20];
    uint8_t when;
} kept[] = {
    {"list", KEPT_ALWAYS},
    {"origin", KEPT_ALWAYS},
    {"src", KEPT_ALWAYS},
    {"error", KEPT_ALWAYS},
    {"boots", KEPT_ALWAYS},
    {"early", KEPT_ALWAYS}, // python/mpy_blox/early.py
    {"cmd", KEPT_ALWAYS},
    {"journal", KEPT_ALWAYS},
    {"ready", KEPT_ALWAYS},
    {"crash", KEPT_UNTIL_CONFIRMED},
    {"rolled_back", KEPT_UNTIL_CONFIRMED},
    {"journal.undo", KEPT_ON_TRIAL},
    {"journal.confirmed", KEPT_ON_TRIAL},
    {"b*", KEPT_ON_TRIAL},
    {"late.*", KEPT_ON_TRIAL},
    {"list.new", KEPT_CONFIRMED},
    {"waits", KEPT_CONFIRMED},
    {"arriving", KEPT_CONFIRMED},
};

int blox_settle_init(struct blox_settle *settle,
                     const struct blox_storage *storage, const char *sentence) {
    memset(settle, 0, sizeof *settle);
    settle->storage = storage;
    settle->sentence = sentence;
    int state = blox_journal_state(storage);
    if (state < 0) {
        return state;
    }
    settle->state = (enum blox_journal_state)state;
    return BLOX_OK;
}

void blox_settle_close(struct blox_settle *settle) {
    if (settle->file != NULL) {
        settle->storage->close(settle->storage->context, settle->file);
        settle->file = NULL;
    }
}

static bool matches(const char *pattern, const char *name) {
    size_t size = strlen(pattern);
    bool prefix = pattern[size - 1] == '*';
    return prefix ? blox_span_equal(
                        blox_span(pattern, size - 1),
                        blox_span_part(blox_span_text(name), 0, size - 1))
                  : blox_span_is(blox_span_text(name), pattern);
}

static bool is_kept(const struct blox_settle *settle, const char *name) {
    const bool when[] = {true, settle->state == BLOX_JOURNAL_TRIAL,
                         settle->state == BLOX_JOURNAL_CONFIRMED,
                         settle->state != BLOX_JOURNAL_CONFIRMED};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; ++i) {
        if (matches(kept[i].name, name)) {
            return when[kept[i].when];
        }
    }
    return false;
}

// Removes one staged file. The listing starts anew after each, since removing
// may change its order.
static int clear(struct blox_settle *settle) {
    const struct blox_storage *storage = settle->storage;
    char name[BLOX_FILE_NAME_MAX * 2];
    char path[sizeof name + sizeof BLOX_FILE_FOLDER];
    int error = storage->list(storage->context, BLOX_FILE_FOLDER,
                              settle->cursor, name, sizeof name);
    if (error == BLOX_ERROR_MISSING) {
        settle->pass = PASS_END;
        return 1;
    }
    if (error == BLOX_ERROR_BUFFER ||
        (error == BLOX_OK && is_kept(settle, name))) {
        ++settle->cursor;
        return 1;
    }
    if (error != BLOX_OK) {
        return error;
    }
    struct blox_text text;
    blox_text_init(&text, path, sizeof path);
    blox_text_add(&text, BLOX_FILE_FOLDER "/");
    blox_text_add(&text, name);
    settle->cursor = 0;
    error = blox_file_remove(storage, path);
    return error == BLOX_OK ? 1 : error;
}

// Removes the directory of path and those above it, below /lib, as long as
// they are empty.
static void remove_empty_parents(const struct blox_storage *storage,
                                 char *path) {
    for (size_t at = strlen(path); at > sizeof "/lib" - 1; --at) {
        if (path[at] != '/') {
            continue;
        }
        path[at] = '\0';
        if (!blox_span_starts(blox_span_text(path), "/lib/")) {
            return;
        }
        // One that is gone already: an earlier pass was cut above it.
        int error = storage->remove(storage->context, path);
        if (error != BLOX_OK && error != BLOX_ERROR_MISSING) {
            return;
        }
    }
}

// A rescue that came as .mpy takes the place of one in source, or the other
// way: the old one goes once the new one is there. fields is behind "move\t".
static int remove_other_rescue(struct blox_settle *settle, const char *fields) {
    struct blox_span to = blox_span_text(fields);
    to = blox_span_part(to, blox_span_find(to, '\t') + 1, to.size);
    to = blox_span_part(to, 0, blox_span_find(to, '\t'));
    const char *other =
        blox_span_is(to, BLOX_FILE_LATE_RESCUE_PY)    ? BLOX_FILE_RESCUE_MPY
        : blox_span_is(to, BLOX_FILE_LATE_RESCUE_MPY) ? BLOX_FILE_RESCUE_PY
                                                      : NULL;
    return other == NULL ? BLOX_OK : blox_file_remove(settle->storage, other);
}

static int remove_folders(struct blox_settle *settle) {
    char line[BLOX_FILE_TARGET_MAX + sizeof "remove\t"];
    int result = blox_journal_read_line(settle->storage, settle->file,
                                        &settle->cursor, line, sizeof line);
    if (result <= 0) {
        blox_settle_close(settle);
        settle->pass = PASS_CLEAR;
        settle->cursor = 0;
        return result < 0 ? result : 1;
    }
    struct blox_span text = blox_span_text(line);
    if (blox_span_starts(text, "remove\t")) {
        char *path = line + sizeof "remove\t" - 1;
        path[blox_span_find(blox_span_text(path), '\t')] = '\0';
        remove_empty_parents(settle->storage, path);
    }
    int error = blox_span_starts(text, "move\t")
                    ? remove_other_rescue(settle, line + sizeof "move\t" - 1)
                    : BLOX_OK;
    return error == BLOX_OK ? 1 : error;
}

static int start_folders(struct blox_settle *settle) {
    const struct blox_storage *storage = settle->storage;
    settle->pass = PASS_FOLDERS;
    int error = storage->open(storage->context, BLOX_FILE_JOURNAL,
                              BLOX_STORAGE_READ, &settle->file);
    if (error != BLOX_OK) {
        settle->file = NULL;
        return error;
    }
    return 1;
}

// Why the set on trial was undone, by what rescue() counted.
static const char *why_undone(const struct blox_storage *storage) {
    uint8_t data[2 * BLOX_BOOTS_MAX];
    struct blox_boots boots;
    int32_t count = blox_file_read(storage, BLOX_FILE_BOOTS, data, sizeof data);
    struct blox_span text = blox_span(data, count > 0 ? (size_t)count : 0);
    size_t line = blox_span_find(text, '\n') + 1;
    blox_boots_count(&boots, blox_span_part(text, line, text.size));
    return boots.crashes >= BLOX_BOOTS_CRASHES
               ? "the update was undone, it crashed 3 times on trial; the set "
                 "before it runs"
           : boots.power_cuts >= BLOX_BOOTS_POWER_CUTS
               ? "the update was undone, power was lost 10 times on trial; the "
                 "set before it runs"
               : "the update was undone; the set before it runs";
}

// The last crash is that of the set; the installer removed what was older.
static int keep_traceback(const struct blox_storage *storage) {
    int error = storage->rename(storage->context, BLOX_FILE_CRASH,
                                BLOX_FILE_ROLLED_BACK);
    return error == BLOX_ERROR_MISSING ? BLOX_OK : error;
}

// Remembers the set that `ready` names. A full flash is no reason to stop.
static int remember_failure(struct blox_settle *settle) {
    const struct blox_storage *storage = settle->storage;
    bool undone = settle->sentence == NULL;
    struct blox_failure failure = {.rolled_back = undone};
    struct blox_text text;
    if (blox_todo_open(&settle->todo, storage, BLOX_FILE_READY) != BLOX_OK) {
        return BLOX_OK;
    }
    memcpy(failure.set, settle->todo.set, sizeof failure.set);
    blox_todo_close(&settle->todo);
    blox_text_init(&text, failure.sentence, sizeof failure.sentence);
    blox_text_add(&text, undone ? why_undone(storage) : settle->sentence);
    int error = blox_failure_write(storage, &failure);
    if (error == BLOX_OK && undone) {
        error = keep_traceback(storage);
    }
    return error == BLOX_ERROR_FULL ? BLOX_OK : error;
}

static bool is_undone(const struct blox_settle *settle) {
    return settle->state == BLOX_JOURNAL_UNDO ||
           settle->state == BLOX_JOURNAL_APPLY;
}

static int remove_journal(struct blox_settle *settle) {
    int error = BLOX_OK;
    if (is_undone(settle) || settle->sentence != NULL) {
        error = remember_failure(settle);
    }
    if (error == BLOX_OK) {
        error = blox_file_remove(settle->storage, BLOX_FILE_READY);
    }
    return error == BLOX_OK
               ? blox_file_remove(settle->storage, BLOX_FILE_JOURNAL)
               : error;
}

// The journal of an undone set goes before what it names: without the staged
// file, undoing once more would take an old file with the same content for
// the new one.
static int start(struct blox_settle *settle) {
    settle->pass = PASS_CLEAR;
    if (settle->state == BLOX_JOURNAL_CONFIRMED) {
        return start_folders(settle);
    }
    int error = is_undone(settle) ? remove_journal(settle) : BLOX_OK;
    return error == BLOX_OK ? 1 : error;
}

static int rename_late(const struct blox_storage *storage, const char *late,
                       const char *path) {
    int error = storage->rename(storage->context, late, path);
    return error == BLOX_ERROR_MISSING ? BLOX_OK : error;
}

// What starts the device comes into force last and alone, by one rename each,
// before the clearing that would remove it.
static int settle_late(struct blox_settle *settle) {
    static const char late[][2][BLOX_FILE_NAME_MAX] = {
        {BLOX_FILE_LATE_RESCUE_PY, BLOX_FILE_RESCUE_PY},
        {BLOX_FILE_LATE_RESCUE_MPY, BLOX_FILE_RESCUE_MPY},
        {BLOX_FILE_LATE_BOOT, "/boot.py"},
        {BLOX_FILE_LATE_MAIN, "/main.py"},
    };
    int error = BLOX_OK;
    bool confirmed = settle->state == BLOX_JOURNAL_CONFIRMED;
    for (size_t i = 0; confirmed && error == BLOX_OK && i < 4; ++i) {
        error = rename_late(settle->storage, late[i][0], late[i][1]);
    }
    return error;
}

static int end(struct blox_settle *settle) {
    settle->pass = PASS_DONE;
    return settle->state == BLOX_JOURNAL_TRIAL || is_undone(settle)
               ? BLOX_OK
               : remove_journal(settle);
}

static int begin(struct blox_settle *settle) {
    int error = settle_late(settle);
    return error == BLOX_OK ? start(settle) : error;
}

static int done(struct blox_settle *settle) {
    (void)settle;
    return BLOX_OK;
}

// A table, not a switch: a compiler that puts all passes into one function
// has each stand on the C stack with the buffers of all.
int blox_settle_step(struct blox_settle *settle) {
    static int (*const passes[])(struct blox_settle * settle) = {
        [PASS_START] = begin, [PASS_FOLDERS] = remove_folders,
        [PASS_CLEAR] = clear, [PASS_END] = end,
        [PASS_DONE] = done,
    };
    return passes[settle->pass](settle);
}
