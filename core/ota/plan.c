// SPDX-License-Identifier: MIT
#include "core/ota/plan.h"

#include <string.h>

#include "core/base/error.h"
#include "core/codec/crc32.h"
#include "core/pkg/name.h"

enum pass {
    PASS_START,
    PASS_KEYS,  // check every entry, note its key
    PASS_SET,   // hash the set
    PASS_CHECK, // look whether entries that count are needed
    PASS_HASH,  // PASS_CHECK, in the middle of a file
    PASS_DONE,
};

enum { CHUNK = 256, CHUNKS = 4 };

static bool bit(const uint8_t *bitmap, uint32_t n) {
    return (bitmap[n / 8] >> n % 8 & 1) != 0;
}

static void set_bit(uint8_t *bitmap, uint32_t n) {
    bitmap[n / 8] = (uint8_t)(bitmap[n / 8] | 1u << n % 8);
}

void blox_plan_init(struct blox_plan *plan,
                    const struct blox_plan_config *config) {
    memset(plan, 0, sizeof *plan);
    plan->config = *config;
    blox_text_clear(config->why);
    blox_list_file_init(&plan->file, config->storage);
}

void blox_plan_close(struct blox_plan *plan) {
    const struct blox_storage *storage = plan->config.storage;
    blox_list_file_close(&plan->file);
    blox_todo_abandon(&plan->todo);
    if (plan->hashing != NULL) {
        storage->close(storage->context, plan->hashing);
        plan->hashing = NULL;
    }
}

// The key of an entry: equal for entries of which only the last counts; 0 for
// an entry that has none.
static uint32_t key_of(const struct blox_list_entry *entry) {
    char name[BLOX_NAME_MAX + 1];
    struct blox_text text;
    uint32_t key = 0;
    switch (entry->type) {
    case BLOX_LIST_WHEEL:
    case BLOX_LIST_PLATFORM_WHEEL:
        blox_text_init(&text, name, sizeof name);
        blox_name_normalise(&text, entry->name);
        key = blox_crc32(0, (const uint8_t *)name, text.size);
        break;
    case BLOX_LIST_SRC:
    case BLOX_LIST_DELETE:
        // No name ends in '/', so no path has the key of a package.
        key = blox_crc32(0, entry->path.data, entry->path.size);
        key = blox_crc32(key, (const uint8_t *)"/", 1);
        break;
    default:
        return 0;
    }
    return key == 0 ? 1 : key;
}

static int open_list(struct blox_plan *plan) {
    return blox_list_file_open(&plan->file, plan->config.list,
                               plan->config.command, plan->config.why);
}

// Whether a wheel's entry is for this device: its tag is the device's own, or
// anybody's. (The unpacker looks at the wheel's tags in full.)
static bool fits(const struct blox_plan *plan,
                 const struct blox_list_entry *entry) {
    static const char own[] = "mpy6-bytecode-";
    struct blox_span rest =
        blox_span_part(entry->tag, sizeof own - 1, entry->tag.size);
    bool mine = blox_span_starts(entry->tag, own) &&
                blox_span_equal(rest, plan->config.platform);
    return (mine || blox_span_ends(entry->tag, "-none-any")) &&
           (entry->mpy.size == 0 ||
            blox_span_equal(entry->mpy, plan->config.mpy));
}

// Whether a wheel is for other devices. A `wheel` may have a tag as well: then
// it is there for devices of before 1.0, which know no platform-wheel.
static bool is_foreign(const struct blox_plan *plan,
                       const struct blox_list_entry *entry) {
    bool tagged = entry->type == BLOX_LIST_PLATFORM_WHEEL ||
                  (entry->type == BLOX_LIST_WHEEL && entry->tag.size > 0);
    return tagged && !fits(plan, entry);
}

// The next word of text, which is advanced; empty at its end.
static struct blox_span next_word(struct blox_span *text) {
    size_t end = blox_span_find(*text, ' ');
    struct blox_span word = blox_span_part(*text, 0, end);
    *text = blox_span_part(*text, end + 1, text->size);
    return word;
}

