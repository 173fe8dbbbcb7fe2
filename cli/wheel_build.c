// SPDX-License-Identifier: MIT
// blox wheel build: a project or a folder becomes a wheel.
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/file.h"
#include "cli/mpy_cross.h"
#include "cli/output.h"
#include "cli/project.h"
#include "cli/sha256.h"
#include "cli/verbs.h"
#include "cli/wheel_file.h"
#include "cli/zip_write.h"
#include "core/pkg/name.h"
#include "core/pkg/path.h"

enum { SOURCE_MAX = 1 << 28, WINDOW_BITS = 12 };

struct request {
    struct output_settings output;
    const char *folder;
    const char *out;
    const char *name;
    const char *version;
    const char *platform;
    const char *mpy_cross;
    unsigned window_bits;
    bool original; // --compat
};

// A wheel while it is built.
struct build {
    const struct request *request;
    struct project project;
    struct mpy_cross cross;
    struct zip_writer zip;
    char *info; // "<name>-<version>.dist-info/"
    char *stem; // "<name>-<version>"
    char *tag;
    char *record;
};

// ---- names ------------------------------------------------------------------

// "<name>-<version>" as file names have it (PEP 427): runs of '-', '_' and '.'
// in the name are one '_', lower case; a '-' in the version is a '_'.
static char *stem_of(const struct project *project) {
    char name[BLOX_NAME_MAX + 1];
    struct blox_text text;
    blox_text_init(&text, name, sizeof name);
    blox_name_normalise(&text, blox_span_text(project->name));
    char *stem = cli_format("%s-%s", name, project->version);
    for (char *c = stem; (c = strchr(c, '-')) != NULL; ++c) {
        *c = c == stem + text.size ? '-' : '_';
    }
    return stem;
}

static void name_things(struct build *build) {
    const char *platform = build->request->platform;
    build->stem = stem_of(&build->project);
    build->info = cli_format("%s.dist-info/", build->stem);
    build->tag = platform != NULL ? cli_format("mpy6-bytecode-%s", platform)
                                  : cli_format("py3-none-any");
    build->record = cli_format("%s", "");
}

// ---- members ----------------------------------------------------------------

static void hash(const void *data, size_t size, char text[64]) {
    uint8_t digest[BLOX_SHA256_SIZE];
    sha256_of(data, size, digest);
    EVP_EncodeBlock((unsigned char *)text, digest, sizeof digest);
    text[strcspn(text, "=")] = '\0';
    for (char *c = text; *c != '\0'; ++c) {
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    }
}

// A path as CSV has it; for the caller to free.
static char *quoted(const char *path) {
    if (strpbrk(path, ",\"") == NULL) {
        return cli_format("%s", path);
    }
    char *text = cli_grow(NULL, 2 * strlen(path) + 3, 1), *to = text;
    *to++ = '"';
    for (; *path != '\0'; ++path) {
        *to++ = *path;
        if (*path == '"') {
            *to++ = '"';
        }
    }
    memcpy(to, "\"", 2);
    return text;
}

static void add_member(struct build *build, const char *path, const void *data,
                       size_t size) {
    char digest[64];
    char *listed = quoted(path);
    hash(data, size, digest);
    char *record =
        cli_format("%s%s,sha256=%s,%zu\n", build->record, listed, digest, size);
    free(build->record);
    free(listed);
    build->record = record;
    zip_add(&build->zip, path, data, size);
}

static bool is_source(const char *path) {
    return blox_span_ends(blox_span_text(path), ".py");
}

static enum cli_exit add_source(struct build *build,
                                const struct project_source *source) {
    struct file_bytes bytes;
    const char *why = blox_path_refuse_member(blox_span_text(source->path));
    if (why != NULL) {
        return cli_fail(CLI_INPUT, "%s: %s; rename it", source->path, why);
    }
    bool compile = build->request->platform != NULL && is_source(source->path);
    enum cli_exit result = compile
                               ? mpy_cross_compile(&build->cross, source->file,
                                                   source->path, &bytes)
                               : file_read(source->file, SOURCE_MAX, &bytes);
    if (result != CLI_OK) {
        return result;
    }
    char *path = compile ? cli_format("%.*smpy", (int)strlen(source->path) - 2,
                                      source->path)
                         : cli_format("%s", source->path);
    add_member(build, path, bytes.data, bytes.size);
    free(path);
    free(bytes.data);
    return CLI_OK;
}

static bool needs_compiler(const struct build *build) {
    bool needs = false;
    for (size_t i = 0; i < build->project.count; ++i) {
        needs = needs || is_source(build->project.sources[i].path);
    }
    return needs && build->request->platform != NULL;
}

