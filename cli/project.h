// SPDX-License-Identifier: MIT
// What a wheel is made of: a folder with a pyproject.toml ([project] of PEP
// 621, or [tool.poetry]), or a plain folder whose contents go below /lib as
// they are.
#ifndef CLI_PROJECT_H
#define CLI_PROJECT_H

#include "cli/cli.h"

struct project_source {
    char *path; // in the wheel: "bigpkg/__init__.py"
    char *file; // on this machine
};

struct project {
    char *name;
    char *version;
    char *headers; // of METADATA behind Name and Version; each ends with LF
    struct project_source *sources; // sorted by path
    size_t count;
};

// Reads the folder. name and version, unless NULL, count instead of those of
// pyproject.toml; without such a file both must be there. Finds the modules as
// setuptools, flit and poetry do: those that pyproject.toml names, else all of
// src/, else the package or module that is called as the project. Files whose
// name begins with '.' and what Python compiled are left out. On failure says
// why and returns CLI_USAGE for names no package has, else CLI_INPUT.
// project_free is called in either case.
enum cli_exit project_read(struct project *project, const char *folder,
                           const char *name, const char *version);

void project_free(struct project *project);

#endif
