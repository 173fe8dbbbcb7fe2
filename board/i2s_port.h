// SPDX-License-Identifier: MIT
// What extmod/machine_i2s.c includes: an ESP32's two I2S units. DMA memory is
// as large as there: whole blocks of 256 frames, at least two.
#include <errno.h>
#include <stdlib.h>

#include "py/mperrno.h"
#include "py/mphal.h"

#include "sim/audio.h"

#include "board/machine.h"
#include "board/world.h"

enum { I2S_UNITS = 2, I2S_WAIT_MS = 5, I2S_RATE_MAX = 1000000 };

typedef enum { I2S_TX_TRANSFER, I2S_RX_TRANSFER } direction_t;

typedef struct _non_blocking_descriptor_t {
    mp_buffer_info_t appbuf;
    mp_obj_t callback;
    direction_t direction;
} non_blocking_descriptor_t;

// What a poll sees. As on an ESP32 a transfer that moved less than it wanted
// takes it away, and the next block brings it back.
enum { DMA_MEMORY_BUSY, DMA_MEMORY_NOT_EMPTY, DMA_MEMORY_NOT_FULL };

struct _machine_i2s_obj_t {
    mp_obj_base_t base;
    uint8_t i2s_id;
    int sck;
    int ws;
    int sd;
    uint8_t mode;
    uint8_t bits;
    format_t format;
    int rate;
    int ibuf;
    mp_obj_t callback_for_non_blocking;
    io_mode_t io_mode;
    int dma_buffer_status;
    struct sim_audio_channel *channel; // NULL when not open
    // What is under way without anybody waiting, and what comes then.
    non_blocking_descriptor_t queue[2];
    uint8_t queued;
    size_t done; // bytes of the first
};

MP_REGISTER_ROOT_POINTER(struct _machine_i2s_obj_t *board_i2s[2]);

static size_t i2s_move(machine_i2s_obj_t *self, uint8_t *bytes, size_t size) {
    return self->mode == MICROPY_PY_MACHINE_I2S_CONSTANT_TX
               ? sim_audio_write(self->channel, bytes, size)
               : sim_audio_read(self->channel, bytes, size);
}

// In the world: moves what is queued as far as it goes.
static void i2s_move_queued(machine_i2s_obj_t *self) {
    while (self->queued > 0) {
        non_blocking_descriptor_t *first = &self->queue[0];
        self->done += i2s_move(self, (uint8_t *)first->appbuf.buf + self->done,
                               first->appbuf.len - self->done);
        if (self->done < first->appbuf.len) {
            return;
        }
        board_interrupt(first->callback, MP_OBJ_FROM_PTR(self));
        self->queue[0] = self->queue[1];
        self->queued--;
        self->done = 0;
    }
}

static int i2s_ready(const machine_i2s_obj_t *self) {
    return self->mode == MICROPY_PY_MACHINE_I2S_CONSTANT_TX
               ? DMA_MEMORY_NOT_FULL
               : DMA_MEMORY_NOT_EMPTY;
}

static void i2s_block_moved(void *context) {
    machine_i2s_obj_t *self = context;
    i2s_move_queued(self);
    self->dma_buffer_status = i2s_ready(self);
    board_world_wake();
}

// extmod/machine_i2s.c hands a buffer to a task. One that comes while two are
// waiting is dropped, as by a full queue.
#define xQueueSend(queue, descriptor, ticks) i2s_enqueue(self, descriptor)

static void i2s_enqueue(machine_i2s_obj_t *self,
                        const non_blocking_descriptor_t *descriptor) {
    board_world_enter();
    if (self->queued < 2 && self->channel != NULL) {
        self->queue[self->queued++] = *descriptor;
        i2s_move_queued(self);
    }
    board_world_leave();
}

// Waits for the rest when the program waits; else moves what goes at once.
static size_t i2s_transfer(machine_i2s_obj_t *self, mp_buffer_info_t *buffer) {
    size_t done = 0;
    for (;;) {
        board_world_enter();
        if (self->channel == NULL) {
            board_world_leave();
            mp_raise_OSError(MP_EINVAL);
        }
        done +=
            i2s_move(self, (uint8_t *)buffer->buf + done, buffer->len - done);
        if (done < buffer->len && self->io_mode == ASYNCIO) {
            self->dma_buffer_status = DMA_MEMORY_BUSY;
        }
        board_world_leave();
        if (done == buffer->len || self->io_mode == ASYNCIO) {
            return done;
        }
        mp_event_wait_ms(I2S_WAIT_MS);
    }
}

