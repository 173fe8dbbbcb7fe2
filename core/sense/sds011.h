// SPDX-License-Identifier: MIT
// Nova PM sensor SDS011 (particles in air) on a serial line of 9600 baud, 8N1:
// commands to it, and its frames in a stream that may hold noise.
//
// Source: Nova Fitness, Laser Dust Sensor Control Protocol V1.3 (2015-07-20):
// packets chapter 1, device id chapter 2, commands chapter 3.
#ifndef CORE_SENSE_SDS011_H
#define CORE_SENSE_SDS011_H

#include "core/base/error.h"
#include "core/base/span.h"

enum {
    BLOX_SDS011_COMMAND = 19,     // bytes of a packet to the sensor
    BLOX_SDS011_FRAME = 10,       // bytes of a packet from it
    BLOX_SDS011_ANY_ID = 0xFFFF,  // a command to whoever hears it
    BLOX_SDS011_PERIOD_MAX = 30,  // minutes
    BLOX_SDS011_REPORT_MS = 1500, // between two reports of active mode
};

// The second byte of a command's data.
enum blox_sds011_command {
    SDS011_REPORTING_MODE = 2, // 0: active, reports by itself; 1: when asked
    SDS011_QUERY = 4,          // send a measurement
    SDS011_DEVICE_ID = 5,      // the new id
    SDS011_SLEEP_WORK = 6,     // 0: sleep, fan and laser off; 1: work
    SDS011_FIRMWARE = 7,
    SDS011_WORKING_PERIOD = 8, // 0: all the time; 1 to 30: each so many
                               // minutes 30 s of work, one report, sleep
};

enum { SDS011_MEASUREMENT = 0 }; // kind of a frame that is no reply

struct blox_sds011_frame {
    // SDS011_MEASUREMENT, or the command this replies to.
    int kind;
    uint16_t device_id;
    // A measurement in tenths of a microgram per cubic metre.
    uint16_t pm2_5;
    uint16_t pm10;
    // A reply: whether something was set, and what it is now. For
    // SDS011_DEVICE_ID the id stands in device_id.
    bool set;
    uint8_t value;
    // SDS011_FIRMWARE: the date, year from 2000.
    uint8_t year, month, day;
};

struct blox_sds011 {
    uint32_t skipped; // bytes that belonged to no frame
    uint32_t damaged; // of these, heads whose checksum or tail was wrong

    // Private.
    uint8_t bytes[BLOX_SDS011_FRAME];
    uint8_t size;
};

// Writes a command. value is what to set; below 0 the command asks what is set
// (reporting mode, sleep and work, working period). device_id names the sensor,
// BLOX_SDS011_ANY_ID all. Returns BLOX_OK, or BLOX_ERROR_ARGUMENT: no such
// command, or a value it does not take.
int blox_sds011_command(int command, int value, uint16_t device_id,
                        uint8_t packet[BLOX_SDS011_COMMAND]);

// Starts with an empty stream.
void blox_sds011_init(struct blox_sds011 *sds011);

// Takes bytes of the stream up to the end of a whole frame. Returns how many;
// fewer than data.size, also 0, when blox_sds011_next has a frame to give
// first.
size_t blox_sds011_feed(struct blox_sds011 *sds011, struct blox_span data);

// Gives the frame that is complete. Bytes of what only looked like a frame are
// searched again, so a frame behind or inside them is not lost. Returns 1 with
// *frame filled, or 0: more bytes are needed.
int blox_sds011_next(struct blox_sds011 *sds011,
                     struct blox_sds011_frame *frame);

#endif
