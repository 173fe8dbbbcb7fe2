// SPDX-License-Identifier: MIT
#include "core/mqtt/packet.h"

#include <stdint.h>

// The failures are dense from 0x80 on; one string with NULs between the texts
// needs no table of pointers.
static const char failures[] = "unspecified error\0"
                               "malformed packet\0"
                               "protocol error\0"
                               "implementation specific error\0"
                               "unsupported protocol version\0"
                               "client identifier not valid\0"
                               "bad user name or password\0"
                               "not authorized\0"
                               "server unavailable\0"
                               "server busy\0"
                               "banned\0"
                               "server shutting down\0"
                               "bad authentication method\0"
                               "keep alive timeout\0"
                               "session taken over\0"
                               "topic filter invalid\0"
                               "topic name invalid\0"
                               "packet identifier in use\0"
                               "packet identifier not found\0"
                               "receive maximum exceeded\0"
                               "topic alias invalid\0"
                               "packet too large\0"
                               "message rate too high\0"
                               "quota exceeded\0"
                               "administrative action\0"
                               "payload format invalid\0"
                               "retain not supported\0"
                               "QoS not supported\0"
                               "use another server\0"
                               "server moved\0"
                               "shared subscriptions not supported\0"
                               "connection rate exceeded\0"
                               "maximum connect time\0"
                               "subscription identifiers not supported\0"
                               "wildcard subscriptions not supported\0";

static const char *success_text(int reason_code) {
    if (reason_code <= MQTT_GRANTED_QOS_2 && reason_code >= MQTT_SUCCESS) {
        return "success";
    }
    if (reason_code == MQTT_DISCONNECT_WITH_WILL) {
        return "disconnect with will message";
    }
    if (reason_code == MQTT_NO_MATCHING_SUBSCRIBERS) {
        return "no matching subscribers";
    }
    if (reason_code == MQTT_NO_SUBSCRIPTION_EXISTED) {
        return "no subscription existed";
    }
    return "unknown reason";
}

const char *blox_mqtt_reason_text(int reason_code) {
    if (reason_code < MQTT_REASON_FAILURE ||
        reason_code > MQTT_WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED) {
        return success_text(reason_code);
    }
    const char *text = failures;
    for (int i = MQTT_REASON_FAILURE; i < reason_code; ++i) {
        while (*text++ != '\0') {
        }
    }
    return text;
}
