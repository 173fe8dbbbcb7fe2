// SPDX-License-Identifier: MIT
#include "board/flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "py/mperrno.h"
#include "py/runtime.h"

#include "extmod/vfs.h"

#include "board/options.h"
#include "board/reset.h"

enum { NEW_IMAGE_FLASH = 2 * 1024 * 1024 };

static struct sim_flash chip;

static _Noreturn void give_up(const char *why) {
    fprintf(stderr, "board: %s: %s\n", board_options()->image, why);
    exit(EXIT_FAILURE);
}

// Makes a chip as it comes from the factory: all ones.
static void erase_image(int fd, size_t size) {
    static uint8_t ones[64 * 1024];
    memset(ones, 0xff, sizeof(ones));
    for (size_t at = 0; at < size;) {
        size_t part = size - at < sizeof(ones) ? size - at : sizeof(ones);
        ssize_t put = pwrite(fd, ones, part, (off_t)at);
        if (put <= 0) {
            unlink(board_options()->image);
            give_up("no room for a flash image of that size");
        }
        at += (size_t)put;
    }
}

// Returns the image's size, which must be what was asked for.
static size_t image_size(int fd) {
    struct stat stat;
    size_t asked = board_options()->flash;
    if (fstat(fd, &stat) != 0) {
        give_up(strerror(errno));
    }
    if (stat.st_size == 0) {
        size_t size = BOARD_FLASH_NVS + (asked ? asked : NEW_IMAGE_FLASH);
        erase_image(fd, size);
        return size;
    }
    size_t size = (size_t)stat.st_size;
    if (size <= BOARD_FLASH_NVS || size % SIM_FLASH_SECTOR != 0) {
        give_up("is not a flash image; remove it and a new one is made");
    }
    if (asked != 0 && asked != size - BOARD_FLASH_NVS) {
        give_up("has another size than --flash says; leave --flash out, or "
                "remove the image");
    }
    return size;
}

static void cut(void *unused) {
    (void)unused;
    board_power_cut();
}

void board_flash_start(void) {
    int fd = open(board_options()->image, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) {
        give_up(strerror(errno));
    }
    fd = board_keep_fd(fd, false);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        give_up("another board runs on it; stop that one first");
    }
    size_t size = image_size(fd);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        give_up(strerror(errno));
    }
    sim_flash_init(&chip, memory, size);
    uint64_t cut_after = board_options()->cut_after;
    uint64_t before = board_always_on()->flash_operations;
    chip.cut_at = cut_after > before ? cut_after - before : 0;
    chip.cut_keep = SIM_FLASH_PAGE / 2;
    chip.cut = cut;
}

struct sim_flash *board_flash(void) {
    return &chip;
}

// esp32.Partition, as far as a data partition needs it.

enum { TYPE_APP = 0, TYPE_DATA = 1 };

typedef struct {
    mp_obj_base_t base;
    const char *label;
    uint8_t subtype;
    uint32_t address; // where a stock 4 MiB ESP32 has it
    size_t offset;    // where the image has it
} partition_t;

extern const mp_obj_type_t board_partition_type;

static const partition_t partitions[] = {
    {{&board_partition_type}, "nvs", 2, 0x9000, 0},
    {{&board_partition_type}, "vfs", 0x81, 0x200000, BOARD_FLASH_NVS},
};

static size_t partition_size(const partition_t *self) {
    return self->offset == 0 ? BOARD_FLASH_NVS : chip.size - self->offset;
}

static mp_obj_t partition_find(size_t n_args, const mp_obj_t *pos_args,
                               mp_map_t *kw_args) {
    enum { ARG_type, ARG_subtype, ARG_label };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_type, MP_ARG_INT, {.u_int = TYPE_APP}},
        {MP_QSTR_subtype, MP_ARG_INT, {.u_int = 0xff}},
        {MP_QSTR_label, MP_ARG_OBJ, {.u_obj = mp_const_none}},
        {MP_QSTR_block_size, MP_ARG_INT, {.u_int = SIM_FLASH_SECTOR}},
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed,
                     args);
    mp_obj_t found = mp_obj_new_list(0, NULL);
    for (size_t i = 0; i < MP_ARRAY_SIZE(partitions); i++) {
        const partition_t *each = &partitions[i];
        bool subtype = args[ARG_subtype].u_int == 0xff ||
                       args[ARG_subtype].u_int == each->subtype;
        bool label =
            args[ARG_label].u_obj == mp_const_none ||
            strcmp(mp_obj_str_get_str(args[ARG_label].u_obj), each->label) == 0;
        if (args[ARG_type].u_int == TYPE_DATA && subtype && label) {
            mp_obj_list_append(found, MP_OBJ_FROM_PTR(each));
        }
    }
    return found;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(partition_find_fun_obj, 0, partition_find);
static MP_DEFINE_CONST_STATICMETHOD_OBJ(partition_find_obj,
                                        MP_ROM_PTR(&partition_find_fun_obj));

