// SPDX-License-Identifier: MIT
#include "bind/plan/frozen.h"

#if !MICROPY_ENABLE_DYNRUNTIME && MICROPY_MODULE_FROZEN

#include <string.h>

// Of MicroPython's frozen content: paths, one behind the other, the last empty.
extern const char mp_frozen_names[];

// "/lib", "lib" and "lib/" are one folder: programs run in the root.
static bool is_folder(struct blox_span path, const char *name) {
    size_t before = path.size > 0 && path.data[0] == '/';
    path = blox_span_part(path, before, path.size);
    bool behind = blox_span_ends(path, "/");
    return blox_span_is(blox_span_part(path, 0, path.size - behind), name);
}

// Where a folder stands in sys.path; behind all that is in it when it is not.
static size_t place_of(const char *name) {
    size_t count, place = 0;
    mp_obj_t *items;
    mp_obj_get_array(mp_sys_path, &count, &items);
    while (place < count && !is_folder(blox_bind_span(items[place]), name)) {
        ++place;
    }
    return place;
}

// The module at the top of a path: "mpy_blox/app.py" is part of mpy_blox.
static struct blox_span top_of(struct blox_span path) {
    struct blox_span top = blox_span_part(path, 0, blox_span_find(path, '/'));
    bool file = blox_span_ends(top, ".py");
    return file ? blox_span_part(top, 0, top.size - 3) : top;
}

static bool starts(struct blox_span path) {
    return blox_span_is(path, "main.py") || blox_span_is(path, "boot.py");
}

static mp_obj_t plan_frozen(void) {
    vstr_t names;
    struct blox_span last = blox_span(NULL, 0);
    bool before_lib = place_of(".frozen") < place_of("lib");
    vstr_init(&names, 64);
    for (const char *name = mp_frozen_names; *name != '\0';
         name += strlen(name) + 1) {
        struct blox_span path = blox_span_text(name);
        struct blox_span top = top_of(path);
        if ((before_lib || starts(path)) && !blox_span_equal(top, last)) {
            vstr_add_strn(&names, (const char *)top.data, top.size);
            vstr_add_char(&names, ' ');
            last = top;
        }
    }
    return mp_obj_new_str_from_vstr(&names);
}

#else

static mp_obj_t plan_frozen(void) {
    return blox_new_str(blox_span_text(""));
}

#endif

MP_DEFINE_CONST_FUN_OBJ_0(blox_plan_frozen_obj, plan_frozen);
