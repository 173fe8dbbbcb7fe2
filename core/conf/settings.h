// SPDX-License-Identifier: MIT
// Checks the texts of settings.json and provision.json, before anything takes
// a value out of them.
//
// Both are one JSON object with dotted keys ("update.channel"). In
// settings.json `mqtt` and `mqtt_<name>` are objects. Known keys must have the
// right type and lie in range; keys we do not know are never looked at. The
// text must lie in memory as a whole and is not copied.
//
// A text that is not such an object is refused. A wrong value of a known key
// is a problem of that key alone, told one by one, so that a device in the
// field is not cut off by a slip in a setting that it can do without.
#ifndef CORE_CONF_SETTINGS_H
#define CORE_CONF_SETTINGS_H

#include "core/base/text.h"

// A walk over the problems of one settings.json. Private but for problem.
struct blox_settings {
    struct blox_span text;
    uint32_t at;             // of the next thing to look at
    uint32_t depth;          // 1, or 2 in the object of a connection
    struct blox_span inside; // the key of that object

    // The last problem: key, and in the object of a connection also member
    // (else empty). They point into the text, without quotes. When drop is
    // set the key's default is safe and serves better than this value.
    struct blox_settings_problem {
        struct blox_span key;
        struct blox_span member;
        bool drop;
    } problem;
};

// Starts on text, which must live and stay unchanged during the walk. Returns
// BLOX_OK, or with a sentence in why BLOX_ERROR_FORMAT when the text is not
// JSON or not one object, BLOX_ERROR_LIMIT when it is nested too deep.
int blox_settings_open(struct blox_settings *settings, struct blox_span text,
                       struct blox_text *why);

// Finds the next problem and says in why what is wrong, where, and what to
// do. Returns 1, or 0 when there is none any more.
int blox_settings_next(struct blox_settings *settings, struct blox_text *why);

// Checks a whole provision.json: an object whose values are not objects or
// arrays; wlan.ssid, wlan.psk and every <connection>.password are strings of a
// length Wi-Fi and MQTT allow. Returns BLOX_OK, or with a sentence in why
// BLOX_ERROR_FORMAT or BLOX_ERROR_LIMIT.
int blox_provision_check(struct blox_span text, struct blox_text *why);

#endif
