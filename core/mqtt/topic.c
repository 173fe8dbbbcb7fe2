// SPDX-License-Identifier: MIT
#include "core/mqtt/topic.h"

#include "core/mqtt/wire.h"

bool blox_mqtt_has_wildcard(struct blox_span filter) {
    return blox_span_find(filter, '+') < filter.size ||
           blox_span_find(filter, '#') < filter.size;
}

bool blox_mqtt_topic_valid(struct blox_span name) {
    return name.size > 0 && !blox_mqtt_has_wildcard(name) &&
           blox_mqtt_string_valid(name);
}

// What is behind the first '/' of span; sets *level to what is before it.
// *last tells that there was none.
static struct blox_span split(struct blox_span span, struct blox_span *level,
                              bool *last) {
    size_t at = blox_span_find(span, '/');
    *level = blox_span_part(span, 0, at);
    *last = at == span.size;
    return blox_span_part(span, at + 1, span.size);
}

static bool levels_valid(struct blox_span filter) {
    bool last = filter.size == 0;
    bool valid = !last;
    while (valid && !last) {
        struct blox_span level;
        filter = split(filter, &level, &last);
        valid = !blox_mqtt_has_wildcard(level) || blox_span_is(level, "+") ||
                (last && blox_span_is(level, "#"));
    }
    return valid;
}

// The filter of a shared subscription without "$share/group/"; any other
// filter as it is. An empty one when the group is missing.
static struct blox_span without_share(struct blox_span filter) {
    if (!blox_span_starts(filter, "$share/")) {
        return filter;
    }
    struct blox_span group;
    bool last;
    filter = split(blox_span_part(filter, 7, filter.size), &group, &last);
    bool valid = !last && group.size > 0 && !blox_mqtt_has_wildcard(group);
    return valid ? filter : blox_span(NULL, 0);
}

bool blox_mqtt_filter_valid(struct blox_span filter) {
    return blox_mqtt_string_valid(filter) &&
           levels_valid(without_share(filter));
}

bool blox_mqtt_topic_match(struct blox_span filter, struct blox_span name) {
    filter = without_share(filter);
    bool hidden = blox_span_starts(name, "$");
    if (hidden && filter.size > 0 &&
        blox_mqtt_has_wildcard(blox_span(filter.data, 1))) {
        return false;
    }
    bool filter_last = false;
    bool name_last = false;
    while (!filter_last && !name_last) {
        struct blox_span want;
        struct blox_span have;
        filter = split(filter, &want, &filter_last);
        name = split(name, &have, &name_last);
        if (blox_span_is(want, "#")) {
            return true;
        }
        if (!blox_span_is(want, "+") && !blox_span_equal(want, have)) {
            return false;
        }
    }
    // "a/#" matches its parent "a" as well, section 4.7.1.2.
    return filter_last ? name_last : blox_span_is(filter, "#");
}
