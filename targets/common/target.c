// SPDX-License-Identifier: MIT
// Module `target`: what an emulated board has that MicroPython does not know.
//   flash()        a block device of 4 KiB blocks
//   rom()          the ROMFS that the host gave, a memoryview
//   Link()         the byte link, a stream that looks like a socket
//   mark(name)     prints how many instructions have been executed
//   stack(function, *arguments)   calls it
//   stack_taken()  bytes of C stack that the call by stack() took
//   reset()        ends the emulator; the host starts it again
//   end()          ends it for good
#include <string.h>

#include "extmod/vfs.h"
#include "py/builtin.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/objarray.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "targets/common/port.h"

enum { EXIT_RESET = 42, PAINT = 0x5a };

// --- Flash

static uint8_t *block_at(mp_obj_t block, size_t offset) {
    return target_flash() + (size_t)mp_obj_get_int(block) * TARGET_PAGE +
           offset;
}

static size_t offset_of(size_t count, const mp_obj_t *arguments) {
    return count > 3 ? (size_t)mp_obj_get_int(arguments[3]) : 0;
}

static mp_obj_t flash_readblocks(size_t count, const mp_obj_t *arguments) {
    mp_buffer_info_t into;
    mp_get_buffer_raise(arguments[2], &into, MP_BUFFER_WRITE);
    memcpy(into.buf, block_at(arguments[1], offset_of(count, arguments)),
           into.len);
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_readblocks_obj, 3, 4,
                                           flash_readblocks);

// With an offset what is written was erased before; without, it is erased here.
static mp_obj_t flash_writeblocks(size_t count, const mp_obj_t *arguments) {
    mp_buffer_info_t from;
    mp_get_buffer_raise(arguments[2], &from, MP_BUFFER_READ);
    memcpy(block_at(arguments[1], offset_of(count, arguments)), from.buf,
           from.len);
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_writeblocks_obj, 3, 4,
                                           flash_writeblocks);

static mp_obj_t flash_ioctl(mp_obj_t self, mp_obj_t request, mp_obj_t block) {
    (void)self;
    switch (mp_obj_get_int(request)) {
    case MP_BLOCKDEV_IOCTL_BLOCK_COUNT:
        return mp_obj_new_int_from_uint(target_image()->flash_size /
                                        TARGET_PAGE);
    case MP_BLOCKDEV_IOCTL_BLOCK_SIZE:
        return MP_OBJ_NEW_SMALL_INT(TARGET_PAGE);
    case MP_BLOCKDEV_IOCTL_BLOCK_ERASE:
        memset(block_at(block, 0), 0xff, TARGET_PAGE);
        return MP_OBJ_NEW_SMALL_INT(0);
    default:
        return MP_OBJ_NEW_SMALL_INT(0);
    }
}
static MP_DEFINE_CONST_FUN_OBJ_3(flash_ioctl_obj, flash_ioctl);

static const mp_rom_map_elem_t flash_table[] = {
    {MP_ROM_QSTR(MP_QSTR_readblocks), MP_ROM_PTR(&flash_readblocks_obj)},
    {MP_ROM_QSTR(MP_QSTR_writeblocks), MP_ROM_PTR(&flash_writeblocks_obj)},
    {MP_ROM_QSTR(MP_QSTR_ioctl), MP_ROM_PTR(&flash_ioctl_obj)},
};
static MP_DEFINE_CONST_DICT(flash_dict, flash_table);

static MP_DEFINE_CONST_OBJ_TYPE(flash_type, MP_QSTR_Flash, MP_TYPE_FLAG_NONE,
                                locals_dict, &flash_dict);
static const mp_obj_base_t flash_object = {&flash_type};

static mp_obj_t target_flash_new(void) {
    return MP_OBJ_FROM_PTR(&flash_object);
}
static MP_DEFINE_CONST_FUN_OBJ_0(target_flash_obj, target_flash_new);

static mp_obj_t target_rom(void) {
    const struct target_image *image = target_image();
    uint8_t *data = (uint8_t *)(uintptr_t)image + TARGET_PAGE;
    return mp_obj_new_memoryview('B', image->rom_size, data);
}
static MP_DEFINE_CONST_FUN_OBJ_0(target_rom_obj, target_rom);

// --- Link

static const mp_obj_type_t link_type;

static mp_obj_t link_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw,
                         const mp_obj_t *arguments) {
    (void)arguments;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    if (!target_link_open()) {
        mp_raise_OSError(MP_ENODEV);
    }
    mp_obj_base_t *self = mp_obj_malloc(mp_obj_base_t, type);
    return MP_OBJ_FROM_PTR(self);
}

// What the link said, as a stream says it.
static mp_uint_t transferred(int count, int *errcode) {
    if (count < 0) {
        *errcode = MP_ECONNRESET;
        return MP_STREAM_ERROR;
    }
    if (count == 0) {
        *errcode = MP_EAGAIN;
        return MP_STREAM_ERROR;
    }
    return (mp_uint_t)count;
}

static mp_uint_t link_read(mp_obj_t self, void *data, mp_uint_t size,
                           int *errcode) {
    (void)self;
    return transferred(target_link_read(data, size), errcode);
}

static mp_uint_t link_write(mp_obj_t self, const void *data, mp_uint_t size,
                            int *errcode) {
    (void)self;
    return transferred(target_link_write(data, size), errcode);
}