static enum cli_exit add_sources(struct build *build) {
    enum cli_exit result = CLI_OK;
    if (needs_compiler(build)) {
        result = mpy_cross_open(&build->cross, build->request->mpy_cross,
                                mpy_platform_arch(build->request->platform));
    }
    for (size_t i = 0; i < build->project.count && result == CLI_OK; ++i) {
        result = add_source(build, &build->project.sources[i]);
    }
    mpy_cross_close(&build->cross);
    return result;
}

// ---- .dist-info -------------------------------------------------------------

// Devices that run the original want no blank line in METADATA and WHEEL, and
// a newline at the end would make one.
static void add_text(struct build *build, const char *file, char *text) {
    size_t size = strlen(text);
    char *path = cli_format("%s%s", build->info, file);
    size -= size > 0 && text[size - 1] == '\n';
    add_member(build, path, text, size);
    free(path);
    free(text);
}

static void add_info(struct build *build) {
    const struct project *project = &build->project;
    add_text(build, "METADATA",
             cli_format("Metadata-Version: 2.1\nName: %s\nVersion: %s\n%s",
                        project->name, project->version, project->headers));
    add_text(build, "WHEEL",
             cli_format("Wheel-Version: 1.0\nGenerator: mpy-blox (%s)\n"
                        "Root-Is-Purelib: true\nTag: %s\n"
                        "Blox-Window-Bits: %u\n",
                        BLOX_VERSION, build->tag, build->zip.window_bits));
    char *path = cli_format("%sRECORD", build->info);
    char *record = cli_format("%s%s,,", build->record, path);
    zip_add(&build->zip, path, record, strlen(record));
    free(record);
    free(path);
}

// ---- the wheel --------------------------------------------------------------

// The time of all members: SOURCE_DATE_EPOCH, so that a wheel can be built
// again byte for byte, else the begin of the zip's calendar.
static enum cli_exit set_time(struct build *build) {
    const char *text = getenv("SOURCE_DATE_EPOCH");
    char *end = NULL;
    errno = 0;
    long long seconds = text != NULL ? strtoll(text, &end, 10) : 0;
    if (text != NULL && (end == text || *end != '\0' || errno != 0)) {
        return cli_fail(CLI_INPUT,
                        "SOURCE_DATE_EPOCH: '%s' is not a number of "
                        "seconds; unset it",
                        text);
    }
    zip_set_time(&build->zip, (time_t)seconds);
    return CLI_OK;
}

static void tell(const struct build *build, const char *file,
                 const struct wheel_file *wheel) {
    if (!build->request->output.json) {
        printf("%s: %zu files, %zu bytes\n", file, wheel->count,
               build->zip.size);
        return;
    }
    cJSON *document = cJSON_CreateObject();
    output_add_text(document, "file", file);
    output_add_text(document, "name", wheel->name);
    output_add_text(document, "version", wheel->version);
    output_add_text(document, "tag", build->tag);
    cJSON_AddNumberToObject(document, "files", (double)wheel->count);
    cJSON_AddNumberToObject(document, "size", (double)build->zip.size);
    output_document(document);
}

// What was built is looked at as a device will, before it is written.
static enum cli_exit finish(struct build *build) {
    struct wheel_file wheel;
    const char *out = build->request->out;
    char *file = cli_format("%s/%s-%s.whl", out != NULL ? out : "dist",
                            build->stem, build->tag);
    zip_finish(&build->zip);
    enum cli_exit result =
        wheel_file_read(&wheel, file, build->zip.data, build->zip.size);
    if (result == CLI_OK && build->request->original) {
        result = wheel_file_check_original(&wheel);
    }
    if (result == CLI_OK) {
        result = file_make_directory(out != NULL ? out : "dist");
    }
    if (result == CLI_OK) {
        result = file_write(file, build->zip.data, build->zip.size, 0);
    }
    if (result == CLI_OK) {
        tell(build, file, &wheel);
    }
    wheel_file_free(&wheel);
    free(file);
    return result;
}

static enum cli_exit build_wheel(struct build *build) {
    const struct request *request = build->request;
    const char *folder = request->folder != NULL ? request->folder : ".";
    enum cli_exit result =
        project_read(&build->project, folder, request->name, request->version);
    if (result != CLI_OK) {
        return result;
    }
    name_things(build);
    result = set_time(build);
    result = result != CLI_OK ? result : add_sources(build);
    if (result != CLI_OK) {
        return result;
    }
    add_info(build);
    return finish(build);
}

