// SPDX-License-Identifier: MIT
// The files of a project: finding and collecting them.
#ifndef CLI_PROJECT_FILES_H
#define CLI_PROJECT_FILES_H

#include <cjson/cJSON.h>

#include "cli/project.h"

// Collects everything of a plain folder. Says why not and returns CLI_INPUT.
enum cli_exit project_take_folder(struct project *project, const char *folder);

// Collects the modules of a project whose pyproject.toml is document. Says why
// not and returns CLI_INPUT.
enum cli_exit project_take_modules(struct project *project, const char *folder,
                                   const cJSON *document);

// Sorts what was collected and refuses what would be one module twice. Says why
// not and returns CLI_INPUT.
enum cli_exit project_order(struct project *project);

// A member of an object below the root, by its keys: "tool", "poetry". NULL
// when one is missing.
const cJSON *project_find(const cJSON *document, const char *const keys[]);

#endif
