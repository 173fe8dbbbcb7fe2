# SPDX-License-Identifier: MIT
# What an ESP32's firmware carries frozen, and the program that the harness
# runs as user_main.
include("$(MPY_DIR)/extmod/asyncio")
freeze("../../board/modules")
freeze("modules")
