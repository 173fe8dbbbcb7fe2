// SPDX-License-Identifier: MIT
#include "cli/broker.h"

#include <errno.h>
#include <linux/tcp.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

enum {
    IN_FLIGHT_MAX = 4, // messages sent and not yet acknowledged
    LOOP_MS = 100,
    FAREWELL_S = 5,
    FIRST_ERROR = 128,  // reason codes from here on are failures
    V311_BAD_LOGIN = 4, // CONNACK return codes of MQTT 3.1.1
    V311_NOT_ALLOWED = 5,
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number) {
    if (number == SIGINT || number == SIGTERM) {
        interrupted = 1;
    }
}

double broker_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// ---- what libmosquitto tells ------------------------------------------------

static void on_log(struct mosquitto *mosquitto, void *context, int level,
                   const char *text) {
    struct broker *broker = context;
    (void)mosquitto;
    if (level == MOSQ_LOG_ERR) {
        snprintf(broker->detail, sizeof broker->detail, "%s", text);
    }
}

static void on_connect(struct mosquitto *mosquitto, void *context, int reason,
                       int flags, const mosquitto_property *properties) {
    struct broker *broker = context;
    (void)mosquitto, (void)flags, (void)properties;
    broker->answered = true;
    broker->reason = reason;
}

static void on_disconnect(struct mosquitto *mosquitto, void *context,
                          int reason, const mosquitto_property *properties) {
    struct broker *broker = context;
    (void)mosquitto, (void)properties;
    broker->closed = true;
    if (broker->reason < FIRST_ERROR) {
        broker->reason = reason;
    }
}

static void on_publish(struct mosquitto *mosquitto, void *context, int mid,
                       int reason, const mosquitto_property *properties) {
    struct broker *broker = context;
    (void)mosquitto, (void)properties;
    for (size_t i = 0; i < broker->count; ++i) {
        struct broker_delivery *delivery = &broker->deliveries[i];
        if (delivery->mid != mid || delivery->acknowledged) {
            continue;
        }
        if (reason >= FIRST_ERROR) {
            broker->reason = reason;
            broker->refused = delivery->topic;
        } else {
            delivery->acknowledged = true;
            delivery->unheard = reason == MQTT_RC_NO_MATCHING_SUBSCRIBERS;
            ++broker->acknowledged;
        }
        return;
    }
}

// ---- saying what went wrong -------------------------------------------------

static enum cli_exit fail_connection(const struct broker *broker,
                                     const char *why, const char *remedy) {
    return cli_fail(CLI_CONNECTION, "%s:%u: %s; %s", broker->settings->host,
                    broker->settings->port, why, remedy);
}

static enum cli_exit fail_interrupted(void) {
    return cli_fail(CLI_INTERRUPTED,
                    "interrupted before it was done; run the same "
                    "command again");
}

static enum cli_exit fail_timeout(const struct broker *broker) {
    char why[64];
    snprintf(why, sizeof why, "nothing moved for %u s",
             broker->settings->timeout);
    return fail_connection(broker, why,
                           "check the network, or raise --timeout");
}

static bool bad_login(const struct broker *broker) {
    if (broker->settings->protocol == MQTT_PROTOCOL_V5) {
        return broker->reason == MQTT_RC_BAD_USERNAME_OR_PASSWORD ||
               broker->reason == MQTT_RC_NOT_AUTHORIZED;
    }
    return broker->reason == V311_BAD_LOGIN ||
           broker->reason == V311_NOT_ALLOWED;
}

static const char *reason_text(const struct broker *broker) {
    return broker->settings->protocol == MQTT_PROTOCOL_V5
               ? mosquitto_reason_string(broker->reason)
               : mosquitto_connack_string(broker->reason);
}

static enum cli_exit fail_login(const struct broker *broker) {
    const struct broker_settings *settings = broker->settings;
    if (!bad_login(broker)) {
        return cli_fail(CLI_REFUSED,
                        "%s:%u: the broker refused the connection (%s); ask "
                        "who runs it",
                        settings->host, settings->port, reason_text(broker));
    }
    if (settings->username == NULL) {
        return cli_fail(CLI_REFUSED,
                        "%s:%u: the broker lets no one in without a user "
                        "name; give --username and a password",
                        settings->host, settings->port);
    }
    return cli_fail(CLI_REFUSED,
                    "%s:%u: the broker refused user '%s' or the password; "
                    "check both",
                    settings->host, settings->port, settings->username);
}

