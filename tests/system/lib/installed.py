# SPDX-License-Identifier: MIT
"""Boards with the library installed, as `make deploy-lib` leaves them."""

import atexit
import fcntl
import functools
import pathlib
import shutil
import subprocess
import tempfile

from lib.boards import ROOT, Board

TREE = ROOT / "build/dist/unix_x64"
MAIN = (ROOT / "python/main.py").read_text()


@functools.lru_cache(maxsize=None)
def library():
    """The library's files for this host's boards: path on board to path.

    A copy of this process's own: tests run side by side, and each `make dist`
    makes its folder anew."""
    folder = _folder() / "dist"
    with open(ROOT / "build/dist.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(
            ["make", "-s", "dist", "PLATFORM=unix_x64"], cwd=ROOT, check=True
        )
        shutil.copytree(TREE, folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {"/lib/%s" % path.relative_to(folder): path for path in files}


def _folder():
    """A new folder that goes with the process."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="blox-image-"))
    atexit.register(shutil.rmtree, folder)
    return folder


@functools.lru_cache(maxsize=None)
def _image():
    """A flash image with the library."""
    folder = _folder()
    with Board(folder) as board:
        board.put(library())
    return folder / "board.flash"


def install(directory, static=False):
    """Makes a flash image with the library in it for Board(directory); a
    static board needs none, its firmware has library and main.py."""
    if not static:
        directory = pathlib.Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_image(), directory / "board.flash")
