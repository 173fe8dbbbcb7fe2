// SPDX-License-Identifier: MIT
#include "cli/project_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH = 24 }; // folders in each other; a path has 200 bytes

static bool ends(const char *text, const char *end) {
    size_t size = strlen(text), wanted = strlen(end);
    return size >= wanted && strcmp(text + size - wanted, end) == 0;
}

static bool is_folder(const char *path) {
    struct stat stat_of;
    return stat(path, &stat_of) == 0 && S_ISDIR(stat_of.st_mode);
}

static bool is_file(const char *path) {
    struct stat stat_of;
    return stat(path, &stat_of) == 0 && S_ISREG(stat_of.st_mode);
}

static bool is_left_out(const char *name) {
    return name[0] == '.' || strcmp(name, "__pycache__") == 0 ||
           ends(name, ".pyc") || ends(name, ".egg-info") ||
           ends(name, ".dist-info");
}

static void add(struct project *project, const char *path, const char *file) {
    project->sources = cli_grow(project->sources, project->count + 1,
                                sizeof *project->sources);
    project->sources[project->count++] =
        (struct project_source){cli_format("%s", path), cli_format("%s", file)};
}

static enum cli_exit collect(struct project *project, const char *folder,
                             const char *prefix, unsigned depth);

static enum cli_exit collect_entry(struct project *project, const char *folder,
                                   const char *prefix, const char *name,
                                   unsigned depth) {
    char *file = cli_format("%s/%s", folder, name);
    char *path = cli_format("%s%s", prefix, name);
    enum cli_exit result = CLI_OK;
    if (is_folder(file)) {
        char *below = cli_format("%s/", path);
        result = collect(project, file, below, depth + 1);
        free(below);
    } else if (is_file(file)) {
        add(project, path, file);
    } else {
        result = cli_fail(
            CLI_INPUT, "%s: neither a file nor a folder; take it away", file);
    }
    free(file);
    free(path);
    return result;
}

// Takes all of a folder, below prefix ("" or "bigpkg/") in the wheel.
static enum cli_exit collect(struct project *project, const char *folder,
                             const char *prefix, unsigned depth) {
    enum cli_exit result = CLI_OK;
    if (depth > DEPTH) {
        return cli_fail(CLI_INPUT, "%s: folders in each other without end",
                        folder);
    }
    DIR *directory = opendir(folder);
    if (directory == NULL) {
        return cli_fail(CLI_INPUT, "%s: %s; name a folder that can be read",
                        folder, strerror(errno));
    }
    const struct dirent *entry;
    while (result == CLI_OK && (entry = readdir(directory)) != NULL) {
        if (!is_left_out(entry->d_name)) {
            result =
                collect_entry(project, folder, prefix, entry->d_name, depth);
        }
    }
    closedir(directory);
    return result;
}

enum cli_exit project_take_folder(struct project *project, const char *folder) {
    return collect(project, folder, "", 0);
}

// ---- modules ----------------------------------------------------------------

// Takes the package or module name ("a/b", "a.py") below folder. Returns
// whether it is there; a failure is in *result.
static bool take_module(struct project *project, const char *folder,
                        const char *name, enum cli_exit *result) {
    char *package = cli_format("%s/%s", folder, name);
    char *module = cli_format("%s.py", package);
    char *prefix = cli_format("%s/", name);
    char *path = cli_format("%s.py", name);
    bool there = true;
    if (is_folder(package)) {
        *result = collect(project, package, prefix, 1);
    } else if (is_file(package)) {
        add(project, name, package);
    } else if (is_file(module)) {
        add(project, path, module);
    } else {
        there = false;
    }
    free(package);
    free(module);
    free(prefix);
    free(path);
    return there;
}

static enum cli_exit need_module(struct project *project, const char *folder,
                                 const char *name) {
    enum cli_exit result = CLI_OK;
    if (strpbrk(name, "*?[") != NULL) {
        return cli_fail(CLI_INPUT,
                        "pyproject.toml: '%s' is a pattern; name the package "
                        "or module",
                        name);
    }
    if (!take_module(project, folder, name, &result)) {
        return cli_fail(CLI_INPUT,
                        "pyproject.toml: '%s' is not in %s; mend the name",
                        name, folder);
    }
    return result;
}

const cJSON *project_find(const cJSON *document, const char *const keys[]) {
    for (size_t i = 0; keys[i] != NULL && document != NULL; ++i) {
        document = cJSON_GetObjectItemCaseSensitive(document, keys[i]);
    }
    return document;
}

// [tool.poetry] packages = [{include = "bigpkg", from = "src"}]
static enum cli_exit take_poetry(struct project *project, const char *folder,
                                 const cJSON *packages) {
    enum cli_exit result = CLI_OK;
    const cJSON *package;
    cJSON_ArrayForEach(package, packages) {
        const char *from = cJSON_GetStringValue(
            cJSON_GetObjectItemCaseSensitive(package, "from"));
        const char *name = cJSON_GetStringValue(
            cJSON_GetObjectItemCaseSensitive(package, "include"));
        if (name == NULL) {
            return cli_fail(CLI_INPUT, "pyproject.toml: an entry of packages "
                                       "in [tool.poetry] has no 'include'");
        }
        char *root = cli_format("%s/%s", folder, from != NULL ? from : "");
        result = need_module(project, from != NULL ? root : folder, name);
        free(root);
        if (result != CLI_OK) {
            return result;
        }
    }
    return result;
}

