// SPDX-License-Identifier: MIT
// Home Assistant's entities as its MQTT integration wants them described
// (home-assistant.io/integrations/mqtt, "MQTT discovery"): topics, discovery
// documents, states, commands. Documents are written straight into the caller's
// text, from spans that the caller owns; nothing is kept, nothing allocated.
//
// An entity lives below "<prefix>/<component>/<id>": its state goes to
// .../state, its commands come on .../set. It is announced either alone, on
// .../config, or as a component of its device's document.
//
// One file for each kind of entity: what its options are called, what its state
// looks like, which commands it takes.
#ifndef CORE_HASS_ENTITY_H
#define CORE_HASS_ENTITY_H

#include "core/base/text.h"

enum {
    BLOX_HASS_OPTION_MAX = 64, // bytes of an option of a select
    BLOX_HASS_TEXT_MAX = 255,  // of a text: more is no state to Home Assistant
};

enum blox_hass_kind {
    BLOX_HASS_OTHER, // a subclass that describes itself: members
    BLOX_HASS_BINARY_SENSOR,
    BLOX_HASS_BUTTON,
    BLOX_HASS_DEVICE_TRIGGER,
    BLOX_HASS_EVENT,
    BLOX_HASS_LIGHT,
    BLOX_HASS_NUMBER,
    BLOX_HASS_SELECT,
    BLOX_HASS_SENSOR,
    BLOX_HASS_SWITCH,
    BLOX_HASS_TAG,
    BLOX_HASS_TEXT,
    BLOX_HASS_KINDS
};

// Words of a kind (kind.h), for struct blox_hass_entity: constant. Only who
// does not know which kinds there will be takes them from here, and all kinds
// with them.
const char *blox_hass_words(enum blox_hass_kind kind);
extern const char blox_hass_other_kind[];
extern const char blox_hass_binary_sensor_kind[];
extern const char blox_hass_button_kind[];
extern const char blox_hass_device_trigger_kind[];
extern const char blox_hass_event_kind[];
extern const char blox_hass_light_kind[];
extern const char blox_hass_number_kind[];
extern const char blox_hass_select_kind[];
extern const char blox_hass_sensor_kind[];
extern const char blox_hass_switch_kind[];
extern const char blox_hass_tag_kind[];
extern const char blox_hass_text_kind[];

// Empty spans are options that are not given. The files of core/hass know them
// by their place, too (kind.h): 'a' is the first. All are UTF-8.
enum { BLOX_HASS_SPANS = 18, BLOX_HASS_DEVICE_SPANS = 7 };

struct blox_hass_entity {
    union {
        struct blox_span spans[BLOX_HASS_SPANS];
        struct {
            struct blox_span prefix; // discovery prefix, "homeassistant"
            struct blox_span id;     // unique_id, "esp32-840d8ed29760-1"

            // For BLOX_HASS_OTHER alone; the other kinds know their own.
            struct blox_span component; // "cover"

            // Options that any entity may have.
            struct blox_span name;
            struct blox_span device_class;    // "temperature"
            struct blox_span entity_category; // "config", "diagnostic"
            struct blox_span icon;            // "mdi:fan"

            // Options of some kinds.
            struct blox_span variable;       // sensor, binary_sensor, number:
                                             // key of the value in the state
            struct blox_span unit;           // sensor, number
            struct blox_span state_class;    // sensor: "measurement"
            struct blox_span min, max, step; // number; text: lengths. JSON.
            struct blox_span mode;           // number: "box"; text: "password"
            struct blox_span list;           // select: options, event:
                                             // event_types; a JSON array
            struct blox_span type, subtype;  // device trigger

            // Members of a JSON object, without its braces, that stand in the
            // document instead of the options above: what a subclass in
            // Python wants to say. data NULL: it says nothing itself.
            struct blox_span members;
        };
    };
    const char *words;         // of its kind, for documents and states
    enum blox_hass_kind kind;  // for commands
    uint32_t brightness_scale; // light: 0 when it cannot be dimmed

    // For BLOX_HASS_OTHER alone, as component.
    bool state, commands; // it has a state, takes commands
    bool anonymous;       // no name and no unique_id, as a tag scanner
};

// The device that an entity belongs to.
struct blox_hass_device {
    union {
        struct blox_span spans[BLOX_HASS_DEVICE_SPANS];
        struct {
            struct blox_span id;        // identifier, the MQTT client id
            struct blox_span name;      // "kitchen"
            struct blox_span model;     // "ESP32C3 module with ESP32C3"
            struct blox_span version;   // of this library: "1.2.0"
            struct blox_span firmware;  // of MicroPython: "v1.25.0 on 2025-04"
            struct blox_span area;      // suggested_area
            struct blox_span available; // topic with "online" or "offline"
        };
    };
};