static enum cli_exit run(void *context) {
    const struct request *request = context;
    struct build build = {.request = request};
    build.zip.window_bits =
        request->window_bits != 0 ? request->window_bits : WINDOW_BITS;
    enum cli_exit result = build_wheel(&build);
    project_free(&build.project);
    free(build.info);
    free(build.stem);
    free(build.tag);
    free(build.record);
    free(build.zip.data);
    free(build.zip.directory);
    return result;
}

// ---- the verb ---------------------------------------------------------------

// A chip whose devices call themselves by another's name: no device would take
// a wheel of that tag. Returns what to do instead, or NULL.
static const char *other_name(const char *value) {
    static const char xtensa[] = "esp32s", any[] = "esp32";
    if (strncmp(value, xtensa, strlen(xtensa)) == 0) {
        return "takes wheels for esp32: write that";
    }
    return strncmp(value, any, strlen(any)) == 0 &&
                   value[strlen(any)] != '\0' && strcmp(value, "esp32c3") != 0
               ? "takes wheels for esp32c3: write that"
               : NULL;
}

static const char *set_platform(void *field, const char *value) {
    size_t size = strlen(value);
    bool proper =
        size > 0 && size <= 32 &&
        strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_") == size;
    *(const char **)field = value;
    return proper ? other_name(value) : "is no platform; write it like esp32c3";
}

static const char *set_window_bits(void *field, const char *value) {
    const char *complaint = cli_set_number(field, value);
    unsigned bits = *(unsigned *)field;
    return complaint != NULL                                ? complaint
           : bits < ZIP_WINDOW_MIN || bits > ZIP_WINDOW_MAX ? "is not 9 to 15"
                                                            : NULL;
}

#define FIELD(name) offsetof(struct request, name)

static const struct cli_option OPTIONS[] = {
    {.name = "platform",
     .value = "NAME",
     .offset = FIELD(platform),
     .set = set_platform,
     .help = "compile the .py files to bytecode for devices of this platform: "
             "esp32 (also S2, S3), esp32c3 (also C6), unix_x64; without it the "
             "wheel has them as they are, for any device",
     .setting = "platform"},
    {.name = "out",
     .value = "DIR",
     .offset = FIELD(out),
     .set = cli_set_text,
     .help = "the folder to write the wheel to",
     .standard = "dist"},
    {.name = "name",
     .value = "NAME",
     .offset = FIELD(name),
     .set = cli_set_text,
     .help = "the package's name, instead of pyproject.toml's"},
    {.name = "version",
     .value = "VERSION",
     .offset = FIELD(version),
     .set = cli_set_text,
     .help = "its version, instead of pyproject.toml's"},
    {.name = "mpy-cross",
     .value = "FILE",
     .offset = FIELD(mpy_cross),
     .set = cli_set_text,
     .help = "MicroPython's compiler",
     .standard = "mpy-cross on the PATH",
     .setting = "mpy_cross"},
    {.name = "window-bits",
     .value = "N",
     .offset = FIELD(window_bits),
     .set = set_window_bits,
     .help = "the window to pack with is 2^N bytes, and a device needs as much "
             "memory to unpack: 9 to 15",
     .standard = "12"},
    {.name = "compat",
     .offset = FIELD(original),
     .set = cli_set_true,
     .help = "refuse what devices that run the original do not take, such as "
             "over 48 KiB"},
    {.name = NULL},
};

static const struct cli_option_group GROUPS[] = {
    {"Options", OPTIONS, 0},
    {"Output", output_options, FIELD(output)},
    {NULL, NULL, 0},
};

static const struct cli_argument ARGUMENTS[] = {
    {.name = "DIR",
     .offset = FIELD(folder),
     .set = cli_set_text,
     .help = "the project; the current folder when it is left out",
     .optional = true},
    {.name = NULL},
};

static const struct cli_example EXAMPLES[] = {
    {"Packs the project in the current folder for ESP32-C3 and C6",
     "blox wheel build --platform esp32c3"},
    {"Packs a plain folder as it is",
     "blox wheel build assets --name assets --version 1.0"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_wheel_build = {
    .name = "wheel build",
    .summary = "pack a project or a folder as a wheel",
    .about =
        "Packs a project into a standard wheel that devices install. Name, "
        "version and modules come from its pyproject.toml, [project] (PEP 621) "
        "or [tool.poetry]: the packages it names, else all of src/, else the "
        "package or module that is called as the project. Without a "
        "pyproject.toml all of the folder goes below /lib, and --name and "
        "--version must be given.\n\n"
        "The same files make the same wheel, byte for byte: members are sorted "
        "and have one time, SOURCE_DATE_EPOCH or the begin of 1980. Members of "
        "native code must be for the platform.",
    .arguments = ARGUMENTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .exits = CLI_EXITS_FILES,
    .request_size = sizeof(struct request),
    .run = run,
};
