// SPDX-License-Identifier: MIT
#include "core/sound/wav.h"

#include <string.h>

#include "core/base/bytes.h"

enum {
    RIFF_HEAD = 12,
    CHUNK_HEAD = 8,
    FORMAT_MIN = 16,
    FORMAT_EXTENSIBLE = 40,
    UNKNOWN = 0xFFFFFFFF,
};

enum state { RIFF, CHUNK, FORMAT, PAD, SAMPLES, BROKEN };

// Behind the format tag in a sub-format's GUID.
static const uint8_t guid_rest[] = {0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80,
                                    0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71};

static int fail(struct blox_wav *wav, int error, struct blox_text *why,
                const char *what) {
    wav->state = BROKEN;
    return blox_text_fail(why, error, "wav", blox_span(NULL, 0), what);
}

// Waits for size bytes, the first kept of them here already.
static void expect(struct blox_wav *wav, enum state state, uint32_t kept,
                   uint32_t size) {
    wav->state = (uint8_t)state;
    wav->size = (uint8_t)kept;
    wav->need = size - kept;
}

void blox_wav_init(struct blox_wav *wav) {
    memset(wav, 0, sizeof *wav);
    expect(wav, RIFF, 0, RIFF_HEAD);
}

static bool named(const uint8_t *bytes, const char *name) {
    return memcmp(bytes, name, 4) == 0;
}

static int read_riff(struct blox_wav *wav, struct blox_text *why) {
    if (named(wav->bytes, "RIFX") || named(wav->bytes, "RF64")) {
        return fail(wav, BLOX_ERROR_UNSUPPORTED, why,
                    "the file is of the variant RIFX or RF64; convert it to "
                    "plain RIFF");
    }
    if (!named(wav->bytes, "RIFF") || !named(wav->bytes + 8, "WAVE")) {
        return fail(wav, BLOX_ERROR_FORMAT, why,
                    "the file is no WAV file: it does not begin with RIFF and "
                    "WAVE");
    }
    wav->riff_size = blox_le32(wav->bytes + 4);
    expect(wav, CHUNK, 0, CHUNK_HEAD);
    return BLOX_OK;
}

// ---- Chunks

// Behind a chunk's content: its pad byte, or the next chunk.
static void end_chunk(struct blox_wav *wav) {
    expect(wav, wav->odd ? PAD : CHUNK, 0, wav->odd ? 1 : CHUNK_HEAD);
    wav->odd = false;
}

// A byte that is not zero is no pad: the chunk was not padded.
static void read_pad(struct blox_wav *wav) {
    expect(wav, CHUNK, wav->bytes[0] != 0 ? 1 : 0, CHUNK_HEAD);
}

static int skip_content(struct blox_wav *wav, uint32_t size,
                        struct blox_text *why) {
    if (size > BLOX_WAV_HEAD_MAX || wav->offset > BLOX_WAV_HEAD_MAX) {
        return fail(wav, BLOX_ERROR_LIMIT, why,
                    "16 MiB of other chunks come before the samples; strip "
                    "the file of its metadata");
    }
    end_chunk(wav);
    wav->skip = size;
    return BLOX_OK;
}

static int begin_format(struct blox_wav *wav, uint32_t size,
                        struct blox_text *why) {
    if (wav->channels != 0) {
        return fail(wav, BLOX_ERROR_FORMAT, why,
                    "the file has two formats (fmt chunks); it is damaged");
    }
    if (size < FORMAT_MIN) {
        return fail(wav, BLOX_ERROR_FORMAT, why,
                    "the format (fmt chunk) is too short; the file is damaged");
    }
    uint32_t read = size < FORMAT_EXTENSIBLE ? size : FORMAT_EXTENSIBLE;
    wav->rest = size - read;
    expect(wav, FORMAT, 0, read);
    return BLOX_OK;
}

// Whether a data chunk that claims no bytes goes to the end: the writer came
// back to neither size.
static bool was_streamed(const struct blox_wav *wav) {
    return wav->riff_size == 0 || wav->riff_size == UNKNOWN ||
           wav->riff_size <= wav->offset - 8;
}

static int begin_samples(struct blox_wav *wav, uint32_t size,
                         struct blox_text *why) {
    if (wav->channels == 0) {
        return fail(wav, BLOX_ERROR_FORMAT, why,
                    "the samples come before their format (fmt chunk); the "
                    "file is damaged");
    }
    expect(wav, SAMPLES, 0, 0);
    wav->data_offset = wav->offset;
    wav->data_size = size - size % wav->block_size;
    if (size == UNKNOWN || (size == 0 && was_streamed(wav))) {
        wav->data_size = BLOX_WAV_TO_END;
    }
    return BLOX_OK;
}

static int read_chunk(struct blox_wav *wav, struct blox_text *why) {
    uint32_t size = blox_le32(wav->bytes + 4);
    wav->odd = (size & 1) != 0;
    if (named(wav->bytes, "fmt ")) {
        return begin_format(wav, size, why);
    }
    if (named(wav->bytes, "data")) {
        return begin_samples(wav, size, why);
    }
    return skip_content(wav, size, why);
}

// ---- The format

static const char *refusal(uint16_t tag) {
    switch (tag) {
    case 2:
    case 0x11:
        return "the samples are ADPCM; convert the file to PCM";
    case 3:
        return "the samples are floating-point numbers; convert the file to "
               "PCM";
    case 6:
    case 7:
        return "the samples are A-law or mu-law; convert the file to PCM";
    case 0x55:
        return "the samples are MP3; convert the file to PCM";
    default:
        return "the samples are of an unknown format; convert the file to PCM";
    }
}

