// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/audio.h"

#include "tests/core/test.h"

enum { RATE = 8000, SD = 12, BLOCK_BYTES = SIM_AUDIO_BLOCK * 4 };

static struct sim_world world;
static struct sim_audio speaker;
static struct sim_audio_channel channel;
static uint8_t memory[4 * BLOCK_BYTES];
static uint8_t sound[16 * BLOCK_BYTES];
static char path[] = "/tmp/blox-audio-XXXXXX";
static int moved;

static void count_moved(void *context) {
    (void)context;
    moved++;
}

static int open_it(bool record) {
    memset(&world, 0, sizeof(world));
    memset(&speaker, 0, sizeof(speaker));
    memset(&channel, 0, sizeof(channel));
    moved = 0;
    sim_device_init(&speaker.device, &sim_audio, &world, "speaker");
    speaker.sd = SD;
    speaker.wav = path;
    sim_device_start(&speaker.device);
    channel = (struct sim_audio_channel){
        .world = &world,
        .sd = SD,
        .record = record,
        .bits = 16,
        .channels = 2,
        .rate = RATE,
        .memory = memory,
        .size = sizeof(memory),
        .moved = count_moved,
    };
    for (size_t i = 0; i < sizeof(sound); i++) {
        sound[i] = (uint8_t)(i * 31 + 1);
    }
    return sim_audio_open(&channel) ? 0 : -1;
}

static int play(void **state) {
    (void)state;
    return open_it(false);
}

static void pass_blocks(unsigned blocks) {
    uint64_t block = SIM_SECOND * SIM_AUDIO_BLOCK / RATE;
    sim_clock_run(&world.clock, world.clock.now + blocks * block);
}

// The file's PCM, behind its header of 44 bytes.
static size_t read_file(uint8_t *bytes, size_t size) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 44, SEEK_SET), 0);
    size_t got = fread(bytes, 1, size, file);
    fclose(file);
    return got;
}

static void memory_empties_at_the_rate(void **state) {
    (void)state;
    assert_int_equal(sim_audio_write(&channel, sound, sizeof(sound)),
                     sizeof(memory));
    assert_int_equal(sim_audio_write(&channel, sound, 4), 0);
    pass_blocks(1);
    assert_int_equal(moved, 1);
    assert_int_equal(sim_audio_write(&channel, sound, sizeof(sound)),
                     BLOCK_BYTES);
    sim_audio_close(&channel);
}

static void the_file_holds_what_was_played(void **state) {
    (void)state;
    static uint8_t got[sizeof(sound) + 1];
    size_t done = 0;
    while (done < sizeof(sound)) {
        done += sim_audio_write(&channel, sound + done, sizeof(sound) - done);
        pass_blocks(1);
    }
    pass_blocks(10);
    assert_int_equal(speaker.frames, sizeof(sound) / 4);
    assert_int_equal(speaker.underruns, 0);
    assert_int_equal(read_file(got, sizeof(got)), sizeof(sound));
    assert_memory_equal(got, sound, sizeof(sound));
    sim_audio_close(&channel);
}

static void a_pause_is_an_underrun_and_silence(void **state) {
    (void)state;
    static uint8_t got[4 * BLOCK_BYTES];
    sim_audio_write(&channel, sound, BLOCK_BYTES);
    pass_blocks(3);
    assert_int_equal(speaker.underruns, 0); // it may have been the end
    sim_audio_write(&channel, sound, BLOCK_BYTES);
    pass_blocks(1);
    assert_int_equal(speaker.underruns, 1);
    assert_int_equal(speaker.frames, 4 * SIM_AUDIO_BLOCK);
    assert_int_equal(read_file(got, sizeof(got)), sizeof(got));
    for (size_t i = 0; i < 2 * BLOCK_BYTES; i++) {
        assert_int_equal(got[BLOCK_BYTES + i], 0);
    }
    assert_memory_equal(got + 3 * BLOCK_BYTES, sound, BLOCK_BYTES);
    sim_audio_close(&channel);
}

static void blocks_do_not_drift(void **state) {
    (void)state;
    channel.rate = 44100; // a block is no whole number of nanoseconds
    sim_audio_write(&channel, sound, 4);
    sim_clock_run(&world.clock, 100 * SIM_SECOND);
    assert_int_equal(moved, 100 * 44100 / SIM_AUDIO_BLOCK);
    sim_audio_close(&channel);
}

static void a_microphone_gives_its_signal(void **state) {
    (void)state;
    uint8_t bytes[16];
    assert_int_equal(open_it(true), 0);
    sim_source_constant(&speaker.signal, -0.5);
    assert_int_equal(sim_audio_read(&channel, bytes, 16), 0);
    pass_blocks(1);
    assert_int_equal(sim_audio_read(&channel, bytes, 16), 16);
    for (int i = 0; i < 16; i += 2) {
        assert_int_equal((int16_t)(bytes[i] | bytes[i + 1] << 8), -16384);
    }
    pass_blocks(100); // what nobody takes is lost
    assert_int_equal(channel.count, sizeof(memory));
    sim_audio_close(&channel);
}

static void a_file_that_cannot_be_written_fails(void **state) {
    (void)state;
    sim_audio_close(&channel);
    speaker.wav = "/nowhere/sound.wav";
    assert_false(sim_audio_open(&channel));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(memory_empties_at_the_rate, play),
        cmocka_unit_test_setup(the_file_holds_what_was_played, play),
        cmocka_unit_test_setup(a_pause_is_an_underrun_and_silence, play),
        cmocka_unit_test_setup(blocks_do_not_drift, play),
        cmocka_unit_test(a_microphone_gives_its_signal),
        cmocka_unit_test_setup(a_file_that_cannot_be_written_fails, play),
    };
    int fd = mkstemp(path);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    close(fd);
    unlink(path);
    return failed;
}