static enum cli_exit fail_tls(const struct broker *broker) {
    char why[200];
    snprintf(why, sizeof why, "TLS failed (%s)",
             broker->detail[0] != '\0' ? broker->detail : "no reason given");
    return fail_connection(broker, why,
                           "check --cafile, the host name and the port");
}

// Says why libmosquitto's code came back while connecting.
static enum cli_exit fail_connect(const struct broker *broker, int code) {
    int number = errno;
    switch (code) {
    case MOSQ_ERR_EAI:
    case MOSQ_ERR_LOOKUP:
        return fail_connection(broker, "no such host", "check --host");
    case MOSQ_ERR_TLS:
    case MOSQ_ERR_TLS_HANDSHAKE:
        return fail_tls(broker);
    case MOSQ_ERR_ERRNO:
        // Some versions of the library say so when a host name is not the
        // certificate's.
        if (number == EPROTO && broker_uses_tls(broker->settings)) {
            return fail_tls(broker);
        }
        return interrupted ? fail_interrupted()
               : number == EINTR || number == EINPROGRESS
                   ? fail_timeout(broker)
                   : fail_connection(broker, strerror(number),
                                     "check --host and --port, and that the "
                                     "broker runs");
    default:
        return fail_connection(
            broker, mosquitto_strerror(code),
            "check that a broker for this protocol and TLS setting is there");
    }
}

static enum cli_exit fail_publish(const struct broker *broker,
                                  const struct broker_delivery *delivery,
                                  int code) {
    switch (code) {
    case MOSQ_ERR_OVERSIZE_PACKET:
        return cli_fail(CLI_REFUSED,
                        "%s: %zu bytes are more than the broker's maximum "
                        "packet size; raise it there (mosquitto: "
                        "max_packet_size)",
                        delivery->label, delivery->size);
    case MOSQ_ERR_RETAIN_NOT_SUPPORTED:
    case MOSQ_ERR_QOS_NOT_SUPPORTED:
        return cli_fail(CLI_REFUSED,
                        "%s: the broker offers no retained messages of QoS "
                        "1; use one that does",
                        delivery->label);
    case MOSQ_ERR_NO_CONN:
    case MOSQ_ERR_CONN_LOST:
    case MOSQ_ERR_ERRNO:
        return fail_connection(broker, "the connection was lost",
                               "run the same command again");
    default:
        return cli_fail(CLI_INTERNAL, "%s: %s; report this", delivery->label,
                        mosquitto_strerror(code));
    }
}

static enum cli_exit fail_refused(const struct broker *broker) {
    if (broker->reason == MQTT_RC_PACKET_TOO_LARGE) {
        return cli_fail(CLI_REFUSED,
                        "%s: larger than the broker takes; raise its limit "
                        "(mosquitto: message_size_limit)",
                        broker->refused);
    }
    return cli_fail(
        CLI_REFUSED,
        "%s: the broker refused it (%s); let user '%s' write to "
        "this topic",
        broker->refused, reason_text(broker),
        broker->settings->username != NULL ? broker->settings->username : "");
}

// The oldest message that is sent and not acknowledged, or NULL.
static const struct broker_delivery *waiting(const struct broker *broker) {
    for (size_t i = 0; i < broker->count; ++i) {
        if (!broker->deliveries[i].acknowledged) {
            return &broker->deliveries[i];
        }
    }
    return NULL;
}

static enum cli_exit fail_loop(const struct broker *broker, int code) {
    char why[120];
    const struct broker_delivery *delivery = waiting(broker);
    if (code == MOSQ_ERR_PROTOCOL && delivery != NULL) {
        // Newer versions of the library hide the reason "packet too large",
        // which the standard does not know for a PUBACK but mosquitto sends.
        return cli_fail(CLI_REFUSED,
                        "%s: the broker's answer to it is not MQTT's; most "
                        "often it is larger than the broker takes: raise the "
                        "limit (mosquitto: message_size_limit)",
                        delivery->label);
    }
    snprintf(why, sizeof why, "the connection was lost (%s)",
             broker->reason >= FIRST_ERROR ? reason_text(broker)
                                           : mosquitto_strerror(code));
    return fail_connection(broker, why, "run the same command again");
}

