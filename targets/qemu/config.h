// SPDX-License-Identifier: MIT
// MicroPython's qemu port, as an ESP32's firmware is set up.
#include "ports/qemu/mpconfigport.h"

#include "targets/common/config.h"
