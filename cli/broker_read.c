// SPDX-License-Identifier: MIT
// The half of a connection that listens.
#include <linux/tcp.h>
#include <mosquitto.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "cli/broker.h"

enum {
    TURN_MS = 50,
    FIRST_ERROR = 128, // granted QoS from here on are failures
    PROBE_BUFFER = 16384,
};

// Brokers of several machines may send a retained message a little after the
// SUBACK; one that answers a second SUBSCRIBE has sent those of the first.
static const double QUIET = 0.06;
static const char FENCE[] = "mpypi/nodes/-/fence";

static void on_message(struct mosquitto *mosquitto, void *context,
                       const struct mosquitto_message *message,
                       const mosquitto_property *properties) {
    struct broker *broker = context;
    (void)mosquitto, (void)properties;
    broker->heard = broker_clock();
    if (broker->listener == NULL) {
        return;
    }
    const struct broker_message found = {
        .topic = message->topic,
        .payload = message->payload != NULL ? message->payload : "",
        .size = (size_t)message->payloadlen,
        .retained = message->retain,
    };
    broker->listener->message(broker->listener->context, &found);
}

static void on_subscribe(struct mosquitto *mosquitto, void *context, int mid,
                         int count, const int *granted,
                         const mosquitto_property *properties) {
    struct broker *broker = context;
    (void)mosquitto, (void)properties;
    broker->subscribed = mid;
    for (int i = 0; i < count; ++i) {
        broker->refused_subs += granted[i] >= FIRST_ERROR;
    }
}

static enum cli_exit await_suback(struct broker *broker, int mid) {
    double end = broker_clock() + broker->settings->timeout;
    while (broker->subscribed != mid) {
        enum cli_exit result = broker_turn(broker, TURN_MS);
        if (result != CLI_OK) {
            return result;
        }
        if (broker_clock() > end) {
            return cli_fail(CLI_CONNECTION,
                            "%s:%u: nothing moved for %u s; check the network, "
                            "or raise --timeout",
                            broker->settings->host, broker->settings->port,
                            broker->settings->timeout);
        }
    }
    return CLI_OK;
}

static enum cli_exit subscribe(struct broker *broker, const char *filter,
                               int qos) {
    int mid;
    int code = mosquitto_subscribe(broker->mosquitto, &mid, filter, qos);
    if (code != MOSQ_ERR_SUCCESS) {
        return cli_fail(CLI_CONNECTION, "%s: %s; run the same command again",
                        filter, mosquitto_strerror(code));
    }
    return await_suback(broker, mid);
}

static enum cli_exit subscribe_all(struct broker *broker,
                                   const struct broker_listener *listener,
                                   const char *const *filters, size_t count,
                                   int qos) {
    broker->listener = listener;
    mosquitto_message_v5_callback_set(broker->mosquitto, on_message);
    mosquitto_subscribe_v5_callback_set(broker->mosquitto, on_subscribe);
    for (size_t i = 0; i < count; ++i) {
        broker->refused_subs = 0;
        enum cli_exit result = subscribe(broker, filters[i], qos);
        if (result != CLI_OK) {
            return result;
        }
        if (broker->refused_subs > 0) {
            return cli_fail(CLI_REFUSED,
                            "%s: the broker lets us not read it; let user "
                            "'%s' read this topic",
                            filters[i],
                            broker->settings->username != NULL
                                ? broker->settings->username
                                : "");
        }
    }
    return CLI_OK;
}

enum cli_exit broker_subscribe(struct broker *broker,
                               const struct broker_listener *listener,
                               const char *const *filters, size_t count) {
    return subscribe_all(broker, listener, filters, count, 1);
}

static enum cli_exit await_quiet(struct broker *broker) {
    broker->heard = broker_clock();
    while (broker_clock() - broker->heard < QUIET) {
        enum cli_exit result = broker_turn(broker, (int)(QUIET * 1e3));
        if (result != CLI_OK) {
            return result;
        }
    }
    return CLI_OK;
}

// At QoS 0 a broker writes retained messages straight into the connection; at
// QoS 1 it keeps those that wait for an acknowledgement in a queue, and drops
// in silence what is too much for it (mosquitto: 1,000).
enum cli_exit broker_collect(struct broker *broker,
                             const struct broker_listener *listener,
                             const char *const *filters, size_t count) {
    enum cli_exit result = CLI_OK;
    for (size_t i = 0; i < count && result == CLI_OK; ++i) {
        result = subscribe_all(broker, listener, &filters[i], 1, 0);
        result = result != CLI_OK ? result : subscribe(broker, FENCE, 0);
    }
    return result != CLI_OK ? result : await_quiet(broker);
}