// ---- connecting -------------------------------------------------------------

static void catch_signals(void) {
    // No SA_RESTART: a signal ends a connect(2) that waits.
    const struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void set_alarm(unsigned seconds) {
    const struct itimerval timer = {.it_value = {.tv_sec = (time_t)seconds}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static int set_tls(struct broker *broker) {
    const struct broker_settings *settings = broker->settings;
    int code = MOSQ_ERR_SUCCESS;
    if (settings->os_certs) {
        code = mosquitto_int_option(broker->mosquitto,
                                    MOSQ_OPT_TLS_USE_OS_CERTS, 1);
    }
    if (code == MOSQ_ERR_SUCCESS) {
        code = mosquitto_tls_set(broker->mosquitto, settings->cafile,
                                 settings->capath, settings->cert,
                                 settings->key, NULL);
    }
    if (code == MOSQ_ERR_SUCCESS && settings->tls_version != NULL) {
        code = mosquitto_tls_opts_set(broker->mosquitto, 1,
                                      settings->tls_version, NULL);
    }
    if (code == MOSQ_ERR_SUCCESS && settings->insecure) {
        code = mosquitto_tls_insecure_set(broker->mosquitto, true);
    }
    return code;
}

static enum cli_exit configure(struct broker *broker) {
    const struct broker_settings *settings = broker->settings;
    struct mosquitto *mosquitto = broker->mosquitto;
    mosquitto_log_callback_set(mosquitto, on_log);
    mosquitto_connect_v5_callback_set(mosquitto, on_connect);
    mosquitto_disconnect_v5_callback_set(mosquitto, on_disconnect);
    mosquitto_publish_v5_callback_set(mosquitto, on_publish);
    mosquitto_int_option(mosquitto, MOSQ_OPT_PROTOCOL_VERSION,
                         settings->protocol);
    if (settings->username != NULL &&
        mosquitto_username_pw_set(mosquitto, settings->username,
                                  settings->password) != MOSQ_ERR_SUCCESS) {
        return cli_fail(CLI_USAGE, "the user name is not UTF-8; mend it");
    }
    int code = broker_uses_tls(settings) ? set_tls(broker) : MOSQ_ERR_SUCCESS;
    if (code != MOSQ_ERR_SUCCESS) {
        return cli_fail(CLI_INPUT,
                        "TLS: %s; check the files given with --cafile, "
                        "--capath, --cert and --tls-key, and --tls-version",
                        mosquitto_strerror(code));
    }
    return CLI_OK;
}

// Bytes the broker's machine has acknowledged on this connection; 0 where the
// system does not tell.
static uint64_t bytes_delivered(const struct broker *broker) {
    struct tcp_info info;
    socklen_t size = sizeof info;
    memset(&info, 0, sizeof info);
    int failed = getsockopt(mosquitto_socket(broker->mosquitto), IPPROTO_TCP,
                            TCP_INFO, &info, &size);
    return failed != 0 ? 0 : info.tcpi_bytes_acked;
}

// Runs libmosquitto until the CONNACK is there.
static enum cli_exit await_answer(struct broker *broker) {
    double end = broker_clock() + broker->settings->timeout;
    int code = MOSQ_ERR_SUCCESS;
    while (!broker->answered && code == MOSQ_ERR_SUCCESS) {
        if (interrupted) {
            return fail_interrupted();
        }
        if (broker_clock() > end) {
            return fail_timeout(broker);
        }
        code = mosquitto_loop(broker->mosquitto, LOOP_MS, 1);
    }
    if (broker->answered && broker->reason != 0) {
        return fail_login(broker);
    }
    return broker->answered ? CLI_OK : fail_connect(broker, code);
}

enum cli_exit broker_open(struct broker *broker,
                          const struct broker_settings *settings) {
    *broker = (struct broker){.settings = settings};
    catch_signals();
    mosquitto_lib_init();
    broker->mosquitto = mosquitto_new(settings->id, true, broker);
    if (broker->mosquitto == NULL) {
        return cli_fail(CLI_USAGE, "the client id is not UTF-8; mend --id");
    }
    enum cli_exit result = configure(broker);
    if (result != CLI_OK) {
        return result;
    }
    set_alarm(settings->timeout);
    int code = mosquitto_connect(broker->mosquitto, settings->host,
                                 (int)settings->port, (int)settings->keepalive);
    if (code != MOSQ_ERR_SUCCESS) {
        result = fail_connect(broker, code);
    }
    set_alarm(0);
    return result != CLI_OK ? result : await_answer(broker);
}

// ---- delivering -------------------------------------------------------------

// Publishes more as long as there is room in flight.
static enum cli_exit send_more(struct broker *broker, size_t *sent) {
    while (*sent < broker->count &&
           *sent - broker->acknowledged < IN_FLIGHT_MAX) {
        struct broker_delivery *delivery = &broker->deliveries[(*sent)++];
        int code = mosquitto_publish(broker->mosquitto, &delivery->mid,
                                     delivery->topic, (int)delivery->size,
                                     delivery->payload, 1, delivery->retain);
        if (code != MOSQ_ERR_SUCCESS) {
            return fail_publish(broker, delivery, code);
        }
    }
    return CLI_OK;
}

// What has certainly arrived: acknowledged messages, or more when TCP knows.
static uint64_t bytes_arrived(const struct broker *broker) {
    uint64_t total = 0, certain = 0;
    for (size_t i = 0; i < broker->count; ++i) {
        total += broker->deliveries[i].size;
        certain +=
            broker->deliveries[i].acknowledged ? broker->deliveries[i].size : 0;
    }
    uint64_t carried = bytes_delivered(broker);
    carried =
        carried > broker->bytes_at_open ? carried - broker->bytes_at_open : 0;
    carried = carried > total ? total : carried;
    return carried > certain ? carried : certain;
}

static void tell_acknowledged(const struct broker *broker, size_t *told,
                              const struct broker_observer *observer) {
    while (*told < broker->count && broker->deliveries[*told].acknowledged) {
        observer->acknowledged(observer->context,
                               &broker->deliveries[(*told)++]);
    }
}

enum cli_exit broker_turn(struct broker *broker, int ms) {
    int code = mosquitto_loop(broker->mosquitto, ms, 1);
    if (interrupted) {
        return broker->patient ? CLI_INTERRUPTED : fail_interrupted();
    }
    if (broker->refused != NULL) {
        return fail_refused(broker);
    }
    if (code != MOSQ_ERR_SUCCESS || broker->closed) {
        return fail_loop(broker, code);
    }
    return CLI_OK;
}

static enum cli_exit deliver(struct broker *broker, size_t count,
                             const struct broker_observer *observer) {
    size_t sent = 0, told = 0;
    uint64_t arrived = 0;
    double moved_at = broker_clock();
    broker->acknowledged = 0;
    broker->bytes_at_open = bytes_delivered(broker);
    while (broker->acknowledged < count) {
        enum cli_exit result = send_more(broker, &sent);
        result = result != CLI_OK ? result : broker_turn(broker, LOOP_MS);
        if (result != CLI_OK) {
            return result;
        }
        uint64_t now = bytes_arrived(broker);
        size_t before = told;
        tell_acknowledged(broker, &told, observer);
        observer->moved(observer->context, now);
        if (now != arrived || told != before) {
            arrived = now;
            moved_at = broker_clock();
        } else if (broker_clock() - moved_at > broker->settings->timeout) {
            return fail_timeout(broker);
        }
    }
    return CLI_OK;
}

enum cli_exit broker_deliver(struct broker *broker,
                             struct broker_delivery *deliveries, size_t count,
                             const struct broker_observer *observer) {
    broker->deliveries = deliveries;
    broker->count = count;
    enum cli_exit result = deliver(broker, count, observer);
    broker->deliveries = NULL; // the caller's again
    broker->count = 0;
    return result;
}

void broker_close(struct broker *broker) {
    if (broker->mosquitto == NULL) {
        return;
    }
    if (broker->answered && !broker->closed &&
        mosquitto_disconnect(broker->mosquitto) == MOSQ_ERR_SUCCESS) {
        double end = broker_clock() + FAREWELL_S;
        while (!broker->closed && broker_clock() < end &&
               mosquitto_loop(broker->mosquitto, LOOP_MS, 1) ==
                   MOSQ_ERR_SUCCESS) {
        }
    }
    mosquitto_destroy(broker->mosquitto);
    mosquitto_lib_cleanup();
    broker->mosquitto = NULL;
}
