// SPDX-License-Identifier: MIT
#include "cli/broker_options.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/ask.h"
#include "cli/terminal.h"

enum {
    PORT = 1883,
    TLS_PORT = 8883,
    PORT_MAX = 65535,
    KEEPALIVE = 600, // a slow upload must not look like a dead broker
    KEEPALIVE_LISTEN = 30,
    KEEPALIVE_MIN = 5,
    TIMEOUT = 30,
};

static const char *set_port(void *field, const char *value) {
    const char *complaint = cli_set_number(field, value);
    unsigned port = *(unsigned *)field;
    return complaint != NULL              ? complaint
           : port == 0 || port > PORT_MAX ? "is not a port, 1 to 65535"
                                          : NULL;
}

static const char *set_keepalive(void *field, const char *value) {
    const char *complaint = cli_set_number(field, value);
    unsigned seconds = *(unsigned *)field;
    return complaint != NULL ? complaint
           : seconds < KEEPALIVE_MIN || seconds > PORT_MAX
               ? "is not a number of seconds, 5 to 65535"
               : NULL;
}

static const char *set_timeout(void *field, const char *value) {
    const char *complaint = cli_set_number(field, value);
    unsigned seconds = *(unsigned *)field;
    return complaint != NULL ? complaint
           : seconds == 0 || seconds > 86400
               ? "is not a number of seconds, 1 to 86400"
               : NULL;
}

static const char *set_protocol(void *field, const char *value) {
    static const struct {
        const char *name;
        int version;
    } names[] = {
        {"mqttv5", MQTT_PROTOCOL_V5},
        {"5", MQTT_PROTOCOL_V5},
        {"mqttv311", MQTT_PROTOCOL_V311},
        {"311", MQTT_PROTOCOL_V311},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        if (strcmp(value, names[i].name) == 0) {
            *(int *)field = names[i].version;
            return NULL;
        }
    }
    return "is neither mqttv5 nor mqttv311";
}

#define FIELD(name) offsetof(struct broker_settings, name)

const struct cli_option broker_options[] = {
    {.letter = 'h',
     .name = "host",
     .value = "HOST",
     .offset = FIELD(host),
     .set = cli_set_text,
     .help = "the broker",
     .standard = "localhost",
     .setting = "host"},
    {.letter = 'p',
     .name = "port",
     .value = "PORT",
     .offset = FIELD(port),
     .set = set_port,
     .help = "its port",
     .standard = "1883, with TLS 8883",
     .setting = "port"},
    {.letter = 'u',
     .name = "username",
     .value = "NAME",
     .offset = FIELD(username),
     .set = cli_set_text,
     .help = "the user to log in as",
     .setting = "username"},
    {.letter = 'P',
     .name = "pw",
     .value = "PASSWORD",
     .offset = FIELD(password),
     .set = cli_set_text,
     .help = "the password; others on this machine can see it, so better "
             "BLOX_PASSWORD in the environment or --pw-file; without any, it "
             "is asked for on a terminal",
     .setting = "password",
     .instead = "pw-file"},
    {.name = "pw-file",
     .value = "FILE",
     .offset = FIELD(password_file),
     .set = cli_set_text,
     .help = "a file whose first line is the password",
     .setting = "pw_file",
     .instead = "pw"},
    {.letter = 'i',
     .name = "id",
     .value = "ID",
     .offset = FIELD(id),
     .set = cli_set_text,
     .help = "our client id",
     .standard = "the broker chooses one",
     .setting = "id"},
    {.letter = 'k',
     .name = "keepalive",
     .value = "SECONDS",
     .offset = FIELD(keepalive),
     .set = set_keepalive,
     .help = "MQTT keep-alive",
     .standard = "600",
     .setting = "keepalive"},
    {.letter = 'V',
     .name = "protocol-version",
     .value = "VERSION",
     .offset = FIELD(protocol),
     .set = set_protocol,
     .help = "mqttv5 or mqttv311",
     .standard = "mqttv5",
     .setting = "protocol_version"},
    {.name = "cafile",
     .value = "FILE",
     .offset = FIELD(cafile),
     .set = cli_set_text,
     .help = "TLS: certificates of the authorities to trust",
     .setting = "cafile"},
    {.name = "capath",
     .value = "DIR",
     .offset = FIELD(capath),
     .set = cli_set_text,
     .help = "TLS: the same, a directory of them",
     .setting = "capath"},
    {.name = "tls-use-os-certs",
     .offset = FIELD(os_certs),
     .set = cli_set_true,
     .help = "TLS: trust whom this machine trusts",
     .setting = "tls_use_os_certs"},
    {.name = "cert",
     .value = "FILE",
     .offset = FIELD(cert),
     .set = cli_set_text,
     .help = "TLS: our certificate",
     .setting = "cert"},
    {.name = "tls-key",
     .value = "FILE",
     .offset = FIELD(key),
     .set = cli_set_text,
     .help = "TLS: its private key",
     .setting = "tls_key"},
    {.name = "tls-version",
     .value = "VERSION",
     .offset = FIELD(tls_version),
     .set = cli_set_text,
     .help = "TLS: tlsv1.2 or tlsv1.3",
     .standard = "the best of both",
     .setting = "tls_version"},
    {.name = "insecure",
     .offset = FIELD(insecure),
     .set = cli_set_true,
     .help = "TLS: do not check the broker's host name",
     .setting = "insecure"},
    {.name = "timeout",
     .value = "SECONDS",
     .offset = FIELD(timeout),
     .set = set_timeout,
     .help = "give up when nothing moves for so long",
     .standard = "30",
     .setting = "timeout"},
    {.name = NULL},
};

