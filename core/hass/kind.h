// SPDX-License-Identifier: MIT
// What the files of core/hass share; not for others. Each kind of entity is a
// file with one blox_hass_<kind>_kind.
#ifndef CORE_HASS_KIND_H
#define CORE_HASS_KIND_H

#include "core/base/error.h"
#include "core/hass/entity.h"

// NULL functions: nothing to add, no state.
struct blox_hass_kind_ops {
    const char *component; // as Home Assistant calls it
    const char *state;     // last part of the topic of its states
    bool retained;         // what is published there stays true
    bool announces_state;  // the state's topic goes under stat_t
    bool anonymous;        // neither name nor unique_id
    bool commands;         // takes some: command.c
    void (*options)(struct blox_json_writer *writer,
                    const struct blox_hass_entity *entity);
    int (*write)(struct blox_text *text, const struct blox_hass_entity *entity,
                 const struct blox_hass_value *value);
};

extern const struct blox_hass_kind_ops blox_hass_other_kind;
extern const struct blox_hass_kind_ops blox_hass_binary_sensor_kind;
extern const struct blox_hass_kind_ops blox_hass_button_kind;
extern const struct blox_hass_kind_ops blox_hass_device_trigger_kind;
extern const struct blox_hass_kind_ops blox_hass_event_kind;
extern const struct blox_hass_kind_ops blox_hass_light_kind;
extern const struct blox_hass_kind_ops blox_hass_number_kind;
extern const struct blox_hass_kind_ops blox_hass_select_kind;
extern const struct blox_hass_kind_ops blox_hass_sensor_kind;
extern const struct blox_hass_kind_ops blox_hass_switch_kind;
extern const struct blox_hass_kind_ops blox_hass_tag_kind;
extern const struct blox_hass_kind_ops blox_hass_text_kind;

const struct blox_hass_kind_ops *
blox_hass_kind_of(const struct blox_hass_entity *entity);

// Writes key and value; an empty value is an option that was not given. The
// second writes the value as it stands: JSON.
void blox_hass_put(struct blox_json_writer *writer, const char *key,
                   struct blox_span value);
void blox_hass_put_json(struct blox_json_writer *writer, const char *key,
                        struct blox_span value);

// The template that takes the entity's variable out of its state.
void blox_hass_put_template(struct blox_json_writer *writer,
                            const struct blox_hass_entity *entity);

// Writes {"<variable>": value}, the state of sensors and numbers.
int blox_hass_write_variable(struct blox_text *text,
                             const struct blox_hass_entity *entity,
                             const struct blox_hass_value *value);

// Writes text as it is, without quotes: a payload that no template reads.
int blox_hass_write_plain(struct blox_text *text,
                          const struct blox_hass_entity *entity,
                          const struct blox_hass_value *value);

// "ON", "OFF" or "None"; NULL for a value that is neither.
const char *blox_hass_on_off(const struct blox_hass_value *value);

// Commands of a kind; of what is switched on and off: ON, OFF, TOGGLE.
int blox_hass_button_command(const struct blox_hass_entity *entity,
                             struct blox_span payload,
                             struct blox_hass_command *command,
                             struct blox_text *why);
int blox_hass_number_command(const struct blox_hass_entity *entity,
                             struct blox_span payload,
                             struct blox_hass_command *command,
                             struct blox_text *why);
int blox_hass_on_off_command(const struct blox_hass_entity *entity,
                             struct blox_span payload,
                             struct blox_hass_command *command,
                             struct blox_text *why);
int blox_hass_select_command(const struct blox_hass_entity *entity,
                             struct blox_span payload,
                             struct blox_hass_command *command,
                             struct blox_text *why);
int blox_hass_text_command(const struct blox_hass_entity *entity,
                           struct blox_span payload,
                           struct blox_hass_command *command,
                           struct blox_text *why);

// States the sentence of a refused command: "<name>: 'payload': what".
int blox_hass_refuse(struct blox_text *why, int error,
                     const struct blox_hass_entity *entity,
                     struct blox_span payload, const char *what);

// Reads a decimal number ("-21.5"; no exponent) as value = number * 10^places,
// places at most 6; finer digits are cut off. Returns BLOX_OK,
// BLOX_ERROR_FORMAT, or BLOX_ERROR_LIMIT (over 12 digits before the point).
int blox_hass_decimal(struct blox_span text, uint32_t places, int64_t *value);

#endif
