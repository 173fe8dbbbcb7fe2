// SPDX-License-Identifier: MIT
#include "core/ota/boots.h"

enum {
    POWER_ON = '1',
    DEEP_SLEEP = '4',
    SOFT = '5',
    RETRY = 'r',
};

void blox_boots_count(struct blox_boots *boots, struct blox_span causes) {
    *boots = (struct blox_boots){0};
    for (size_t i = 1; i < causes.size; ++i) {
        if (causes.data[i] == POWER_ON) {
            ++boots->power_cuts;
        } else if (causes.data[i] != DEEP_SLEEP) {
            ++boots->crashes;
        }
    }
}

bool blox_boots_undo(const struct blox_boots *boots) {
    return boots->crashes >= BLOX_BOOTS_CRASHES ||
           boots->power_cuts >= BLOX_BOOTS_POWER_CUTS;
}

// From the last power-on, or from the first boot.
static size_t start_of_count(struct blox_span causes) {
    size_t start = causes.size;
    while (start > 0 && causes.data[start - 1] != POWER_ON) {
        --start;
    }
    return start > 0 ? start : 1;
}

// Whether the boot at `at` tells that the one before it crashed.
static bool is_crash(struct blox_span causes, size_t at) {
    uint8_t cause = causes.data[at];
    return cause != DEEP_SLEEP && cause != SOFT && cause != RETRY &&
           causes.data[at - 1] != RETRY;
}

uint32_t blox_boots_safe_mode(struct blox_span causes) {
    uint32_t crashes = 0;
    uint32_t seconds = BLOX_BOOTS_SAFE_S;
    for (size_t i = start_of_count(causes); i < causes.size; ++i) {
        crashes += is_crash(causes, i);
        bool longer =
            causes.data[i] == RETRY && seconds * 2 <= BLOX_BOOTS_SAFE_MAX_S;
        seconds = longer ? seconds * 2 : seconds;
    }
    bool retry = causes.size > 1 && causes.data[causes.size - 2] == RETRY;
    return crashes < BLOX_BOOTS_CRASHES || retry ? 0 : seconds;
}

struct blox_span blox_boots_shorten(struct blox_span causes) {
    size_t start = start_of_count(causes) - 1;
    size_t most =
        causes.size > BLOX_BOOTS_MAX ? causes.size - BLOX_BOOTS_MAX : 0;
    return blox_span_part(causes, start > most ? start : most, causes.size);
}
