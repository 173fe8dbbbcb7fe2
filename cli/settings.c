// SPDX-License-Identifier: MIT
#include "cli/settings.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CONFIG_MAX = 65536 };

struct filling {
    const struct cli_verb *verb;
    struct cli_said *said;
    void *request;
    enum cli_place place; // that is looked into now
    const char *file;     // config.json
    const cJSON *config;
    size_t index;
    enum cli_exit result;
};

// Lives as long as the program: options point into it.
static cJSON *live_config;

// ---- config.json ------------------------------------------------------------

// The file's path, for the caller to free; NULL when there is no home.
static char *config_path(void) {
    const char *given = getenv("BLOX_CONFIG");
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    if (given != NULL) {
        return cli_format("%s", given);
    }
    if (base != NULL && base[0] == '/') {
        return cli_format("%s/blox/config.json", base);
    }
    return home != NULL ? cli_format("%s/.config/blox/config.json", home)
                        : NULL;
}

static enum cli_exit fail_syntax(const char *path, const char *text,
                                 const char *where) {
    unsigned line = 1;
    for (const char *c = text; c < where; ++c) {
        line += *c == '\n';
    }
    return cli_fail(CLI_INPUT, "%s: line %u: not JSON; mend it", path, line);
}

static enum cli_exit parse_config(const char *path, const char *text) {
    const char *end = text;
    live_config = cJSON_ParseWithOpts(text, &end, 1);
    if (live_config == NULL) {
        return fail_syntax(path, text, end);
    }
    return cJSON_IsObject(live_config)
               ? CLI_OK
               : cli_fail(CLI_INPUT,
                          "%s: not a JSON object; write {\"host\": \"...\"}",
                          path);
}

static void warn_of_password(const char *path, FILE *file) {
    struct stat status;
    if (fstat(fileno(file), &status) == 0 && (status.st_mode & 077) != 0 &&
        cJSON_HasObjectItem(live_config, "password")) {
        cli_warn("%s: others on this machine can read the password in it; "
                 "chmod 600",
                 path);
    }
}

static enum cli_exit fail_unreadable(const char *path) {
    return cli_fail(CLI_INPUT, "%s: %s; make it readable", path,
                    strerror(errno));
}

static enum cli_exit read_config(const char *path) {
    errno = 0;
    FILE *file = fopen(path, "r");
    bool none = errno == ENOENT || errno == ENOTDIR;
    if (file == NULL && none && getenv("BLOX_CONFIG") == NULL) {
        return CLI_OK;
    }
    if (file == NULL) {
        return cli_fail(CLI_INPUT, "%s: %s; %s", path, strerror(errno),
                        none ? "mend BLOX_CONFIG" : "make it readable");
    }
    char *text = cli_grow(NULL, CONFIG_MAX + 1, 1);
    size_t size = fread(text, 1, CONFIG_MAX, file);
    text[size] = '\0';
    enum cli_exit result =
        ferror(file) != 0 ? fail_unreadable(path) : parse_config(path, text);
    if (result == CLI_OK) {
        warn_of_password(path, file);
    }
    fclose(file);
    free(text);
    return result;
}

// A value as the command line would have it; NULL for a kind no option takes.
// Numbers become text inside the tree, which then owns it.
static const char *value_text(cJSON *value) {
    if (cJSON_IsString(value)) {
        return value->valuestring;
    }
    if (cJSON_IsNumber(value)) {
        char *text = cJSON_PrintUnformatted(value);
        value->type = cJSON_String;
        value->valuestring = text;
        return text;
    }
    return cJSON_IsTrue(value) ? "true" : cJSON_IsFalse(value) ? "" : NULL;
}

// ---- filling in -------------------------------------------------------------

static char *variable_name(const char *setting) {
    char *name = cli_format("BLOX_%s", setting);
    for (char *c = name; *c != '\0'; ++c) {
        *c = (char)toupper((unsigned char)*c);
    }
    return name;
}

static enum cli_exit fail_value(const struct filling *filling,
                                const struct cli_option *option,
                                const char *complaint) {
    if (filling->place == CLI_PLACE_CONFIG) {
        return cli_fail(CLI_INPUT, "%s: \"%s\" %s; see 'blox %s --help'",
                        filling->file, option->setting, complaint,
                        filling->verb->name);
    }
    char *name = variable_name(option->setting);
    enum cli_exit result =
        cli_fail(CLI_USAGE, "%s in the environment %s; see 'blox %s --help'",
                 name, complaint, filling->verb->name);
    free(name);
    return result;
}

// What this place says of an option; NULL for nothing.
static const char *look_up(struct filling *filling,
                           const struct cli_option *option) {
    if (filling->place == CLI_PLACE_CONFIG) {
        cJSON *value =
            cJSON_GetObjectItemCaseSensitive(filling->config, option->setting);
        const char *text = value != NULL ? value_text(value) : NULL;
        if (value != NULL && text == NULL) {
            filling->result =
                fail_value(filling, option, "is neither text nor number");
        }
        return text;
    }
    char *name = variable_name(option->setting);
    const char *value = getenv(name);
    free(name);
    return value;
}

struct place_of {
    const char *name;
    const struct cli_said *said;
    size_t index;
};

static bool is_named(void *context, const struct cli_option *option,
                     size_t base) {
    struct place_of *of = context;
    (void)base;
    bool found = strcmp(option->name, of->name) == 0;
    of->index += !found;
    return found;
}

static bool said_otherwise(const struct filling *filling,
                           const struct cli_option *option) {
    struct place_of of = {option->instead, filling->said, 0};
    if (option->instead == NULL ||
        !cli_verb_options(filling->verb, is_named, &of)) {
        return false;
    }
    enum cli_place place = filling->said->place[of.index];
    return place != 0 && place < filling->place;
}

static void fill_one(struct filling *filling, const struct cli_option *option,
                     size_t base, const char *value) {
    void *field = (char *)filling->request + base + option->offset;
    const char *complaint = NULL;
    if (option->value == NULL && *value == '\0') {
        return; // "off" for what is off already
    }
    if (cli_has_choices(option->value) &&
        !cli_is_choice(option->value, value)) {
        complaint = "is not one of the choices";
    } else {
        complaint = option->set(field, value);
    }
    filling->said->place[filling->index] = filling->place;
    if (complaint != NULL) {
        filling->result = fail_value(filling, option, complaint);
    }
}

static bool fill(void *context, const struct cli_option *option, size_t base) {
    struct filling *filling = context;
    if (option->setting != NULL && filling->said->place[filling->index] == 0 &&
        !said_otherwise(filling, option)) {
        const char *value = look_up(filling, option);
        if (value != NULL) {
            fill_one(filling, option, base, value);
        }
    }
    ++filling->index;
    return filling->result != CLI_OK;
}

enum cli_exit cli_settings_fill(const struct cli_verb *verb,
                                struct cli_said *said, void *request) {
    if (verb->groups == NULL) {
        return CLI_OK;
    }
    char *path = config_path();
    struct filling filling = {.verb = verb,
                              .said = said,
                              .request = request,
                              .place = CLI_PLACE_ENVIRONMENT,
                              .file = path};
    cli_verb_options(verb, fill, &filling);
    if (filling.result == CLI_OK && path != NULL) {
        filling.result = read_config(path);
    }
    if (filling.result == CLI_OK && live_config != NULL) {
        filling.config = live_config;
        filling.place = CLI_PLACE_CONFIG;
        filling.index = 0;
        cli_verb_options(verb, fill, &filling);
    }
    free(path);
    return filling.result;
}
