// SPDX-License-Identifier: MIT
#include "bind/hass/entity.h"

struct blox_span blox_hass_optional(mp_obj_t object) {
    return object == mp_const_none ? blox_span(NULL, 0)
                                   : blox_bind_span(object);
}

mp_obj_t blox_hass_show(const char *words) {
    size_t size = 0;
    for (int parts = 5; parts > 0; --parts) {
        size += strlen(words + size) + 1;
    }
    return blox_view_set(blox_view_new(), words, size);
}

_Noreturn void blox_hass_raise(struct blox_span sentence) {
    mp_obj_t text = blox_new_str(sentence);
    nlr_raise(
        mp_call_function_n_kw(mp_load_global(MP_QSTR_ValueError), 1, 0, &text));
}
