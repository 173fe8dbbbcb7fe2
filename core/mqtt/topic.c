// SPDX-License-Identifier: MIT
#include "core/mqtt/topic.h"

#include <string.h>

#include "core/mqtt/wire.h"

static bool is_wildcard(uint8_t byte) {
    return byte == '+' || byte == '#';
}

bool blox_mqtt_has_wildcard(struct blox_span filter) {
    size_t i = 0;
    while (i < filter.size && !is_wildcard(filter.data[i])) {
        ++i;
    }
    return i < filter.size;
}

bool blox_mqtt_topic_valid(struct blox_span name) {
    return name.size > 0 && !blox_mqtt_has_wildcard(name) &&
           blox_mqtt_string_valid(name);
}

// Wildcards have a level of their own, '#' the last one.
static bool levels_valid(struct blox_span filter) {
    for (size_t i = 0; i < filter.size; ++i) {
        uint8_t byte = filter.data[i];
        bool begins = i == 0 || filter.data[i - 1] == '/';
        bool ends =
            i + 1 == filter.size || (byte == '+' && filter.data[i + 1] == '/');
        if (is_wildcard(byte) && !(begins && ends)) {
            return false;
        }
    }
    return filter.size > 0;
}

// The filter of a shared subscription without "$share/group/"; any other
// filter as it is. An empty one when the group is missing.
static struct blox_span without_share(struct blox_span filter) {
    static const char share[] = {'$', 's', 'h', 'a', 'r', 'e', '/'};
    size_t begin = sizeof share;
    if (filter.size < begin || memcmp(filter.data, share, begin) != 0) {
        return filter;
    }
    filter = blox_span(filter.data + begin, filter.size - begin);
    size_t end = blox_span_find(filter, '/');
    bool valid =
        end > 0 && !blox_mqtt_has_wildcard(blox_span(filter.data, end));
    return blox_span_part(filter, valid ? end + 1 : filter.size, filter.size);
}

bool blox_mqtt_filter_valid(struct blox_span filter) {
    return blox_mqtt_string_valid(filter) &&
           levels_valid(without_share(filter));
}

bool blox_mqtt_topic_match(struct blox_span filter, struct blox_span name) {
    filter = without_share(filter);
    size_t at = 0;
    if (filter.size > 0 && is_wildcard(filter.data[0]) && name.size > 0 &&
        name.data[0] == '$') {
        return false;
    }
    for (size_t i = 0; i < filter.size; ++i) {
        uint8_t want = filter.data[i];
        if (want == '#') {
            return true;
        }
        if (want == '+') {
            while (at < name.size && name.data[at] != '/') {
                ++at;
            }
        } else if (at < name.size && name.data[at] == want) {
            ++at;
        } else {
            // "a/#" matches its parent "a" as well, section 4.7.1.2.
            return at == name.size && want == '/' && i + 2 == filter.size &&
                   filter.data[i + 1] == '#';
        }
    }
    return at == name.size && filter.size > 0;
}
