# SPDX-License-Identifier: MIT
# The Python of an ESP32's firmware, and the stand-ins.
include("$(MPY_DIR)/extmod/asyncio")
freeze("modules")
