// SPDX-License-Identifier: MIT
// Writes PCM to a RIFF/WAVE file (Microsoft, Multimedia Programming Interface
// 1.0). The file is complete after every call.
#ifndef SIM_WAV_H
#define SIM_WAV_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct sim_wav {
    FILE *file;
    uint32_t size; // bytes of PCM
};

// Begins a file anew. Returns 0, or -1 with errno.
int sim_wav_open(struct sim_wav *wav, const char *path, uint32_t rate,
                 unsigned channels, unsigned bits);

// Adds PCM: little endian, left first, whole frames. Returns 0, or -1.
int sim_wav_write(struct sim_wav *wav, const void *bytes, size_t size);

void sim_wav_close(struct sim_wav *wav);

#endif
