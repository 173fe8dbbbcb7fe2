# SPDX-License-Identifier: MIT
# The Python that the firmware of an emulated target carries frozen.
include("$(MPY_DIR)/extmod/asyncio")
freeze("modules")
