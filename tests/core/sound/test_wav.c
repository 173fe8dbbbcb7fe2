// SPDX-License-Identifier: MIT
#include "tests/core/test.h"

#include <stdlib.h>

#include "core/sound/wav.h"

// ---- Files, written chunk by chunk

struct file {
    uint8_t bytes[400];
    size_t size;
};

static void put(struct file *file, const void *data, size_t size) {
    memcpy(file->bytes + file->size, data, size);
    file->size += size;
}

static void put_le(struct file *file, uint32_t value, size_t size) {
    for (size_t i = 0; i < size; ++i) {
        file->bytes[file->size++] = (uint8_t)(value >> 8 * i);
    }
}

static void chunk(struct file *file, const char *name, uint32_t size) {
    put(file, name, 4);
    put_le(file, size, 4);
}

static void riff(struct file *file, uint32_t size) {
    file->size = 0;
    chunk(file, "RIFF", size);
    put(file, "WAVE", 4);
}

static void format_body(struct file *file, unsigned tag, unsigned channels,
                        uint32_t rate, unsigned bits) {
    unsigned block = channels * ((bits + 7) / 8);
    put_le(file, tag, 2);
    put_le(file, channels, 2);
    put_le(file, rate, 4);
    put_le(file, rate * block, 4);
    put_le(file, block, 2);
    put_le(file, bits, 2);
}

static void format(struct file *file, unsigned tag, unsigned channels,
                   uint32_t rate, unsigned bits) {
    chunk(file, "fmt ", 16);
    format_body(file, tag, channels, rate, bits);
}

static void extensible(struct file *file, unsigned bits, unsigned valid,
                       const char *guid) {
    chunk(file, "fmt ", 40);
    format_body(file, BLOX_WAV_EXTENSIBLE, 2, 48000, bits);
    put_le(file, 22, 2);
    put_le(file, valid, 2);
    put_le(file, 3, 4);
    put(file, guid, 16);
}

#define GUID_PCM "\1\0\0\0\0\0\x10\0\x80\0\0\xAA\0\x38\x9B\x71"
#define GUID_FLOAT "\3\0\0\0\0\0\x10\0\x80\0\0\xAA\0\x38\x9B\x71"
#define GUID_OTHER "\1\0\0\0\x21\x07\xD3\x11\x86\x44\xC8\xC1\xCA\0\0\0"

// ---- Reading them

static char sentence[200];
static struct blox_text why;

static void forget(void) {
    blox_text_init(&why, sentence, sizeof sentence);
}

// Reads a file in pieces of `piece` bytes; seek skips what may be skipped.
// Returns BLOX_OK when the samples begin, or the error.
static int read_in(struct blox_wav *wav, const struct file *file, size_t piece,
                   bool seek) {
    size_t at = 0;
    forget();
    blox_wav_init(wav);
    while (blox_wav_next(wav) != BLOX_WAV_DATA) {
        if (seek && blox_wav_next(wav) == BLOX_WAV_SKIP) {
            at += wav->skip;
            blox_wav_skipped(wav);
            continue;
        }
        if (at >= file->size) {
            return blox_wav_ended(wav, &why);
        }
        size_t left = file->size - at;
        // Of its own size, so that ASan sees a byte too far.
        size_t size = left < piece ? left : piece;
        uint8_t *copy = malloc(size);
        memcpy(copy, file->bytes + at, size);
        int32_t taken = blox_wav_feed(wav, blox_span(copy, size), &why);
        free(copy);
        if (taken < 0) {
            return (int)taken;
        }
        at += (size_t)taken;
    }
    assert_int_equal(wav->data_offset, at);
    return BLOX_OK;
}

// The same for every piece size, seeking or not.
static int read_file(struct blox_wav *wav, const struct file *file) {
    int result = read_in(wav, file, sizeof file->bytes, false);
    char first[sizeof sentence];
    memcpy(first, sentence, sizeof first);
    for (size_t piece = 1; piece <= file->size; ++piece) {
        for (int seek = 0; seek < 2; ++seek) {
            struct blox_wav other;
            assert_int_equal(read_in(&other, file, piece, seek), result);
            assert_string_equal(sentence, first);
            if (result == BLOX_OK) {
                assert_int_equal(other.data_size, wav->data_size);
                assert_int_equal(other.byte_rate, wav->byte_rate);
            }
        }
    }
    return result;
}

