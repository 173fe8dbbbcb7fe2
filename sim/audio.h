// SPDX-License-Identifier: MIT
// Sound by I2S: the channel that a processor plays or records through, and
// what is connected to it, a loudspeaker that keeps what it plays as a WAV
// file, or a microphone.
//
// A channel hands its DMA memory out block by block, at the rate of its
// sampling. Where nothing is left to play it plays silence; silence with
// something behind it is an underrun and is in the WAV file.
#ifndef SIM_AUDIO_H
#define SIM_AUDIO_H

#include "sim/device.h"
#include "sim/wav.h"

enum { SIM_AUDIO_BLOCK = 256 }; // frames moved at once

struct sim_audio {
    struct sim_device device;
    // Settings.
    int sck;
    int ws;
    int sd;                   // -1: any
    const char *wav;          // a file's path, or NULL
    struct sim_source signal; // of a microphone, -1 to 1
    // To be looked at.
    uint64_t frames;    // played or recorded since the channel opened
    uint64_t underruns; // pauses with something behind them
    // Private.
    struct sim_wav file;
};

extern const struct sim_kind sim_audio;

struct sim_audio_channel {
    struct sim_world *world;
    int sd;
    bool record;
    uint8_t bits;     // 16 or 32
    uint8_t channels; // 1 or 2
    uint32_t rate;
    uint8_t *memory; // the caller's, size bytes: whole blocks
    size_t size;
    void (*moved)(void *context); // a block was played or recorded
    void *context;
    // Private.
    struct sim_audio *peer;
    size_t first; // of the bytes in memory
    size_t count;
    uint64_t silence; // frames since there was something to play
    uint64_t ticks;   // blocks so far
    uint64_t began;
    struct sim_alarm block;
};

// Connects it to the device at its sd wire, if there is one, which begins its
// WAV file. All but the private fields are set, those are zero. Returns
// false when the file cannot be written, with errno.
bool sim_audio_open(struct sim_audio_channel *channel);

void sim_audio_close(struct sim_audio_channel *channel);

// The bytes of a frame.
size_t sim_audio_frame(const struct sim_audio_channel *channel);

// Puts bytes into its memory to be played. Returns how many there was room
// for.
size_t sim_audio_write(struct sim_audio_channel *channel, const void *bytes,
                       size_t size);

// Takes recorded bytes. Returns how many there were.
size_t sim_audio_read(struct sim_audio_channel *channel, void *bytes,
                      size_t size);

#endif
