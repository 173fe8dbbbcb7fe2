// SPDX-License-Identifier: MIT
#include "cli/project.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/project_files.h"
#include "cli/project_poetry.h"
#include "cli/toml.h"
#include "core/pkg/name.h"

enum { TOML_MAX = 1 << 20 };

static enum cli_exit fail(const char *why) {
    return cli_fail(CLI_INPUT, "pyproject.toml: %s", why);
}

static enum cli_exit read_document(const char *file, cJSON **document) {
    struct file_bytes bytes;
    struct toml_error error;
    enum cli_exit result = file_read(file, TOML_MAX, &bytes);
    if (result != CLI_OK) {
        return result;
    }
    *document = toml_read((const char *)bytes.data, bytes.size, &error);
    free(bytes.data);
    return *document != NULL ? CLI_OK
                             : cli_fail(CLI_INPUT, "%s: line %u: %s; mend it",
                                        file, error.line, error.why);
}

// ---- METADATA ---------------------------------------------------------------

void project_add_header(struct project *project, const char *key,
                        const char *value) {
    if (value == NULL || *value == '\0') {
        return;
    }
    char *longer = cli_format("%s%s: %s\n", project->headers, key, value);
    // A value has one line, or what follows would not be read.
    for (char *c = longer + strlen(project->headers) + strlen(key);
         c[1] != '\0'; ++c) {
        *c = *c == '\n' || *c == '\r' ? ' ' : *c;
    }
    free(project->headers);
    project->headers = longer;
}

static const char *text_of(const cJSON *table, const char *key) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(table, key));
}

// An author without an address is an Author, one with is an Author-email.
static void add_author(struct project *project, const cJSON *author) {
    const char *name = text_of(author, "name");
    const char *email = text_of(author, "email");
    if (name != NULL && email != NULL) {
        char *both = cli_format("%s <%s>", name, email);
        project_add_header(project, "Author-email", both);
        free(both);
    } else {
        project_add_header(project, "Author", name);
        project_add_header(project, "Author-email", email);
    }
}

static void add_headers(struct project *project, const cJSON *table) {
    const cJSON *item;
    const cJSON *license = cJSON_GetObjectItemCaseSensitive(table, "license");
    project_add_header(project, "Summary", text_of(table, "description"));
    cJSON_ArrayForEach(item,
                       cJSON_GetObjectItemCaseSensitive(table, "authors")) {
        add_author(project, item);
    }
    project_add_header(project, "License",
                       cJSON_IsString(license) ? cJSON_GetStringValue(license)
                                               : text_of(license, "text"));
    project_add_header(project, "Requires-Python",
                       text_of(table, "requires-python"));
    cJSON_ArrayForEach(
        item, cJSON_GetObjectItemCaseSensitive(table, "dependencies")) {
        project_add_header(project, "Requires-Dist",
                           cJSON_GetStringValue(item));
    }
}

// ---- name and version -------------------------------------------------------

static bool is_dynamic(const cJSON *table, const char *key) {
    const cJSON *item;
    cJSON_ArrayForEach(item,
                       cJSON_GetObjectItemCaseSensitive(table, "dynamic")) {
        const char *text = cJSON_GetStringValue(item);
        if (text != NULL && strcmp(text, key) == 0) {
            return true;
        }
    }
    return false;
}

// The text of a line `__version__ = "1.0"`, for the caller to free, or NULL.
static char *version_in(const char *text) {
    static const char key[] = "__version__";
    for (const char *at = text; (at = strstr(at, key)) != NULL;) {
        bool fresh = at == text || at[-1] == '\n';
        at += sizeof key - 1;
        const char *value = at + strspn(at, " \t");
        value += *value == '=' ? 1 + strspn(value + 1, " \t") : 0;
        if (fresh && (*value == '"' || *value == '\'')) {
            const char end[] = {*value, '\n', '\0'};
            return cli_format("%.*s", (int)strcspn(value + 1, end), value + 1);
        }
    }
    return NULL;
}

