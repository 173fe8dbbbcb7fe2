// SPDX-License-Identifier: MIT
#include "cli/project_poetry.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const cJSON *table, const char *key) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(table, key));
}

// "^1.2" is ">=1.2,<2": up to the next change of the first part that is not
// zero. "~1.2" is ">=1.2,<1.3": of the second part. For the caller to free.
static char *range(const char *from, bool caret) {
    unsigned part[3] = {0, 0, 0};
    int given = sscanf(from, "%u.%u.%u", &part[0], &part[1], &part[2]);
    int last = given > 1 ? 1 : 0;
    if (caret) {
        last = 0;
        while (last < given - 1 && part[last] == 0) {
            ++last;
        }
    }
    ++part[last];
    return last == 0 ? cli_format(">=%s,<%u", from, part[0])
           : last == 1
               ? cli_format(">=%s,<%u.%u", from, part[0], part[1])
               : cli_format(">=%s,<%u.%u.%u", from, part[0], part[1], part[2]);
}

// A constraint as PEP 440 writes it, for the caller to free; "" for any.
static char *specifier(const char *constraint) {
    if (*constraint == '^' || *constraint == '~') {
        bool plain = constraint[1] != '=' && strchr(constraint, ',') == NULL;
        return plain ? range(constraint + 1, *constraint == '^')
                     : cli_format("%s", constraint);
    }
    if (strcmp(constraint, "*") == 0) {
        return cli_format("%s", "");
    }
    bool exact = strchr("<>=!", *constraint) == NULL;
    return cli_format("%s%s", exact ? "==" : "", constraint);
}

static void add_dependency(struct project *project, const cJSON *item) {
    const cJSON *version =
        cJSON_IsObject(item) ? cJSON_GetObjectItemCaseSensitive(item, "version")
                             : item;
    const char *constraint = cJSON_GetStringValue(version);
    bool optional =
        cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "optional"));
    char *wanted = specifier(constraint != NULL ? constraint : "*");
    char *line = cli_format("%s%s", item->string, wanted);
    if (strcmp(item->string, "python") == 0) {
        project_add_header(project, "Requires-Python", wanted);
    } else if (!optional) {
        project_add_header(project, "Requires-Dist", line);
    }
    free(wanted);
    free(line);
}

void project_add_poetry(struct project *project, const cJSON *table) {
    const cJSON *item;
    project_add_header(project, "Summary", text_of(table, "description"));
    cJSON_ArrayForEach(item,
                       cJSON_GetObjectItemCaseSensitive(table, "authors")) {
        project_add_header(project, "Author-email", cJSON_GetStringValue(item));
    }
    project_add_header(project, "License", text_of(table, "license"));
    cJSON_ArrayForEach(
        item, cJSON_GetObjectItemCaseSensitive(table, "dependencies")) {
        add_dependency(project, item);
    }
}
