// SPDX-License-Identifier: MIT
#include "core/sense/sds011.h"

#include <string.h>

#include "core/base/bytes.h"

enum {
    HEAD = 0xAA,
    TAIL = 0xAB,
    TO_SENSOR = 0xB4,
    MEASUREMENT = 0xC0,
    REPLY = 0xC5,
};

static uint8_t sum(const uint8_t *data, size_t size) {
    unsigned total = 0;
    for (size_t i = 0; i < size; ++i) {
        total += data[i];
    }
    return (uint8_t)total;
}

// ---- Commands

static bool takes(int command, int value) {
    switch (command) {
    case SDS011_REPORTING_MODE:
    case SDS011_SLEEP_WORK:
        return value <= 1;
    case SDS011_WORKING_PERIOD:
        return value <= BLOX_SDS011_PERIOD_MAX;
    case SDS011_DEVICE_ID:
        return value >= 0 && value < BLOX_SDS011_ANY_ID;
    case SDS011_QUERY:
    case SDS011_FIRMWARE:
        return value < 0;
    default:
        return false;
    }
}

int blox_sds011_command(int command, int value, uint16_t device_id,
                        uint8_t packet[BLOX_SDS011_COMMAND]) {
    if (!takes(command, value)) {
        return BLOX_ERROR_ARGUMENT;
    }
    memset(packet, 0, BLOX_SDS011_COMMAND);
    packet[0] = HEAD;
    packet[1] = TO_SENSOR;
    packet[2] = (uint8_t)command;
    if (command == SDS011_DEVICE_ID) {
        blox_put_be16(packet + 13, (uint16_t)value);
    } else if (value >= 0) {
        packet[3] = 1;
        packet[4] = (uint8_t)value;
    }
    blox_put_be16(packet + 15, device_id);
    packet[17] = sum(packet + 2, 15);
    packet[18] = TAIL;
    return BLOX_OK;
}

// ---- The stream

void blox_sds011_init(struct blox_sds011 *sds011) {
    memset(sds011, 0, sizeof *sds011);
}

// Whether the first size bytes may be those of a frame.
static bool plausible(const uint8_t *bytes, size_t size) {
    return bytes[0] == HEAD &&
           (size < 2 || bytes[1] == MEASUREMENT || bytes[1] == REPLY);
}

static bool complete(const uint8_t *bytes) {
    return bytes[8] == sum(bytes + 2, 6) && bytes[9] == TAIL;
}

static void drop(struct blox_sds011 *sds011, size_t count) {
    sds011->size = (uint8_t)(sds011->size - count);
    memmove(sds011->bytes, sds011->bytes + count, sds011->size);
}

// Drops bytes from the front until what is left is, or may become, a frame.
static void resynchronise(struct blox_sds011 *sds011) {
    while (sds011->size > 0) {
        bool full = sds011->size == BLOX_SDS011_FRAME;
        bool head = plausible(sds011->bytes, sds011->size);
        if (head && (!full || complete(sds011->bytes))) {
            return;
        }
        sds011->damaged += head ? 1 : 0;
        ++sds011->skipped;
        drop(sds011, 1);
    }
}

size_t blox_sds011_feed(struct blox_sds011 *sds011, struct blox_span data) {
    size_t taken = 0;
    while (taken < data.size && sds011->size < BLOX_SDS011_FRAME) {
        sds011->bytes[sds011->size++] = data.data[taken++];
        resynchronise(sds011);
    }
    return taken;
}

static void read_reply(const uint8_t *bytes, struct blox_sds011_frame *frame) {
    frame->kind = bytes[2];
    if (frame->kind == SDS011_FIRMWARE) {
        frame->year = bytes[3];
        frame->month = bytes[4];
        frame->day = bytes[5];
        return;
    }
    frame->set = bytes[3] != 0;
    frame->value = bytes[4];
}

int blox_sds011_next(struct blox_sds011 *sds011,
                     struct blox_sds011_frame *frame) {
    const uint8_t *bytes = sds011->bytes;
    if (sds011->size < BLOX_SDS011_FRAME) {
        return 0;
    }
    memset(frame, 0, sizeof *frame);
    frame->device_id = blox_be16(bytes + 6);
    if (bytes[1] == MEASUREMENT) {
        frame->kind = SDS011_MEASUREMENT;
        frame->pm2_5 = blox_le16(bytes + 2);
        frame->pm10 = blox_le16(bytes + 4);
    } else {
        read_reply(bytes, frame);
    }
    sds011->size = 0;
    return 1;
}
