# SPDX-License-Identifier: MIT
# What a firmware freezes of this library, for a manifest of your own:
#   include("<this repository>/python/manifest.py")
# main.py is not among it: it lives on the device, beside your user_main.py.
package("mpy_blox", base_path=".", opt=3)
package("logging", base_path=".", opt=3)
