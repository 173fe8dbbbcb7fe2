# SPDX-License-Identifier: MIT
# Small helpers that programs use.

import os

from mpy_blox.forget import borrow


# Replaces a file in one step: after a power cut, or without room, it is the old
# or the new.
def rewrite_file(file_path, new_content):
    try:
        with open(file_path + '.new', 'wb') as f:
            f.write(new_content)
        os.rename(file_path + '.new', file_path)
    except OSError as e:
        try:
            os.remove(file_path + '.new')
        except OSError:
            pass
        # Without room for the name littlefs says that it is too long.
        if e.errno in (28, 36):
            raise OSError(28, 'no room on flash')
        raise


def log_vfs_state(path):
    borrow('platform').log_flash(path)


def log_mem_state():
    borrow('platform').log_memory()
