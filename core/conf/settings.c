// SPDX-License-Identifier: MIT
#include "core/conf/settings.h"

#include "core/base/error.h"
#include "core/codec/json_check.h"
#include "core/codec/json_walk.h"

enum kind {
    KIND_TEXT,   // a string of min to max characters
    KIND_NUMBER, // a whole number from min to max
    KIND_BOOL,
    KIND_LEVEL, // the name of a log level, in any letter case
    KIND_POLICY,
    KIND_OBJECT,
    KIND_ARRAY,
    KIND_GROUP, // no key of its own, only the first part of dotted ones
};

struct rule {
    const char *key;
    enum kind kind;
    uint32_t min, max;
    bool keep; // a wrong value is no safer replaced by its default
};

enum {
    TEXT_MAX = 255,      // characters of a host name or the like
    DAY = 86400,         // seconds
    PORT_MAX = 65535,    // and other 16-bit numbers
    WATCHDOG_MIN = 1000, // ms
};

static const uint32_t ANY_MAX = 4294967295u;

// PROTOCOL §6. A wrong update.public_key stays, for its default is to check
// no signatures; so does the object of a connection, for there is none.
static const struct rule SETTINGS[] = {
    {"hostname", KIND_TEXT, 1, 32, false},
    {"logging.level", KIND_LEVEL, 0, 0, false},
    {"logging.syslog.hostname", KIND_TEXT, 1, TEXT_MAX, false},
    {"logging.syslog.level", KIND_LEVEL, 0, 0, false},
    {"logging.syslog.port", KIND_NUMBER, 1, PORT_MAX, false},
    {"logging.syslog.rfc5424", KIND_BOOL, 0, 0, false},
    {"logging.mqtt.level", KIND_LEVEL, 0, 0, false},
    {"logging.remote_terminal.listen_host", KIND_TEXT, 0, TEXT_MAX, false},
    {"logging.remote_terminal.listen_port", KIND_NUMBER, 1, PORT_MAX, false},
    {"logging.replay_buffer", KIND_BOOL, 0, 0, false},
    {"logging.replay_buffer.max_records", KIND_NUMBER, 1, PORT_MAX, false},
    {"logging.replay_buffer.persistence", KIND_BOOL, 0, 0, false},
    {"device.suggested_area", KIND_TEXT, 0, TEXT_MAX, false},
    {"network.disabled", KIND_BOOL, 0, 0, false},
    {"network.boot_timeout", KIND_NUMBER, 0, DAY, false},
    {"ntp.host", KIND_TEXT, 1, TEXT_MAX, false},
    {"ntp.interval", KIND_NUMBER, 1, ANY_MAX, false},
    {"emergency_buf_len", KIND_NUMBER, 0, PORT_MAX, false},
    {"update.channel", KIND_TEXT, 1, TEXT_MAX, false},
    {"update.auto_update", KIND_BOOL, 0, 0, false},
    {"update.public_key", KIND_TEXT, 88, 88, true},
    {"update.boot_timeout", KIND_NUMBER, 1, DAY, false},
    {"update.fetch_timeout", KIND_NUMBER, 1, DAY, false},
    {"update.trial_timeout", KIND_NUMBER, 1, DAY, false},
    {"update.trial_watchdog", KIND_NUMBER, 1, DAY, false},
    {"hass.device_discovery", KIND_BOOL, 0, 0, false},
    {"hass.update_card", KIND_BOOL, 0, 0, false},
    {"mqtt", KIND_OBJECT, 0, 0, true},
    {"hass", KIND_GROUP, 0, 0, true},
    {"logging", KIND_GROUP, 0, 0, true},
    {"network", KIND_GROUP, 0, 0, true},
    {"ntp", KIND_GROUP, 0, 0, true},
    {"update", KIND_GROUP, 0, 0, true},
    {NULL, KIND_TEXT, 0, 0, false},
};

// Of `mqtt` and `mqtt_<name>`. `ssl` is not here: anything that is true turns
// TLS on, and a default must not turn it off.
static const struct rule CONNECTION[] = {
    {"server", KIND_TEXT, 1, TEXT_MAX, true},
    {"servers", KIND_ARRAY, 0, 0, true},
    {"port", KIND_NUMBER, 1, PORT_MAX, false},
    {"username", KIND_TEXT, 0, PORT_MAX, true},
    {"ssl_params", KIND_OBJECT, 0, 0, true},
    {"keep_alive_interval", KIND_NUMBER, 0, PORT_MAX, false},
    {"wdt_timeout", KIND_NUMBER, WATCHDOG_MIN, ANY_MAX, false},
    {"queue_messages", KIND_NUMBER, 1, PORT_MAX, false},
    {"queue_bytes", KIND_NUMBER, 1, ANY_MAX, false},
    {"queue_policy", KIND_POLICY, 0, 0, false},
    {"queue_persistent", KIND_BOOL, 0, 0, false},
    {"extra", KIND_BOOL, 0, 0, false},
    {"session_expiry", KIND_NUMBER, 0, ANY_MAX, false},
    {"version", KIND_NUMBER, 4, 5, false},
    {NULL, KIND_TEXT, 0, 0, false},
};

