// SPDX-License-Identifier: MIT
// [tool.poetry] of pyproject.toml in the terms of core metadata.
#ifndef CLI_PROJECT_POETRY_H
#define CLI_PROJECT_POETRY_H

#include <cjson/cJSON.h>

#include "cli/project.h"

// Adds a line to project->headers; nothing for NULL or an empty value.
void project_add_header(struct project *project, const char *key,
                        const char *value);

// Adds the headers of the table [tool.poetry].
void project_add_poetry(struct project *project, const cJSON *table);

#endif
