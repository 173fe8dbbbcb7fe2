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


def is_native(path):
    return path.startswith("/lib/_blox_")


@functools.lru_cache(maxsize=None)
def _image(static):
    """A flash image with the library; static boards have the native modules
    linked in."""
    folder = _folder()
    with Board(folder, static=static) as board:
        board.put(
            {
                path: file
                for path, file in library().items()
                if not (static and is_native(path))
            }
        )
    return folder / "board.flash"


def install(directory, static=False):
    """Makes a flash image with the library in it for Board(directory)."""
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_image(static), directory / "board.flash")
