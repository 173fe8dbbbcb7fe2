// SPDX-License-Identifier: MIT
#include "cli/wheel_file.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "core/pkg/metadata.h"
#include "core/pkg/path.h"
#include "core/pkg/record.h"
#include "core/pkg/tag.h"

enum { TEXT_MAX = 1 << 24 }; // bytes of METADATA, WHEEL or RECORD we keep

static const char INFO[] = ".dist-info/";

struct member {
    const char *name; // libzip's
    uint64_t size;
    uint8_t sha256[BLOX_SHA256_SIZE];
    bool recorded;
};

// A wheel while it is read.
struct wheel {
    struct package *package;
    zip_t *zip;
    struct member *members; // without directories
    size_t count;
    char *info; // "<name>-<version>.dist-info/"
};

// What is read of a member beside its digest.
struct kept {
    char *text; // NUL-terminated, or NULL
    size_t size;
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
    zip_error_fini(&error);
    if (wheel->zip != NULL) {
        return CLI_OK;
    }
    zip_source_free(source);
    return cli_fail(CLI_INPUT,
                    "%s: not a zip file; name a wheel, or send it as it is "
                    "with --src",
                    package->file);
}

// ---- members ----------------------------------------------------------------

static void keep(struct kept *kept, const char *chunk, size_t size) {
    if (kept != NULL && kept->size + size < TEXT_MAX) {
        kept->text = cli_grow(kept->text, kept->size + size + 1, 1);
        memcpy(kept->text + kept->size, chunk, size);
        kept->size += size;
        kept->text[kept->size] = '\0';
    }
}

// Reads a member to its end, which makes libzip compare its CRC-32. Returns
// whether all went well; digest and kept, unless NULL, get what was read.
static bool read_member(zip_t *zip, zip_uint64_t index, EVP_MD_CTX *digest,
                        struct kept *kept) {
    char chunk[16384];
    zip_int64_t got = -1;
    zip_file_t *file = zip_fopen_index(zip, index, 0);
    while (file != NULL && (got = zip_fread(file, chunk, sizeof chunk)) > 0) {
        if (digest != NULL) {
            EVP_DigestUpdate(digest, chunk, (size_t)got);
        }
        keep(kept, chunk, (size_t)got);
    }
    return file != NULL && zip_fclose(file) == 0 && got == 0;
}

static bool hash_member(zip_t *zip, zip_uint64_t index, struct member *member) {
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool done = digest != NULL &&
                EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1 &&
                read_member(zip, index, digest, NULL) &&
                EVP_DigestFinal_ex(digest, member->sha256, NULL) == 1;
    EVP_MD_CTX_free(digest);
    return done;
}

static bool is_supported(const zip_stat_t *stat) {
    return (stat->comp_method == ZIP_CM_STORE ||
            stat->comp_method == ZIP_CM_DEFLATE) &&
           stat->encryption_method == ZIP_EM_NONE;
}

static enum cli_exit check_member(struct wheel *wheel, zip_uint64_t index,
                                  const zip_stat_t *stat) {
    struct member *member = &wheel->members[wheel->count++];
    *member = (struct member){.name = stat->name, .size = stat->size};
    const char *why = blox_path_refuse_member(blox_span_text(stat->name));
    if (why != NULL) {
        return fail(wheel, stat->name, why);
    }
    if (zip_name_locate(wheel->zip, stat->name, 0) != (zip_int64_t)index) {
        return fail(wheel, stat->name, "twice in the zip file");
    }
    if (!is_supported(stat)) {
        return fail(wheel, stat->name,
                    "encrypted, or compressed in a way no device knows");
    }
    return hash_member(wheel->zip, index, member)
               ? CLI_OK
               : fail(wheel, stat->name, "damaged");
}

static enum cli_exit check_members(struct wheel *wheel) {
    zip_uint64_t count = (zip_uint64_t)zip_get_num_entries(wheel->zip, 0);
    wheel->members = cli_grow(NULL, count, sizeof *wheel->members);
    enum cli_exit result = CLI_OK;
    for (zip_uint64_t i = 0; i < count && result == CLI_OK; ++i) {
        zip_stat_t stat;
        if (zip_stat_index(wheel->zip, i, 0, &stat) != 0 ||
            *stat.name == '\0') {
            return fail(wheel, "", "damaged");
        }
        if (stat.name[strlen(stat.name) - 1] != '/') {
            result = check_member(wheel, i, &stat);
        }
    }
    return result;
}

// ---- .dist-info -------------------------------------------------------------

// The folder's name with its '/', if path is a file right in one.
static char *info_of(const char *path) {
    const char *slash = strchr(path, '/');
    size_t size = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    bool is_info =
        size >= sizeof INFO &&
        strncmp(path + size - (sizeof INFO - 1), INFO, sizeof INFO - 1) == 0;
    return is_info ? cli_format("%.*s", (int)size, path) : NULL;
}

static enum cli_exit find_info(struct wheel *wheel) {
    for (size_t i = 0; i < wheel->count; ++i) {
        char *info = info_of(wheel->members[i].name);
        if (info != NULL && wheel->info != NULL &&
            strcmp(info, wheel->info) != 0) {
            free(info);
            return fail(wheel, "", "it has two .dist-info folders");
        }
        if (info != NULL) {
            free(wheel->info);
            wheel->info = info;
        }
    }
    return wheel->info != NULL ? CLI_OK
                               : fail(wheel, "",
                                      "a zip file, but not a wheel: it has no "
                                      ".dist-info folder");
}

