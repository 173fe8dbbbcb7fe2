// SPDX-License-Identifier: MIT
#include "sim/wav.h"

#include <string.h>

enum { HEADER = 44, RIFF_SIZE_AT = 4, DATA_SIZE_AT = 40, PCM = 1 };

static void put(uint8_t *at, uint32_t value, int size) {
    for (int i = 0; i < size; i++) {
        at[i] = (uint8_t)(value >> 8 * i);
    }
}

static int put_at(struct sim_wav *wav, long at, uint32_t value) {
    uint8_t bytes[4];
    put(bytes, value, 4);
    return fseek(wav->file, at, SEEK_SET) == 0 &&
                   fwrite(bytes, 4, 1, wav->file) == 1
               ? 0
               : -1;
}

int sim_wav_open(struct sim_wav *wav, const char *path, uint32_t rate,
                 unsigned channels, unsigned bits) {
    uint8_t header[HEADER] = "RIFF....WAVEfmt ";
    uint32_t frame = channels * bits / 8;
    put(header + RIFF_SIZE_AT, HEADER - 8, 4);
    put(header + 16, 16, 4);
    put(header + 20, PCM, 2);
    put(header + 22, channels, 2);
    put(header + 24, rate, 4);
    put(header + 28, rate * frame, 4);
    put(header + 32, frame, 2);
    put(header + 34, bits, 2);
    memcpy(header + 36, "data", 4);
    put(header + DATA_SIZE_AT, 0, 4);
    wav->size = 0;
    wav->file = fopen(path, "wbe");
    if (wav->file == NULL || fwrite(header, HEADER, 1, wav->file) != 1 ||
        fflush(wav->file) != 0) {
        return -1;
    }
    return 0;
}

int sim_wav_write(struct sim_wav *wav, const void *bytes, size_t size) {
    if (fseek(wav->file, 0, SEEK_END) != 0 ||
        fwrite(bytes, 1, size, wav->file) != size) {
        return -1;
    }
    wav->size += (uint32_t)size;
    if (put_at(wav, RIFF_SIZE_AT, wav->size + HEADER - 8) != 0 ||
        put_at(wav, DATA_SIZE_AT, wav->size) != 0) {
        return -1;
    }
    return fflush(wav->file);
}

void sim_wav_close(struct sim_wav *wav) {
    if (wav->file != NULL) {
        fclose(wav->file);
        wav->file = NULL;
    }
}
