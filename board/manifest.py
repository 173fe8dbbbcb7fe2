# SPDX-License-Identifier: MIT
# The Python that an ESP32's firmware carries frozen.
include("$(MPY_DIR)/extmod/asyncio")
freeze("modules")