static mp_obj_t partition_info(mp_obj_t self_in) {
    const partition_t *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t items[] = {
        MP_OBJ_NEW_SMALL_INT(TYPE_DATA),
        MP_OBJ_NEW_SMALL_INT(self->subtype),
        mp_obj_new_int_from_uint(self->address),
        mp_obj_new_int_from_uint(partition_size(self)),
        mp_obj_new_str_from_cstr(self->label),
        mp_const_false,
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}
static MP_DEFINE_CONST_FUN_OBJ_1(partition_info_obj, partition_info);

// Where a block operation goes; raises OSError when that is outside.
static size_t partition_offset(size_t n_args, const mp_obj_t *args,
                               size_t size) {
    const partition_t *self = MP_OBJ_TO_PTR(args[0]);
    size_t at = (size_t)mp_obj_get_int(args[1]) * SIM_FLASH_SECTOR;
    at += n_args > 3 ? (size_t)mp_obj_get_int(args[3]) : 0;
    if (at > partition_size(self) || size > partition_size(self) - at) {
        mp_raise_OSError(MP_EINVAL);
    }
    return self->offset + at;
}

static mp_obj_t block_result(int error) {
    return MP_OBJ_NEW_SMALL_INT(error == SIM_FLASH_OK ? 0 : -MP_EIO);
}

static mp_obj_t partition_readblocks(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(args[2], &buffer, MP_BUFFER_WRITE);
    size_t offset = partition_offset(n_args, args, buffer.len);
    return block_result(sim_flash_read(&chip, offset, buffer.buf, buffer.len));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(partition_readblocks_obj, 3, 4,
                                           partition_readblocks);

// Whole blocks are erased first, parts of one (littlefs) are not.
static mp_obj_t partition_writeblocks(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(args[2], &buffer, MP_BUFFER_READ);
    size_t offset = partition_offset(n_args, args, buffer.len);
    int error = SIM_FLASH_OK;
    if (n_args == 3) {
        error = sim_flash_erase(&chip, offset, buffer.len);
    }
    if (error == SIM_FLASH_OK) {
        error = sim_flash_program(&chip, offset, buffer.buf, buffer.len);
    }
    return block_result(error);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(partition_writeblocks_obj, 3, 4,
                                           partition_writeblocks);

static mp_obj_t partition_ioctl(mp_obj_t self_in, mp_obj_t command,
                                mp_obj_t argument) {
    mp_obj_t args[] = {self_in, argument};
    switch (mp_obj_get_int(command)) {
    case MP_BLOCKDEV_IOCTL_INIT:
    case MP_BLOCKDEV_IOCTL_DEINIT:
        return MP_OBJ_NEW_SMALL_INT(0);
    case MP_BLOCKDEV_IOCTL_SYNC:
        return block_result(sim_flash_sync(&chip));
    case MP_BLOCKDEV_IOCTL_BLOCK_COUNT:
        return MP_OBJ_NEW_SMALL_INT(partition_size(MP_OBJ_TO_PTR(self_in)) /
                                    SIM_FLASH_SECTOR);
    case MP_BLOCKDEV_IOCTL_BLOCK_SIZE:
        return MP_OBJ_NEW_SMALL_INT(SIM_FLASH_SECTOR);
    case MP_BLOCKDEV_IOCTL_BLOCK_ERASE:
        return block_result(
            sim_flash_erase(&chip, partition_offset(2, args, SIM_FLASH_SECTOR),
                            SIM_FLASH_SECTOR));
    default:
        return mp_const_none;
    }
}
static MP_DEFINE_CONST_FUN_OBJ_3(partition_ioctl_obj, partition_ioctl);

static void partition_print(const mp_print_t *print, mp_obj_t self_in,
                            mp_print_kind_t kind) {
    (void)kind;
    const partition_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print,
              "<Partition type=%u, subtype=%u, address=%u, size=%u, label=%s, "
              "encrypted=0>",
              TYPE_DATA, self->subtype, (unsigned)self->address,
              (unsigned)partition_size(self), self->label);
}

static const mp_rom_map_elem_t partition_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_find), MP_ROM_PTR(&partition_find_obj)},
    {MP_ROM_QSTR(MP_QSTR_info), MP_ROM_PTR(&partition_info_obj)},
    {MP_ROM_QSTR(MP_QSTR_readblocks), MP_ROM_PTR(&partition_readblocks_obj)},
    {MP_ROM_QSTR(MP_QSTR_writeblocks), MP_ROM_PTR(&partition_writeblocks_obj)},
    {MP_ROM_QSTR(MP_QSTR_ioctl), MP_ROM_PTR(&partition_ioctl_obj)},
    {MP_ROM_QSTR(MP_QSTR_TYPE_APP), MP_ROM_INT(TYPE_APP)},
    {MP_ROM_QSTR(MP_QSTR_TYPE_DATA), MP_ROM_INT(TYPE_DATA)},
};
static MP_DEFINE_CONST_DICT(partition_locals, partition_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(board_partition_type, MP_QSTR_Partition,
                         MP_TYPE_FLAG_NONE, print, partition_print, locals_dict,
                         &partition_locals);