static void refused(const struct file *file, int error, const char *words) {
    struct blox_wav wav;
    assert_int_equal(read_file(&wav, file), error);
    assert_non_null(strstr(sentence, words));
    assert_memory_equal(sentence, "wav: ", 5);
}

// ---- Tests

static void pcm_of_8_to_32_bits_is_read(void **state) {
    (void)state;
    for (unsigned bits = 8; bits <= 32; bits += 8) {
        for (unsigned channels = 1; channels <= 3; ++channels) {
            struct file file;
            struct blox_wav wav;
            unsigned block = channels * bits / 8;
            riff(&file, 36 + 10 * block);
            format(&file, 1, channels, 44100, bits);
            chunk(&file, "data", 10 * block);
            assert_int_equal(read_file(&wav, &file), BLOX_OK);
            assert_int_equal(wav.format, BLOX_WAV_PCM);
            assert_int_equal(wav.channels, channels);
            assert_int_equal(wav.sample_rate, 44100);
            assert_int_equal(wav.bits, bits);
            assert_int_equal(wav.block_size, block);
            assert_int_equal(wav.byte_rate, 44100 * block);
            assert_int_equal(wav.data_offset, 44);
            assert_int_equal(wav.data_size, 10 * block);
        }
    }
}

static void the_extensible_format_is_read(void **state) {
    (void)state;
    struct file file;
    struct blox_wav wav;
    riff(&file, 100);
    extensible(&file, 24, 20, GUID_PCM);
    chunk(&file, "data", 60);
    assert_int_equal(read_file(&wav, &file), BLOX_OK);
    assert_int_equal(wav.format, BLOX_WAV_EXTENSIBLE);
    assert_int_equal(wav.bits, 24);
    assert_int_equal(wav.data_offset, 68);
}

static void other_chunks_are_skipped_padded_or_not(void **state) {
    (void)state;
    for (uint32_t size = 0; size < 9; ++size) {
        for (uint32_t padded = 0; padded <= (size & 1); ++padded) {
            struct file file;
            struct blox_wav wav;
            riff(&file, 200);
            chunk(&file, "JUNK", size);
            put(&file, "\0data\1\2\3", size);
            put(&file, "\0", padded);
            format(&file, 1, 2, 8000, 16);
            chunk(&file, "LIST", size);
            put(&file, "INFOabcd", size);
            put(&file, "\0", padded);
            chunk(&file, "data", 8);
            assert_int_equal(read_file(&wav, &file), BLOX_OK);
            assert_int_equal(wav.data_offset, file.size);
        }
    }
}

static void a_long_format_is_read_to_its_end(void **state) {
    (void)state;
    for (uint32_t more = 0; more < 40; ++more) {
        struct file file;
        struct blox_wav wav;
        riff(&file, 200);
        chunk(&file, "fmt ", 16 + more);
        format_body(&file, 1, 1, 8000, 8);
        for (uint32_t i = 0; i < more + (more & 1); ++i) {
            put(&file, "\0", 1);
        }
        chunk(&file, "data", 8);
        assert_int_equal(read_file(&wav, &file), BLOX_OK);
        assert_int_equal(wav.data_offset, file.size);
    }
}

static uint32_t data_size(uint32_t riff_size, uint32_t size) {
    struct file file;
    struct blox_wav wav;
    riff(&file, riff_size);
    format(&file, 1, 2, 8000, 16);
    chunk(&file, "data", size);
    assert_int_equal(read_file(&wav, &file), BLOX_OK);
    return wav.data_size;
}

