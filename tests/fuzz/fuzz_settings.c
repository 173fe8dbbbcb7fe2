// SPDX-License-Identifier: MIT
// Any bytes as settings.json and as provision.json: the walk over problems
// ends, tells each once and in order, and points into the text.
#include <string.h>

#include "core/base/error.h"
#include "core/conf/settings.h"
#include "tests/fuzz/fuzz.h"

static char sentence[240]; // as _blox_conf has it

static bool within(struct blox_span part, struct blox_span text) {
    return part.size == 0 || (part.data >= text.data &&
                              part.data + part.size <= text.data + text.size);
}

static void must_be_problem(const struct blox_settings *settings,
                            struct blox_span text) {
    const struct blox_settings_problem *problem = &settings->problem;
    fuzz_must(within(problem->key, text) && within(problem->member, text));
    fuzz_must(problem->key.size > 0);
}

static void walk(struct blox_span text, struct blox_text *why) {
    struct blox_settings settings;
    uint32_t at = 0;
    int error = blox_settings_open(&settings, text, why);
    if (error != BLOX_OK) {
        fuzz_must(error == BLOX_ERROR_FORMAT || error == BLOX_ERROR_LIMIT);
        fuzz_must_say(why, "settings.json: ");
        return;
    }
    while (blox_settings_next(&settings, why) == 1) {
        fuzz_must(settings.at > at);
        at = settings.at;
        must_be_problem(&settings, text);
        fuzz_must_say(why, "settings.json: line ");
    }
    fuzz_must(blox_settings_next(&settings, why) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct blox_text why;
    struct blox_span text = blox_span(data, size);
    blox_text_init(&why, sentence, sizeof sentence);
    walk(text, &why);
    blox_text_clear(&why);
    int error = blox_provision_check(text, &why);
    fuzz_must(error <= 0);
    if (error != BLOX_OK) {
        fuzz_must_say(&why, "provision.json: ");
    }
    return 0;
}
