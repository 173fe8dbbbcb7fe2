// SPDX-License-Identifier: MIT
// blox wheel show and blox wheel check: what a wheel is, and whether devices
// take it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "cli/wheel_file.h"

enum { WHEEL_MAX = 1 << 28 };

struct request {
    struct output_settings output;
    struct cli_texts files;
    bool original; // --compat
};

// ---- wheel show -------------------------------------------------------------

// The value of a header of METADATA, for the caller to free, or NULL.
static char *header(const struct wheel_file *wheel, const char *key) {
    const char *line = wheel_file_info(wheel, "METADATA");
    size_t size = strlen(key);
    while (line != NULL && *line != '\0' && *line != '\n') {
        if (strncasecmp(line, key, size) == 0 && line[size] == ':') {
            line += size + 1;
            line += strspn(line, " \t");
            return cli_format("%.*s", (int)strcspn(line, "\r\n"), line);
        }
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return NULL;
}

// What a member is, for the caller to free.
static char *kind_of(const struct wheel_member *member) {
    if (!member->is_mpy) {
        return cli_format("%s", "");
    }
    return member->mpy.arch == MPY_NO_ARCH
               ? cli_format("bytecode")
               : cli_format("%s, mpy 6.%u", mpy_arch_name(member->mpy.arch),
                            member->mpy.sub_version);
}

static void fact(const char *name, const char *value) {
    if (value != NULL && *value != '\0') {
        printf("%-9s %s\n", name, value);
    }
}

static void print_facts(const struct wheel_file *wheel) {
    char *tags = wheel_file_tags(wheel);
    char *summary = header(wheel, "Summary");
    char *window = cli_format("%u bytes", 1u << wheel->window_bits);
    char *native = wheel->native
                       ? cli_format("%s, mpy 6.%u", mpy_arch_name(wheel->arch),
                                    wheel->sub_version)
                       : NULL;
    fact("name", wheel->name);
    fact("version", wheel->version);
    fact("summary", summary);
    fact("tag", tags);
    fact("native", native);
    fact("window", window);
    printf("\n");
    free(tags);
    free(summary);
    free(window);
    free(native);
}

static void print_members(const struct wheel_file *wheel) {
    static const char *const headings[] = {"FILE", "SIZE", "PACKED", "CODE"};
    struct table table;
    table_begin(&table, headings, 4);
    for (size_t i = 0; i < wheel->count; ++i) {
        const struct wheel_member *member = &wheel->members[i];
        char *kind = kind_of(member);
        table_cell(&table, STYLE_PLAIN, "%s", member->path);
        table_cell(&table, STYLE_PLAIN, "%zu", member->size);
        table_cell(&table, STYLE_PLAIN, "%zu", member->packed);
        table_cell(&table, STYLE_PLAIN, "%s", kind);
        free(kind);
    }
    table_print(&table);
    table_free(&table);
}

static cJSON *member_json(const struct wheel_member *member) {
    cJSON *object = cJSON_CreateObject();
    char *kind = kind_of(member);
    output_add_text(object, "path", member->path);
    cJSON_AddNumberToObject(object, "size", (double)member->size);
    cJSON_AddNumberToObject(object, "packed", (double)member->packed);
    output_add_text(object, "code", *kind != '\0' ? kind : NULL);
    free(kind);
    return object;
}

static cJSON *wheel_json(const struct wheel_file *wheel) {
    cJSON *object = cJSON_CreateObject();
    char *summary = header(wheel, "Summary");
    char mpy[16];
    snprintf(mpy, sizeof mpy, "6.%u", wheel->sub_version);
    output_add_text(object, "name", wheel->name);
    output_add_text(object, "version", wheel->version);
    output_add_text(object, "summary", summary);
    cJSON_AddItemToObject(
        object, "tags",
        cJSON_CreateStringArray(wheel->tags, (int)wheel->tag_count));
    output_add_text(object, "native",
                    wheel->native ? mpy_arch_name(wheel->arch) : NULL);
    output_add_text(object, "mpy", wheel->native ? mpy : NULL);
    cJSON_AddNumberToObject(object, "window", 1u << wheel->window_bits);
    cJSON *members = cJSON_AddArrayToObject(object, "members");
    for (size_t i = 0; i < wheel->count; ++i) {
        cJSON_AddItemToArray(members, member_json(&wheel->members[i]));
    }
    free(summary);
    return object;
}

static void show(const struct request *request,
                 const struct wheel_file *wheel) {
    if (request->output.json) {
        output_document(wheel_json(wheel));
    } else {
        print_facts(wheel);
        print_members(wheel);
    }
}

// ---- wheel check ------------------------------------------------------------

static void praise(const struct request *request,
                   const struct wheel_file *wheel) {
    char *tags = wheel_file_tags(wheel);
    (void)request;
    printf("%s: %s %s for %s, %zu files: sound\n", wheel->file, wheel->name,
           wheel->version, tags, wheel->count);
    free(tags);
}

// ---- both -------------------------------------------------------------------

static enum cli_exit look_at(const struct request *request, const char *file,
                             void (*tell)(const struct request *,
                                          const struct wheel_file *)) {
    struct file_bytes bytes;
    struct wheel_file wheel;
    enum cli_exit result = file_read(file, WHEEL_MAX, &bytes);
    if (result != CLI_OK) {
        return result;
    }
    result = wheel_file_read(&wheel, file, bytes.data, bytes.size);
    if (result == CLI_OK && request->original) {
        result = wheel_file_check_original(&wheel);
    }
    if (result == CLI_OK) {
        tell(request, &wheel);
    }
    wheel_file_free(&wheel);
    free(bytes.data);
    return result;
}

static enum cli_exit run_show(void *context) {
    const struct request *request = context;
    return look_at(request, request->files.items[0], show);
}

// All are looked at, whatever is wrong with one.
static enum cli_exit run_check(void *context) {
    const struct request *request = context;
    enum cli_exit result = CLI_OK;
    for (size_t i = 0; i < request->files.count; ++i) {
        enum cli_exit one = look_at(request, request->files.items[i], praise);
        result = one != CLI_OK ? one : result;
    }
    return result;
}

#define FIELD(name) offsetof(struct request, name)

static const struct cli_option_group SHOW_GROUPS[] = {
    {"Output", output_options, FIELD(output)},
    {NULL, NULL, 0},
};

static const struct cli_argument SHOW_ARGUMENTS[] = {
    {.name = "FILE",
     .offset = FIELD(files),
     .set = cli_add_text,
     .help = "the wheel"},
    {.name = NULL},
};

const struct cli_verb cli_verb_wheel_show = {
    .name = "wheel show",
    .summary = "tell what is in a wheel",
    .about = "Tells a wheel's name, version, tags and members, with their "
             "sizes, and for which chips and firmware native members are. The "
             "wheel must be one that devices take, as 'blox wheel check' "
             "checks it.",
    .arguments = SHOW_ARGUMENTS,
    .groups = SHOW_GROUPS,
    .exits = CLI_EXITS_FILES,
    .request_size = sizeof(struct request),
    .run = run_show,
};

static const struct cli_option CHECK_OPTIONS[] = {
    {.name = "compat",
     .offset = FIELD(original),
     .set = cli_set_true,
     .help = "refuse also what devices that run the original do not take"},
    {.name = NULL},
};

static const struct cli_option_group CHECK_GROUPS[] = {
    {"Options", CHECK_OPTIONS, 0},
    {NULL, NULL, 0},
};

static const struct cli_argument CHECK_ARGUMENTS[] = {
    {.name = "FILE",
     .offset = FIELD(files),
     .set = cli_add_text,
     .help = "a wheel",
     .many = true},
    {.name = NULL},
};

const struct cli_verb cli_verb_wheel_check = {
    .name = "wheel check",
    .summary = "tell whether devices take a wheel",
    .about = "Unpacks wheels with the very code a device does, in memory: the "
             "zip, every hash of RECORD, names, paths and tags. Native members "
             "must be for the platform of the tag, all for one MicroPython. "
             "What a device would refuse is told in one sentence.",
    .arguments = CHECK_ARGUMENTS,
    .groups = CHECK_GROUPS,
    .exits = CLI_EXITS_FILES,
    .request_size = sizeof(struct request),
    .run = run_check,
};