// Names with dots, as setuptools has them.
static enum cli_exit take_dotted(struct project *project, const char *folder,
                                 const cJSON *names) {
    enum cli_exit result = CLI_OK;
    const cJSON *item;
    cJSON_ArrayForEach(item, names) {
        const char *text = cJSON_GetStringValue(item);
        char *name = cli_format("%s", text != NULL ? text : "");
        for (char *dot = name; (dot = strchr(dot, '.')) != NULL;) {
            *dot = '/';
        }
        result = need_module(project, folder, name);
        free(name);
        if (result != CLI_OK) {
            return result;
        }
    }
    return result;
}

// Where setuptools looks for packages: package-dir's "", or the first of
// packages.find's where.
static const char *setuptools_root(const cJSON *document) {
    static const char *const directory[] = {"tool", "setuptools", "package-dir",
                                            "", NULL};
    static const char *const where[] = {"tool", "setuptools", "packages",
                                        "find", "where",      NULL};
    const cJSON *found = project_find(document, directory);
    if (found == NULL) {
        found = cJSON_GetArrayItem(project_find(document, where), 0);
    }
    return cJSON_GetStringValue(found);
}

// Packages and modules that pyproject.toml names. *named is whether it does.
static enum cli_exit take_named(struct project *project, const char *folder,
                                const cJSON *document, bool *named) {
    static const char *const poetry[] = {"tool", "poetry", "packages", NULL};
    static const char *const packages[] = {"tool", "setuptools", "packages",
                                           NULL};
    static const char *const modules[] = {"tool", "setuptools", "py-modules",
                                          NULL};
    const char *root = setuptools_root(document);
    char *below = cli_format("%s%s%s", folder, root != NULL ? "/" : "",
                             root != NULL ? root : "");
    const cJSON *items = project_find(document, poetry);
    enum cli_exit result = take_poetry(project, folder, items);
    *named = items != NULL;
    items = project_find(document, packages);
    if (cJSON_IsArray(items)) {
        *named = true;
        result = result != CLI_OK ? result : take_dotted(project, below, items);
    } else if (root != NULL && cJSON_IsObject(items)) {
        *named = true;
        result = result != CLI_OK ? result : collect(project, below, "", 0);
    }
    items = project_find(document, modules);
    if (items != NULL) {
        *named = true;
        result = result != CLI_OK ? result : take_dotted(project, below, items);
    }
    free(below);
    return result;
}

// The module's name: flit's, else the project's with '_' for '-' and '.'.
static char *module_name(const struct project *project, const cJSON *document) {
    static const char *const flit[] = {"tool", "flit", "module", "name", NULL};
    const char *named = cJSON_GetStringValue(project_find(document, flit));
    char *name = cli_format("%s", named != NULL ? named : project->name);
    for (char *c = name; named == NULL && (c = strpbrk(c, "-.")) != NULL;) {
        *c = '_';
    }
    return name;
}

enum cli_exit project_take_modules(struct project *project, const char *folder,
                                   const cJSON *document) {
    bool named = false;
    enum cli_exit result = take_named(project, folder, document, &named);
    char *source = cli_format("%s/src", folder);
    char *name = module_name(project, document);
    if (result == CLI_OK && !named && is_folder(source)) {
        result = collect(project, source, "", 0);
    } else if (result == CLI_OK && !named &&
               !take_module(project, folder, name, &result)) {
        result = cli_fail(CLI_INPUT,
                          "%s: no folder src, no package %s and no %s.py; say "
                          "packages in pyproject.toml",
                          folder, name, name);
    }
    free(source);
    free(name);
    return result;
}

// ---- order ------------------------------------------------------------------

static int by_path(const void *a, const void *b) {
    return strcmp(((const struct project_source *)a)->path,
                  ((const struct project_source *)b)->path);
}

// A package that was named beside the one it lies in is there twice.
static void drop_twins(struct project *project) {
    size_t kept = 0;
    for (size_t i = 0; i < project->count; ++i) {
        if (kept > 0 && strcmp(project->sources[kept - 1].path,
                               project->sources[i].path) == 0) {
            free(project->sources[i].path);
            free(project->sources[i].file);
        } else {
            project->sources[kept++] = project->sources[i];
        }
    }
    project->count = kept;
}

// Two sources that would be one module: m.mpy sorts right before m.py.
static enum cli_exit refuse_two(const struct project *project) {
    for (size_t i = 1; i < project->count; ++i) {
        const char *compiled = project->sources[i - 1].path;
        const char *source = project->sources[i].path;
        size_t size = strlen(source);
        if (ends(compiled, ".mpy") && ends(source, ".py") &&
            strlen(compiled) == size + 1 &&
            strncmp(compiled, source, size - 2) == 0) {
            return cli_fail(CLI_INPUT,
                            "%s and %s are one module; take one away", source,
                            compiled);
        }
    }
    return CLI_OK;
}

enum cli_exit project_order(struct project *project) {
    if (project->count == 0) {
        return cli_fail(CLI_INPUT, "no files to pack; name another folder");
    }
    qsort(project->sources, project->count, sizeof *project->sources, by_path);
    drop_twins(project);
    return refuse_two(project);
}
