// SPDX-License-Identifier: MIT
#include "cli/wheel_file.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zip.h>

#include "core/pkg/name.h"
#include "core/pkg/path.h"

enum { TEXT_MAX = 1 << 20 }; // bytes of METADATA or WHEEL

// A wheel while it is read.
struct wheel {
    struct package *package;
    zip_t *zip;
    const char *info; // "<name>-<version>.dist-info/", inside the zip's names
    int info_size;
};

static enum cli_exit fail(const struct wheel *wheel, const char *member,
                          const char *why) {
    return cli_fail(CLI_INPUT, "%s: %s%s%s; build the wheel again",
                    wheel->package->file, member, *member != '\0' ? ": " : "",
                    why);
}

static enum cli_exit open_zip(struct wheel *wheel) {
    struct package *package = wheel->package;
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source =
        zip_source_buffer_create(package->data, package->size, 0, &error);
    wheel->zip = source != NULL
                     ? zip_open_from_source(source, ZIP_RDONLY, &error)
                     : NULL;
    if (wheel->zip == NULL) {
        zip_source_free(source);
        zip_error_fini(&error);
        return cli_fail(CLI_INPUT,
                        "%s: not a zip file; name a wheel, or send it as it "
                        "is with --src",
                        package->file);
    }
    zip_error_fini(&error);
    return CLI_OK;
}

// Reads a member to its end, which makes libzip compare its CRC-32. text, if
// given, gets what it holds, for the caller to free.
static enum cli_exit read_member(const struct wheel *wheel, const char *name,
                                 char **text) {
    char chunk[4096];
    size_t size = 0;
    zip_int64_t got = -1;
    zip_file_t *file = zip_fopen(wheel->zip, name, 0);
    while (file != NULL && (got = zip_fread(file, chunk, sizeof chunk)) > 0) {
        if (text != NULL && size + (size_t)got < TEXT_MAX) {
            *text = cli_grow(*text, size + (size_t)got + 1, 1);
            memcpy(*text + size, chunk, (size_t)got);
            size += (size_t)got;
            (*text)[size] = '\0';
        }
    }
    if (file != NULL && zip_fclose(file) != 0) {
        got = -1;
    }
    return got == 0 ? CLI_OK
                    : fail(wheel, name,
                           "damaged, encrypted, or compressed "
                           "in a way devices do not know");
}

static void note_info(struct wheel *wheel, const char *name) {
    const char *end = strstr(name, ".dist-info/");
    if (end != NULL && memchr(name, '/', (size_t)(end - name)) == NULL &&
        strcmp(end, ".dist-info/METADATA") == 0) {
        wheel->info = name;
        wheel->info_size = (int)(end - name) + (int)strlen(".dist-info/");
    }
}

static enum cli_exit check_member(struct wheel *wheel, zip_uint64_t index) {
    const char *name = zip_get_name(wheel->zip, index, ZIP_FL_ENC_RAW);
    if (name == NULL) {
        return fail(wheel, "", "a member without a name");
    }
    size_t size = strlen(name);
    if (size > 0 && name[size - 1] == '/') {
        return CLI_OK; // a directory
    }
    const char *why = blox_path_refuse_member(blox_span_text(name));
    if (why != NULL) {
        return fail(wheel, name, why);
    }
    note_info(wheel, name);
    return read_member(wheel, name, NULL);
}

static enum cli_exit check_members(struct wheel *wheel) {
    zip_int64_t count = zip_get_num_entries(wheel->zip, 0);
    for (zip_int64_t i = 0; i < count; ++i) {
        enum cli_exit result = check_member(wheel, (zip_uint64_t)i);
        if (result != CLI_OK) {
            return result;
        }
    }
    return wheel->info != NULL ? CLI_OK
                               : fail(wheel, "",
                                      "a zip file, but not a wheel: it has no "
                                      ".dist-info/METADATA");
}

static enum cli_exit read_info(const struct wheel *wheel, const char *file,
                               char **text) {
    char *name = cli_format("%.*s%s", wheel->info_size, wheel->info, file);
    enum cli_exit result = zip_name_locate(wheel->zip, name, 0) >= 0
                               ? read_member(wheel, name, text)
                               : fail(wheel, name, "missing");
    free(name);
    return result;
}

// The value of the next header of this name from *at on, for the caller to
// free; moves *at behind it. NULL when there is none before the blank line.
static char *next_header(const char **at, const char *name) {
    size_t size = strlen(name);
    const char *line = *at;
    while (*line != '\0' && *line != '\n' && *line != '\r') {
        size_t end = strcspn(line, "\r\n");
        const char *next = line + end + strspn(line + end, "\r");
        next += *next == '\n';
        if (strncasecmp(line, name, size) == 0 && line[size] == ':') {
            const char *value = line + size + 1;
            value += strspn(value, " \t");
            *at = next;
            return cli_format("%.*s", (int)(line + end - value), value);
        }
        line = next;
    }
    return NULL;
}

static enum cli_exit read_names(const struct wheel *wheel) {
    char *text = NULL;
    struct package *package = wheel->package;
    enum cli_exit result = read_info(wheel, "METADATA", &text);
    if (result == CLI_OK && text != NULL) {
        const char *at = text;
        package->name = next_header(&at, "Name");
        at = text;
        package->version = next_header(&at, "Version");
    }
    free(text);
    if (result == CLI_OK &&
        (package->name == NULL || package->version == NULL ||
         !blox_name_valid(blox_span_text(package->name)) ||
         !blox_version_valid(blox_span_text(package->version)))) {
        result = fail(wheel, "METADATA", "no proper Name and Version");
    }
    return result;
}

static char *join_tags(const char *text) {
    char *tags = NULL;
    for (char *tag; (tag = next_header(&text, "Tag")) != NULL;) {
        char *longer = tags == NULL ? cli_format("%s", tag)
                                    : cli_format("%s, %s", tags, tag);
        free(tags);
        free(tag);
        tags = longer;
    }
    return tags;
}

static enum cli_exit read_tags(const struct wheel *wheel) {
    char *text = NULL;
    enum cli_exit result = read_info(wheel, "WHEEL", &text);
    if (result == CLI_OK && text != NULL) {
        wheel->package->tags = join_tags(text);
    }
    free(text);
    if (result == CLI_OK && wheel->package->tags == NULL) {
        result = fail(wheel, "WHEEL", "no Tag");
    }
    return result != CLI_OK ? result : read_info(wheel, "RECORD", NULL);
}

enum cli_exit wheel_file_read(struct package *package) {
    struct wheel wheel = {.package = package};
    enum cli_exit result = open_zip(&wheel);
    if (result != CLI_OK) {
        return result;
    }
    result = check_members(&wheel);
    if (result == CLI_OK) {
        result = read_names(&wheel);
    }
    if (result == CLI_OK) {
        result = read_tags(&wheel);
    }
    zip_discard(wheel.zip);
    return result;
}
