# SPDX-License-Identifier: MIT
# What a firmware freezes of this library, for a manifest of your own:
#   include("<this repository>/python/manifest.py", main=True)
# main=True: main.py as well, for devices that boot app-managed; MicroPython
# then runs no /main.py from flash. Without it main.py lives there, beside your
# user_main.py.
options.defaults(main=False)
package("mpy_blox", base_path=".", opt=3)
package("logging", base_path=".", opt=3)
module("frozen_names.py", base_path=".", opt=3)
if options.main:
    module("main.py", base_path=".", opt=3)
