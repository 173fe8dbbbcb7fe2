// SPDX-License-Identifier: MIT
// _blox_command: Command. Loaded when one came on cmd;
// python/mpy_blox/mqtt/commands.py drives it.
#include "core/ota/command.h"

#include <string.h>

#include "bind/common/crypto.h"
#include "bind/common/module.h"
#include "bind/common/storage.h"
#include "core/ota/files.h"

enum { SENTENCE_SIZE = 160 };

typedef struct {
    mp_obj_base_t base;
    struct blox_command command;
    struct blox_bind_storage storage;
    struct blox_bind_sha256 sha256;
    mp_obj_t state; // what the command points into
    char path[BLOX_FILE_NAME_MAX];
    struct blox_text why;
    char sentence[SENTENCE_SIZE];
} command_obj;

static void configure(command_obj *self, const mp_obj_t *arguments) {
    struct blox_text path;
    blox_text_init(&path, self->path, sizeof self->path);
    blox_text_add_span(&path, blox_bind_span(arguments[0]));
    struct blox_command_config config = {
        .storage = &self->storage.ops,
        .sha256 = &self->sha256.ops,
        .path = self->path,
        .trusted = mp_obj_is_true(arguments[1]),
        .state = blox_bind_span(arguments[2]),
        .why = &self->why,
    };
    self->state = arguments[2];
    blox_text_init(&self->why, self->sentence, sizeof self->sentence);
    blox_command_init(&self->command, &config);
}

// Command(path, trusted, state)
static mp_obj_t command_make_new(const mp_obj_type_t *type, size_t n_args,
                                 size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 3, 3, false);
    command_obj *self = blox_object_new(type, sizeof *self);
    blox_bind_storage_init(&self->storage);
    blox_bind_sha256_init(&self->sha256);
    configure(self, arguments);
    return MP_OBJ_FROM_PTR(self);
}

// step() -> None while there is more to do, then what to carry out, an enum
// blox_command_action; 0 also when it is refused
static mp_obj_t command_step(mp_obj_t self_in) {
    command_obj *self = MP_OBJ_TO_PTR(self_in);
    int result = blox_command_step(&self->command);
    blox_bind_storage_check(&self->storage);
    blox_bind_raise_kept(&self->sha256.raised);
    return result == 1 ? mp_const_none
                       : MP_OBJ_NEW_SMALL_INT(self->command.action);
}
static MP_DEFINE_CONST_FUN_OBJ_1(command_step_obj, command_step);

// reply() -> (sentence for the log, whether it is obeyed, JSON for `reply`)
static mp_obj_t command_reply(mp_obj_t self_in) {
    command_obj *self = MP_OBJ_TO_PTR(self_in);
    char data[BLOX_COMMAND_REPLY_MAX];
    struct blox_text reply;
    blox_text_init(&reply, data, sizeof data);
    blox_command_reply(&self->command, &reply);
    bool obeyed = self->why.size == 0;
    mp_obj_t items[3];
    items[0] = blox_new_str(obeyed ? blox_span_text(self->command.name)
                                   : blox_text_span(&self->why));
    items[1] = mp_obj_new_bool(obeyed);
    items[2] = blox_new_str(blox_text_span(&reply));
    return mp_obj_new_tuple(3, items);
}
static MP_DEFINE_CONST_FUN_OBJ_1(command_reply_obj, command_reply);

static const mp_rom_map_elem_t command_table[] = {
    BLOX_METHOD(MP_QSTR_step, command_step_obj),
    BLOX_METHOD(MP_QSTR_reply, command_reply_obj),
};
static MP_DEFINE_CONST_DICT(command_dict, command_table);

BLOX_TYPE(blox_command_command_type, MP_QSTR_Command, MP_TYPE_FLAG_NONE,
          make_new, command_make_new, locals_dict, &command_dict);

BLOX_MODULE(MP_QSTR__blox_command, blox_command_module,
            BLOX_TYPES(&blox_command_command_type),
            BLOX_MEMBER(MP_QSTR_Command, blox_command_command_type));