static enum cli_exit read_info(const struct wheel *wheel, const char *file,
                               struct kept *kept) {
    char *name = cli_format("%s%s", wheel->info, file);
    zip_int64_t index = zip_name_locate(wheel->zip, name, 0);
    bool there = index >= 0;
    free(name);
    *kept = (struct kept){NULL, 0};
    if (!there) {
        return fail(wheel, file, "missing");
    }
    read_member(wheel->zip, (zip_uint64_t)index, NULL, kept);
    return kept->text != NULL ? CLI_OK : fail(wheel, file, "empty");
}

static enum cli_exit read_names(const struct wheel *wheel) {
    struct kept kept;
    struct blox_metadata metadata;
    struct package *package = wheel->package;
    enum cli_exit result = read_info(wheel, "METADATA", &kept);
    if (result != CLI_OK) {
        return result;
    }
    blox_metadata_init(&metadata, blox_span(NULL, 0));
    blox_metadata_feed(&metadata, blox_span(kept.text, kept.size));
    blox_metadata_end(&metadata);
    free(kept.text);
    if (metadata.broken || !blox_name_valid(blox_span_text(metadata.name)) ||
        !blox_version_valid(blox_span_text(metadata.version))) {
        return fail(wheel, "METADATA", "no proper Name and Version");
    }
    package->name = cli_format("%s", metadata.name);
    package->version = cli_format("%s", metadata.version);
    return CLI_OK;
}

// Whether some device takes a tag: one of the platform it names would.
static bool some_device_takes(const char *tag) {
    const char *dash = strrchr(tag, '-');
    const char *platform = dash != NULL ? dash + 1 : "";
    return blox_tag_accepted(blox_span_text(tag), blox_span_text(platform));
}

static void add_tag(struct package *package, const char *tag) {
    char *tags = package->tags == NULL
                     ? cli_format("%s", tag)
                     : cli_format("%s, %s", package->tags, tag);
    free(package->tags);
    package->tags = tags;
}

static enum cli_exit read_tags(const struct wheel *wheel) {
    struct kept kept;
    bool taken = false;
    char *rest = NULL;
    enum cli_exit result = read_info(wheel, "WHEEL", &kept);
    if (result != CLI_OK) {
        return result;
    }
    for (char *line = strtok_r(kept.text, "\r\n", &rest); line != NULL;
         line = strtok_r(NULL, "\r\n", &rest)) {
        if (strncmp(line, "Tag:", 4) == 0) {
            const char *tag = line + 4 + strspn(line + 4, " \t");
            taken = taken || some_device_takes(tag);
            add_tag(wheel->package, tag);
        }
    }
    free(kept.text);
    if (wheel->package->tags == NULL) {
        return fail(wheel, "WHEEL", "no Tag");
    }
    return taken ? CLI_OK
                 : cli_fail(CLI_INPUT,
                            "%s: made for %s; devices take py3-none-any and "
                            "mpy6-bytecode-<platform>",
                            wheel->package->file, wheel->package->tags);
}

// ---- RECORD -----------------------------------------------------------------

static enum cli_exit check_line(const struct wheel *wheel,
                                const struct blox_record_line *line) {
    for (size_t i = 0; i < wheel->count; ++i) {
        struct member *member = &wheel->members[i];
        if (strcmp(member->name, line->path) != 0) {
            continue;
        }
        member->recorded = true;
        bool same = !line->has_hash || (line->size == member->size &&
                                        memcmp(line->sha256, member->sha256,
                                               sizeof member->sha256) == 0);
        return same ? CLI_OK
                    : fail(wheel, line->path,
                           "size or hash differs from RECORD");
    }
    return fail(wheel, line->path, "in RECORD, but not in the wheel");
}

static enum cli_exit check_lines(const struct wheel *wheel,
                                 struct blox_span text) {
    struct blox_record record;
    enum cli_exit result = CLI_OK;
    blox_record_init(&record);
    int got = 1;
    while (result == CLI_OK && got > 0) {
        got = blox_record_feed(&record, &text);
        bool end = got == 0;
        got = end ? blox_record_end(&record) : got;
        if (got > 0) {
            result = check_line(wheel, &record.line);
        } else if (got < 0) {
            result = fail(wheel, "RECORD", record.why);
        }
        got = end ? 0 : got;
    }
    return result;
}

// RECORD need not list itself.
static bool is_record(const struct wheel *wheel, const char *name) {
    size_t size = strlen(wheel->info);
    return strncmp(name, wheel->info, size) == 0 &&
           strcmp(name + size, "RECORD") == 0;
}

static enum cli_exit check_record(const struct wheel *wheel) {
    struct kept kept;
    enum cli_exit result = read_info(wheel, "RECORD", &kept);
    if (result == CLI_OK) {
        result = check_lines(wheel, blox_span(kept.text, kept.size));
        free(kept.text);
    }
    for (size_t i = 0; i < wheel->count && result == CLI_OK; ++i) {
        if (!wheel->members[i].recorded &&
            !is_record(wheel, wheel->members[i].name)) {
            result = fail(wheel, wheel->members[i].name, "not in RECORD");
        }
    }
    return result;
}

enum cli_exit wheel_file_read(struct package *package) {
    static enum cli_exit (*const steps[])(const struct wheel *) = {
        read_names, read_tags, check_record};
    struct wheel wheel = {.package = package};
    enum cli_exit result = open_zip(&wheel);
    if (result != CLI_OK) {
        return result;
    }
    result = check_members(&wheel);
    if (result == CLI_OK) {
        result = find_info(&wheel);
    }
    for (size_t i = 0; i < 3 && result == CLI_OK; ++i) {
        result = steps[i](&wheel);
    }
    free(wheel.members);
    free(wheel.info);
    zip_discard(wheel.zip);
    return result;
}
