// SPDX-License-Identifier: MIT
#include "core/mqtt/link.h"

#include "core/mqtt/packet.h"

enum {
    JITTER_BITS = 12, // times SLOW_MOST fits in 32 bits
    SAY_FIRST = 60000,
    SAY_MOST = 3600000,
};

void blox_mqtt_link_init(struct mqtt_link *link, uint8_t servers) {
    *link = (struct mqtt_link){.servers = servers > 0 ? servers : 1};
}

bool blox_mqtt_link_is_slow(uint8_t reason_code) {
    switch (reason_code) {
    case MQTT_UNSUPPORTED_PROTOCOL_VERSION:
    case MQTT_CLIENT_IDENTIFIER_NOT_VALID:
    case MQTT_BAD_USER_NAME_OR_PASSWORD:
    case MQTT_NOT_AUTHORIZED:
    case MQTT_BANNED:
    case MQTT_BAD_AUTHENTICATION_METHOD:
    case MQTT_SESSION_TAKEN_OVER:
    case MQTT_QUOTA_EXCEEDED:
    case MQTT_SERVER_MOVED:
        return true;
    default:
        return false;
    }
}

// A part of bound, by chance.
static uint32_t jitter(uint32_t bound, uint32_t random) {
    return bound * (random & ((1u << JITTER_BITS) - 1)) >> JITTER_BITS;
}

static uint32_t bound_of(uint32_t base, uint32_t most, uint8_t level) {
    while (level-- > 0 && base < most) {
        base *= 2;
    }
    return base < most ? base : most;
}

// What went before is forgotten once a connection has lasted.
static void end_connection(struct mqtt_link *link, uint32_t now) {
    uint32_t lasted = now - link->connected_at;
    uint32_t slow = bound_of(BLOX_MQTT_LINK_SLOW, BLOX_MQTT_LINK_SLOW_MOST,
                             link->slow_level);
    if (lasted >= BLOX_MQTT_LINK_STABLE) {
        link->level = 0;
    }
    if (lasted >= slow) {
        link->slow_level = 0;
    }
    link->up = false;
    link->lost_at = now;
    link->outage_said = false;
    link->tried = 0;
    link->tried_slow = 0;
    link->failures = 0;
}

// The wait when only somebody's action helps.
static uint32_t wait_slowly(struct mqtt_link *link, uint32_t random) {
    uint32_t bound = bound_of(BLOX_MQTT_LINK_SLOW, BLOX_MQTT_LINK_SLOW_MOST,
                              link->slow_level);
    if (bound < BLOX_MQTT_LINK_SLOW_MOST) {
        ++link->slow_level;
    }
    return bound / 2 + jitter(bound / 2, random);
}

static uint32_t wait_quickly(struct mqtt_link *link, uint32_t random) {
    uint32_t bound =
        bound_of(BLOX_MQTT_LINK_BASE, BLOX_MQTT_LINK_MOST, link->level);
    if (bound < BLOX_MQTT_LINK_MOST) {
        ++link->level;
    }
    return jitter(bound, random);
}

// A server failed: the next one is asked soon, after the last one of the
// round there is a pause.
static uint32_t next_server(struct mqtt_link *link, bool slow,
                            uint32_t random) {
    link->server = (uint8_t)((link->server + 1) % link->servers);
    link->tried_slow = (uint8_t)(link->tried_slow + slow);
    if (++link->tried < link->servers) {
        return jitter(BLOX_MQTT_LINK_BASE, random);
    }
    bool all_slow = link->tried_slow == link->tried;
    link->tried = 0;
    link->tried_slow = 0;
    return all_slow ? wait_slowly(link, random) : wait_quickly(link, random);
}

static uint32_t wait_after(struct mqtt_link *link,
                           const struct mqtt_link_failure *failure,
                           uint32_t random) {
    if (failure->cause == MQTT_LINK_NO_NETWORK) {
        return BLOX_MQTT_LINK_POLL + jitter(BLOX_MQTT_LINK_BASE / 2, random);
    }
    bool slow = failure->cause == MQTT_LINK_TLS ||
                blox_mqtt_link_is_slow(failure->reason_code);
    if (failure->cause < MQTT_LINK_ENDED) {
        return next_server(link, slow, random);
    }
    return slow ? wait_slowly(link, random) : wait_quickly(link, random);
}

// The entry of a failure, or the one to give up for it: a free one, else the
// one said longest ago.
static struct mqtt_link_saying *find_saying(struct mqtt_link *link,
                                            uint32_t key, uint32_t now) {
    struct mqtt_link_saying *oldest = &link->sayings[0];
    for (int i = 0; i < BLOX_MQTT_LINK_SAYINGS; ++i) {
        struct mqtt_link_saying *saying = &link->sayings[i];
        if (saying->interval > 0 && saying->key == key) {
            return saying;
        }
        bool older = saying->interval == 0 ||
                     now - saying->said_at > now - oldest->said_at;
        if (oldest->interval > 0 && older) {
            oldest = saying;
        }
    }
    *oldest = (struct mqtt_link_saying){.key = key};
    return oldest;
}

// One that has been quiet for twice its interval is new again.
static bool worth_saying(struct mqtt_link *link, uint32_t key, uint32_t now) {
    struct mqtt_link_saying *saying = find_saying(link, key, now);
    uint32_t since = now - saying->said_at;
    if (since < saying->interval) {
        return false;
    }
    bool anew = saying->interval == 0 || since >= 2 * saying->interval;
    uint32_t doubled = 2 * saying->interval;
    saying->interval = anew                 ? SAY_FIRST
                       : doubled < SAY_MOST ? doubled
                                            : SAY_MOST;
    saying->said_at = now;
    return true;
}

void blox_mqtt_link_failed(struct mqtt_link *link,
                           const struct mqtt_link_failure *failure,
                           uint32_t now, uint32_t random,
                           struct mqtt_link_advice *advice) {
    uint32_t key = (uint32_t)link->server << 16 |
                   (uint32_t)failure->cause << 8 | failure->reason_code;
    if (link->up) {
        end_connection(link, now);
    }
    ++link->failures;
    advice->say = worth_saying(link, key, now);
    advice->wait = wait_after(link, failure, random);
    advice->failures = link->failures;
    link->outage_said = link->outage_said || advice->say;
}

void blox_mqtt_link_connected(struct mqtt_link *link, uint32_t now,
                              struct mqtt_link_news *news) {
    news->down = link->was_up ? now - link->lost_at : 0;
    news->say = !link->was_up || link->outage_said;
    link->up = true;
    link->was_up = true;
    link->connected_at = now;
    link->tried = 0;
    link->tried_slow = 0;
}
