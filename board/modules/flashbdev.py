# SPDX-License-Identifier: MIT
# The block device of the file system, under the name an ESP32 has for it.
from esp32 import Partition

bdev = Partition.find(Partition.TYPE_DATA, label="vfs")[0]