static const struct rule WLAN_SSID = {"", KIND_TEXT, 1, 32, true};
static const struct rule WLAN_PSK = {"", KIND_TEXT, 0, 64, true};
static const struct rule PASSWORD = {"", KIND_TEXT, 0, PORT_MAX, true};

static bool is_connection(struct blox_span key) {
    return blox_span_is(key, "mqtt") || blox_span_starts(key, "mqtt_");
}

// Returns the rule of a key, or NULL for a key we do not know.
static const struct rule *find_rule(const struct rule *rules,
                                    struct blox_span key) {
    for (const struct rule *rule = rules; rule->key != NULL; ++rule) {
        if (blox_span_is(key, rule->key)) {
            return rule;
        }
    }
    return NULL;
}

static const struct rule *rule_of(const struct blox_settings *settings,
                                  struct blox_span key) {
    if (settings->depth == 2) {
        return find_rule(CONNECTION, key);
    }
    return find_rule(SETTINGS, is_connection(key) ? blox_span("mqtt", 4) : key);
}

static bool is_number(struct blox_span value, uint32_t min, uint32_t max) {
    uint32_t number = 0;
    for (size_t i = 0; i < value.size; ++i) {
        uint32_t digit = (uint32_t)value.data[i] - '0';
        if (digit > 9 || number > (ANY_MAX - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    return number >= min && number <= max;
}

static bool is_text(struct blox_span value, uint32_t min, uint32_t max) {
    uint32_t length = blox_json_walk_length(value);
    return blox_span_starts(value, "\"") && length >= min && length <= max;
}

// Words in quotes, the whole span one of them.
static const char LEVELS[] =
    "\"DEBUG\", \"INFO\", \"WARNING\", \"ERROR\" or \"CRITICAL\"";
static const char POLICIES[] = "\"drop\" or \"refuse\"";

static bool same_letters(struct blox_span a, const uint8_t *b, uint8_t fold) {
    size_t i = 0;
    while (i < a.size && (a.data[i] | fold) == (b[i] | fold)) {
        ++i;
    }
    return i == a.size;
}

// Whether the value, a JSON string, is one of the words. fold: 0x20 makes
// letters of both cases one, and 0 does not.
static bool is_word(struct blox_span value, const char *words, uint8_t fold) {
    struct blox_span all = blox_span_text(words);
    bool quoted = value.size > 2 && value.data[0] == '"' &&
                  value.data[1] >= 'A' && blox_span_ends(value, "\"");
    for (; quoted && all.size >= value.size;
         all = blox_span_part(all, 1, all.size)) {
        if (all.data[0] == '"' && same_letters(value, all.data, fold)) {
            return true;
        }
    }
    return false;
}

static bool matches(const struct rule *rule, struct blox_span value) {
    switch (rule->kind) {
    case KIND_TEXT:
        return is_text(value, rule->min, rule->max);
    case KIND_NUMBER:
        return is_number(value, rule->min, rule->max);
    case KIND_BOOL:
        return blox_span_is(value, "true") || blox_span_is(value, "false");
    case KIND_LEVEL:
        return is_word(value, LEVELS, 0x20);
    case KIND_POLICY:
        return is_word(value, POLICIES, 0);
    case KIND_OBJECT:
        return blox_span_starts(value, "{");
    case KIND_ARRAY:
        return blox_span_starts(value, "[");
    case KIND_GROUP:
        return !blox_span_starts(value, "{");
    }
    return true;
}

static void add_range(struct blox_text *why, const struct rule *rule) {
    blox_text_add_u32(why, rule->min);
    if (rule->max != rule->min) {
        blox_text_add(why, " to ");
        blox_text_add_u32(why, rule->max);
    }
}

static void add_demand(struct blox_text *why, const struct rule *rule) {
    switch (rule->kind) {
    case KIND_TEXT:
        blox_text_add(why, " must be a string of ");
        add_range(why, rule);
        blox_text_add(why, " characters");
        break;
    case KIND_NUMBER:
        blox_text_add(why, " must be a whole number, ");
        add_range(why, rule);
        break;
    case KIND_BOOL:
        blox_text_add(why, " must be true or false");
        break;
    case KIND_LEVEL:
        blox_text_add(why, " must be ");
        blox_text_add(why, LEVELS);
        break;
    case KIND_POLICY:
        blox_text_add(why, " must be ");
        blox_text_add(why, POLICIES);
        break;
    case KIND_OBJECT:
        blox_text_add(why, " must be an object");
        break;
    case KIND_ARRAY:
        blox_text_add(why, " must be an array");
        break;
    case KIND_GROUP:
        blox_text_add(why, " must not be an object: write dotted keys, each "
                           "beside the others, like \"update.channel\"");
        break;
    }
}

static void begin_sentence(struct blox_text *why, const char *file,
                           struct blox_span text, uint32_t at) {
    uint32_t line, column;
    blox_json_walk_place(text, at, &line, &column);
    blox_text_clear(why);
    blox_text_add(why, file);
    blox_text_add(why, ": line ");
    blox_text_add_u32(why, line);
    blox_text_add(why, ", column ");
    blox_text_add_u32(why, column);
    blox_text_add(why, ": ");
}

// A value that a person would know again: no object, no array.
static void add_value(struct blox_text *why, struct blox_span value) {
    bool large = blox_span_starts(value, "{") || blox_span_starts(value, "[");
    if (!large) {
        blox_text_add(why, ", not ");
        blox_text_add_shown(why, value);
    }
}

static void state_problem(const struct blox_settings *settings,
                          const struct rule *rule,
                          const struct blox_json_member *member,
                          struct blox_text *why) {
    const struct blox_settings_problem *problem = &settings->problem;
    begin_sentence(why, "settings.json", settings->text, member->value_at);
    blox_text_add_shown(why, problem->key);
    if (problem->member.size > 0) {
        blox_text_add(why, ": ");
        blox_text_add_shown(why, problem->member);
    }
    add_demand(why, rule);
    if (rule->kind != KIND_GROUP && rule->kind != KIND_OBJECT) {
        add_value(why, member->value);
    }
    blox_text_add(why, problem->drop ? "; its default is used, " : "; ");
    blox_text_add(why, "mend the file and deploy it again");
}

// Checks that text is JSON and one object; states what is wrong.
static int check_object(struct blox_span text, const char *file,
                        struct blox_text *why) {
    struct blox_json_check check;
    uint32_t at = 0;
    blox_json_check_init(&check);
    int error = blox_json_check_feed(&check, text);
    if (error == BLOX_OK) {
        error = blox_json_check_end(&check);
    }
    if (error != BLOX_OK) {
        blox_json_check_fail(&check, error, why, file);
    } else if (!blox_json_walk_enter(text, &at)) {
        error = BLOX_ERROR_FORMAT;
        begin_sentence(why, file, text, 0);
        blox_text_add(why, "the file must be one object, {\"key\": value}");
    }
    if (error != BLOX_OK) {
        blox_text_add(why, "; mend the file and deploy it again");
    }
    return error;
}

int blox_settings_open(struct blox_settings *settings, struct blox_span text,
                       struct blox_text *why) {
    settings->text = text;
    settings->at = 0;
    settings->depth = 1;
    int error = check_object(text, "settings.json", why);
    if (error == BLOX_OK) {
        blox_json_walk_enter(text, &settings->at);
    }
    return error;
}

// Whether the member is a problem; goes into the object of a connection.
static bool look_at(struct blox_settings *settings,
                    const struct blox_json_member *member,
                    struct blox_text *why) {
    const struct rule *rule = rule_of(settings, member->key);
    if (rule == NULL) {
        return false;
    }
    if (matches(rule, member->value)) {
        if (settings->depth == 1 && is_connection(member->key)) {
            settings->at = member->value_at + 1;
            settings->depth = 2;
            settings->inside = member->key;
        }
        return false;
    }
    bool nested = settings->depth == 2;
    settings->problem.key = nested ? settings->inside : member->key;
    settings->problem.member = nested ? member->key : blox_span(NULL, 0);
    settings->problem.drop = !rule->keep;
    state_problem(settings, rule, member, why);
    return true;
}

int blox_settings_next(struct blox_settings *settings, struct blox_text *why) {
    struct blox_json_member member;
    while (settings->depth > 0) {
        if (!blox_json_walk_next(settings->text, &settings->at, &member)) {
            --settings->depth;
        } else if (look_at(settings, &member, why)) {
            return 1;
        }
    }
    return 0;
}

static const struct rule *secret_rule(struct blox_span key) {
    if (blox_span_is(key, "wlan.ssid")) {
        return &WLAN_SSID;
    }
    if (blox_span_is(key, "wlan.psk")) {
        return &WLAN_PSK;
    }
    bool password =
        is_connection(blox_span_part(key, 0, blox_span_find(key, '.'))) &&
        blox_span_ends(key, ".password");
    return password ? &PASSWORD : NULL;
}

static int check_secret(struct blox_span text,
                        const struct blox_json_member *member,
                        struct blox_text *why) {
    const struct rule *rule = secret_rule(member->key);
    bool flat = !blox_span_starts(member->value, "{") &&
                !blox_span_starts(member->value, "[");
    if (flat && (rule == NULL || matches(rule, member->value))) {
        return BLOX_OK;
    }
    begin_sentence(why, "provision.json", text, member->value_at);
    blox_text_add_shown(why, member->key);
    if (flat) {
        add_demand(why, rule);
    } else {
        blox_text_add(why, " must not be an object or array: write dotted "
                           "keys, like \"mqtt.password\"");
    }
    blox_text_add(why, "; mend the file and deploy it again");
    return BLOX_ERROR_FORMAT;
}

int blox_provision_check(struct blox_span text, struct blox_text *why) {
    struct blox_json_member member;
    uint32_t at = 0;
    int error = check_object(text, "provision.json", why);
    if (error == BLOX_OK) {
        blox_json_walk_enter(text, &at);
    }
    while (error == BLOX_OK && blox_json_walk_next(text, &at, &member)) {
        error = check_secret(text, &member, why);
    }
    return error;
}