// What an entry brings that may be frozen, or nothing. A package has the name
// of its module, as far as a list tells; of files, firmware runs its own
// main.py and boot.py, but imports those on flash before its own.
static struct blox_span module_of(const struct blox_list_entry *entry) {
    bool starts =
        entry->type == BLOX_LIST_SRC && (blox_span_is(entry->path, "main.py") ||
                                         blox_span_is(entry->path, "boot.py"));
    return starts ? blox_span_part(entry->path, 0, 4) : entry->name;
}

static bool is_frozen(const struct blox_plan *plan,
                      const struct blox_list_entry *entry) {
    struct blox_span module = module_of(entry);
    struct blox_span rest = plan->config.frozen;
    while (module.size > 0 && rest.size > 0) {
        if (blox_name_equal(next_word(&rest), module)) {
            return true;
        }
    }
    return false;
}

// The first notice about what was skipped is kept.
static void note(struct blox_plan *plan, struct blox_span what,
                 const char *sentence) {
    if (plan->config.why->size == 0) {
        blox_text_fail(plan->config.why, BLOX_OK, "list", what, sentence);
    }
}

static void note_skipped(struct blox_plan *plan, bool frozen) {
    const struct blox_list_entry *entry = &plan->file.list.entry;
    if (frozen) {
        note(plan, entry->name.size > 0 ? entry->name : entry->path,
             "the firmware has its own, which goes first; skipped");
    }
    if (entry->unknown.size > 0) {
        note(plan, entry->unknown, "not known here; skipped");
    }
}

static int note_key(struct blox_plan *plan) {
    const struct blox_list_entry *entry = &plan->file.list.entry;
    bool frozen = is_frozen(plan, entry);
    plan->command = plan->command || entry->type == BLOX_LIST_COMMAND;
    note_skipped(plan, frozen);
    plan->has_key = plan->has_key || entry->type == BLOX_LIST_KEY;
    plan->entries = entry->index + 1;
    bool platform = entry->type == BLOX_LIST_PLATFORM_WHEEL;
    if (frozen || is_foreign(plan, entry)) {
        return 1;
    }
    plan->keys[entry->index] = key_of(entry);
    if (platform) {
        set_bit(plan->platform, entry->index);
    } else if (entry->type == BLOX_LIST_SRC) {
        set_bit(plan->files, entry->index);
    }
    return 1;
}

// Whether entry b is for the same thing as a and goes before it.
static bool beats(const struct blox_plan *plan, uint32_t b, uint32_t a) {
    bool b_platform = bit(plan->platform, b);
    bool a_platform = bit(plan->platform, a);
    return plan->keys[a] == plan->keys[b] &&
           (b_platform == a_platform ? b > a : b_platform);
}

static bool counts(const struct blox_plan *plan, uint32_t index) {
    if (plan->keys[index] == 0) {
        return false;
    }
    for (uint32_t other = 0; other < plan->entries; ++other) {
        if (beats(plan, other, index)) {
            return false;
        }
    }
    return true;
}

static void find_wanted(struct blox_plan *plan) {
    for (uint32_t index = 0; index < plan->entries; ++index) {
        if (counts(plan, index)) {
            set_bit(plan->wanted, index);
        }
    }
}

// A package is needed twice, as it comes and unpacked: members are hardly
// ever larger packed than unpacked, so this is a lower bound.
static int need(struct blox_plan *plan) {
    const struct blox_list_entry *entry = &plan->file.list.entry;
    uint32_t blocks = blox_file_blocks(&plan->space, entry->size);
    ++plan->needed;
    if (entry->type != BLOX_LIST_DELETE && !entry->empty) {
        ++plan->fetched;
        plan->blocks += entry->type == BLOX_LIST_SRC ? blocks : 2 * blocks;
    }
    int error = blox_todo_put(&plan->todo, entry);
    return error == BLOX_OK ? 1 : error;
}

