// SPDX-License-Identifier: MIT
#include "sim/audio.h"

#include <math.h>
#include <string.h>

static struct sim_audio *find(struct sim_world *world, int sd) {
    struct sim_device *device = world->devices;
    struct sim_audio *found = NULL;
    for (; device != NULL; device = device->next) {
        struct sim_audio *audio = (struct sim_audio *)device;
        if (device->kind == &sim_audio &&
            (audio->sd == sd || (audio->sd < 0 && found == NULL))) {
            found = audio;
        }
    }
    return found;
}

size_t sim_audio_frame(const struct sim_audio_channel *channel) {
    return (size_t)channel->bits / 8 * channel->channels;
}

static void keep(struct sim_audio_channel *channel, const void *bytes,
                 size_t size) {
    struct sim_audio *peer = channel->peer;
    if (peer != NULL) {
        peer->frames += size / sim_audio_frame(channel);
        if (peer->file.file != NULL) {
            sim_wav_write(&peer->file, bytes, size);
        }
    }
}

static void keep_silence(struct sim_audio_channel *channel) {
    uint8_t zeros[64 * 8] = {0};
    size_t frame = sim_audio_frame(channel);
    while (channel->silence > 0) {
        uint64_t frames = channel->silence < 64 ? channel->silence : 64;
        keep(channel, zeros, (size_t)frames * frame);
        channel->silence -= frames;
    }
}

static size_t take(struct sim_audio_channel *channel, uint8_t *bytes,
                   size_t size) {
    size_t taken = size < channel->count ? size : channel->count;
    for (size_t i = 0; i < taken; i++) {
        bytes[i] = channel->memory[channel->first];
        channel->first = (channel->first + 1) % channel->size;
    }
    channel->count -= taken;
    return taken;
}

static size_t put(struct sim_audio_channel *channel, const uint8_t *bytes,
                  size_t size) {
    size_t room = channel->size - channel->count;
    size_t taken = size < room ? size : room;
    for (size_t i = 0; i < taken; i++) {
        channel->memory[(channel->first + channel->count + i) % channel->size] =
            bytes[i];
    }
    channel->count += taken;
    return taken;
}

static void play(struct sim_audio_channel *channel) {
    uint8_t bytes[SIM_AUDIO_BLOCK * 8];
    size_t frame = sim_audio_frame(channel);
    size_t size = take(channel, bytes,
                       channel->count < SIM_AUDIO_BLOCK * frame
                           ? channel->count / frame * frame
                           : SIM_AUDIO_BLOCK * frame);
    if (size > 0) {
        if (channel->silence > 0 && channel->peer != NULL) {
            channel->peer->underruns++;
        }
        keep_silence(channel);
        keep(channel, bytes, size);
    }
    channel->silence += SIM_AUDIO_BLOCK - size / frame;
}

static double signal_at(const struct sim_audio_channel *channel,
                        uint64_t frame) {
    uint64_t at = channel->began + frame * SIM_SECOND / channel->rate;
    double value =
        channel->peer ? sim_source_at(&channel->peer->signal, at) : 0;
    return value > 1 ? 1 : value < -1 ? -1 : value;
}

// Blocks that nobody takes in time are lost.
static void record(struct sim_audio_channel *channel) {
    for (unsigned i = 0; i < SIM_AUDIO_BLOCK; i++) {
        uint8_t bytes[8];
        uint64_t frame = channel->ticks * SIM_AUDIO_BLOCK + i;
        double value = signal_at(channel, frame);
        int32_t sample = channel->bits == 16
                             ? (int32_t)lrint(value * 32767)
                             : (int32_t)lrint(value * 2147483647.0);
        size_t width = channel->bits / 8;
        for (size_t byte = 0; byte < channel->channels * width; byte++) {
            bytes[byte] = (uint8_t)(sample >> 8 * (byte % width));
        }
        if (channel->size - channel->count >= sim_audio_frame(channel)) {
            put(channel, bytes, sim_audio_frame(channel));
        }
    }
}

// Blocks are counted, so that no rounding adds up.
static void wait_for_block(struct sim_audio_channel *channel) {
    uint64_t frames = (channel->ticks + 1) * SIM_AUDIO_BLOCK;
    uint64_t at = channel->began + frames * SIM_SECOND / channel->rate;
    struct sim_clock *clock = &channel->world->clock;
    sim_alarm_set(clock, &channel->block, at > clock->now ? at - clock->now : 0,
                  0);
}

static void move_block(void *context) {
    struct sim_audio_channel *channel = context;
    if (channel->record) {
        record(channel);
    } else {
        play(channel);
    }
    channel->ticks++;
    wait_for_block(channel);
    if (channel->moved != NULL) {
        channel->moved(channel->context);
    }
}

static void begin(struct sim_audio_channel *channel) {
    channel->began = channel->world->clock.now;
    channel->block.ring = move_block;
    channel->block.context = channel;
    wait_for_block(channel);
}

bool sim_audio_open(struct sim_audio_channel *channel) {
    struct sim_audio *peer = find(channel->world, channel->sd);
    channel->peer = peer;
    if (peer != NULL) {
        peer->frames = 0;
        peer->underruns = 0;
        sim_wav_close(&peer->file);
    }
    if (peer != NULL && peer->wav != NULL && !channel->record &&
        sim_wav_open(&peer->file, peer->wav, channel->rate, channel->channels,
                     channel->bits) != 0) {
        return false;
    }
    if (channel->record) {
        begin(channel);
    }
    return true;
}

void sim_audio_close(struct sim_audio_channel *channel) {
    sim_alarm_stop(&channel->world->clock, &channel->block);
    if (channel->peer != NULL) {
        sim_wav_close(&channel->peer->file);
        channel->peer = NULL;
    }
}

size_t sim_audio_write(struct sim_audio_channel *channel, const void *bytes,
                       size_t size) {
    size_t taken = put(channel, bytes, size);
    if (taken > 0 && channel->block.ring == NULL) {
        begin(channel);
    }
    return taken;
}

size_t sim_audio_read(struct sim_audio_channel *channel, void *bytes,
                      size_t size) {
    return take(channel, bytes, size);
}

static const char *start(struct sim_device *device) {
    (void)device;
    return NULL;
}

static void show(struct sim_device *device, char *text, size_t size) {
    const struct sim_audio *self = (struct sim_audio *)device;
    snprintf(text, size, "frames %llu, underruns %llu",
             (unsigned long long)self->frames,
             (unsigned long long)self->underruns);
}

static const struct sim_key keys[] = {
    {"sck", SIM_KEY_WIRE, offsetof(struct sim_audio, sck), true, 0, 0, 0},
    {"ws", SIM_KEY_WIRE, offsetof(struct sim_audio, ws), true, 0, 0, 0},
    {"sd", SIM_KEY_WIRE, offsetof(struct sim_audio, sd), true, 0, 0, 0},
    {"wav", SIM_KEY_TEXT, offsetof(struct sim_audio, wav), false, 0, 0, 0},
    {"signal", SIM_KEY_SOURCE, offsetof(struct sim_audio, signal), false, 0, -1,
     1},
};

const struct sim_kind sim_audio = {
    .name = "i2s",
    .size = sizeof(struct sim_audio),
    .keys = keys,
    .key_count = sizeof(keys) / sizeof(keys[0]),
    .start = start,
    .show = show,
};
