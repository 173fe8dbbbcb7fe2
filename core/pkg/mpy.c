// SPDX-License-Identifier: MIT
#include "core/pkg/mpy.h"

enum {
    ARM_LEAST = 3, // architectures that load those before them
    ARM_MOST = 8,
};

static uint32_t version(uint32_t mpy) {
    return mpy & 0xff;
}

static uint32_t sub_version(uint32_t mpy) {
    return mpy >> 8 & 3;
}

static uint32_t architecture(uint32_t mpy) {
    return mpy >> 10 & 15;
}

uint32_t blox_mpy_of(const uint8_t head[BLOX_MPY_HEAD]) {
    return (uint32_t)head[2] << 8 | head[1];
}

bool blox_mpy_loads(const uint8_t head[BLOX_MPY_HEAD], uint32_t own) {
    uint32_t file = blox_mpy_of(head);
    uint32_t built = architecture(file), runs = architecture(own);
    if (head[0] != 'M') {
        return true;
    }
    if (version(file) != version(own)) {
        return false;
    }
    bool same = built == runs ||
                (ARM_LEAST <= built && built < runs && runs <= ARM_MOST);
    return built == 0 || (same && sub_version(file) == sub_version(own));
}

void blox_mpy_add(struct blox_text *text, uint32_t mpy) {
    blox_text_add_u32(text, version(mpy));
    blox_text_add_char(text, '.');
    blox_text_add_u32(text, sub_version(mpy));
    if (architecture(mpy) != 0) {
        blox_text_add(text, " (chip ");
        blox_text_add_u32(text, architecture(mpy));
        blox_text_add_char(text, ')');
    }
}