// The tag that says what the samples are. Returns it, or an error.
static int32_t sample_tag(struct blox_wav *wav, struct blox_text *why) {
    if (wav->format != BLOX_WAV_EXTENSIBLE) {
        return wav->format;
    }
    const uint8_t *bytes = wav->bytes;
    if (wav->size < FORMAT_EXTENSIBLE || blox_le16(bytes + 16) < 22) {
        return fail(wav, BLOX_ERROR_FORMAT, why,
                    "the extensible format is too short; the file is damaged");
    }
    if (memcmp(bytes + 26, guid_rest, sizeof guid_rest) != 0) {
        return 0;
    }
    uint16_t valid = blox_le16(bytes + 18);
    if (valid == 0 || valid > wav->bits) {
        return fail(wav, BLOX_ERROR_FORMAT, why,
                    "the valid bits of a sample are none or more than it has; "
                    "the file is damaged");
    }
    return blox_le16(bytes + 24);
}

static int check_format(struct blox_wav *wav, struct blox_text *why) {
    int32_t tag = sample_tag(wav, why);
    if (tag < 0) {
        return (int)tag;
    }
    if (tag != BLOX_WAV_PCM) {
        return fail(wav, BLOX_ERROR_UNSUPPORTED, why, refusal((uint16_t)tag));
    }
    if (wav->bits == 0 || wav->bits > 32 || wav->bits % 8 != 0) {
        return fail(wav, BLOX_ERROR_UNSUPPORTED, why,
                    "a sample has neither 8, 16, 24 nor 32 bits; convert the "
                    "file");
    }
    if (wav->channels == 0 || wav->channels > BLOX_WAV_CHANNELS_MAX ||
        wav->sample_rate == 0 || wav->sample_rate > BLOX_WAV_RATE_MAX) {
        return fail(wav, BLOX_ERROR_LIMIT, why,
                    "no channels or over 64, or no samples a second or over "
                    "1,000,000; the file is damaged");
    }
    if (wav->block_size != wav->channels * wav->bits / 8) {
        return fail(wav, BLOX_ERROR_FORMAT, why,
                    "the block size differs from channels times bits; the "
                    "file is damaged");
    }
    return BLOX_OK;
}

static int read_format(struct blox_wav *wav, struct blox_text *why) {
    const uint8_t *bytes = wav->bytes;
    wav->format = blox_le16(bytes);
    wav->channels = blox_le16(bytes + 2);
    wav->sample_rate = blox_le32(bytes + 4);
    wav->block_size = blox_le16(bytes + 12);
    wav->bits = blox_le16(bytes + 14);
    int error = check_format(wav, why);
    if (error != BLOX_OK) {
        return error;
    }
    wav->byte_rate = wav->sample_rate * wav->block_size;
    return skip_content(wav, wav->rest, why);
}

// ---- Bytes

static int step(struct blox_wav *wav, struct blox_text *why) {
    switch (wav->state) {
    case RIFF:
        return read_riff(wav, why);
    case CHUNK:
        return read_chunk(wav, why);
    case FORMAT:
        return read_format(wav, why);
    default:
        read_pad(wav);
        return BLOX_OK;
    }
}

static uint32_t least(uint32_t a, size_t b) {
    return b < a ? (uint32_t)b : a;
}

static uint32_t skip(struct blox_wav *wav, size_t left) {
    uint32_t size = least(wav->skip, left);
    wav->skip -= size;
    wav->offset += size;
    return size;
}

static uint32_t keep(struct blox_wav *wav, struct blox_span data) {
    uint32_t size = least(wav->need, data.size);
    memcpy(wav->bytes + wav->size, data.data, size);
    wav->size = (uint8_t)(wav->size + size);
    wav->need -= size;
    wav->offset += size;
    return size;
}

int32_t blox_wav_feed(struct blox_wav *wav, struct blox_span data,
                      struct blox_text *why) {
    if (wav->state == BROKEN) {
        return fail(wav, BLOX_ERROR_STATE, why, "the file was refused already");
    }
    size_t taken = skip(wav, data.size);
    while (taken < data.size && blox_wav_next(wav) == BLOX_WAV_FEED) {
        taken += keep(wav, blox_span_part(data, taken, data.size));
        int error = wav->need == 0 ? step(wav, why) : BLOX_OK;
        if (error != BLOX_OK) {
            return error;
        }
    }
    return (int32_t)taken;
}

int blox_wav_next(const struct blox_wav *wav) {
    if (wav->skip > 0) {
        return BLOX_WAV_SKIP;
    }
    return wav->state == SAMPLES ? BLOX_WAV_DATA : BLOX_WAV_FEED;
}

void blox_wav_skipped(struct blox_wav *wav) {
    skip(wav, wav->skip);
}

int blox_wav_ended(const struct blox_wav *wav, struct blox_text *why) {
    const char *what = "the file ends inside its head; it is cut off";
    if (wav->offset == 0) {
        what = "the file is empty";
    } else if (wav->state == CHUNK && wav->size == 0 && wav->channels != 0) {
        what = "the file holds no samples (no data chunk)";
    } else if (wav->state == CHUNK && wav->size == 0) {
        what = "the file tells no format (no fmt chunk)";
    }
    return blox_text_fail(why, BLOX_ERROR_FORMAT, "wav", blox_span(NULL, 0),
                          what);
}
