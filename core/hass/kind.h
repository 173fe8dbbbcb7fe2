// SPDX-License-Identifier: MIT
// What the files of core/hass share; not for others. Each kind of entity is a
// file with one blox_hass_<kind>_kind.
#ifndef CORE_HASS_KIND_H
#define CORE_HASS_KIND_H

#include "core/base/error.h"
#include "core/hass/entity.h"

// A kind is five texts, one after the other, each with its NUL: what Home
// Assistant calls it; letters of what is true of it; the last part of the topic
// of its states; its state, a form; its options in the discovery document, one
// more. So a kind costs a chip little more than its words, and the kinds that
// it has no entity of cost nothing.
//
//     r  its state is retained: it stays true     a  anonymous: neither name
//     s  the topic of its states is announced        nor unique_id
//     c  it takes commands
//
// A form is text that stands in the document as it is, but for
//
//     $x  span x, 'a' the first, escaped for a JSON string
//     #x  span x as it stands: JSON
//     |   begins a member of an object, with a comma if it is not the first.
//         It ends at the next '|', or at
//     ;   which stands for nothing. A member with a span that is empty is left
//         out, as is one with a digit that is not among
//         blox_hass_filling.members (bit 0 for '0')
//     ^   the brightness, in an option brightness_scale
//     @   the value as JSON
//     *   the value, a text, escaped
//     =   the value, a text or None
//     %   the value as ON, OFF or None
//     &   the same as JSON: "ON", "OFF" or null
//
// mpy_blox/mqtt/hass/documents.py looks for '$', '#' and '^', to know what to
// ask an entity for.
enum blox_hass_part {
    BLOX_HASS_COMPONENT,
    BLOX_HASS_LETTERS,
    BLOX_HASS_TOPIC,
    BLOX_HASS_STATE,
    BLOX_HASS_OPTIONS,
};

// One of a kind's five texts.
const char *blox_hass_part(const char *kind, enum blox_hass_part part);

// BLOX_HASS_DIMMED or BLOX_HASS_NOT_DIMMED.
unsigned blox_hass_dims(const struct blox_hass_entity *entity);

// Whether letter is true of a kind.
bool blox_hass_is(const char *kind, char letter);

// Digits of members.
enum {
    BLOX_HASS_NAMED = 1 << 0,
    BLOX_HASS_STATED = 1 << 1,
    BLOX_HASS_COMMANDED = 1 << 2,
    BLOX_HASS_DIMMED = 1 << 3,
    BLOX_HASS_NOT_DIMMED = 1 << 4,
};

// What fills a form.
struct blox_hass_filling {
    const struct blox_span *spans;
    const struct blox_hass_value *value; // NULL: the form asks for none
    uint32_t brightness;
    unsigned members;
};

// Adds the form. Returns BLOX_OK, or BLOX_ERROR_UNSUPPORTED (a value that it
// does not take).
int blox_hass_fill(struct blox_text *text, const char *form,
                   const struct blox_hass_filling *filling);

// Commands of a kind; of what is switched on and off: ON, OFF, TOGGLE. Each
// returns as blox_hass_command().
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
// Returns error.
int blox_hass_refuse(struct blox_text *why, int error,
                     const struct blox_hass_entity *entity,
                     struct blox_span payload, const char *what);

// Reads a decimal number ("-21.5"; no exponent) as value = number * 10^places,
// places at most 6; finer digits are cut off. Returns BLOX_OK,
// BLOX_ERROR_FORMAT, or BLOX_ERROR_LIMIT (over 12 digits before the point).
int blox_hass_decimal(struct blox_span text, uint32_t places, int64_t *value);

#endif
