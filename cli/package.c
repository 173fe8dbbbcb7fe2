// SPDX-License-Identifier: MIT
#include "cli/package.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sha256.h"
#include "cli/wheel_file.h"
#include "core/base/text.h"
#include "core/pkg/name.h"
#include "core/pkg/path.h"

enum { SIZE_MAX_MQTT = 268435455 - 512 }; // of a payload, with room for a topic

static void hash(struct package *package) {
    struct blox_text text;
    uint8_t digest[BLOX_SHA256_SIZE];
    sha256_of(package->bytes.data, package->bytes.size, digest);
    blox_text_init(&text, package->sha256, sizeof package->sha256);
    blox_text_add_hex(&text, digest, sizeof digest);
}

static enum cli_exit load(struct package *package) {
    enum cli_exit result =
        file_read(package->file, SIZE_MAX_MQTT, &package->bytes);
    if (result == CLI_OK) {
        hash(package);
    }
    return result;
}

static enum cli_exit set_path(struct package *package, const char *path) {
    const char *why = blox_path_refuse_source(blox_span_text(path));
    package->path = cli_format("%s", path);
    package->label = cli_format("%s", path);
    return why == NULL ? CLI_OK
                       : cli_fail(CLI_USAGE,
                                  "'%s': %s; give a path relative to /, like "
                                  "user_main.py",
                                  path, why);
}

static void take_wheel(struct package *package,
                       const struct wheel_file *wheel) {
    package->name = cli_format("%s", wheel->name);
    package->version = cli_format("%s", wheel->version);
    package->tags = wheel_file_tags(wheel);
    package->platform = cli_format("%s", wheel->platform);
    package->mpy =
        wheel->native ? cli_format("6.%u", wheel->sub_version) : NULL;
    package->label = cli_format("%s %s (%s)", package->name, package->version,
                                package->tags);
}

enum cli_exit package_wheel(struct package *package, const char *file) {
    struct wheel_file wheel;
    *package = (struct package){.kind = PACKAGE_WHEEL, .file = file};
    enum cli_exit result = load(package);
    if (result != CLI_OK) {
        return result;
    }
    result =
        wheel_file_read(&wheel, file, package->bytes.data, package->bytes.size);
    if (result == CLI_OK) {
        take_wheel(package, &wheel);
    }
    wheel_file_free(&wheel);
    return result;
}

enum cli_exit package_src(struct package *package, const char *file,
                          const char *path) {
    *package = (struct package){.kind = PACKAGE_SRC, .file = file};
    enum cli_exit result = set_path(package, path);
    return result != CLI_OK ? result : load(package);
}

enum cli_exit package_delete(struct package *package, const char *path) {
    *package = (struct package){.kind = PACKAGE_DELETE};
    return set_path(package, path);
}

void package_free(struct package *package) {
    free(package->path);
    free(package->name);
    free(package->version);
    free(package->tags);
    free(package->platform);
    free(package->mpy);
    free(package->label);
    free(package->bytes.data);
}

