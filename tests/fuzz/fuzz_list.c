// SPDX-License-Identifier: MIT
// An update list of any bytes, whole and in two pieces: the same entries or
// the same refusal; what is let through keeps the rules of PROTOCOL §2. The
// first byte says where it is cut, and whether a command may come instead.
#include <string.h>

#include "core/base/error.h"
#include "core/ota/list.h"
#include "tests/fuzz/fuzz.h"

static struct blox_list list;
static char sentence[300];

static void must_be_package(const struct blox_list_entry *entry) {
    fuzz_must(entry->name.size > 0 && entry->name.size <= BLOX_NAME_MAX);
    fuzz_must(entry->version.size > 0 &&
              entry->version.size <= BLOX_VERSION_MAX);
    fuzz_must(memchr(entry->name.data, '/', entry->name.size) == NULL);
    fuzz_must(memchr(entry->version.data, '/', entry->version.size) == NULL);
    fuzz_must(!entry->empty);
}

static void must_be_source(const struct blox_list_entry *entry) {
    fuzz_must_be_path(entry->path, true);
    fuzz_must(!blox_span_is(entry->path, "provision.json"));
    if (entry->type == BLOX_LIST_DELETE) {
        fuzz_must(!blox_span_is(entry->path, "main.py") &&
                  !blox_span_is(entry->path, "boot.py"));
    }
    fuzz_must(!entry->empty || !entry->has_size || entry->size == 0);
}

static void must_be_entry(const struct blox_list_entry *entry) {
    switch (entry->type) {
    case BLOX_LIST_PLATFORM_WHEEL:
        fuzz_must(entry->tag.size > 0 && entry->tag.size <= BLOX_LIST_TAG_MAX);
        must_be_package(entry);
        break;
    case BLOX_LIST_WHEEL:
        must_be_package(entry);
        break;
    case BLOX_LIST_SRC:
    case BLOX_LIST_DELETE:
        must_be_source(entry);
        break;
    case BLOX_LIST_COMMAND:
        fuzz_must(list.command && entry->command.size > 0);
        break;
    default:
        break;
    }
}

static uint32_t mix_entry(uint32_t digest,
                          const struct blox_list_entry *entry) {
    const struct blox_span spans[] = {
        entry->name, entry->version, entry->tag,     entry->mpy,
        entry->path, entry->command, entry->unknown, entry->id};
    digest = fuzz_mix_u32(digest, (uint32_t)entry->type);
    digest = fuzz_mix_u32(digest, entry->index);
    digest = fuzz_mix(digest, entry->sha256, sizeof entry->sha256);
    digest = fuzz_mix_u32(digest, entry->has_size ? entry->size : 1);
    digest = fuzz_mix_u32(digest, entry->has_size + 2u * entry->empty);
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; ++i) {
        digest = fuzz_mix_span(digest, spans[i]);
    }
    return digest;
}

struct outcome {
    uint32_t digest, entries;
    bool signature; // the last entry was one
};

static int feed(struct blox_span part, struct outcome *outcome) {
    int result;
    while ((result = blox_list_feed(&list, &part)) == 1) {
        fuzz_must(!outcome->signature);
        fuzz_must(list.entry.index == outcome->entries ||
                  list.entry.type == BLOX_LIST_COMMAND);
        fuzz_must(++outcome->entries <= BLOX_LIST_ENTRIES);
        outcome->signature = list.entry.type == BLOX_LIST_SIGNATURE;
        must_be_entry(&list.entry);
        outcome->digest = mix_entry(outcome->digest, &list.entry);
    }
    return result;
}

static uint32_t read_cut(struct blox_span text, bool command, size_t at) {
    struct outcome outcome = {.digest = 1};
    struct blox_text why;
    blox_text_init(&why, sentence, sizeof sentence);
    blox_list_init(&list, command, &why);
    int error = feed(blox_span_part(text, 0, at), &outcome);
    if (error == BLOX_OK) {
        error = feed(blox_span_part(text, at, text.size), &outcome);
    }
    if (error == BLOX_OK) {
        error = blox_list_end(&list);
    }
    if (error != BLOX_OK) {
        struct blox_span rest = text;
        fuzz_must_say(&why, "");
        fuzz_must(blox_list_feed(&list, &rest) == error);
        fuzz_must(error == BLOX_ERROR_FORMAT || error == BLOX_ERROR_LIMIT ||
                  error == BLOX_ERROR_PATH);
    }
    outcome.digest = fuzz_mix_u32(outcome.digest, (uint32_t)error);
    return fuzz_mix_span(outcome.digest, blox_text_span(&why));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    struct blox_span text = blox_span(data + 1, size - 1);
    bool command = (data[0] & 1) != 0;
    size_t at = size * (data[0] >> 1) / 128;
    fuzz_must(read_cut(text, command, 0) == read_cut(text, command, at));
    return 0;
}
