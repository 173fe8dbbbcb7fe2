// SPDX-License-Identifier: MIT
#include "cli/package.h"

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/wheel_file.h"
#include "core/base/text.h"
#include "core/pkg/name.h"
#include "core/pkg/path.h"

enum { SIZE_MAX_MQTT = 268435455 - 512 }; // of a payload, with room for a topic

static void hash(struct package *package) {
    struct blox_text text;
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_Digest(package->bytes.data, package->bytes.size, digest, &size,
                   EVP_sha256(), NULL) != 1) {
        exit(cli_fail(CLI_INTERNAL, "SHA-256 failed; report this"));
    }
    blox_text_init(&text, package->sha256, sizeof package->sha256);
    blox_text_add_hex(&text, digest, size);
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

int package_same(const struct package *a, const struct package *b) {
    if (a->path != NULL && b->path != NULL) {
        return strcmp(a->path, b->path) == 0;
    }
    return a->name != NULL && b->name != NULL &&
           blox_name_equal(blox_span_text(a->name), blox_span_text(b->name));
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

static cJSON *list_entry(const struct package *package) {
    cJSON *entry = need(cJSON_CreateObject());
    switch (package->kind) {
    case PACKAGE_WHEEL:
        add_text(entry, "type", "wheel");
        add_text(entry, "name", package->name);
        add_text(entry, "version", package->version);
        add_digest(entry, package);
        break;
    case PACKAGE_SRC:
        add_text(entry, "type", "src");
        add_text(entry, "path", package->path);
        add_digest(entry, package);
        break;
    case PACKAGE_DELETE:
        add_text(entry, "type", "delete");
        add_text(entry, "path", package->path);
        break;
    }
    return entry;
}

char *package_list(const struct package *packages, size_t count) {
    cJSON *list = need(cJSON_CreateArray());
    for (size_t i = 0; i < count; ++i) {
        cJSON_AddItemToArray(list, list_entry(&packages[i]));
    }
    char *text = cJSON_PrintUnformatted(list);
    cJSON_Delete(list);
    return text != NULL ? text : cli_format("[]");
}