static bool same_text(const char *a, const char *b) {
    return (a == NULL && b == NULL) ||
           (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_name(const struct package *a, const struct package *b) {
    return a->name != NULL && b->name != NULL &&
           blox_name_equal(blox_span_text(a->name), blox_span_text(b->name));
}

// Whether a is stage one of b (docs/migration.md): of b's version with .dev0,
// for devices of before 1.0 alone.
static bool is_stage_one(const struct package *a, const struct package *b) {
    size_t size = b->version != NULL ? strlen(b->version) : 0;
    return a->version != NULL && same_name(a, b) &&
           strncmp(a->version, b->version, size) == 0 &&
           strcmp(a->version + size, ".dev0") == 0;
}

// Whether a file would lie in a folder that is a file.
static bool is_folder_of(const struct package *a, const struct package *b) {
    size_t size = a->kind == PACKAGE_SRC ? strlen(a->path) : 0;
    return size > 0 && b->kind == PACKAGE_SRC &&
           strncmp(a->path, b->path, size) == 0 && b->path[size] == '/';
}

char *package_clash(const struct package *a, const struct package *b) {
    if (a->path != NULL && same_text(a->path, b->path)) {
        return cli_format("'%s' is given twice; leave one out", a->path);
    }
    if (is_folder_of(a, b) || is_folder_of(b, a)) {
        return cli_format("'%s' and '%s': one would lie in the other, which is "
                          "a file; name another path",
                          a->path, b->path);
    }
    if (!same_name(a, b)) {
        return NULL;
    }
    if (is_stage_one(a, b) || is_stage_one(b, a)) {
        return NULL;
    }
    if (!same_text(a->version, b->version)) {
        return cli_format("'%s' is given as %s and as %s; give wheels of one "
                          "version",
                          a->name, a->version, b->version);
    }
    return same_text(a->platform, b->platform) && same_text(a->mpy, b->mpy)
               ? cli_format("'%s' is given twice for %s; leave one out",
                            a->name, a->tags)
               : NULL;
}

static char *wheel_topic(const struct package *package,
                         enum package_form form) {
    return form == PACKAGE_FORM_C
               ? cli_format("mypypi/packages/%s", package->sha256)
               : cli_format("mpypi/packages/wheel/%s", package->sha256);
}

static char *src_topic(const struct package *package, enum package_form form) {
    switch (form) {
    case PACKAGE_FORM_A:
        return cli_format("mpypi/packages/src/%s/%s", package->path,
                          package->sha256);
    case PACKAGE_FORM_B:
        return cli_format("mpypi/packages/src/%s", package->path);
    default:
        return cli_format("mypypi/packages/%s", package->path);
    }
}

char *package_topic(const struct package *package, enum package_form form) {
    if (package->bytes.size == 0) {
        return NULL; // an empty retained message would delete, not deliver
    }
    return package->kind == PACKAGE_WHEEL ? wheel_topic(package, form)
                                          : src_topic(package, form);
}

static cJSON *need(cJSON *item) {
    if (item == NULL) {
        exit(cli_fail(CLI_INTERNAL, "out of memory; close other programs"));
    }
    return item;
}

static void add_text(cJSON *entry, const char *key, const char *text) {
    need(cJSON_AddStringToObject(entry, key, text));
}

static void add_digest(cJSON *entry, const struct package *package) {
    add_text(entry, "pkg_sha256", package->sha256);
    need(cJSON_AddNumberToObject(entry, "size", (double)package->bytes.size));
}

bool package_topic_has_hash(const struct package *package,
                            enum package_form form) {
    return package->kind == PACKAGE_WHEEL || form == PACKAGE_FORM_A;
}

// ---- the list ---------------------------------------------------------------

static cJSON *add_entry(cJSON *list, const char *type) {
    cJSON *entry = need(cJSON_CreateObject());
    cJSON_AddItemToArray(list, entry);
    add_text(entry, "type", type);
    return entry;
}

static void add_wheel(cJSON *entry, const struct package *package) {
    if (*package->platform != '\0') {
        char *tag = cli_format("mpy6-bytecode-%s", package->platform);
        add_text(entry, "tag", tag);
        free(tag);
    }
    add_text(entry, "name", package->name);
    add_text(entry, "version", package->version);
    add_digest(entry, package);
}

static void add_platform_wheel(cJSON *list, const struct package *package) {
    cJSON *entry = add_entry(list, "platform-wheel");
    if (package->mpy != NULL) {
        add_text(entry, "mpy", package->mpy);
    }
    add_wheel(entry, package);
}

// Whether devices of before 1.0 would rather have a than b, of one name: stage
// one, else what any device takes, else bytecode, else native code for the
// older firmware. They are ESP32s; wheels for other chips are of no use to
// them.
static bool is_before(const struct package *a, const struct package *b) {
    if (is_stage_one(a, b) || is_stage_one(b, a)) {
        return is_stage_one(a, b);
    }
    bool any = *a->platform == '\0', other = *b->platform == '\0';
    if (any != other) {
        return any;
    }
    if (a->mpy == NULL || b->mpy == NULL) {
        return a->mpy == NULL && b->mpy != NULL;
    }
    return strcmp(a->mpy, b->mpy) < 0;
}

static bool originals_take(const struct package *package) {
    return package->kind == PACKAGE_WHEEL &&
           (*package->platform == '\0' ||
            strcmp(package->platform, "esp32") == 0);
}

// Whether one of them is what this is stage one of.
static bool is_stage_of_any(const struct package *packages, size_t count,
                            const struct package *package) {
    for (size_t i = 0; i < count; ++i) {
        if (is_stage_one(package, &packages[i])) {
            return true;
        }
    }
    return false;
}

static bool is_for_originals(const struct package *packages, size_t count,
                             size_t index) {
    const struct package *package = &packages[index];
    for (size_t i = 0; i < count; ++i) {
        if (i != index && originals_take(&packages[i]) &&
            same_name(package, &packages[i]) &&
            is_before(&packages[i], package)) {
            return false;
        }
    }
    return originals_take(package) || is_stage_of_any(packages, count, package);
}

static void add_package(cJSON *list, const struct package *packages,
                        size_t count, size_t index) {
    const struct package *package = &packages[index];
    if (package->kind == PACKAGE_WHEEL) {
        if (*package->platform != '\0' &&
            !is_stage_of_any(packages, count, package)) {
            add_platform_wheel(list, package);
        }
        if (is_for_originals(packages, count, index)) {
            add_wheel(add_entry(list, "wheel"), package);
        }
        return;
    }
    bool delete = package->kind == PACKAGE_DELETE;
    cJSON *entry = add_entry(list, delete ? "delete" : "src");
    add_text(entry, "path", package->path);
    if (!delete) {
        add_digest(entry, package);
    }
}

char *package_list(const struct package *packages, size_t count) {
    cJSON *list = need(cJSON_CreateArray());
    for (size_t i = 0; i < count; ++i) {
        add_package(list, packages, count, i);
    }
    char *text = cJSON_PrintUnformatted(list);
    cJSON_Delete(list);
    return text != NULL ? text : cli_format("[]");
}
