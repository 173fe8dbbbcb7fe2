// SPDX-License-Identifier: MIT
#include "core/pkg/installed.h"

#include "core/base/error.h"
#include "core/base/text.h"

// Whether installed->dist_info holds a package. The unpacker saw to it that
// its name tells what METADATA does; without METADATA it is a torn removal.
static int read_installed(const struct blox_storage *storage,
                          const char *prefix,
                          struct blox_installed *installed) {
    char path[64 + BLOX_PATH_MAX];
    struct blox_text text;
    struct blox_storage_stat stat;
    blox_text_init(&text, path, sizeof path);
    blox_text_add(&text, prefix);
    blox_text_add_char(&text, '/');
    blox_text_add(&text, installed->dist_info);
    blox_text_add(&text, "/METADATA");
    int error = text.cut ? BLOX_ERROR_MISSING
                         : storage->stat(storage->context, path, &stat);
    return error == BLOX_OK ? 1 : error == BLOX_ERROR_MISSING ? 0 : error;
}

// Whether the directory's name is that of the package's dist-info.
static bool is_named(const struct blox_installed *installed,
                     struct blox_span wanted) {
    struct blox_span name, version;
    return blox_name_split(blox_span_text(installed->dist_info), &name,
                           &version) == BLOX_OK &&
           blox_name_equal(name, wanted);
}

int blox_installed_find(const struct blox_storage *storage, const char *prefix,
                        struct blox_span name,
                        struct blox_installed *installed) {
    int error = blox_name_valid(name) ? BLOX_OK : BLOX_ERROR_MISSING;
    for (uint32_t i = 0; error == BLOX_OK || error == BLOX_ERROR_BUFFER; ++i) {
        error = storage->list(storage->context, prefix, i, installed->dist_info,
                              sizeof installed->dist_info);
        int result = error == BLOX_OK && is_named(installed, name)
                         ? read_installed(storage, prefix, installed)
                         : 0;
        if (result != 0) {
            return result < 0 ? result : BLOX_OK;
        }
    }
    return error;
}
