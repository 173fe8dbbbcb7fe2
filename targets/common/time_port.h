// SPDX-License-Identifier: MIT
// What extmod/modtime.c includes.
#include "shared/timeutils/timeutils.h"

#include "targets/common/port.h"

static mp_uint_t seconds_now(void) {
    return TARGET_START + (mp_uint_t)(target_microseconds() / 1000000);
}

static mp_obj_t mp_time_time_get(void) {
    return mp_obj_new_int_from_uint(seconds_now());
}

static mp_obj_t mp_time_localtime_get(void) {
    timeutils_struct_time_t now;
    timeutils_seconds_since_epoch_to_struct_time(seconds_now(), &now);
    mp_obj_t items[8] = {
        MP_OBJ_NEW_SMALL_INT(now.tm_year), MP_OBJ_NEW_SMALL_INT(now.tm_mon),
        MP_OBJ_NEW_SMALL_INT(now.tm_mday), MP_OBJ_NEW_SMALL_INT(now.tm_hour),
        MP_OBJ_NEW_SMALL_INT(now.tm_min),  MP_OBJ_NEW_SMALL_INT(now.tm_sec),
        MP_OBJ_NEW_SMALL_INT(now.tm_wday), MP_OBJ_NEW_SMALL_INT(now.tm_yday),
    };
    return mp_obj_new_tuple(8, items);
}