// Versions in names of folders have '_' for '-'.
static bool is_version(struct blox_span folder, struct blox_span version) {
    bool same = folder.size == version.size;
    for (size_t i = 0; same && i < folder.size; ++i) {
        uint8_t wanted = version.data[i] == '-' ? '_' : version.data[i];
        same = folder.data[i] == wanted;
    }
    return same;
}

// Whether a folder of /lib is the dist-info of the entry's package in the
// entry's version, with METADATA in it (without, it is a torn removal). The
// unpacker saw to it that the folder's name tells what METADATA does.
static bool is_installed(struct blox_plan *plan, const char *folder) {
    const struct blox_storage *storage = plan->config.storage;
    const struct blox_list_entry *entry = &plan->file.list.entry;
    struct blox_span name, version;
    struct blox_storage_stat stat;
    char path[BLOX_NAME_MAX + BLOX_VERSION_MAX + 32];
    struct blox_text text;
    if (blox_name_split(blox_span_text(folder), &name, &version) != BLOX_OK ||
        !blox_name_equal(name, entry->name) ||
        !is_version(version, entry->version)) {
        return false;
    }
    blox_text_init(&text, path, sizeof path);
    blox_text_add(&text, "/lib/");
    blox_text_add(&text, folder);
    blox_text_add(&text, "/METADATA");
    return storage->stat(storage->context, path, &stat) == BLOX_OK;
}

static int check_wheel(struct blox_plan *plan) {
    const struct blox_storage *storage = plan->config.storage;
    char folder[BLOX_NAME_MAX + BLOX_VERSION_MAX + 12];
    int error = BLOX_OK;
    for (uint32_t i = 0; error == BLOX_OK || error == BLOX_ERROR_BUFFER; ++i) {
        error =
            storage->list(storage->context, "/lib", i, folder, sizeof folder);
        if (error == BLOX_OK && is_installed(plan, folder)) {
            return 1;
        }
    }
    return error == BLOX_ERROR_MISSING ? need(plan) : error;
}

// What stands at the path of a src or delete entry. Returns 1 for a file, 0
// for nothing, or an error.
static int find_target(struct blox_plan *plan,
                       char target[BLOX_FILE_TARGET_MAX]) {
    const struct blox_storage *storage = plan->config.storage;
    struct blox_span path = plan->file.list.entry.path;
    struct blox_storage_stat stat;
    blox_file_target(target, "/", path);
    int error = storage->stat(storage->context, target, &stat);
    if (error == BLOX_ERROR_MISSING) {
        return 0;
    }
    if (error == BLOX_OK && stat.kind == BLOX_STORAGE_DIRECTORY) {
        return blox_text_fail(plan->config.why, BLOX_ERROR_PATH, "list", path,
                              "here that is a directory");
    }
    return error == BLOX_OK ? 1 : error;
}

static int start_hash(struct blox_plan *plan, const char *target) {
    const struct blox_storage *storage = plan->config.storage;
    const struct blox_sha256 *sha256 = plan->config.sha256;
    int error = storage->open(storage->context, target, BLOX_STORAGE_READ,
                              &plan->hashing);
    if (error != BLOX_OK) {
        plan->hashing = NULL;
        return error;
    }
    plan->pass = PASS_HASH;
    error = sha256->begin(sha256->context);
    return error == BLOX_OK ? 1 : error;
}

static int check_path(struct blox_plan *plan) {
    const struct blox_list_entry *entry = &plan->file.list.entry;
    char target[BLOX_FILE_TARGET_MAX];
    int found = find_target(plan, target);
    if (found < 0) {
        return found;
    }
    if (entry->type == BLOX_LIST_SRC && found == 1) {
        return start_hash(plan, target);
    }
    if ((entry->type == BLOX_LIST_SRC) != (found == 1)) {
        return need(plan);
    }
    return 1;
}

