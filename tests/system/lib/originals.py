# SPDX-License-Identifier: MIT
"""Boards that run a stand-in of the original (lib/original/), and the wheels of
their way to this library."""

import atexit
import functools
import json
import pathlib
import shutil
import subprocess
import tempfile

from lib.boards import ROOT, Board
from lib.installed import library
from lib.updates import node, noise, sha256

TAG = "mpy6-bytecode-unix_x64"
SOURCES = pathlib.Path(__file__).parent / "original"
MAIN = "from mpy_blox.app import main_except_reset\nmain_except_reset()\n"
SECRETS = {"wlan.ssid": "net", "wlan.psk": "a secret", "mqtt.password": "too"}
USER_MAIN = """\
import asyncio
print('user_main %s is imported')

async def user_main():
    print('user_main %s runs')
    while True:
        await asyncio.sleep(1)
"""


def user_main(name):
    return USER_MAIN % (name, name)


@functools.lru_cache(maxsize=None)
def _folder():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="blox-migration-"))
    atexit.register(shutil.rmtree, folder)
    return folder


def _packed(tree, version):
    """A wheel of a folder."""
    words = ["build/cli/blox", "wheel", "build", tree, "--name", "mpy-blox", "--version"]
    words += [version, "--platform", "unix_x64", "--out", _folder()]
    subprocess.run([str(w) for w in words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return _folder() / ("mpy_blox-%s-%s.whl" % (version, TAG))


@functools.lru_cache(maxsize=None)
def original_wheel():
    """The path of the stand-in's wheel, 0.6.0."""
    tree = _folder() / "original"
    for source in SOURCES.rglob("*.py"):
        target = tree / source.relative_to(SOURCES).with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [str(ROOT / "build/mpy-cross/mpy-cross"), "-o", str(target), str(source)],
            check=True,
        )
    # It has more files than the stand-in needs.
    (tree / "mpy_blox/sensor").mkdir(exist_ok=True)
    for i in range(12):
        (tree / ("mpy_blox/sensor/s%d.bin" % i)).write_bytes(noise(700, i))
    return _packed(tree, "0.6.0")


def _stage_one(*words):
    out = _folder() / ("stage%d" % len(words))
    command = ["/usr/bin/python3", "tools/stage_one.py", "--version", "1.0.0.dev0"]
    command += ["--tag", TAG, "--mpy-cross", "build/mpy-cross/mpy-cross", "--out", out]
    subprocess.run([str(w) for w in command + list(words)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return out / ("mpy_blox-1.0.0.dev0-%s.whl" % TAG)


@functools.lru_cache(maxsize=None)
def stage_one(way_back=True):
    """The path of stage one."""
    return _stage_one("--original", original_wheel()) if way_back else _stage_one()


@functools.lru_cache(maxsize=None)
def full_wheel(broken=False):
    """The path of the library's wheel, as `make dist` packs it; broken: its
    mpy_blox.app raises when it is imported."""
    tree = _folder() / ("broken" if broken else "full")
    for path, file in library().items():
        target = tree / path[len("/lib/") :]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    if not broken:
        return _packed(tree, (ROOT / "VERSION").read_text().strip())
    source = _folder() / "app.py"
    source.write_text("raise ValueError('a broken library')\n")
    target = tree / "mpy_blox/app.mpy"
    subprocess.run(
        [str(ROOT / "build/mpy-cross/mpy-cross"), "-o", str(target), str(source)], check=True
    )
    return _packed(tree, "1.0.1")


def entry(kind, path, version, **more):
    data = path.read_bytes()
    found = {"type": kind, "name": "mpy-blox", "version": version}
    return dict(found, pkg_sha256=sha256(data), size=len(data), **more)


def publish(broker, path):
    """Retains a wheel on its topic."""
    data = path.read_bytes()
    broker.publish("mpypi/packages/wheel/" + sha256(data), data, retain=True)


def migration(full=None, version="1.0.0", way_back=True, **more):
    """The list of a migration: stage one for those that run the original, the
    full library for those that know platform-wheels."""
    return [
        entry("wheel", stage_one(way_back), "1.0.0.dev0"),
        entry("platform-wheel", full or full_wheel(), version, tag=TAG, mpy="6.3", **more),
    ]


def publish_list(broker, entries):
    broker.publish("mpypi/channels/test", json.dumps(entries).encode(), retain=True)


@functools.lru_cache(maxsize=None)
def _image():
    """A flash with the stand-in installed as its wheel says; nothing starts it."""
    import zipfile

    folder = _folder() / "image"
    with Board(folder) as board, zipfile.ZipFile(original_wheel()) as wheel:
        board.put({"/lib/" + name: wheel.read(name) for name in wheel.namelist()})
        board.put({"/user_main.py": user_main("one")})
    return folder / "board.flash"


def install(directory, broker, port=None, mqtt=()):
    """Makes a flash image for Board(directory): it follows the channel test;
    mqtt: more of that setting."""
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_image(), directory / "board.flash")
    with Board(directory) as board:
        settings = {
            "mqtt": dict({"server": broker.host, "port": port or broker.port}, **dict(mqtt)),
            "update.channel": "test",
            "update.auto_update": True,
            "update.trial_timeout": 1,
            "update.trial_watchdog": 20,
            "update.boot_timeout": 1,
            "pause": 0.1,
        }
        board.put({"/settings.json": json.dumps(settings), "/provision.json": json.dumps(SECRETS)})
        board.put({"/main.py": MAIN})
        return node(board)
