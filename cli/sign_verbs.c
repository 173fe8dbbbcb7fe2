// SPDX-License-Identifier: MIT
// blox sign and blox verify: lists and commands that others publish.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/file.h"
#include "cli/output.h"
#include "cli/sign.h"
#include "cli/update_list.h"
#include "cli/verbs.h"
#include "cli/verify.h"
#include "core/codec/json_check.h"

struct request {
    struct output_settings output;
    struct sign_settings sign;
    const char *public_key;
    const char *channel;
    const char *node;
    const char *topic;
    const char *file;
};

// ---- both -------------------------------------------------------------------

// The topic that was said in one of three ways, for the caller to free.
static enum cli_exit find_topic(const struct request *request, const char *verb,
                                char **topic) {
    int said = (request->topic != NULL) + (request->channel != NULL) +
               (request->node != NULL);
    *topic = NULL;
    if (said != 1) {
        return cli_fail(CLI_USAGE,
                        "%s: %s; give one of --channel, --node and --topic",
                        verb, said == 0 ? "no topic" : "two topics");
    }
    *topic = request->channel != NULL
                 ? cli_format("mpypi/channels/%s", request->channel)
             : request->node != NULL
                 ? cli_format("mpypi/nodes/%s/cmd", request->node)
                 : cli_format("%s", request->topic);
    return CLI_OK;
}

static enum cli_exit read_payload(const struct request *request,
                                  struct file_bytes *bytes) {
    return file_read(request->file != NULL ? request->file : "-", BLOX_LIST_MAX,
                     bytes);
}

static const char *file_name(const struct request *request) {
    return request->file == NULL || strcmp(request->file, "-") == 0
               ? "standard input"
               : request->file;
}

// ---- sign -------------------------------------------------------------------

// Takes away white space outside of strings.
static void make_compact(char *json) {
    bool string = false;
    char *to = json;
    for (const char *c = json; *c != '\0'; ++c) {
        if (string || strchr(" \t\r\n", *c) == NULL) {
            *to++ = *c;
        }
        if (string && *c == '\\') {
            *to++ = *++c;
        } else if (*c == '"') {
            string = !string;
        }
    }
    *to = '\0';
}

static enum cli_exit check_command(const struct request *request,
                                   const struct file_bytes *bytes) {
    struct blox_json_check check;
    char sentence[200];
    struct blox_text why;
    blox_text_init(&why, sentence, sizeof sentence);
    blox_json_check_init(&check);
    int error =
        blox_json_check_feed(&check, blox_span(bytes->data, bytes->size));
    error = error == 0 ? blox_json_check_end(&check) : error;
    if (error == 0) {
        return CLI_OK;
    }
    blox_json_check_fail(&check, error, &why, file_name(request));
    return cli_fail(CLI_INPUT, "%s; mend it", sentence);
}

// A list must be one that devices take, and not be signed yet.
static enum cli_exit check_list(const struct request *request,
                                const struct file_bytes *bytes) {
    struct update_list list;
    enum cli_exit result = CLI_OK;
    if (!update_list_read(&list, (const char *)bytes->data, bytes->size)) {
        result = cli_fail(CLI_INPUT, "%s: %s; mend it", file_name(request),
                          list.why);
    } else if (list.count > 0 &&
               list.entries[list.count - 1].type == BLOX_LIST_SIGNATURE) {
        result = cli_fail(CLI_INPUT,
                          "%s: signed already; sign the list it was made of",
                          file_name(request));
    }
    update_list_free(&list);
    return result;
}

static enum cli_exit sign(const struct request *request, const char *topic,
                          const struct signer *signer) {
    struct file_bytes bytes;
    enum cli_exit result = read_payload(request, &bytes);
    if (result != CLI_OK) {
        return result;
    }
    const char *text = (const char *)bytes.data;
    bool command = text[strspn(text, " \t\r\n")] == '{';
    result =
        command ? check_command(request, &bytes) : check_list(request, &bytes);
    if (result == CLI_OK) {
        make_compact((char *)bytes.data);
        char *payload = sign_apply(signer, topic, text);
        fputs(payload, stdout); // a line's end would not be part of it
        free(payload);
    }
    free(bytes.data);
    return result;
}

static enum cli_exit run_sign(void *context) {
    const struct request *request = context;
    struct signer signer = {.serial = ""};
    char *topic;
    enum cli_exit result = find_topic(request, "sign", &topic);
    if (result == CLI_OK && request->sign.file == NULL) {
        result = cli_fail(CLI_USAGE, "sign: no key; name it with --key");
    }
    if (result == CLI_OK) {
        result = sign_open(&signer, &request->sign);
    }
    if (result == CLI_OK) {
        result = sign(request, topic, &signer);
    }
    sign_close(&signer);
    free(topic);
    return result;
}

// ---- verify -----------------------------------------------------------------

static enum cli_exit find_key(const struct request *request,
                              struct sign_key *key) {
    *key = (struct sign_key){0};
    // A key that only a setting names does not stand against --public-key.
    if (request->public_key != NULL) {
        return sign_key_public(key, request->public_key);
    }
    return request->sign.file != NULL
               ? sign_key_read(key, request->sign.file, false)
               : cli_fail(CLI_USAGE, "verify: no key; name it with --key or "
                                     "--public-key");
}

