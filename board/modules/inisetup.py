# SPDX-License-Identifier: MIT
# The first boot: formats the flash and writes a boot.py.
import time
import vfs

BOOT_PY = """\
# This file is executed on every boot (including wake-boot from deepsleep)
#import esp
#esp.osdebug(None)
#import webrepl
#webrepl.start()
"""


def is_erased(bdev):
    block = bytearray(bdev.ioctl(5, 0))
    bdev.readblocks(0, block)
    return all(byte == 0xFF for byte in block)


def setup(bdev):
    while not is_erased(bdev):
        print("The file system on flash is damaged: keep the image to look at")
        print("it, or remove it, and the next start makes a new one.")
        time.sleep(3)
    print("Performing initial setup")
    vfs.VfsLfs2.mkfs(bdev)
    fs = vfs.VfsLfs2(bdev)
    vfs.mount(fs, "/")
    with open("boot.py", "w") as f:
        f.write(BOOT_PY)
    return fs
