// SPDX-License-Identifier: MIT
// Of _blox_plan: frozen().
#ifndef BIND_PLAN_FROZEN_H
#define BIND_PLAN_FROZEN_H

#include "bind/common/compat.h"

// frozen() -> the modules that are frozen in the firmware and go before those
// in /lib, "asyncio main mpy_blox": `main` and `boot` in any case, for a
// firmware runs its own before those on flash; the others unless the program
// has put /lib before `.frozen` in sys.path. Empty in a native module, which
// cannot tell.
extern const mp_obj_fun_builtin_fixed_t blox_plan_frozen_obj;

#endif