// Whether path is a module at the top or the __init__ of a package there.
static bool is_top(const char *path) {
    const char *slash = strchr(path, '/');
    return slash == NULL || strcmp(slash + 1, "__init__.py") == 0;
}

static enum cli_exit find_version(struct project *project) {
    for (size_t i = 0; i < project->count && project->version == NULL; ++i) {
        struct file_bytes bytes;
        const struct project_source *source = &project->sources[i];
        if (!is_top(source->path)) {
            continue;
        }
        enum cli_exit result = file_read(source->file, TOML_MAX, &bytes);
        if (result != CLI_OK) {
            return result;
        }
        project->version = version_in((const char *)bytes.data);
        free(bytes.data);
    }
    return project->version != NULL
               ? CLI_OK
               : fail("the version is dynamic and no module says __version__; "
                      "give --version");
}

static void set_default(char **field, const char *value) {
    if (*field == NULL && value != NULL) {
        *field = cli_format("%s", value);
    }
}

static enum cli_exit check_names(const struct project *project) {
    if (!blox_name_valid(blox_span_text(project->name))) {
        return cli_fail(CLI_USAGE,
                        "'%s' is no name of a package; take letters, digits, "
                        "'-', '_' and '.', at most 64",
                        project->name);
    }
    if (!blox_version_valid(blox_span_text(project->version))) {
        return cli_fail(CLI_USAGE, "'%s' is no version; write it like 1.2.0",
                        project->version);
    }
    return CLI_OK;
}

// ---- both kinds of folder ---------------------------------------------------

static enum cli_exit read_tables(struct project *project, const char *folder,
                                 const cJSON *document) {
    static const char *const standard[] = {"project", NULL};
    static const char *const poetry[] = {"tool", "poetry", NULL};
    const cJSON *table = project_find(document, standard);
    bool is_poetry = table == NULL;
    table = is_poetry ? project_find(document, poetry) : table;
    if (table == NULL) {
        return fail("neither [project] nor [tool.poetry] is there; add one");
    }
    set_default(&project->name, text_of(table, "name"));
    set_default(&project->version, text_of(table, "version"));
    if (project->name == NULL) {
        return fail("the project has no name; add one");
    }
    if (is_poetry) {
        project_add_poetry(project, table);
    } else {
        add_headers(project, table);
    }
    enum cli_exit result = project_take_modules(project, folder, document);
    if (result == CLI_OK && project->version == NULL) {
        result = is_dynamic(table, "version")
                     ? find_version(project)
                     : fail("the project has no version; add one, or give "
                            "--version");
    }
    return result;
}

static enum cli_exit read_folder(struct project *project, const char *folder) {
    if (project->name == NULL || project->version == NULL) {
        return cli_fail(CLI_INPUT,
                        "%s: no pyproject.toml in it; write one, or give "
                        "--name and --version",
                        folder);
    }
    return project_take_folder(project, folder);
}

enum cli_exit project_read(struct project *project, const char *folder,
                           const char *name, const char *version) {
    *project = (struct project){.headers = cli_format("%s", "")};
    set_default(&project->name, name);
    set_default(&project->version, version);
    struct stat stat_of;
    if (stat(folder, &stat_of) != 0 || !S_ISDIR(stat_of.st_mode)) {
        return cli_fail(CLI_INPUT, "%s: no such folder; name another", folder);
    }
    char *file = cli_format("%s/pyproject.toml", folder);
    enum cli_exit result;
    if (access(file, F_OK) == 0) {
        cJSON *document = NULL;
        result = read_document(file, &document);
        if (result == CLI_OK) {
            result = read_tables(project, folder, document);
        }
        cJSON_Delete(document);
    } else {
        result = read_folder(project, folder);
    }
    free(file);
    result = result != CLI_OK ? result : check_names(project);
    return result != CLI_OK ? result : project_order(project);
}

void project_free(struct project *project) {
    for (size_t i = 0; i < project->count; ++i) {
        free(project->sources[i].path);
        free(project->sources[i].file);
    }
    free(project->sources);
    free(project->name);
    free(project->version);
    free(project->headers);
}
