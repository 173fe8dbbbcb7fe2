# SPDX-License-Identifier: MIT
# The same with the library and its main.py frozen: make board-bin STATIC=1.
include("manifest.py")
include("../python/manifest.py", main=True)
