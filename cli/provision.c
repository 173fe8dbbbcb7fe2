// SPDX-License-Identifier: MIT
// blox provision: the secrets a device takes in once.
#include <cjson/cJSON.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/ask.h"
#include "cli/file.h"
#include "cli/output.h"
#include "cli/sign.h"
#include "cli/verbs.h"
#include "core/codec/utf8.h"

enum {
    VALUE_MAX = 512,
    PSK_MIN = 8,
    PSK_MAX = 63,
    PSK_HEX = 64,
    SSID_MAX = 32
};

struct request {
    const char *file;
    struct cli_texts mqtt; // names of further connections
    const char *key;
    bool force;
};

// A document while it is made; its values are wiped when it is done.
struct provision {
    const struct request *request;
    cJSON *document;
};

static const char FILE_NAME[] = "provision.json";

static const char *file_of(const struct request *request) {
    return request->file != NULL ? request->file : FILE_NAME;
}

// ---- what is wrong with an answer -------------------------------------------

static const char *refuse_ssid(const char *value) {
    return strlen(value) > SSID_MAX ? "a network's name has at most 32 bytes"
                                    : NULL;
}

static const char *refuse_psk(const char *value) {
    size_t size = strlen(value);
    bool hex =
        size == PSK_HEX && strspn(value, "0123456789abcdefABCDEF") == PSK_HEX;
    return hex || (size >= PSK_MIN && size <= PSK_MAX)
               ? NULL
               : "a network's password has 8 to 63 characters, or 64 hex "
                 "digits";
}

static const char *refuse_nothing(const char *value) {
    (void)value;
    return NULL;
}

// ---- asking -----------------------------------------------------------------

// Asks for the value of a key; no answer leaves it out.
static enum cli_exit ask(struct provision *provision, const char *key,
                         bool secret, const char *(*refuse)(const char *)) {
    char value[VALUE_MAX];
    char *question = cli_format("%s (empty: leave out): ", key);
    bool said = secret ? cli_ask_secret(question, value, sizeof value)
                       : cli_ask_text(question, value, sizeof value);
    enum cli_exit result = CLI_OK;
    const char *why = NULL;
    if (said && *value != '\0') {
        why = blox_utf8_valid(blox_span_text(value)) ? refuse(value)
                                                     : "that is not UTF-8";
    }
    if (!said) {
        result = cli_fail(CLI_INPUT,
                          "provision: no line for %s, or one over %d bytes; "
                          "give one line for each question",
                          key, VALUE_MAX - 2);
    } else if (why != NULL) {
        result =
            cli_fail(CLI_INPUT, "provision: %s: %s; start again", key, why);
    } else if (*value != '\0') {
        output_add_text(provision->document, key, value);
    }
    OPENSSL_cleanse(value, sizeof value);
    free(question);
    return result;
}

static enum cli_exit ask_mqtt(struct provision *provision) {
    const struct cli_texts *names = &provision->request->mqtt;
    enum cli_exit result =
        ask(provision, "mqtt.password", true, refuse_nothing);
    for (size_t i = 0; i < names->count && result == CLI_OK; ++i) {
        char *key = cli_format("mqtt_%s.password", names->items[i]);
        result = ask(provision, key, true, refuse_nothing);
        free(key);
    }
    return result;
}

static enum cli_exit ask_all(struct provision *provision) {
    enum cli_exit result = ask(provision, "wlan.ssid", false, refuse_ssid);
    if (result == CLI_OK) {
        result = ask(provision, "wlan.psk", true, refuse_psk);
    }
    return result == CLI_OK ? ask_mqtt(provision) : result;
}

static enum cli_exit add_key(struct provision *provision) {
    struct sign_key key = {0};
    if (provision->request->key == NULL) {
        return CLI_OK;
    }
    enum cli_exit result = sign_key_read(&key, provision->request->key, false);
    if (result == CLI_OK) {
        output_add_text(provision->document, "update.public_key",
                        key.public_key);
    }
    sign_key_free(&key);
    return result;
}

