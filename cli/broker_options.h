// SPDX-License-Identifier: MIT
// How to reach a broker: the options every verb that talks to one offers,
// named as mosquitto's clients name theirs.
#ifndef CLI_BROKER_OPTIONS_H
#define CLI_BROKER_OPTIONS_H

#include "cli/options.h"

// All zero before options are parsed.
struct broker_settings {
    const char *host;          // default localhost
    unsigned port;             // 0: 1883, with TLS 8883
    const char *username;      // or NULL
    const char *password;      // or NULL
    const char *password_file; // or NULL
    const char *id;            // client id; NULL: the broker chooses one
    const char *cafile;
    const char *capath;
    const char *cert;
    const char *key;
    const char *tls_version;
    bool os_certs;
    bool insecure;
    int protocol;             // of mqtt_protocol.h; default 5
    unsigned keepalive;       // seconds
    unsigned timeout;         // seconds without a byte moving; then we give up
    char read_password[1024]; // where password points when it was read
};

// The table for struct broker_settings, target of the group.
extern const struct cli_option broker_options[];

// Whether any option asks for TLS.
bool broker_uses_tls(const struct broker_settings *settings);

// Makes a lost connection show soon, for a verb that mostly waits. Before
// broker_settings_complete.
void broker_settings_listen(struct broker_settings *settings);

// Checks what options say together, fills in defaults, and finds the password:
// --pw or --pw-file, wherever they were said, else, when there is a user name
// and a terminal, asks. Returns CLI_OK, CLI_USAGE for options
// that contradict each other, CLI_INPUT when the file cannot be read.
enum cli_exit broker_settings_complete(struct broker_settings *settings);

#endif
