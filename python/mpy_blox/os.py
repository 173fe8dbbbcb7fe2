# SPDX-License-Identifier: MIT
# Folders.

import os


def is_dir(path):
    try:
        return os.stat(path)[0] & 0x4000 != 0
    except OSError:
        return False


# Makes a folder and those above it. One that is there already is fine.
def makedirs(path):
    at = 0
    path = path.rstrip('/')
    while at >= 0:
        at = path.find('/', at + 1)
        folder = path if at < 0 else path[:at]
        if folder and not is_dir(folder):
            os.mkdir(folder)
