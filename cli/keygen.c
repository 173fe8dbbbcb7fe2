// SPDX-License-Identifier: MIT
// blox keygen: a key to sign with.
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/output.h"
#include "cli/sign.h"
#include "cli/verbs.h"

enum { PASSPHRASE_MAX = 256 };

struct request {
    struct output_settings output;
    const char *file;
    bool passphrase;
    bool show;
};

static void tell(const struct request *request, const struct sign_key *key) {
    if (!request->output.json) {
        printf("public key   %s\n", key->public_key);
        printf("fingerprint  %s\n", key->fingerprint);
        return;
    }
    cJSON *document = cJSON_CreateObject();
    output_add_text(document, "public_key", key->public_key);
    output_add_text(document, "fingerprint", key->fingerprint);
    output_document(document);
}

// Asks for a passphrase, twice. BLOX_PASSPHRASE goes before.
static enum cli_exit ask(char passphrase[PASSPHRASE_MAX]) {
    char again[PASSPHRASE_MAX] = "";
    const char *known = getenv("BLOX_PASSPHRASE");
    if (known != NULL) {
        snprintf(passphrase, PASSPHRASE_MAX, "%s", known);
        return CLI_OK;
    }
    bool asked =
        cli_ask_secret("New passphrase: ", passphrase, PASSPHRASE_MAX) &&
        cli_ask_secret("Once more: ", again, sizeof again);
    bool same = strcmp(passphrase, again) == 0;
    OPENSSL_cleanse(again, sizeof again);
    if (!asked) {
        return cli_fail(CLI_USAGE, "keygen: nobody to ask for a passphrase; "
                                   "set BLOX_PASSPHRASE");
    }
    return same ? CLI_OK
                : cli_fail(CLI_USAGE, "keygen: the two passphrases differ; "
                                      "start again");
}

static enum cli_exit make(const struct request *request, struct sign_key *key) {
    char passphrase[PASSPHRASE_MAX] = "";
    enum cli_exit result = request->passphrase ? ask(passphrase) : CLI_OK;
    if (result == CLI_OK && request->passphrase && strlen(passphrase) < 4) {
        result = cli_fail(CLI_USAGE, "keygen: a passphrase has at least 4 "
                                     "characters; take a longer one");
    }
    if (result == CLI_OK) {
        sign_key_make(key);
        result = sign_key_write(key, request->file,
                                request->passphrase ? passphrase : NULL);
    }
    OPENSSL_cleanse(passphrase, sizeof passphrase);
    return result;
}

static enum cli_exit run(void *context) {
    const struct request *request = context;
    struct sign_key key = {0};
    enum cli_exit result = request->show
                               ? sign_key_read(&key, request->file, false)
                               : make(request, &key);
    if (result == CLI_OK) {
        tell(request, &key);
    }
    sign_key_free(&key);
    return result;
}

#define FIELD(name) offsetof(struct request, name)

static const struct cli_option OPTIONS[] = {
    {.name = "passphrase",
     .offset = FIELD(passphrase),
     .set = cli_set_true,
     .help = "encipher the file with a passphrase, which is asked for; "
             "BLOX_PASSPHRASE in the environment is taken instead"},
    {.name = "show",
     .offset = FIELD(show),
     .set = cli_set_true,
     .help = "make nothing: print public key and fingerprint of a key that is "
             "there, private or public"},
    {.name = NULL},
};

static const struct cli_option_group GROUPS[] = {
    {"Options", OPTIONS, 0},
    {"Output", output_options, FIELD(output)},
    {NULL, NULL, 0},
};

static const struct cli_argument ARGUMENTS[] = {
    {.name = "FILE",
     .offset = FIELD(file),
     .set = cli_set_text,
     .help = "the PEM file; one that is there is never written over"},
    {.name = NULL},
};

static const struct cli_example EXAMPLES[] = {
    {"Makes a key to sign updates with", "blox keygen fleet.pem"},
    {"Tells its public half once more", "blox keygen --show fleet.pem"},
    {NULL, NULL},
};

const struct cli_verb cli_verb_keygen = {
    .name = "keygen",
    .summary = "make a key to sign updates with",
    .about =
        "Makes a private key (ECDSA, P-256) in a file that only you can read, "
        "and prints its public half, which goes into update.public_key of the "
        "devices, and its fingerprint, which their logs name. Whoever has the "
        "file decides what these devices run: keep it where no device and no "
        "broker is, and keep a copy.",
    .arguments = ARGUMENTS,
    .groups = GROUPS,
    .examples = EXAMPLES,
    .exits = CLI_EXITS_FILES | CLI_EXIT(INTERRUPTED),
    .request_size = sizeof(struct request),
    .run = run,
};
