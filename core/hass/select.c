// SPDX-License-Identifier: MIT
// home-assistant.io/integrations/select.mqtt
#include "core/codec/json_write.h"
#include "core/hass/kind.h"

// Returns the offset behind the string that begins at the quote at at.
static size_t string_end(struct blox_span array, size_t at) {
    for (++at; at < array.size && array.data[at] != '"'; ++at) {
        at += array.data[at] == '\\';
    }
    return at + 1;
}

// Whether the JSON array of strings holds text. An option is compared as JSON
// writes it, so escapes need no decoding.
static bool holds(struct blox_span array, struct blox_span quoted) {
    size_t at = blox_span_find(array, '"');
    while (at < array.size) {
        size_t end = string_end(array, at);
        if (blox_span_equal(blox_span_part(array, at, end - at), quoted)) {
            return true;
        }
        struct blox_span rest = blox_span_part(array, end, array.size);
        at = end + blox_span_find(rest, '"');
    }
    return false;
}

int blox_hass_select_command(const struct blox_hass_entity *entity,
                             struct blox_span payload,
                             struct blox_hass_command *command,
                             struct blox_text *why) {
    char quoted[BLOX_HASS_OPTION_MAX * 6 + 3];
    struct blox_text text;
    struct blox_json_writer writer;
    blox_text_init(&text, quoted, sizeof quoted);
    blox_json_write_init(&writer, &text);
    if (payload.size <= BLOX_HASS_OPTION_MAX) {
        blox_json_write_span(&writer, payload);
    }
    if (text.size == 0 || !holds(entity->list, blox_text_span(&text))) {
        return blox_hass_refuse(why, BLOX_ERROR_LIMIT, entity, payload,
                                "not one of its options");
    }
    command->order = BLOX_HASS_SET;
    return BLOX_OK;
}

const char blox_hass_select_kind[] = "select\0"
                                     "rsc\0"
                                     "state\0"
                                     "=\0"
                                     "|\"options\":#o";
