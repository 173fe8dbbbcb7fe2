// SPDX-License-Identifier: MIT
// MicroPython's qemu port as a board that mpy_blox is at home on: what an
// ESP32's firmware brings and that port leaves out. `machine` is the stand-in
// of modules/.
#include "ports/qemu/mpconfigport.h"

#undef MICROPY_PY_MACHINE
#undef MICROPY_PY_MACHINE_INCLUDEFILE
#undef MICROPY_PY_MACHINE_RESET
#undef MICROPY_PY_MACHINE_PIN_BASE
#undef MICROPY_PY_ASYNCIO
#undef MICROPY_PY_SELECT
#undef MICROPY_PY_TIME
#define MICROPY_PY_MACHINE (0)
#define MICROPY_PY_ASYNCIO (1)
#define MICROPY_PY_SELECT (1)
#define MICROPY_PY_TIME (1)
#define MICROPY_PY_TIME_TIME_TIME_NS (1)
#define MICROPY_PY_TIME_GMTIME_LOCALTIME_MKTIME (1)
#define MICROPY_PY_TIME_INCLUDEFILE "bench/rest/time_port.h"
#define MICROPY_PY_OS_INCLUDEFILE "bench/rest/os_port.h"
#define MICROPY_PY_OS_UNAME (1)
#define MICROPY_PY_OS_URANDOM (1)
#define MICROPY_PY_HASHLIB_SHA256 (1)