// Bytes that came on this connection; 0 where the system does not tell.
static uint64_t bytes_received(const struct broker *broker) {
    struct tcp_info info;
    socklen_t size = sizeof info;
    memset(&info, 0, sizeof info);
    int failed = getsockopt(mosquitto_socket(broker->mosquitto), IPPROTO_TCP,
                            TCP_INFO, &info, &size);
    return failed != 0 ? 0 : info.tcpi_bytes_received;
}

// Little that we do not want to read shall come.
static void narrow(const struct broker *broker) {
    const int size = PROBE_BUFFER;
    setsockopt(mosquitto_socket(broker->mosquitto), SOL_SOCKET, SO_RCVBUF,
               &size, sizeof size);
}

enum cli_exit broker_probe(struct broker *broker,
                           const struct broker_listener *listener,
                           const char *topic, uint64_t enough,
                           enum broker_held *held) {
    int mid, fence;
    double heard = broker->heard;
    uint64_t before = bytes_received(broker);
    broker->listener = listener;
    mosquitto_message_v5_callback_set(broker->mosquitto, on_message);
    mosquitto_subscribe_v5_callback_set(broker->mosquitto, on_subscribe);
    narrow(broker);
    *held = HELD_NOTHING;
    if (mosquitto_subscribe(broker->mosquitto, &mid, topic, 0) != 0 ||
        mosquitto_subscribe(broker->mosquitto, &fence, FENCE, 0) != 0) {
        return cli_fail(CLI_CONNECTION,
                        "%s: the connection was lost; run the "
                        "same command again",
                        topic);
    }
    double end = broker_clock() + broker->settings->timeout;
    while (broker->subscribed != fence && broker_clock() < end) {
        enum cli_exit result = broker_turn(broker, TURN_MS);
        if (result != CLI_OK) {
            return result;
        }
        if (bytes_received(broker) - before > enough) {
            broker->closed = true; // the rest is not for us
            *held = HELD_UNREAD;
            return CLI_OK;
        }
    }
    *held = broker->heard > heard ? HELD_SOMETHING : HELD_NOTHING;
    return CLI_OK;
}

enum cli_exit broker_listen(struct broker *broker, double seconds,
                            const bool *stop) {
    double end = broker_clock() + seconds;
    while (stop == NULL || !*stop) {
        double left = end - broker_clock();
        if (seconds >= 0 && left <= 0) {
            return CLI_OK;
        }
        int ms = seconds < 0 || left > TURN_MS * 1e-3 ? TURN_MS
                                                      : (int)(left * 1e3) + 1;
        enum cli_exit result = broker_turn(broker, ms);
        if (result != CLI_OK) {
            return result;
        }
    }
    return CLI_OK;
}

static enum cli_exit open_again(struct broker *broker,
                                const char *const *filters, size_t count) {
    const struct broker_listener *listener = broker->listener;
    bool patient = broker->patient;
    unsigned losses = broker->losses + 1;
    broker_close(broker);
    enum cli_exit result = broker_open(broker, broker->settings);
    broker->listener = listener;
    broker->patient = patient;
    broker->losses = losses;
    return result == CLI_OK ? broker_collect(broker, listener, filters, count)
                            : result;
}

// The last try tells why there is no more.
static enum cli_exit reopen(struct broker *broker, const char *const *filters,
                            size_t count) {
    const struct timespec pause = {.tv_nsec = 500000000};
    double end = broker_clock() + broker->settings->timeout;
    cli_warn("%s:%u: the connection was lost; connecting again",
             broker->settings->host, broker->settings->port);
    for (;;) {
        bool last = broker_clock() > end;
        cli_hush(!last);
        enum cli_exit result = open_again(broker, filters, count);
        cli_hush(false);
        if (last || result == CLI_OK || result == CLI_INTERRUPTED) {
            return result;
        }
        nanosleep(&pause, NULL);
    }
}

enum cli_exit broker_follow(struct broker *broker, double seconds,
                            const bool *stop, const char *const *filters,
                            size_t count) {
    cli_hush(true);
    enum cli_exit result = broker_listen(broker, seconds, stop);
    cli_hush(false);
    return result == CLI_CONNECTION ? reopen(broker, filters, count) : result;
}
