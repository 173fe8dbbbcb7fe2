// SPDX-License-Identifier: MIT
// Reads any bytes as a WAV file: at once, and in pieces with what may be
// skipped skipped; then widens its samples. The first byte says how large the
// pieces are.
#include <string.h>

#include "core/sound/pcm.h"
#include "core/sound/wav.h"
#include "tests/fuzz/fuzz.h"

enum { SENTENCE_SIZE = 160, SAMPLES_MAX = 64 };

static uint32_t digest_of(const struct blox_wav *wav, int result) {
    uint32_t digest = fuzz_mix_u32(0, (uint32_t)result);
    if (result != BLOX_OK) {
        return digest;
    }
    digest = fuzz_mix_u32(digest, wav->format);
    digest = fuzz_mix_u32(digest, wav->sample_rate);
    digest = fuzz_mix_u32(digest, (uint32_t)wav->channels << 16 | wav->bits);
    digest = fuzz_mix_u32(digest, wav->data_offset);
    return fuzz_mix_u32(digest, wav->data_size);
}

// Returns BLOX_OK where the samples begin, or the error.
static int read_file(struct blox_wav *wav, struct blox_span file, size_t piece,
                     bool seek, struct blox_text *why) {
    size_t at = 0;
    blox_wav_init(wav);
    while (blox_wav_next(wav) != BLOX_WAV_DATA) {
        if (seek && blox_wav_next(wav) == BLOX_WAV_SKIP) {
            at += wav->skip;
            blox_wav_skipped(wav);
            continue;
        }
        if (at >= file.size) {
            return blox_wav_ended(wav, why);
        }
        int32_t taken =
            blox_wav_feed(wav, blox_span_part(file, at, piece), why);
        if (taken < 0) {
            return (int)taken;
        }
        fuzz_must(taken > 0 && (size_t)taken <= file.size - at);
        at += (size_t)taken;
    }
    fuzz_must(at == wav->data_offset);
    return BLOX_OK;
}

static void must_be_sound(const struct blox_wav *wav) {
    fuzz_must(wav->format == BLOX_WAV_PCM ||
              wav->format == BLOX_WAV_EXTENSIBLE);
    fuzz_must(wav->channels > 0 && wav->channels <= BLOX_WAV_CHANNELS_MAX);
    fuzz_must(wav->sample_rate > 0 && wav->sample_rate <= BLOX_WAV_RATE_MAX);
    fuzz_must(wav->bits == 8 || wav->bits == 16 || wav->bits == 24 ||
              wav->bits == 32);
    fuzz_must(wav->block_size == wav->channels * wav->bits / 8);
    fuzz_must(wav->byte_rate / wav->block_size == wav->sample_rate);
    fuzz_must(wav->data_size == BLOX_WAV_TO_END ||
              wav->data_size % wav->block_size == 0);
}

// The samples that are there, in a buffer of exactly what they become.
static void widen(const struct blox_wav *wav, struct blox_span file) {
    uint8_t buffer[2 * SAMPLES_MAX];
    struct blox_span data = blox_span_part(file, wav->data_offset, SAMPLES_MAX);
    size_t sample = wav->bits / 8;
    size_t size = data.size - data.size % sample;
    size_t wide = size / sample * (size_t)blox_pcm_wide_bits(wav->bits) / 8;
    if (size == 0) {
        return;
    }
    memcpy(buffer, data.data, size);
    fuzz_must(blox_pcm_widen(buffer, wide, size, wav->bits) == (int32_t)wide);
    fuzz_must(blox_pcm_widen(buffer, wide - 1, size, wav->bits) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    char sentence[SENTENCE_SIZE];
    char other_sentence[SENTENCE_SIZE];
    struct blox_text why;
    struct blox_text other_why;
    struct blox_wav wav;
    struct blox_wav other;
    struct blox_span file = blox_span(data + 1, size - 1);
    blox_text_init(&why, sentence, sizeof sentence);
    blox_text_init(&other_why, other_sentence, sizeof other_sentence);
    int result = read_file(&wav, file, file.size, false, &why);
    size_t piece = 1 + (data[0] & 0x7F);
    bool seek = (data[0] & 0x80) != 0;
    int other_result = read_file(&other, file, piece, seek, &other_why);
    fuzz_must(digest_of(&wav, result) == digest_of(&other, other_result));
    if (result == BLOX_OK) {
        must_be_sound(&wav);
        widen(&wav, file);
    } else {
        fuzz_must_say(&why, "wav: ");
        fuzz_must(strcmp(sentence, other_sentence) == 0);
    }
    return 0;
}
