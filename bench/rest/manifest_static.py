# SPDX-License-Identifier: MIT
# The same with the library frozen, for a firmware it is linked into.
include("manifest.py")
include("../../python/manifest.py", main=True)
