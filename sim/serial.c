// SPDX-License-Identifier: MIT
#include "sim/serial.h"

enum { BITS = 10, TOLERANCE = 30 }; // start, 8 data, stop; about 3 %

uint64_t sim_serial_byte_time(const struct sim_serial *end) {
    return SIM_SECOND * BITS / end->baud;
}

static bool hears(const struct sim_serial *end, const struct sim_serial *from) {
    uint32_t apart = end->baud > from->baud ? end->baud - from->baud
                                            : from->baud - end->baud;
    return apart <= from->baud / TOLERANCE;
}

// To one at another rate the bits fall into other places.
static void deliver(struct sim_serial *from, uint8_t byte) {
    for (struct sim_serial *end = from->world->serial; end; end = end->next) {
        if (end != from && end->rx == from->tx) {
            uint8_t garbled = (uint8_t)(byte * 0x9d ^ 0x5a);
            end->receive(end->context, hears(end, from) ? byte : garbled);
        }
    }
}

static void byte_sent(void *context) {
    struct sim_serial *end = context;
    uint8_t byte = end->queue[end->first];
    end->first = (uint16_t)((end->first + 1) % SIM_SERIAL_QUEUE);
    end->count--;
    if (end->count > 0) {
        sim_alarm_set(&end->world->clock, &end->sent, sim_serial_byte_time(end),
                      0);
    }
    if (end->tx >= 0) {
        deliver(end, byte);
    }
}

void sim_serial_start(struct sim_serial *end) {
    end->sent.ring = byte_sent;
    end->sent.context = end;
    end->next = end->world->serial;
    end->world->serial = end;
}

void sim_serial_stop(struct sim_serial *end) {
    struct sim_serial **at = &end->world->serial;
    while (*at != NULL && *at != end) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = end->next;
    }
    sim_alarm_stop(&end->world->clock, &end->sent);
    end->first = 0;
    end->count = 0;
}

size_t sim_serial_send(struct sim_serial *end, const uint8_t *bytes,
                       size_t size) {
    size_t taken = 0;
    while (taken < size && end->count < SIM_SERIAL_QUEUE) {
        end->queue[(end->first + end->count) % SIM_SERIAL_QUEUE] =
            bytes[taken++];
        end->count++;
    }
    if (end->count > 0 && !end->sent.set) {
        sim_alarm_set(&end->world->clock, &end->sent, sim_serial_byte_time(end),
                      0);
    }
    return taken;
}

size_t sim_serial_queued(const struct sim_serial *end) {
    return end->count;
}
