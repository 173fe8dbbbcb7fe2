// SPDX-License-Identifier: MIT
#include "cli/node_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sha256.h"
#include "core/base/error.h"
#include "core/codec/hex.h"
#include "core/ota/files.h"
#include "core/pkg/name.h"

enum {
    BLOCK = 4096,    // bytes, as littlefs on an ESP32 has them
    SHORT = 8,       // hex digits of a hash in info
    ROOM = 1u << 30, // for a device that does not tell its room
};

// What a handle stands for; only its address counts.
static const char LIST[] = "list", TODO[] = "todo", FILE_OF_NODE[] = "file";

static const char *short_hash(const struct node_files *files,
                              const char *path) {
    const cJSON *known =
        cJSON_GetObjectItemCaseSensitive(files->node->info, "files");
    return json_text(known, path[0] == '/' ? path + 1 : path);
}

// ---- storage ----------------------------------------------------------------

static int open_file(void *context, const char *path,
                     enum blox_storage_mode mode, void **file) {
    struct node_files *files = context;
    if (strcmp(path, BLOX_FILE_LIST) == 0) {
        *file = (void *)LIST;
        files->list_at = 0;
    } else if (blox_span_starts(blox_span_text(path), BLOX_FILE_TODO)) {
        *file = (void *)TODO;
        files->todo_at = 0;
        files->todo_size = mode == BLOX_STORAGE_WRITE ? 0 : files->todo_size;
    } else if (short_hash(files, path) != NULL) {
        *file = (void *)FILE_OF_NODE;
        free(files->hashed);
        files->hashed = cli_format("%s", path + 1);
    } else {
        return BLOX_ERROR_MISSING;
    }
    return BLOX_OK;
}

static int32_t read_some(const uint8_t *from, size_t end, size_t *at,
                         uint8_t *data, size_t size) {
    size = size < end - *at ? size : end - *at;
    if (size > 0) {
        memcpy(data, from + *at, size);
        *at += size;
    }
    return (int32_t)size;
}

static int32_t read_file(void *context, void *file, uint8_t *data,
                         size_t size) {
    struct node_files *files = context;
    return file == LIST   ? read_some(files->text.data, files->text.size,
                                      &files->list_at, data, size)
           : file == TODO ? read_some(files->todo, files->todo_size,
                                      &files->todo_at, data, size)
                          : 0;
}

static int write_file(void *context, void *file, const uint8_t *data,
                      size_t size) {
    struct node_files *files = context;
    (void)file;
    files->todo = cli_grow(files->todo, files->todo_size + size, 1);
    memcpy(files->todo + files->todo_size, data, size);
    files->todo_size += size;
    return BLOX_OK;
}

// The planner moves nowhere.
static int seek_file(void *context, void *file, uint32_t offset) {
    (void)context, (void)file, (void)offset;
    return BLOX_ERROR_IO;
}

static int close_file(void *context, void *file) {
    (void)context, (void)file;
    return BLOX_OK;
}

// Of /lib only METADATA is asked for, of folders that were listed.
static int stat_file(void *context, const char *path,
                     struct blox_storage_stat *stat) {
    const struct node_files *files = context;
    *stat = (struct blox_storage_stat){BLOX_STORAGE_FILE, 0};
    bool there =
        strncmp(path, "/lib/", 5) == 0
            ? blox_span_ends(blox_span_text(path), ".dist-info/METADATA")
            : short_hash(files, path) != NULL;
    return there ? BLOX_OK : BLOX_ERROR_MISSING;
}

// The index-th version that is text, or NULL.
static const cJSON *find_version(const struct node_files *files,
                                 uint32_t index) {
    const cJSON *one;
    cJSON_ArrayForEach(
        one, cJSON_GetObjectItemCaseSensitive(files->node->info, "versions")) {
        if (cJSON_IsString(one) && one->string != NULL && index-- == 0) {
            return one;
        }
    }
    return NULL;
}

// "<name>-<version>.dist-info", with '_' for '-' in both.
static int list_folder(void *context, const char *path, uint32_t index,
                       char *name, size_t capacity) {
    const cJSON *one = find_version(context, index);
    if (strcmp(path, "/lib") != 0 || one == NULL) {
        return BLOX_ERROR_MISSING;
    }
    int size = snprintf(name, capacity, "%s-%s.dist-info", one->string,
                        one->valuestring);
    if (size < 0 || (size_t)size >= capacity) {
        return BLOX_ERROR_BUFFER;
    }
    size_t dash = strlen(one->string);
    size_t end = dash + 1 + strlen(one->valuestring);
    for (size_t i = 0; i < end; ++i) {
        name[i] = name[i] == '-' && i != dash ? '_' : name[i];
    }
    return BLOX_OK;
}

static int rename_file(void *context, const char *from, const char *to) {
    (void)context, (void)from, (void)to;
    return BLOX_OK;
}

static int change_path(void *context, const char *path) {
    (void)context, (void)path;
    return BLOX_OK;
}

static int tell_space(void *context, struct blox_storage_space *space) {
    const struct node_files *files = context;
    double room = json_number(files->node->info, "fs_free", ROOM);
    room = room < 0 ? 0 : room > ROOM ? ROOM : room;
    *space = (struct blox_storage_space){BLOCK, ROOM / BLOCK,
                                         (uint32_t)room / BLOCK};
    return BLOX_OK;
}

// ---- hashes -----------------------------------------------------------------

// Nothing is read between begin and finish when a file is hashed; hashed says
// which.
static int begin(void *context) {
    struct node_files *files = context;
    return files->all.begin(files->all.context);
}

static int update(void *context, const uint8_t *data, size_t size) {
    struct node_files *files = context;
    return files->all.update(files->all.context, data, size);
}

// The last entry of a path counts.
static const char *wanted_hash(const struct node_files *files,
                               const char *path) {
    const char *hash = NULL;
    for (size_t i = 0; i < files->list->count; ++i) {
        const struct update_entry *entry = &files->list->entries[i];
        if (entry->type == BLOX_LIST_SRC && strcmp(entry->path, path) == 0) {
            hash = entry->sha256;
        }
    }
    return hash;
}

static void hash_of_file(struct node_files *files,
                         uint8_t digest[BLOX_SHA256_SIZE]) {
    const char *known = short_hash(files, files->hashed);
    const char *wanted = wanted_hash(files, files->hashed);
    memset(digest, 0, BLOX_SHA256_SIZE);
    if (known != NULL && wanted != NULL && strlen(known) == SHORT &&
        strncmp(known, wanted, SHORT) == 0) {
        blox_hex_decode(blox_span_text(wanted), digest, BLOX_SHA256_SIZE);
    }
    free(files->hashed);
    files->hashed = NULL;
}

static int finish(void *context, uint8_t digest[BLOX_SHA256_SIZE]) {
    struct node_files *files = context;
    if (files->hashed != NULL) {
        hash_of_file(files, digest);
        return BLOX_OK;
    }
    return files->all.finish(files->all.context, digest);
}

void node_files_init(struct node_files *files, const struct node *node,
                     const struct update_list *list, struct blox_span text) {
    *files = (struct node_files){
        .node = node,
        .list = list,
        .text = text,
        .storage = {files, open_file, read_file, write_file, seek_file,
                    close_file, stat_file, list_folder, rename_file,
                    change_path, change_path, tell_space},
        .sha256 = {files, begin, update, finish},
    };
    sha256_open(&files->all);
}

void node_files_free(struct node_files *files) {
    sha256_close(&files->all);
    free(files->hashed);
    free(files->todo);
}
