# SPDX-License-Identifier: MIT
# Mounts flash at / and what the host gave at /rom, and runs its run.py.
import sys

import target
import vfs


def _mount():
    flash = target.flash()
    try:
        vfs.mount(vfs.VfsLfs2(flash), '/')
    except OSError:
        vfs.VfsLfs2.mkfs(flash)
        vfs.mount(vfs.VfsLfs2(flash), '/')
    vfs.mount(vfs.VfsRom(target.rom()), '/rom')
    sys.path[:] = ['', '/rom', '/rom/lib', '/lib', '.frozen']


_mount()
import run  # noqa: E402, F401