bool broker_uses_tls(const struct broker_settings *settings) {
    return settings->cafile != NULL || settings->capath != NULL ||
           settings->os_certs;
}

// Takes the first line of a stream as the password. Returns whether there is
// one.
static bool read_password(struct broker_settings *settings, FILE *stream) {
    char *line = settings->read_password;
    if (fgets(line, sizeof settings->read_password, stream) == NULL) {
        return false;
    }
    line[strcspn(line, "\r\n")] = '\0';
    settings->password = line;
    return true;
}

static enum cli_exit read_password_file(struct broker_settings *settings) {
    FILE *file = fopen(settings->password_file, "r");
    if (file == NULL) {
        return cli_fail(CLI_INPUT, "%s: %s; name a file with the password",
                        settings->password_file, strerror(errno));
    }
    bool read = read_password(settings, file);
    fclose(file);
    if (!read) {
        return cli_fail(CLI_INPUT, "%s: empty; write the password into it",
                        settings->password_file);
    }
    return CLI_OK;
}

static void ask_password(struct broker_settings *settings) {
    char *question = cli_format("Password of %s: ", settings->username);
    if (terminal_is(STDIN_FILENO) &&
        cli_ask_secret(question, settings->read_password,
                       sizeof settings->read_password)) {
        settings->password = settings->read_password;
    }
    free(question);
}

static enum cli_exit find_password(struct broker_settings *settings) {
    if (settings->password == NULL && settings->password_file != NULL) {
        return read_password_file(settings);
    }
    if (settings->password == NULL && settings->username != NULL) {
        ask_password(settings);
    }
    return CLI_OK;
}

void broker_settings_listen(struct broker_settings *settings) {
    if (settings->keepalive == 0) {
        settings->keepalive = KEEPALIVE_LISTEN;
    }
}

static void fill_defaults(struct broker_settings *settings) {
    if (settings->host == NULL) {
        settings->host = "localhost";
    }
    if (settings->port == 0) {
        settings->port = broker_uses_tls(settings) ? TLS_PORT : PORT;
    }
    if (settings->protocol == 0) {
        settings->protocol = MQTT_PROTOCOL_V5;
    }
    if (settings->keepalive == 0) {
        settings->keepalive = KEEPALIVE;
    }
    if (settings->timeout == 0) {
        settings->timeout = TIMEOUT;
    }
}

enum cli_exit broker_settings_complete(struct broker_settings *settings) {
    bool tls = broker_uses_tls(settings);
    if (!tls && (settings->cert != NULL || settings->key != NULL ||
                 settings->insecure || settings->tls_version != NULL)) {
        return cli_fail(CLI_USAGE, "TLS options need --cafile, --capath or "
                                   "--tls-use-os-certs; add one");
    }
    if ((settings->cert == NULL) != (settings->key == NULL)) {
        return cli_fail(CLI_USAGE,
                        "--cert and --tls-key go together; give both");
    }
    fill_defaults(settings);
    return find_password(settings);
}