// Home Assistant's name of a kind: "binary_sensor". Constant; for
// BLOX_HASS_OTHER what the entity says.
struct blox_span blox_hass_component(const struct blox_hass_entity *entity);

// Adds "<prefix>/<component>/<id>/<last>" to text: last is "config", "state",
// "set", or "events" or "scanned".
void blox_hass_topic(struct blox_text *text,
                     const struct blox_hass_entity *entity, const char *last);

// The last part of the topic of a kind's states: "state" for most, "" when it
// has none.
const char *blox_hass_state_topic(const struct blox_hass_entity *entity);

// Whether a kind's state is to be retained: what happens at one moment is not.
bool blox_hass_retained(const struct blox_hass_entity *entity);

// Whether a kind takes commands.
bool blox_hass_takes_commands(const struct blox_hass_entity *entity);

// Adds the discovery document of one entity alone.
void blox_hass_config(struct blox_text *text,
                      const struct blox_hass_device *device,
                      const struct blox_hass_entity *entity);

// Adds a device's discovery document piece by piece: begin, then each
// component, then end. Its topic is "<prefix>/device/<device id>/config".
void blox_hass_device_begin(struct blox_text *text,
                            const struct blox_hass_device *device);
void blox_hass_device_component(struct blox_text *text,
                                const struct blox_hass_entity *entity);
void blox_hass_device_end(struct blox_text *text);

// In the place of a component that is gone: Home Assistant removes it. id and
// component as they were.
void blox_hass_device_removed(struct blox_text *text, struct blox_span id,
                              struct blox_span component);

// The value of a state.
enum blox_hass_value_kind {
    BLOX_HASS_VALUE_NONE,  // not known
    BLOX_HASS_VALUE_FALSE, // off
    BLOX_HASS_VALUE_TRUE,  // on
    BLOX_HASS_VALUE_TEXT,  // text: plain text
    BLOX_HASS_VALUE_JSON,  // text: a JSON value, such as a number
    BLOX_HASS_VALUE_OTHER, // nothing that any kind has
};
struct blox_hass_value {
    enum blox_hass_value_kind kind;
    struct blox_span text;
    uint32_t brightness; // of a light that can be dimmed
};

// Adds the payload that states the value. Home Assistant reads "None" as not
// known. Returns BLOX_OK, BLOX_ERROR_UNSUPPORTED (the kind has no such
// value: a switch that is "warm", a button).
int blox_hass_state(struct blox_text *text,
                    const struct blox_hass_entity *entity,
                    const struct blox_hass_value *value);

// A command that came on .../set.
enum blox_hass_order {
    BLOX_HASS_KEEP, // says nothing about on and off
    BLOX_HASS_OFF,
    BLOX_HASS_ON,
    BLOX_HASS_TOGGLE,
    BLOX_HASS_PRESS,
    BLOX_HASS_SET, // the value is the payload
};
struct blox_hass_command {
    enum blox_hass_order order;
    bool has_brightness, has_duration;
    uint32_t brightness;  // 0 to brightness_scale
    uint32_t duration_ms; // then a switch or light goes off again
};

// Reads a command's payload. min, max, step, list and brightness_scale are what
// the entity was announced with. Returns BLOX_OK; BLOX_ERROR_FORMAT (not a
// command of this kind), BLOX_ERROR_LIMIT (outside of min and max, over the
// scale, not in the list) or BLOX_ERROR_UNSUPPORTED (the kind takes none) with
// a sentence in why, and *command is not to be used.
int blox_hass_command(const struct blox_hass_entity *entity,
                      struct blox_span payload,
                      struct blox_hass_command *command, struct blox_text *why);

// The members of a command that is a JSON object, for switches and lights:
// {"state":"ON","brightness":512,"duration":2.5}. Reading JSON is the caller's.
enum { BLOX_HASS_ABSENT = -1, BLOX_HASS_WRONG = -2 };
struct blox_hass_members {
    struct blox_span payload; // the whole, for the sentence
    struct blox_span state;   // empty: absent
    int32_t brightness;       // or absent, or wrong: no whole number
    int32_t duration_ms;      // or absent, or wrong: no number, negative, large
};

// Reads such a command. Returns BLOX_OK, or BLOX_ERROR_LIMIT with a sentence
// in why (a state that is no word, a brightness over the scale, a wrong
// number).
int blox_hass_command_members(const struct blox_hass_entity *entity,
                              const struct blox_hass_members *members,
                              struct blox_hass_command *command,
                              struct blox_text *why);

#endif