static int check_entry(struct blox_plan *plan) {
    const struct blox_list_entry *entry = &plan->file.list.entry;
    if (!bit(plan->wanted, entry->index)) {
        return 1;
    }
    bool path = entry->type == BLOX_LIST_SRC || entry->type == BLOX_LIST_DELETE;
    return path ? check_path(plan) : check_wheel(plan);
}

static int end_hash(struct blox_plan *plan) {
    const struct blox_storage *storage = plan->config.storage;
    const struct blox_sha256 *sha256 = plan->config.sha256;
    uint8_t digest[BLOX_SHA256_SIZE];
    storage->close(storage->context, plan->hashing);
    plan->hashing = NULL;
    plan->pass = PASS_CHECK;
    int error = sha256->finish(sha256->context, digest);
    if (error == BLOX_OK &&
        memcmp(digest, plan->file.list.entry.sha256, BLOX_SHA256_SIZE) != 0) {
        need(plan);
    }
    return error == BLOX_OK ? 1 : error;
}

static int hash_some(struct blox_plan *plan) {
    const struct blox_storage *storage = plan->config.storage;
    const struct blox_sha256 *sha256 = plan->config.sha256;
    uint8_t chunk[CHUNK];
    for (int i = 0; i < CHUNKS; ++i) {
        int32_t count =
            storage->read(storage->context, plan->hashing, chunk, sizeof chunk);
        if (count <= 0) {
            return count < 0 ? count : end_hash(plan);
        }
        int error = sha256->update(sha256->context, chunk, (size_t)count);
        if (error != BLOX_OK) {
            return error;
        }
    }
    return 1;
}

// Whether the list brings a file with this key.
static bool brings_file(const struct blox_plan *plan, uint32_t key) {
    for (uint32_t i = 0; i < plan->entries; ++i) {
        if (plan->keys[i] == key && bit(plan->wanted, i) &&
            bit(plan->files, i)) {
            return true;
        }
    }
    return false;
}

// A file cannot lie in a folder where another entry puts a file. The key of
// a path is the checksum of it with a '/' behind it, as its folders have.
static int check_folders(struct blox_plan *plan, struct blox_span path) {
    for (size_t i = 0; i < path.size; ++i) {
        if (path.data[i] == '/' &&
            brings_file(plan, blox_crc32(0, path.data, i + 1))) {
            return blox_text_fail(plan->config.why, BLOX_ERROR_PATH, "list",
                                  path, "its folder is a file of this list");
        }
    }
    return BLOX_OK;
}

// Says so when no entry for this device has the name of a wheel that is not.
static void note_foreign(struct blox_plan *plan) {
    const struct blox_list_entry *entry = &plan->file.list.entry;
    uint32_t key = key_of(entry);
    for (uint32_t i = 0; i < plan->entries; ++i) {
        if (plan->keys[i] == key) {
            return;
        }
    }
    if (plan->config.why->size == 0) {
        blox_text_fail(plan->config.why, BLOX_OK, "list", entry->name,
                       "not for me");
    }
}

static int add_to_set(struct blox_plan *plan) {
    const struct blox_list_entry *entry = &plan->file.list.entry;
    const struct blox_sha256 *sha256 = plan->config.sha256;
    if (!bit(plan->wanted, entry->index)) {
        if (entry->type == BLOX_LIST_PLATFORM_WHEEL) {
            note_foreign(plan);
        }
        return 1;
    }
    if (entry->type == BLOX_LIST_SRC &&
        check_folders(plan, entry->path) != BLOX_OK) {
        return BLOX_ERROR_PATH;
    }
    struct blox_span key = entry->path.size > 0 ? entry->path : entry->name;
    int error = sha256->update(sha256->context, key.data, key.size);
    if (error == BLOX_OK) {
        error = sha256->update(sha256->context, (const uint8_t *)"", 1);
    }
    if (error == BLOX_OK) {
        error =
            sha256->update(sha256->context, entry->sha256, BLOX_SHA256_SIZE);
    }
    return error == BLOX_OK ? 1 : error;
}