// ---- writing ----------------------------------------------------------------

static enum cli_exit check_place(const struct request *request) {
    struct stat there;
    const char *file = file_of(request);
    return request->force || lstat(file, &there) != 0
               ? CLI_OK
               : cli_fail(CLI_INPUT,
                          "%s: it is there already; name another file, or "
                          "give --force to write over it",
                          file);
}

static enum cli_exit write_document(const struct provision *provision) {
    const struct request *request = provision->request;
    int count = cJSON_GetArraySize(provision->document);
    if (count == 0) {
        return cli_fail(CLI_INPUT, "provision: nothing was answered; nothing "
                                   "is written");
    }
    char *text = cJSON_Print(provision->document);
    char *whole = cli_format("%s\n", text);
    enum cli_exit result =
        file_write(file_of(request), whole, strlen(whole),
                   FILE_SECRET | (request->force ? 0 : FILE_NEW));
    OPENSSL_cleanse(text, strlen(text));
    OPENSSL_cleanse(whole, strlen(whole));
    free(text);
    free(whole);
    if (result == CLI_OK) {
        printf("%s: %d values; 'make provision' takes it to a board, which "
               "deletes it\n",
               file_of(request), count);
    }
    return result;
}

static void wipe(cJSON *document) {
    cJSON *item;
    cJSON_ArrayForEach(item, document) {
        if (cJSON_IsString(item)) {
            OPENSSL_cleanse(item->valuestring, strlen(item->valuestring));
        }
    }
    cJSON_Delete(document);
}

static enum cli_exit run(void *context) {
    const struct request *request = context;
    struct provision provision = {request, cJSON_CreateObject()};
    enum cli_exit result = check_place(request);
    result = result == CLI_OK ? add_key(&provision) : result;
    result = result == CLI_OK ? ask_all(&provision) : result;
    result = result == CLI_OK ? write_document(&provision) : result;
    wipe(provision.document);
    return result;
}

// ---- the verb ---------------------------------------------------------------

#define FIELD(name) offsetof(struct request, name)

static const struct cli_option OPTIONS[] = {
    {.name = "mqtt",
     .value = "NAME",
     .offset = FIELD(mqtt),
     .set = cli_add_level,
     .help = "ask also for mqtt_NAME.password, of another connection; may be "
             "repeated"},
    {.name = "key",
     .value = "FILE",
     .offset = FIELD(key),
     .set = cli_set_text,
     .help = "put the public half of this key in: from then on the device "
             "takes signed lists only",
     .setting = "key"},
    {.name = "force",
     .offset = FIELD(force),
     .set = cli_set_true,
     .help = "write over a file that is there"},
    {.name = NULL},
};

static const struct cli_option_group GROUPS[] = {
    {"Options", OPTIONS, 0},
    {NULL, NULL, 0},
};

static const struct cli_argument ARGUMENTS[] = {
    {.name = "FILE",
     .offset = FIELD(file),
     .set = cli_set_text,
     .help = "the file to make; provision.json when it is left out",
     .optional = true},
    {.name = NULL},
};

static const struct cli_example EXAMPLES[] = {
    {"Asks, and has the devices check signatures",
     "blox provision --key fleet.pem"},
    {"Takes the answers from a password manager",
     "pass show iot/wlan | blox provision"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_provision = {
    .name = "provision",
    .summary = "write a device's secrets into a provision.json",
    .about =
        "Asks for the secrets a device needs, without showing them, and writes "
        "them into a file that only you can read. A device takes such a file "
        "in once, into its sealed memory, and deletes it.\n\n"
        "Asked for are wlan.ssid, wlan.psk, mqtt.password and those of --mqtt; "
        "what has no answer is left out. Where no terminal is, the answers "
        "come from standard input, one line each.",
    .arguments = ARGUMENTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .exits = CLI_EXITS_FILES | CLI_EXIT(INTERRUPTED),
    .request_size = sizeof(struct request),
    .run = run,
};