static mp_uint_t link_ioctl(mp_obj_t self, mp_uint_t request, uintptr_t flags,
                            int *errcode) {
    (void)self;
    if (request == MP_STREAM_POLL) {
        mp_uint_t ready = flags & MP_STREAM_POLL_WR;
        if (flags & MP_STREAM_POLL_RD && target_link_readable()) {
            ready |= MP_STREAM_POLL_RD;
        }
        return ready;
    }
    if (request == MP_STREAM_CLOSE || request == MP_STREAM_FLUSH) {
        return 0;
    }
    *errcode = MP_EINVAL;
    return MP_STREAM_ERROR;
}

// setblocking, setsockopt, connect: the line is there, and never blocks.
static mp_obj_t link_ready(size_t count, const mp_obj_t *arguments) {
    (void)count;
    (void)arguments;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR(link_ready_obj, 1, link_ready);

static const mp_rom_map_elem_t link_table[] = {
    {MP_ROM_QSTR(MP_QSTR_setblocking), MP_ROM_PTR(&link_ready_obj)},
    {MP_ROM_QSTR(MP_QSTR_setsockopt), MP_ROM_PTR(&link_ready_obj)},
    {MP_ROM_QSTR(MP_QSTR_connect), MP_ROM_PTR(&link_ready_obj)},
    {MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&mp_stream_read_obj)},
    {MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&mp_stream_readinto_obj)},
    {MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&mp_stream_write_obj)},
    {MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&mp_stream_close_obj)},
};
static MP_DEFINE_CONST_DICT(link_dict, link_table);

static const mp_stream_p_t link_stream = {
    .read = link_read, .write = link_write, .ioctl = link_ioctl};

static MP_DEFINE_CONST_OBJ_TYPE(link_type, MP_QSTR_Link, MP_TYPE_FLAG_NONE,
                                make_new, link_new, protocol, &link_stream,
                                locals_dict, &link_dict);

// --- Figures, and the end

static mp_obj_t target_mark_name(mp_obj_t name) {
    target_mark(mp_obj_str_get_str(name));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(target_mark_obj, target_mark_name);

enum { NEAR = 192 }; // bytes below a frame that are its own, and not painted

// The lowest address that the call of target_stack() took, with those inside
// it; what the last one took.
static uint8_t *lowest;
static size_t taken;

// As deep as Python may go.
static uint8_t *paint(uint8_t *top) {
    uint8_t *floor =
        (uint8_t *)MP_STATE_THREAD(stack_top) - TARGET_STACK - NEAR;
    for (volatile uint8_t *at = floor; at < top - NEAR; ++at) {
        *at = PAINT;
    }
    return floor;
}

static uint8_t *first_not_painted(uint8_t *from, const uint8_t *to) {
    while (from < to && *(volatile uint8_t *)from == PAINT) {
        ++from;
    }
    return from;
}

// Paints the stack below its own frame, calls, and looks how much of the
// paint is gone, also when the call raises. A call inside the call paints anew
// what is below itself, so it tells how deep it went.
static mp_obj_t target_stack(size_t count, const mp_obj_t *arguments) {
    uint8_t *top = __builtin_frame_address(0);
    uint8_t *outer = lowest, *floor = paint(top);
    mp_obj_t result = MP_OBJ_NULL;
    nlr_buf_t nlr;
    lowest = top;
    if (nlr_push(&nlr) == 0) {
        result =
            mp_call_function_n_kw(arguments[0], count - 1, 0, arguments + 1);
        nlr_pop();
    }
    uint8_t *mine = first_not_painted(floor, lowest);
    taken = (size_t)(top - mine);
    lowest = outer == NULL ? NULL : outer < mine ? outer : mine;
    if (result == MP_OBJ_NULL) {
        nlr_jump(nlr.ret_val);
    }
    return result;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR(target_stack_obj, 1, target_stack);

static mp_obj_t target_stack_taken(void) {
    return mp_obj_new_int_from_uint(taken);
}
static MP_DEFINE_CONST_FUN_OBJ_0(target_stack_taken_obj, target_stack_taken);

static mp_obj_t target_reset(void) {
    target_exit(EXIT_RESET);
}
static MP_DEFINE_CONST_FUN_OBJ_0(target_reset_obj, target_reset);

static mp_obj_t target_end(void) {
    target_exit(0);
}
static MP_DEFINE_CONST_FUN_OBJ_0(target_end_obj, target_end);

static const mp_rom_map_elem_t target_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_target)},
    {MP_ROM_QSTR(MP_QSTR_flash), MP_ROM_PTR(&target_flash_obj)},
    {MP_ROM_QSTR(MP_QSTR_rom), MP_ROM_PTR(&target_rom_obj)},
    {MP_ROM_QSTR(MP_QSTR_Link), MP_ROM_PTR(&link_type)},
    {MP_ROM_QSTR(MP_QSTR_mark), MP_ROM_PTR(&target_mark_obj)},
    {MP_ROM_QSTR(MP_QSTR_stack), MP_ROM_PTR(&target_stack_obj)},
    {MP_ROM_QSTR(MP_QSTR_stack_taken), MP_ROM_PTR(&target_stack_taken_obj)},
    {MP_ROM_QSTR(MP_QSTR_reset), MP_ROM_PTR(&target_reset_obj)},
    {MP_ROM_QSTR(MP_QSTR_end), MP_ROM_PTR(&target_end_obj)},
};
static MP_DEFINE_CONST_DICT(target_dict, target_table);

const mp_obj_module_t target_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&target_dict,
};
MP_REGISTER_MODULE(MP_QSTR_target, target_module);
