// SPDX-License-Identifier: MIT
// Reads the head of a WAV file: what its samples are and where they lie. Bytes
// in, requests out; the file may be seekable, or a stream.
//
// Source: Microsoft and IBM, Multimedia Programming Interface and Data
// Specifications 1.0 (1991): RIFF chapter 2, WAVE chapter 3; Microsoft,
// Multiple Channel Audio Data and WAVE Files (2007): WAVE_FORMAT_EXTENSIBLE.
//
// Takes PCM of 8, 16, 24 or 32 bits in either format, whatever chunks stand
// before and behind. A chunk of odd size is padded; one whose pad byte was
// forgotten is read all the same, when the next chunk's name does not begin
// with a zero. Whoever wrote the file may
// not have known its size: a data chunk of 0xFFFFFFFF bytes, or of 0 bytes in
// a RIFF that ends there too, goes to the end of the file.
#ifndef CORE_SOUND_WAV_H
#define CORE_SOUND_WAV_H

#include "core/base/error.h"
#include "core/base/text.h"

enum {
    BLOX_WAV_TO_END = 0xFFFFFFFF, // a data_size: up to the end of the file
    BLOX_WAV_PCM = 1,             // wFormatTag
    BLOX_WAV_EXTENSIBLE = 0xFFFE,
    BLOX_WAV_HEAD_MAX = 1 << 24, // bytes before the samples
    BLOX_WAV_CHANNELS_MAX = 64,
    BLOX_WAV_RATE_MAX = 1000000, // samples a second
};

// What to do next; see blox_wav_next().
enum blox_wav_request {
    BLOX_WAV_FEED, // `need` more bytes; fewer or more will do
    BLOX_WAV_SKIP, // `skip` bytes are of no interest: seek over them and tell
                   // with blox_wav_skipped(), or feed them
    BLOX_WAV_DATA, // the samples begin with the next byte
};

struct blox_wav {
    // Valid with BLOX_WAV_DATA.
    uint16_t format; // wFormatTag: BLOX_WAV_PCM or BLOX_WAV_EXTENSIBLE
    uint16_t channels;
    uint32_t sample_rate;
    uint16_t bits;        // of a sample: 8 (unsigned), 16, 24, 32 (signed)
    uint16_t block_size;  // bytes of one sample of every channel
    uint32_t byte_rate;   // sample_rate * block_size
    uint32_t data_offset; // from the start of the file
    uint32_t data_size;   // whole blocks; or BLOX_WAV_TO_END

    uint32_t need; // with BLOX_WAV_FEED: bytes
    uint32_t skip; // with BLOX_WAV_SKIP: bytes

    // Private.
    uint8_t bytes[40]; // a chunk's head, or as much of "fmt " as is read
    uint8_t size;
    uint8_t state;
    bool odd; // the chunk is of odd size, so a pad byte follows
    uint32_t riff_size;
    uint32_t offset; // bytes taken
    uint32_t rest;   // bytes of "fmt " behind what is read
};

// Starts before the first byte of a file.
void blox_wav_init(struct blox_wav *wav);

// Takes bytes of the file, those to skip too, up to the next request that is
// not BLOX_WAV_FEED. Returns how many; or, why filled, BLOX_ERROR_FORMAT (not a
// WAV file, or one that contradicts itself), BLOX_ERROR_UNSUPPORTED (samples of
// another kind) or BLOX_ERROR_LIMIT (BLOX_WAV_HEAD_MAX bytes and no samples);
// every later call then returns BLOX_ERROR_STATE.
int32_t blox_wav_feed(struct blox_wav *wav, struct blox_span data,
                      struct blox_text *why);

// Returns what is asked for, one of enum blox_wav_request.
int blox_wav_next(const struct blox_wav *wav);

// All bytes of BLOX_WAV_SKIP were skipped.
void blox_wav_skipped(struct blox_wav *wav);

// The file ended though more bytes were asked for. Returns BLOX_ERROR_FORMAT
// and says in why what is missing.
int blox_wav_ended(const struct blox_wav *wav, struct blox_text *why);

#endif
