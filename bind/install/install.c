// SPDX-License-Identifier: MIT
// _blox_install: Installer. Loaded at boot alone, when an update is ready;
// python/mpy_blox/update.py drives it.
#include <string.h>

#include "bind/common/crypto.h"
#include "bind/common/module.h"
#include "bind/common/storage.h"
#include "core/ota/install.h"

enum {
    IO_SIZE = 2048,      // bytes read and written at once
    BITMAP_SIZE = 1024,  // 4096 files of one wheel
    SENTENCE_SIZE = 240, // bytes of an error
};

typedef struct {
    mp_obj_base_t base;
    struct blox_install install;
    struct blox_bind_storage storage;
    struct blox_bind_sha256 sha256;
    mp_obj_t platform; // what the installer's span points into
    struct blox_text why;
    char sentence[SENTENCE_SIZE];
} installer_obj;

// Raises what Python raised below the engine, then what the engine says.
static void check(installer_obj *self, int result) {
    if (result < 0) {
        blox_install_close(&self->install);
    }
    blox_bind_storage_check(&self->storage);
    blox_bind_raise_kept(&self->sha256.raised);
    if (result < 0) {
        blox_raise(result, blox_text_span(&self->why));
    }
}

// The unpacker of the module _blox_unpack, which is linked apart to keep both
// small. They come in one wheel, so a size that differs is our own mistake.
static const struct blox_unpack_ops *find_unpacker(void) {
    mp_obj_t module = blox_import(MP_QSTR__blox_unpack);
    struct blox_span address =
        blox_bind_span(blox_call(module, MP_QSTR_ops, MP_OBJ_NULL));
    const struct blox_unpack_ops *ops;
    memcpy(&ops, address.data, sizeof ops);
    if (ops->size != sizeof(struct blox_unpack)) {
        blox_raise(BLOX_ERROR_STATE,
                   blox_span_text("_blox_unpack: is of another version; "
                                  "install the library again"));
    }
    return ops;
}

static void configure(installer_obj *self, const mp_obj_t *arguments) {
    self->platform = arguments[0];
    struct blox_install_config config = {
        .storage = &self->storage.ops,
        .sha256 = &self->sha256.ops,
        .unpack = find_unpacker(),
        .platform = blox_bind_span(self->platform),
        .mpy = (uint32_t)mp_obj_get_int(arguments[1]),
        .io = m_malloc(IO_SIZE),
        .io_size = IO_SIZE,
        .bitmap = m_malloc(BITMAP_SIZE),
        .bitmap_size = BITMAP_SIZE,
        .why = &self->why,
    };
    blox_text_init(&self->why, self->sentence, sizeof self->sentence);
    check(self, blox_install_init(&self->install, &config));
}

// Installer(platform, mpy): mpy is sys.implementation._mpy
static mp_obj_t installer_make_new(const mp_obj_type_t *type, size_t n_args,
                                   size_t n_kw, const mp_obj_t *arguments) {
    mp_arg_check_num(n_args, n_kw, 2, 2, false);
    installer_obj *self = blox_object_new(type, sizeof *self);
    blox_bind_storage_init(&self->storage);
    blox_bind_sha256_init(&self->sha256);
    configure(self, arguments);
    return MP_OBJ_FROM_PTR(self);
}

static void installer_attr(mp_obj_t self_in, qstr name, mp_obj_t *dest) {
    installer_obj *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] != MP_OBJ_NULL) {
        return;
    }
    if (name == MP_QSTR_label) {
        dest[0] = blox_new_str(blox_span_text(self->install.label));
    } else if (name == MP_QSTR_files) {
        dest[0] = MP_OBJ_NEW_SMALL_INT((mp_int_t)self->install.files);
    } else {
        dest[1] = MP_OBJ_SENTINEL; // look in the dictionary
    }
}

static void give_window(installer_obj *self) {
    size_t size = self->install.window_wanted;
    blox_install_set_window(&self->install, NULL, 0); // the old one may go
    blox_install_set_window(&self->install, m_malloc(size), size);
}

// compile_check(path) returns None, or what the compiler said.
static void ask(installer_obj *self, mp_obj_t compile_check) {
    const char *path = self->install.check_path;
    mp_obj_t argument = blox_new_str(blox_span_text(path));
    mp_obj_t said = mp_call_function_n_kw(compile_check, 1, 0, &argument);
    bool compiles = said == mp_const_none;
    blox_install_checked(&self->install, compiles,
                         compiles ? blox_span(NULL, 0) : blox_bind_span(said));
}

// step(compile_check) -> True while there is more to do, False once the set
// is committed, None when none is ready. Raises why the set is refused.
static mp_obj_t installer_step(mp_obj_t self_in, mp_obj_t compile_check) {
    installer_obj *self = MP_OBJ_TO_PTR(self_in);
    int result = blox_install_step(&self->install);
    if (result == BLOX_ERROR_MISSING && self->why.size == 0) {
        return mp_const_none;
    }
    check(self, result);
    if (result == BLOX_INSTALL_WINDOW) {
        give_window(self);
    } else if (result == BLOX_INSTALL_CHECK) {
        ask(self, compile_check);
    }
    return mp_obj_new_bool(result != BLOX_INSTALL_DONE);
}
static MP_DEFINE_CONST_FUN_OBJ_2(installer_step_obj, installer_step);

static const mp_rom_map_elem_t installer_table[] = {
    BLOX_METHOD(MP_QSTR_step, installer_step_obj),
};
static MP_DEFINE_CONST_DICT(installer_dict, installer_table);

BLOX_TYPE(blox_install_installer_type, MP_QSTR_Installer, MP_TYPE_FLAG_NONE,
          make_new, installer_make_new, attr, installer_attr, locals_dict,
          &installer_dict);

BLOX_MODULE(MP_QSTR__blox_install, blox_install_module,
            BLOX_TYPES(&blox_install_installer_type),
            BLOX_MEMBER(MP_QSTR_Installer, blox_install_installer_type));
