// SPDX-License-Identifier: MIT
#include "tests/power/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "tests/power/medium.h"

enum { BLOCKS = 256 };

const char *scenario_set_name(unsigned set) {
    switch (set) {
    case SCENARIO_OLD:
        return "old";
    case SCENARIO_NEW:
        return "new";
    case SCENARIO_OLD | SCENARIO_NEW:
        return "old and new";
    case SCENARIO_TRIAL:
        return "new, with the old main.py";
    default:
        return "mixed";
    }
}

unsigned scenario_set_of(const struct scenario *scenario,
                         const struct image_tree *tree, bool exact) {
    const struct image_tree *trees[] = {&scenario->old, &scenario->new,
                                        &scenario->trial};
    unsigned found = 0;
    for (unsigned i = 0; i < 3; i++) {
        if (trees[i]->files == tree->files &&
            (!exact || trees[i]->directories == tree->directories)) {
            found |= 1u << i;
        }
    }
    // Where main.py is not part of the update, trial and new are one.
    return found & SCENARIO_NEW ? found & ~(unsigned)SCENARIO_TRIAL : found;
}

static unsigned parse_sets(const char *value) {
    return strcmp(value, "old") == 0   ? SCENARIO_OLD
           : strcmp(value, "new") == 0 ? SCENARIO_NEW
                                       : SCENARIO_OLD | SCENARIO_NEW;
}

static bool take(struct scenario *scenario, const char *key,
                 const char *value) {
    if (strcmp(key, "blocks") == 0) {
        scenario->blocks = atoi(value);
    } else if (strcmp(key, "first_boot") == 0) {
        scenario->first_boot = atoi(value) != 0;
    } else if (strcmp(key, "downloaded") == 0) {
        scenario->downloaded = atoi(value) != 0;
    } else if (strcmp(key, "free_blocks") == 0) {
        scenario->free_blocks = atoi(value);
    } else if (strcmp(key, "free_at_commit") == 0) {
        scenario->free_at_commit = atoi(value);
    } else if (strcmp(key, "worn_every") == 0) {
        scenario->worn_every = atoi(value);
    } else if (strcmp(key, "wear") == 0) {
        scenario->wear = (enum sim_flash_wear)atoi(value);
    } else if (strcmp(key, "aged") == 0) {
        scenario->aged = atoi(value);
    } else if (strcmp(key, "uncut") == 0) {
        scenario->uncut = parse_sets(value);
    } else if (strcmp(key, "boots") == 0) {
        scenario->boots = atoi(value);
    } else if (strcmp(key, "secrets") == 0) {
        strncpy(scenario->secrets, value, sizeof(scenario->secrets) - 1);
    } else {
        return false;
    }
    return true;
}

static FILE *open_in(const char *folder, const char *name) {
    char path[2 * IMAGE_PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
    }
    return file;
}

// Reads a line of "<key> <value>" in place.
static bool read_pair(FILE *file, char line[2 * SCENARIO_TEXT], char **value) {
    if (fgets(line, 2 * SCENARIO_TEXT, file) == NULL) {
        return false;
    }
    line[strcspn(line, "\n")] = '\0';
    char *blank = strchr(line, ' ');
    *value = blank == NULL ? line + strlen(line) : blank + 1;
    if (blank != NULL) {
        *blank = '\0';
    }
    return true;
}

static bool load_conf(struct scenario *scenario, const char *folder) {
    FILE *file = open_in(folder, "conf");
    char line[2 * SCENARIO_TEXT];
    char *value;
    bool good = file != NULL;
    while (good && read_pair(file, line, &value)) {
        good = take(scenario, line, value);
        if (!good) {
            fprintf(stderr, "power: %s/conf: '%s' is not known\n", folder,
                    line);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return good;
}

static bool load_payload(struct scenario *scenario, const char *folder,
                         const char *name, const char *topic) {
    char path[2 * IMAGE_PATH_MAX];
    int i = scenario->payloads++;
    snprintf(path, sizeof(path), "payload/%s", name);
    FILE *file = open_in(folder, path);
    if (file == NULL) {
        return false;
    }
    fseek(file, 0, SEEK_END);
    scenario->payload[i].size = (size_t)ftell(file);
    rewind(file);
    scenario->payload[i].data = malloc(scenario->payload[i].size + 1);
    strncpy(scenario->payload[i].topic, topic, SCENARIO_TEXT - 1);
    bool good = fread(scenario->payload[i].data, 1, scenario->payload[i].size,
                      file) == scenario->payload[i].size;
    fclose(file);
    return good;
}

static bool load_payloads(struct scenario *scenario, const char *folder) {
    FILE *file = open_in(folder, "payload/index");
    char line[2 * SCENARIO_TEXT];
    char *topic;
    bool good = file != NULL;
    while (good && scenario->payloads < SCENARIO_PAYLOADS &&
           read_pair(file, line, &topic)) {
        good = load_payload(scenario, folder, line, topic);
    }
    if (file != NULL) {
        fclose(file);
    }
    return good;
}

static bool load_trees(struct scenario *scenario, const char *folder) {
    char path[2 * IMAGE_PATH_MAX];
    snprintf(path, sizeof(path), "%s/before", folder);
    bool good = image_tree_of_folder(path, &scenario->old);
    snprintf(path, sizeof(path), "%s/after", folder);
    good = good && image_tree_of_folder(path, &scenario->new);
    scenario->trial = scenario->new;
    scenario->trial.files += scenario->old.rescuers - scenario->new.rescuers;
    return good;
}

bool scenario_load(struct scenario *scenario, const char *folder) {
    const char *slash = strrchr(folder, '/');
    *scenario = (struct scenario){.folder = folder,
                                  .blocks = BLOCKS,
                                  .free_blocks = -1,
                                  .free_at_commit = -1,
                                  .uncut = SCENARIO_NEW};
    strncpy(scenario->name, slash == NULL ? folder : slash + 1,
            SCENARIO_NAME - 1);
    return load_conf(scenario, folder) && load_payloads(scenario, folder) &&
           load_trees(scenario, folder);
}