static void tell(const struct request *request, const char *serial,
                 const struct sign_key *key) {
    if (!request->output.json) {
        printf("%s: signed by %s, serial %s\n", file_name(request),
               key->fingerprint, serial);
        return;
    }
    cJSON *document = cJSON_CreateObject();
    output_add_text(document, "fingerprint", key->fingerprint);
    output_add_text(document, "serial", serial);
    output_document(document);
}

static enum cli_exit verify(const struct request *request, const char *topic,
                            const struct sign_key *key) {
    struct file_bytes bytes;
    struct verified verified;
    enum cli_exit result = read_payload(request, &bytes);
    if (result != CLI_OK) {
        return result;
    }
    if (verify_payload(&verified, key, topic, (const char *)bytes.data,
                       bytes.size)) {
        tell(request, verified.serial, key);
    } else {
        result =
            cli_fail(CLI_DIFFERENT, "%s: %s", file_name(request), verified.why);
    }
    free(bytes.data);
    return result;
}

static enum cli_exit run_verify(void *context) {
    const struct request *request = context;
    struct sign_key key = {0};
    char *topic;
    enum cli_exit result = find_topic(request, "verify", &topic);
    if (result == CLI_OK) {
        result = find_key(request, &key);
    }
    if (result == CLI_OK) {
        result = verify(request, topic, &key);
    }
    sign_key_free(&key);
    free(topic);
    return result;
}

// ---- the verbs --------------------------------------------------------------

#define FIELD(name) offsetof(struct request, name)

static const struct cli_option TOPIC_OPTIONS[] = {
    {.name = "channel",
     .value = "NAME",
     .offset = FIELD(channel),
     .set = cli_set_topic,
     .help = "the channel the list is for"},
    {.name = "node",
     .value = "ID",
     .offset = FIELD(node),
     .set = cli_set_level,
     .help = "the device the list or command is for"},
    {.name = "topic",
     .value = "TOPIC",
     .offset = FIELD(topic),
     .set = cli_set_topic,
     .help = "the same as a topic"},
    {.name = NULL},
};

static const struct cli_argument ARGUMENTS[] = {
    {.name = "FILE",
     .offset = FIELD(file),
     .set = cli_set_text,
     .help = "the list or command; standard input when it is left out, or -",
     .optional = true},
    {.name = NULL},
};

static const struct cli_option_group SIGN_GROUPS[] = {
    {"For", TOPIC_OPTIONS, 0},
    {"Signing", sign_options, FIELD(sign)},
    {NULL, NULL, 0},
};

static const struct cli_example SIGN_EXAMPLES[] = {
    {"Signs a command and sends it by other means",
     "echo '{\"cmd\":\"reboot\"}' | blox sign --key fleet.pem --node esp32-01"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_sign = {
    .name = "sign",
    .summary = "sign an update list or a command",
    .about = "Signs an update list, or a command such as {\"cmd\":\"reboot\"}, "
             "for the topic it will be published on, and prints what is to be "
             "published, byte for byte. 'blox publish --key' and 'blox cmd "
             "--key' do so by themselves.",
    .arguments = ARGUMENTS,
    .groups = SIGN_GROUPS,
    .examples = SIGN_EXAMPLES,
    .exits = CLI_EXITS_FILES | CLI_EXIT(INTERRUPTED),
    .request_size = sizeof(struct request),
    .run = run_sign,
};

static const struct cli_option VERIFY_OPTIONS[] = {
    {.name = "key",
     .value = "FILE",
     .offset = FIELD(sign.file),
     .set = cli_set_text,
     .help = "the key's PEM file, private or public",
     .setting = "key",
     .instead = "public-key"},
    {.name = "public-key",
     .value = "BASE64",
     .offset = FIELD(public_key),
     .set = cli_set_text,
     .help = "the same as update.public_key has it",
     .instead = "key"},
    {.name = NULL},
};

static const struct cli_option_group VERIFY_GROUPS[] = {
    {"For", TOPIC_OPTIONS, 0},
    {"Key", VERIFY_OPTIONS, 0},
    {"Output", output_options, FIELD(output)},
    {NULL, NULL, 0},
};

static const struct cli_example VERIFY_EXAMPLES[] = {
    {"Looks who signed the list of a channel",
     "mosquitto_sub -C 1 -N -t mpypi/channels/latest | blox verify --key "
     "fleet.pem --channel latest"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_verify = {
    .name = "verify",
    .summary = "tell whether a list or command is signed",
    .about = "Checks a signed list or command with the very code of the "
             "devices: whether the key signed it, unchanged and for this "
             "topic.",
    .arguments = ARGUMENTS,
    .groups = VERIFY_GROUPS,
    .examples = VERIFY_EXAMPLES,
    .exits = CLI_EXITS_FILES | CLI_EXIT(INTERRUPTED) | CLI_EXIT(DIFFERENT),
    .request_size = sizeof(struct request),
    .run = run_verify,
};
