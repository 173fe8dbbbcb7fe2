# SPDX-License-Identifier: MIT
# Small helpers that programs use.

import gc
import logging
import os

_log = logging.getLogger('util')


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
    block, _, blocks, free = os.statvfs(path)[:4]
    _log.info(
        'Flash at %s: %d of %d KiB free',
        path,
        free * block // 1024 if free < blocks else 0,
        blocks * block // 1024,
    )


def log_mem_state():
    free, used = gc.mem_free(), gc.mem_alloc()
    _log.info('Memory: %d of %d bytes free', free, free + used)