static void a_size_that_was_never_written_means_to_the_end(void **state) {
    (void)state;
    assert_int_equal(data_size(0xFFFFFFFF, 0xFFFFFFFF), BLOX_WAV_TO_END);
    assert_int_equal(data_size(0, 0), BLOX_WAV_TO_END);
    assert_int_equal(data_size(36, 0), BLOX_WAV_TO_END);
    assert_int_equal(data_size(0xFFFFFFFF, 0), BLOX_WAV_TO_END);
    // With chunks behind it, no samples are no samples.
    assert_int_equal(data_size(50, 0), 0);
    assert_int_equal(data_size(36 + 400, 400), 400);
    assert_int_equal(data_size(36 + 403, 403), 400); // whole blocks
    assert_int_equal(data_size(0, 0x7FFFF000), 0x7FFFF000);
}

static void what_is_no_wav_file_is_refused(void **state) {
    (void)state;
    struct file file = {.size = 0};
    refused(&file, BLOX_ERROR_FORMAT, "the file is empty");
    put(&file, "RIFX\0\0\0\0WAVE", 12);
    refused(&file, BLOX_ERROR_UNSUPPORTED, "RIFX");
    memcpy(file.bytes, "RF64", 4);
    refused(&file, BLOX_ERROR_UNSUPPORTED, "RF64");
    memcpy(file.bytes, "OggS", 4);
    refused(&file, BLOX_ERROR_FORMAT, "no WAV file");
    memcpy(file.bytes, "RIFF\0\0\0\0AVI ", 12);
    refused(&file, BLOX_ERROR_FORMAT, "no WAV file");
}

static void a_file_cut_off_at_any_byte_is_refused(void **state) {
    (void)state;
    struct file file;
    riff(&file, 100);
    chunk(&file, "LIST", 3);
    put(&file, "abc", 4);
    extensible(&file, 16, 16, GUID_PCM);
    chunk(&file, "data", 4);
    for (size_t whole = file.size; file.size-- > 0;) {
        struct blox_wav wav;
        assert_true(file.size < whole);
        assert_int_equal(read_file(&wav, &file), BLOX_ERROR_FORMAT);
    }
}

static void a_file_without_format_or_samples_says_so(void **state) {
    (void)state;
    struct file file;
    riff(&file, 100);
    refused(&file, BLOX_ERROR_FORMAT, "no fmt chunk");
    chunk(&file, "data", 0);
    refused(&file, BLOX_ERROR_FORMAT, "before their format");
    riff(&file, 100);
    format(&file, 1, 1, 8000, 8);
    refused(&file, BLOX_ERROR_FORMAT, "no data chunk");
    format(&file, 1, 1, 8000, 8);
    refused(&file, BLOX_ERROR_FORMAT, "two formats");
    riff(&file, 100);
    chunk(&file, "fmt ", 14);
    refused(&file, BLOX_ERROR_FORMAT, "too short");
}

