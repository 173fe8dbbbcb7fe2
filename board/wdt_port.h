// SPDX-License-Identifier: MIT
// What extmod/machine_wdt.c includes: a bridge to the board's watchdog.
#include "board/machine.h"

typedef struct _machine_wdt_obj_t {
    mp_obj_base_t base;
} machine_wdt_obj_t;

static machine_wdt_obj_t board_wdt = {{&machine_wdt_type}};

static machine_wdt_obj_t *mp_machine_wdt_make_new_instance(mp_int_t id,
                                                           mp_int_t timeout) {
    if (id != 0) {
        mp_raise_ValueError(NULL);
    }
    if (timeout <= 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("WDT timeout too short"));
    }
    board_watchdog_start(timeout);
    return &board_wdt;
}

static void mp_machine_wdt_feed(machine_wdt_obj_t *self) {
    (void)self;
    board_watchdog_feed();
}