#define fill_appbuf_from_dma(self, buffer)                                     \
    ((uint32_t)i2s_transfer(self, buffer))
#define copy_appbuf_to_dma(self, buffer) ((uint32_t)i2s_transfer(self, buffer))

static size_t i2s_memory(const machine_i2s_obj_t *self, size_t frame) {
    size_t block = SIM_AUDIO_BLOCK * frame;
    size_t blocks = (size_t)self->ibuf / block;
    return MAX(blocks, 2) * block;
}

static void i2s_open(machine_i2s_obj_t *self) {
    struct sim_audio_channel *channel = calloc(1, sizeof(*channel));
    struct sim_world *world = board_world_enter();
    channel->world = world;
    channel->sd = self->sd;
    channel->record = self->mode == MICROPY_PY_MACHINE_I2S_CONSTANT_RX;
    channel->bits = self->bits;
    channel->channels = self->format == STEREO ? 2 : 1;
    channel->rate = (uint32_t)self->rate;
    channel->size = i2s_memory(self, sim_audio_frame(channel));
    channel->memory = malloc(channel->size);
    channel->moved = i2s_block_moved;
    channel->context = self;
    bool good = sim_audio_open(channel);
    int error = errno;
    self->channel = channel;
    board_world_leave();
    if (!good) {
        mp_raise_OSError(error);
    }
}

static void mp_machine_i2s_deinit(machine_i2s_obj_t *self) {
    board_world_enter();
    if (self->channel != NULL) {
        sim_audio_close(self->channel);
        free(self->channel->memory);
        free(self->channel);
        self->channel = NULL;
    }
    self->queued = 0;
    board_world_leave();
}

static void i2s_check(const mp_arg_val_t *args) {
    mp_int_t mode = args[ARG_mode].u_int;
    mp_int_t format = args[ARG_format].u_int;
    if (mode != MICROPY_PY_MACHINE_I2S_CONSTANT_RX &&
        mode != MICROPY_PY_MACHINE_I2S_CONSTANT_TX) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid mode"));
    }
    if (args[ARG_bits].u_int != 16 && args[ARG_bits].u_int != 32) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid bits"));
    }
    if (format != STEREO && format != MONO) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid format"));
    }
    if (args[ARG_rate].u_int <= 0 || args[ARG_rate].u_int > I2S_RATE_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid rate"));
    }
    if (args[ARG_ibuf].u_int <= 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid ibuf"));
    }
}

static void mp_machine_i2s_init_helper(machine_i2s_obj_t *self,
                                       mp_arg_val_t *args) {
    self->sck = board_pin_number(args[ARG_sck].u_obj);
    self->ws = board_pin_number(args[ARG_ws].u_obj);
    self->sd = board_pin_number(args[ARG_sd].u_obj);
    i2s_check(args);
    self->mode = (uint8_t)args[ARG_mode].u_int;
    self->bits = (uint8_t)args[ARG_bits].u_int;
    self->format = (format_t)args[ARG_format].u_int;
    self->rate = (int)args[ARG_rate].u_int;
    self->ibuf = (int)args[ARG_ibuf].u_int;
    self->callback_for_non_blocking = MP_OBJ_NULL;
    self->io_mode = BLOCKING;
    self->queued = 0;
    self->done = 0;
    self->dma_buffer_status = i2s_ready(self);
    i2s_open(self);
}

static machine_i2s_obj_t *mp_machine_i2s_make_new_instance(mp_int_t id) {
    if (id < 0 || id >= I2S_UNITS) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid id"));
    }
    machine_i2s_obj_t *self = MP_STATE_VM(board_i2s)[id];
    if (self == NULL) {
        self = mp_obj_malloc(machine_i2s_obj_t, &machine_i2s_type);
        self->i2s_id = (uint8_t)id;
        self->channel = NULL;
        MP_STATE_VM(board_i2s)[id] = self;
    } else {
        mp_machine_i2s_deinit(self);
    }
    return self;
}

static void mp_machine_i2s_irq_update(machine_i2s_obj_t *self) {
    board_world_enter();
    if (self->io_mode != NON_BLOCKING) {
        self->queued = 0;
    }
    board_world_leave();
}

void board_i2s_stop_all(void) {
    for (int i = 0; i < I2S_UNITS; i++) {
        if (MP_STATE_VM(board_i2s)[i] != NULL) {
            mp_machine_i2s_deinit(MP_STATE_VM(board_i2s)[i]);
            MP_STATE_VM(board_i2s)[i] = NULL;
        }
    }
}
