// SPDX-License-Identifier: MIT
// Topic names and topic filters, section 4.7.
#ifndef CORE_MQTT_TOPIC_H
#define CORE_MQTT_TOPIC_H

#include "core/base/span.h"

// Whether name may be published to: 1 to 65,535 bytes of UTF-8 without
// U+0000, '+' and '#' ([MQTT-4.7.1-1], [MQTT-4.7.3-1..3]).
bool blox_mqtt_topic_valid(struct blox_span name);

// Whether a topic filter has '+' or '#' in it.
bool blox_mqtt_has_wildcard(struct blox_span filter);

// Whether filter may be subscribed to: 1 to 65,535 bytes of UTF-8 without
// U+0000; '+' fills a level, '#' fills the last ([MQTT-4.7.1-1..2]). A shared
// subscription "$share/group/filter" needs a group without wildcards and a
// filter that is valid itself (section 4.8.2).
bool blox_mqtt_filter_valid(struct blox_span filter);

// Whether a valid filter matches a valid topic name. A filter that begins
// with a wildcard does not match a name that begins with '$' [MQTT-4.7.2-1];
// "a/#" matches "a" too. Of a shared subscription the filter after the group
// counts.
bool blox_mqtt_topic_match(struct blox_span filter, struct blox_span name);

#endif