static int start(struct blox_plan *plan) {
    const struct blox_storage *storage = plan->config.storage;
    int error = storage->space(storage->context, &plan->space);
    if (error == BLOX_OK && plan->space.block_size == 0) {
        error = BLOX_ERROR_IO;
    }
    plan->pass = PASS_KEYS;
    return error == BLOX_OK ? open_list(plan) : error;
}

static int end_set(struct blox_plan *plan) {
    const struct blox_sha256 *sha256 = plan->config.sha256;
    int error = sha256->finish(sha256->context, plan->set);
    plan->pass = PASS_CHECK;
    return error == BLOX_OK
               ? blox_todo_create(&plan->todo, plan->config.storage,
                                  BLOX_FILE_TODO_NEW, plan->set)
               : error;
}

static int end_check(struct blox_plan *plan) {
    const struct blox_storage *storage = plan->config.storage;
    int error = blox_todo_finish(&plan->todo);
    blox_plan_close(plan);
    plan->pass = PASS_DONE;
    return error == BLOX_OK
               ? storage->rename(storage->context, BLOX_FILE_TODO_NEW,
                                 BLOX_FILE_TODO)
               : error;
}

// A key counts when its list is signed by the one before it. A device that has
// no key passes over one in a list that is signed for others.
static int check_key(struct blox_plan *plan) {
    if (plan->has_key && (plan->config.trust == BLOX_PLAN_SIGNED ||
                          !plan->file.list.signature)) {
        return blox_text_fail(plan->config.why, BLOX_ERROR_FORMAT, "list",
                              blox_span_text("key"),
                              "not signed by the key before it");
    }
    return BLOX_OK;
}

// A pass has seen the last entry. Returns 1, 0 when all is done, or an error.
static int end_pass(struct blox_plan *plan) {
    const struct blox_sha256 *sha256 = plan->config.sha256;
    int error;
    if (plan->pass == PASS_CHECK) {
        return end_check(plan);
    }
    if (plan->pass == PASS_SET) {
        error = end_set(plan);
    } else if (plan->command) {
        blox_plan_close(plan);
        plan->pass = PASS_DONE;
        return BLOX_OK;
    } else {
        find_wanted(plan);
        plan->pass = PASS_SET;
        error = check_key(plan);
        error = error == BLOX_OK ? sha256->begin(sha256->context) : error;
    }
    error = error == BLOX_OK ? open_list(plan) : error;
    return error == BLOX_OK ? 1 : error;
}

static int take_entry(struct blox_plan *plan) {
    switch (plan->pass) {
    case PASS_KEYS:
        return note_key(plan);
    case PASS_CHECK:
        return check_entry(plan);
    default:
        return add_to_set(plan);
    }
}

static int step(struct blox_plan *plan) {
    if (plan->pass == PASS_DONE) {
        return BLOX_OK;
    }
    if (plan->pass == PASS_HASH) {
        return hash_some(plan);
    }
    int result = plan->pass == PASS_START ? start(plan) : BLOX_OK;
    if (result == BLOX_OK) {
        result = blox_list_file_next(&plan->file);
    }
    if (result < 0) {
        return result;
    }
    return result == 0 ? end_pass(plan) : take_entry(plan);
}

int blox_plan_step(struct blox_plan *plan) {
    const struct blox_storage *storage = plan->config.storage;
    struct blox_text *why = plan->config.why;
    int result = step(plan);
    if (result < 0) {
        blox_plan_close(plan);
        blox_file_remove(storage, BLOX_FILE_TODO_NEW);
        plan->pass = PASS_DONE;
        if (result == BLOX_ERROR_IO || result == BLOX_ERROR_MISSING ||
            why->size == 0) {
            blox_text_fail(why, result, "checking the list", blox_span(NULL, 0),
                           blox_error_text(result));
        }
    }
    return result;
}
