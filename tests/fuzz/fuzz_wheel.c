// SPDX-License-Identifier: MIT
// Unpacks any bytes as a wheel: whatever comes, it ends, closes its files and
// touches nothing outside of staging.
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/pkg/unpack.h"
#include "tests/core/storage_ram.h"

enum { IO = 512, BITMAP = 16, STEPS_MAX = 200000 };

static struct storage_ram ram;
static struct blox_unpack unpack;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int begin(void *context) {
    (void)context;
    return BLOX_OK;
}

static int update(void *context, const uint8_t *data, size_t size) {
    (void)context;
    (void)data;
    (void)size;
    return BLOX_OK;
}

// Every hash is right: a fuzzer would never find one.
static int finish(void *context, uint8_t digest[BLOX_SHA256_SIZE]) {
    const struct blox_unpack *self = context;
    memcpy(digest, self->member.sha256, BLOX_SHA256_SIZE);
    return BLOX_OK;
}

static const struct blox_sha256 sha256 = {&unpack, begin, update, finish};

static void run(void) {
    uint8_t *window = NULL;
    int result = BLOX_UNPACK_MORE;
    for (int steps = 0; result > 0; ++steps) {
        result = blox_unpack_step(&unpack);
        if (result == BLOX_UNPACK_WINDOW) {
            free(window);
            window = malloc(unpack.window_wanted);
            blox_unpack_set_window(&unpack, window, unpack.window_wanted);
        }
        if (steps == STEPS_MAX) {
            abort();
        }
    }
    blox_unpack_close(&unpack);
    free(window);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char sentence[300];
    struct blox_text why;
    blox_text_init(&why, sentence, sizeof sentence);
    storage_ram_init(&ram);
    storage_ram_mkdir(&ram, "/stage");
    storage_ram_mkdir(&ram, "/lib");
    storage_ram_put(&ram, "/w.whl", data, size);
    uint32_t lib = storage_ram_hash(&ram, "/lib");
    const struct blox_unpack_config config = {
        .storage = &ram.ops,
        .sha256 = &sha256,
        .wheel = "/w.whl",
        .staging = "/stage",
        .platform = blox_span_text("esp32"),
        .io = malloc(IO),
        .io_size = IO,
        .bitmap = malloc(BITMAP),
        .bitmap_size = BITMAP,
        .why = &why,
    };
    blox_unpack_init(&unpack, &config);
    run();
    if (ram.open_files > 0 || storage_ram_hash(&ram, "/lib") != lib) {
        abort();
    }
    free(config.io);
    free(config.bitmap);
    storage_ram_free(&ram);
    return 0;
}
