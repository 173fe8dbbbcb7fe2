// SPDX-License-Identifier: MIT
#include "cli/broker_options.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum {
    PORT = 1883,
    TLS_PORT = 8883,
    PORT_MAX = 65535,
    KEEPALIVE = 600, // a slow upload must not look like a dead broker
    KEEPALIVE_MIN = 5,
    TIMEOUT = 30,
};

const struct broker_settings broker_defaults = {
    .host = "localhost",
    .protocol = MQTT_PROTOCOL_V5,
    .keepalive = KEEPALIVE,
    .timeout = TIMEOUT,
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
    {'h', "host", "HOST", FIELD(host), cli_set_text,
     "the broker (default: localhost)"},
    {'p', "port", "PORT", FIELD(port), set_port,
     "its port (default: 1883, with TLS 8883)"},
    {'u', "username", "NAME", FIELD(username), cli_set_text,
     "the user to log in as"},
    {'P', "pw", "PASSWORD", FIELD(password), cli_set_text,
     "the password; others on this machine can see it, so\n"
     "better the environment's BLOX_PASSWORD or --pw-file;\n"
     "without any, it is asked for on a terminal"},
    {0, "pw-file", "FILE", FIELD(password_file), cli_set_text,
     "a file whose first line is the password"},
    {'i', "id", "ID", FIELD(id), cli_set_text,
     "our client id (default: the broker chooses one)"},
    {'k', "keepalive", "SECONDS", FIELD(keepalive), set_keepalive,
     "MQTT keep-alive (default: 600)"},
    {'V', "protocol-version", "VERSION", FIELD(protocol), set_protocol,
     "mqttv5 (default) or mqttv311"},
    {0, "cafile", "FILE", FIELD(cafile), cli_set_text,
     "TLS: certificates of the authorities to trust"},
    {0, "capath", "DIR", FIELD(capath), cli_set_text,
     "TLS: the same, a directory of them"},
    {0, "tls-use-os-certs", NULL, FIELD(os_certs), cli_set_true,
     "TLS: trust whom this machine trusts"},
    {0, "cert", "FILE", FIELD(cert), cli_set_text, "TLS: our certificate"},
    {0, "key", "FILE", FIELD(key), cli_set_text, "TLS: its private key"},
    {0, "tls-version", "VERSION", FIELD(tls_version), cli_set_text,
     "TLS: tlsv1.2 or tlsv1.3 (default: the best of both)"},
    {0, "insecure", NULL, FIELD(insecure), cli_set_true,
     "TLS: do not check the broker's host name"},
    {0, "timeout", "SECONDS", FIELD(timeout), set_timeout,
     "give up when nothing moves for so long (default: 30)"},
    {0, NULL, NULL, 0, NULL, NULL},
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
    struct termios shown, hidden;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &shown) != 0) {
        return;
    }
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    // First the echo: what is typed once the prompt is there must count.
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    fprintf(stderr, "Password of %s: ", settings->username);
    read_password(settings, stdin);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);
}

static enum cli_exit find_password(struct broker_settings *settings) {
    if (settings->password == NULL && settings->password_file != NULL) {
        return read_password_file(settings);
    }
    if (settings->password == NULL) {
        settings->password = getenv("BLOX_PASSWORD");
    }
    if (settings->password == NULL && settings->username != NULL) {
        ask_password(settings);
    }
    return CLI_OK;
}

enum cli_exit broker_settings_complete(struct broker_settings *settings) {
    bool tls = broker_uses_tls(settings);
    if (!tls && (settings->cert != NULL || settings->key != NULL ||
                 settings->insecure || settings->tls_version != NULL)) {
        return cli_fail(CLI_USAGE, "TLS options need --cafile, --capath or "
                                   "--tls-use-os-certs; add one");
    }
    if ((settings->cert == NULL) != (settings->key == NULL)) {
        return cli_fail(CLI_USAGE, "--cert and --key go together; give both");
    }
    if (settings->port == 0) {
        settings->port = tls ? TLS_PORT : PORT;
    }
    return find_password(settings);
}