static void samples_of_another_kind_are_refused_by_name(void **state) {
    (void)state;
    const struct {
        unsigned tag;
        const char *word;
    } rows[] = {{0, "unknown"}, {2, "ADPCM"},       {3, "floating"},
                {6, "A-law"},   {7, "mu-law"},      {0x11, "ADPCM"},
                {0x55, "MP3"},  {0x1234, "unknown"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
        struct file file;
        riff(&file, 100);
        format(&file, rows[i].tag, 1, 8000, 16);
        refused(&file, BLOX_ERROR_UNSUPPORTED, rows[i].word);
    }
    struct file file;
    riff(&file, 100);
    extensible(&file, 32, 32, GUID_FLOAT);
    refused(&file, BLOX_ERROR_UNSUPPORTED, "floating");
    riff(&file, 100);
    extensible(&file, 16, 16, GUID_OTHER);
    refused(&file, BLOX_ERROR_UNSUPPORTED, "unknown");
}

static void a_format_that_contradicts_itself_is_refused(void **state) {
    (void)state;
    struct file file;
    for (unsigned bits = 0; bits <= 40; ++bits) {
        struct blox_wav wav;
        riff(&file, 100);
        format(&file, 1, 1, 8000, bits);
        chunk(&file, "data", 0);
        bool right = bits == 8 || bits == 16 || bits == 24 || bits == 32;
        assert_int_equal(read_file(&wav, &file),
                         right ? BLOX_OK : BLOX_ERROR_UNSUPPORTED);
    }
    riff(&file, 100);
    format(&file, 1, 0, 8000, 16);
    refused(&file, BLOX_ERROR_LIMIT, "no channels");
    riff(&file, 100);
    format(&file, 1, 65, 8000, 16);
    refused(&file, BLOX_ERROR_LIMIT, "over 64");
    riff(&file, 100);
    format(&file, 1, 1, 0, 16);
    refused(&file, BLOX_ERROR_LIMIT, "no samples a second");
    riff(&file, 100);
    format(&file, 1, 1, 1000001, 16);
    refused(&file, BLOX_ERROR_LIMIT, "1,000,000");
    riff(&file, 100);
    format(&file, 1, 2, 8000, 16);
    file.bytes[32] = 5;
    refused(&file, BLOX_ERROR_FORMAT, "block size");
    riff(&file, 100);
    extensible(&file, 16, 17, GUID_PCM);
    refused(&file, BLOX_ERROR_FORMAT, "valid bits");
    riff(&file, 100);
    extensible(&file, 16, 0, GUID_PCM);
    refused(&file, BLOX_ERROR_FORMAT, "valid bits");
    riff(&file, 100);
    format(&file, BLOX_WAV_EXTENSIBLE, 1, 8000, 16);
    refused(&file, BLOX_ERROR_FORMAT, "extensible format is too short");
}

static void endless_metadata_is_refused(void **state) {
    (void)state;
    struct file file;
    riff(&file, 100);
    chunk(&file, "LIST", 0xFFFFFFFE);
    refused(&file, BLOX_ERROR_LIMIT, "16 MiB");
    riff(&file, 100);
    chunk(&file, "LIST", BLOX_WAV_HEAD_MAX + 1);
    refused(&file, BLOX_ERROR_LIMIT, "16 MiB");

    struct blox_wav wav;
    const uint8_t zeros[800] = {0};
    forget();
    blox_wav_init(&wav);
    blox_wav_feed(&wav, blox_span(file.bytes, 12), &why);
    int32_t taken = 0;
    uint32_t fed = 0;
    while (taken >= 0 && fed <= BLOX_WAV_HEAD_MAX + 1600) {
        taken = blox_wav_feed(&wav, blox_span(zeros, sizeof zeros), &why);
        fed += sizeof zeros;
    }
    assert_int_equal(taken, BLOX_ERROR_LIMIT);
}

static void after_an_error_nothing_more_is_taken(void **state) {
    (void)state;
    struct blox_wav wav;
    forget();
    blox_wav_init(&wav);
    struct blox_span bad = blox_span("this is no wav", 14);
    assert_int_equal(blox_wav_feed(&wav, bad, &why), BLOX_ERROR_FORMAT);
    assert_int_equal(blox_wav_feed(&wav, bad, &why), BLOX_ERROR_STATE);
    assert_int_equal(blox_wav_feed(&wav, bad, NULL), BLOX_ERROR_STATE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pcm_of_8_to_32_bits_is_read),
        cmocka_unit_test(the_extensible_format_is_read),
        cmocka_unit_test(other_chunks_are_skipped_padded_or_not),
        cmocka_unit_test(a_long_format_is_read_to_its_end),
        cmocka_unit_test(a_size_that_was_never_written_means_to_the_end),
        cmocka_unit_test(what_is_no_wav_file_is_refused),
        cmocka_unit_test(a_file_cut_off_at_any_byte_is_refused),
        cmocka_unit_test(a_file_without_format_or_samples_says_so),
        cmocka_unit_test(samples_of_another_kind_are_refused_by_name),
        cmocka_unit_test(a_format_that_contradicts_itself_is_refused),
        cmocka_unit_test(endless_metadata_is_refused),
        cmocka_unit_test(after_an_error_nothing_more_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
