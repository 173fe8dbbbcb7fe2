// SPDX-License-Identifier: MIT
// What the tests of the unpacker share: a device with a wheel on its flash.
#ifndef TESTS_CORE_PKG_UNPACK_BENCH_H
#define TESTS_CORE_PKG_UNPACK_BENCH_H

#include "core/pkg/unpack.h"
#include "tests/core/conf/host_crypto.h"
#include "tests/core/pkg/wheel_builder.h"
#include "tests/core/storage_ram.h"

// A device with one wheel on its flash, and all an unpacker needs.
struct bench {
    struct storage_ram ram;
    struct conf_crypto crypto;
    struct builder builder;
    struct blox_unpack unpack;
    struct blox_unpack_config config;
    struct blox_text why;
    char sentence[300];
    uint8_t *window;
    size_t window_size; // given last
    size_t io_size;
    uint32_t mpy; // of the firmware; 0: any
    size_t bitmap_size;
    uint32_t members, bytes, steps;
    char last_path[BLOX_PATH_MAX + 1];
};

extern struct bench bench;
extern const char wheel_path[];

// For cmocka: a new bench, and the end of it.
int bench_set_up(void **state);
int bench_tear_down(void **state);

// Bytes with repeats near and far, to be freed.
uint8_t *bench_noise(size_t size);

// Finishes bench.builder as the wheel big_pkg 1.0.
void bench_finish(void);

// Unpacks bench.builder's wheel, or what lies at wheel_path. Every buffer is on
// the heap, so that ASan sees an overrun. Checks each member against the
// files in staging. Returns what the last step did.
int bench_unpack(void);
int bench_unpack_stored(void);

// The wheel is refused with this error and sentence, and nothing outside of
// staging has changed.
void bench_assert_refused(int error, const char *sentence);

#endif
