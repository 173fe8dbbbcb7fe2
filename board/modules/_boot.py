# SPDX-License-Identifier: MIT
# Runs before boot.py, as on an ESP32: mounts the flash, makes it ready first
# if it is as from the factory.
import gc
import vfs
from esp32 import Partition

bdev = Partition.find(Partition.TYPE_DATA, label="vfs")[0]

try:
    vfs.mount(bdev, "/")
except OSError:
    import inisetup

    inisetup.setup(bdev)

gc.collect()
