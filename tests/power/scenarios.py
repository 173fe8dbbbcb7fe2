# SPDX-License-Identifier: MIT
"""What `make power` cuts: devices, and what a broker has for them.

Each scenario is a function; its docstring says what happens. It returns a
Scenario, which is written as a folder that tests/power/scenario.h describes.
What a device must have at the end is worked out here, apart from the code
under test."""

import functools
import io
import json
import pathlib
import re
import subprocess
import sys
import zipfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = TOP / "build"
sys.path[:0] = [str(TOP / "tests/system"), str(TOP / "tools")]

import short_names  # noqa: E402
from lib.updates import sha256, wheel  # noqa: E402

SECRETS = {"wlan.ssid": "net", "wlan.psk": "a secret"}
SETTINGS = {"network.disabled": True, "update.channel": "test", "hass.update_card": False}
BOOT = "# This file is executed on every boot\n"
USER_MAIN = """\
# version: %s
async def user_main():
    import power_app

    await power_app.run()
"""


class Tree(dict):
    """The files of a device: path to bytes. Directories follow from them."""

    def put(self, path, data):
        self[path] = data.encode() if isinstance(data, str) else data
        return self

    def wheel(self, packed):
        """Installs a wheel as its RECORD says."""
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            for name in archive.namelist():
                self["lib/" + name] = archive.read(name)
        return self

    def without(self, *prefixes):
        return Tree({k: v for k, v in self.items() if not k.startswith(prefixes)})

    def copy(self):
        return Tree(self)


class Scenario:
    def __init__(self, before, after, **conf):
        self.before = before
        self.after = after
        self.image = before.copy().put("provision.json", json.dumps(SECRETS))
        self.folders = []  # that stay although nothing is left in them
        self.conf = dict(conf)
        self.conf.setdefault("secrets", said(SECRETS))
        self.entries = []
        self.payloads = {}

    def wheel(self, name, version, packed, **more):
        return self._entry(
            {"type": "wheel", "name": name, "version": version, **more},
            packed,
            "mpypi/packages/wheel/%s" % sha256(packed),
        )

    def src(self, path, data):
        data = data.encode() if isinstance(data, str) else data
        topic = "mpypi/packages/src/%s/%s" % (path, sha256(data))
        return self._entry({"type": "src", "path": path}, data, topic)

    def delete(self, path):
        self.entries.append({"type": "delete", "path": path})
        return self

    def _entry(self, entry, data, topic):
        self.entries.append(dict(entry, pkg_sha256=sha256(data), size=len(data)))
        if data:
            self.payloads[topic] = data
        return self

    def write(self, folder):
        for name, tree in (
            ("image", self.image),
            ("before", self.before),
            ("after", self.after),
        ):
            for path, data in tree.items():
                place = folder / name / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
        for path in self.folders:
            (folder / "after" / path).mkdir(parents=True, exist_ok=True)
        if self.entries:
            self.payloads["mpypi/channels/test"] = json.dumps(self.entries).encode()
        (folder / "payload").mkdir(parents=True)
        index = []
        for number, (topic, data) in enumerate(self.payloads.items()):
            (folder / "payload" / str(number)).write_bytes(data)
            index.append("%d %s\n" % (number, topic))
        (folder / "payload/index").write_text("".join(index))
        conf = "".join("%s %s\n" % item for item in self.conf.items())
        (folder / "conf").write_text(conf)


def said(secrets):
    """Secrets as modules/power_app.py says them."""
    return ";".join(sorted("%s=%s" % item for item in secrets.items()))


# ---- the device -------------------------------------------------------------


class Framework:
    """The library as it ships; patches plant faults into its sources."""

    def __init__(self, patches=(), work=None):
        self.patches = dict(patches)
        self.work = work

    def source(self, path):
        text = (TOP / "python" / path).read_text()
        for old, new in self.patches.get(path, ()):
            if text.count(old) != 1:
                raise SystemExit("%s: %r is not in it once" % (path, old))
            text = text.replace(old, new)
        return text

    def bytecode(self, path):
        """The bytecode of a module, a path below python/."""
        if set(self.patches) - {"main.py"}:
            return compiled(path, self.shortened()[path], self.work)
        return (BUILD / "dist/bytecode" / path).with_suffix(".mpy").read_bytes()

    @functools.lru_cache(maxsize=None)
    def shortened(self):
        """The sources as they ship: what a patch adds changes what private
        names are called."""
        changed = {path: self.source(path) for path in self.patches}
        changed.pop("main.py", None)
        return short_names.load(TOP / "python", changed).texts()

    def main(self):
        return self.source("main.py")

    def wheel(self, version, changed=None):
        """The library as a wheel; native modules are linked into the
        harness. changed: other files of it."""
        files = {path[:-3] + ".mpy": self.bytecode(path) for path in modules()}
        files.update(changed or {})
        files = {k: v for k, v in files.items() if v is not None}
        return wheel("mpy-blox", version, files, "mpy6-bytecode-unix_x64")


# What a device imports first, and what it imports for an update.
ROOTS = ("mpy_blox/app.py", "mpy_blox/mqtt/update.py", "mpy_blox/rescue.py")
WHEEL = ("mpy_blox/", "logging/")  # the rest of python/ is in no wheel
IMPORT = re.compile(r"^ *(?:from ([\w.]+) import ([\w, ()]+)|import ([\w.]+))", re.M)
NAMED = re.compile(r"()()'((?:mpy_blox|logging)(?:\.\w+)+)'")  # by __import__
BORROWED = re.compile(r"borrow\('([\w.]+)'\)")  # see mpy_blox.forget


@functools.lru_cache(maxsize=None)
def modules():
    """The modules of the library that booting and updating need, as paths
    below python/; a device has more, which only take time here."""
    config = (TOP / "python/mpy_blox/config").glob("*.py")  # imported by name
    found, ahead = set(), list(ROOTS) + ["mpy_blox/config/" + p.name for p in config]
    while ahead:
        path = ahead.pop()
        if not path.startswith(WHEEL) or path in found:
            continue
        if (TOP / "python" / path).is_file():
            found.add(path)
            ahead += imported((TOP / "python" / path).read_text())
    return sorted(found)


def imported(text):
    """Paths of modules that a source may import; some are no modules."""
    borrowed = [("", "", "mpy_blox." + name) for name in BORROWED.findall(text)]
    for package, names, module in IMPORT.findall(text) + NAMED.findall(text) + borrowed:
        dotted = package or module
        names = [name.split()[0] for name in names.strip("() ").split(",") if name]
        for each in [dotted] + ["%s.%s" % (dotted, name) for name in names]:
            parts = each.split(".")
            for count in range(1, len(parts) + 1):
                path = "/".join(parts[:count])
                yield path + ".py"
                yield path + "/__init__.py"


def compiled(path, text, work):
    source = work / path
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(text)
    target = source.with_suffix(".mpy")
    subprocess.run(
        [str(mpy_cross()), "-s", path, "-o", str(target), str(source)], check=True
    )
    return target.read_bytes()


def mpy_cross():
    return TOP / "build/mpy-cross/mpy-cross"


def device(framework):
    """An app-managed device."""
    return (
        Tree()
        .put("main.py", framework.main())
        .put("boot.py", BOOT)
        .put("settings.json", json.dumps(SETTINGS))
        .put("user_main.py", USER_MAIN % "old")
        .wheel(framework.wheel("1.0"))
    )


# ---- packages ---------------------------------------------------------------


def part(name, lines):
    return "".join("%s = %d\n" % (name, number) for number in range(lines))


# Shrinks, grows, is renamed, goes, and comes, between the two.
BIG_1 = {
    "big/__init__.py": "VERSION = 1\n",
    "big/same.py": part("same", 30),
    "big/shrinks.py": part("long", 400),
    "big/grows.py": "x = 1\n",
    "big/goes/deep/old.py": "x = 1\n",
    "big/named.py": part("named", 50),
}
BIG_2 = {
    "big/__init__.py": "VERSION = 2\n",
    "big/same.py": part("same", 30),
    "big/shrinks.py": "x = 2\n",
    "big/grows.py": part("long", 500),
    "big/comes/deep/new.py": "x = 2\n",
    "big/renamed.py": part("named", 50),
    "big/empty.py": "",
}
BIG = {"1.0": wheel("big", "1.0", BIG_1), "2.0": wheel("big", "2.0", BIG_2)}
SMALL = wheel("small", "1.0", {"small.py": part("x", 20)})
RAISES = "raise ValueError('on purpose')\n"
RESETS = "import machine\nmachine.reset()\n"


# ---- scenarios --------------------------------------------------------------


def src(framework):
    """one file replaced"""
    before = device(framework)
    new = USER_MAIN % "new"
    return Scenario(before, before.copy().put("user_main.py", new)).src(
        "user_main.py", new
    )


def src_many(framework):
    """new files, in new directories too, and empty ones"""
    before = device(framework).put("here/old.py", "x = 1\n")
    new = {
        "here/old.py": part("x", 200),
        "here/new file.py": "x = 2\n",
        "new/deep/file.py": part("y", 100),
        "new/empty.py": "",
        "empty.py": "",
    }
    after = before.copy()
    scenario = Scenario(before, after)
    for path, text in new.items():
        after.put(path, text)
        scenario.src(path, text)
    return scenario


def install(framework):
    """a first wheel"""
    before = device(framework)
    after = before.copy().wheel(BIG["1.0"])
    return Scenario(before, after).wheel("big", "1.0", BIG["1.0"])


def _replace(framework, old, new):
    before = device(framework).wheel(BIG[old])
    after = device(framework).wheel(BIG[new])
    return Scenario(before, after).wheel("big", new, BIG[new])


def upgrade(framework):
    """a wheel replaced by a newer one"""
    return _replace(framework, "1.0", "2.0")


def downgrade(framework):
    """a wheel replaced by an older one"""
    return _replace(framework, "2.0", "1.0")


def delete(framework):
    """files removed"""
    gone = {"here/a.py": "x = 1\n", "here/b c.py": part("x", 99), "d.py": ""}
    after = device(framework).put("here/stays.py", "x = 3\n")
    before = after.copy()
    scenario = Scenario(before, after)
    for path, text in gone.items():
        before.put(path, text)
        scenario.image.put(path, text)
        scenario.delete(path)
    return scenario


def mixed(framework):
    """two wheels, files, an empty file, one removed, an unknown entry"""
    before = device(framework).wheel(BIG["1.0"]).put("gone.py", part("x", 9))
    after = device(framework).wheel(BIG["2.0"]).wheel(SMALL)
    new = USER_MAIN % "new"
    after.put("user_main.py", new).put("empty.py", "")
    scenario = Scenario(before, after)
    scenario.entries.append({"type": "firmware", "version": "2"})
    scenario.src("user_main.py", new).wheel("big", "2.0", BIG["2.0"])
    scenario.delete("gone.py").src("empty.py", "").wheel("small", "1.0", SMALL)
    return scenario


def framework(framework):
    """the library replaced by another build of itself"""
    before = device(framework)
    packed = framework.wheel("2.0", {"mpy_blox/added.py": part("x", 30),
                                     "mpy_blox/zipfile.mpy": None})
    after = device_with(framework, packed)
    return Scenario(before, after).wheel("mpy-blox", "2.0", packed)


def device_with(framework, packed):
    return device(framework).without("lib/").wheel(packed)


@functools.lru_cache(maxsize=None)
def newer_rescue(framework):
    text = framework.shortened()["mpy_blox/rescue.py"] + "NEWER = True\n"
    return compiled("mpy_blox/rescue.py", text, BUILD / "power/newer")


LIBRARY_MAIN = """\
import mpy_blox.rescue
import asyncio
from mpy_blox.config import init_config
import power_app

init_config()
asyncio.run(power_app.run())
"""


def library_only(framework):
    """a program with a main.py of its own; library and a file replaced"""
    before = device(framework).put("main.py", LIBRARY_MAIN).put("part.py", "x = 1\n")
    changed = {
        "mpy_blox/added.py": part("x", 30),
        "mpy_blox/rescue.mpy": newer_rescue(framework),
    }
    packed = framework.wheel("2.0", changed)
    after = before.without("lib/").wheel(packed).put("part.py", "x = 2\n")
    scenario = Scenario(before, after).wheel("mpy-blox", "2.0", packed)
    return scenario.src("part.py", "x = 2\n")


def main_py(framework):
    """main.py replaced, alone"""
    before = device(framework)
    new = framework.main() + "# newer\n"
    return Scenario(before, before.copy().put("main.py", new)).src("main.py", new)


def main_and_set(framework):
    """main.py, boot.py, a wheel and a file replaced"""
    before = device(framework).wheel(BIG["1.0"])
    main = framework.main() + "# newer\n"
    boot = "RESCUE = 1\n"
    new = USER_MAIN % "new"
    after = device(framework).wheel(BIG["2.0"]).put("main.py", main)
    after.put("boot.py", boot).put("user_main.py", new)
    scenario = Scenario(before, after).src("main.py", main).src("boot.py", boot)
    return scenario.src("user_main.py", new).wheel("big", "2.0", BIG["2.0"])


def rollback(framework):
    """a set whose program raises: undone after its trial"""
    before = device(framework).wheel(BIG["1.0"]).put("gone.py", "x = 1\n")
    after = device(framework).wheel(BIG["2.0"]).put("user_main.py", RAISES)
    after.put("new/empty.py", "")
    scenario = Scenario(before, after, uncut="old")
    scenario.src("user_main.py", RAISES).wheel("big", "2.0", BIG["2.0"])
    return scenario.delete("gone.py").src("new/empty.py", "")


def provision(framework):
    """the first secrets taken in"""
    before = device(framework)
    after = before.copy()
    scenario = Scenario(before, after, first_boot=1)
    before.put("provision.json", scenario.image["provision.json"])
    return scenario


def rollback_late(framework):
    """the same with a main.py in the set: it stays the old one"""
    scenario = rollback(framework)
    main = framework.main() + "# newer\n"
    scenario.after.put("main.py", main)
    return scenario.src("main.py", main)


def aged(framework):
    """an upgrade on a flash whose metadata is about to be moved"""
    scenario = upgrade(framework)
    scenario.conf["aged"] = 1500
    return scenario


def worn(framework):
    """an upgrade on a flash with sectors that erase badly"""
    scenario = upgrade(framework)
    scenario.conf.update(worn_every=7, wear=1)
    return scenario


def deaf(framework):
    """an upgrade on a flash with sectors that take nothing any more"""
    scenario = upgrade(framework)
    scenario.conf.update(worn_every=5, wear=2)
    return scenario


def full(framework, **room):
    """files and removals that find little room at the boot that installs"""
    before = device(framework).put("gone.py", "x = 1\n").put("big.py", part("x", 9))
    after = device(framework).put("big.py", part("x", 99)).put("new/a.py", part("y", 99))
    scenario = Scenario(before, after, downloaded=1, **room)
    scenario.src("big.py", part("x", 99)).src("new/a.py", part("y", 99))
    return scenario.delete("gone.py")


def resets(framework):
    """a program that resets the device while it is imported: undone"""
    before = device(framework)
    after = before.copy().put("user_main.py", RESETS)
    return Scenario(before, after, **TRIED).src("user_main.py", RESETS)


APP = "lib/mpy_blox/app.py"
TRIED = {"uncut": "old", "boots": 6}  # download, install, three crashes, the old set
HANGS = "import time\nwhile True:\n    time.sleep(1)\n"
FILLS = "kept = [0]\nwhile True:\n    kept = kept + kept\n"


def framework_raises(framework):
    """a new library that raises while it is imported: undone"""
    raises = compiled("mpy_blox/app.py", RAISES, BUILD / "power/raises")
    packed = framework.wheel("2.0", {"mpy_blox/app.mpy": raises,
                                     "mpy_blox/added.py": part("x", 30)})
    before = device(framework)
    scenario = Scenario(before, device_with(framework, packed), **TRIED)
    return scenario.wheel("mpy-blox", "2.0", packed)


def _app_replaced(framework, text):
    """The module that boots as source: undone."""
    before = device(framework)
    after = before.without(APP[:-2]).put(APP, text)
    scenario = Scenario(before, after, **TRIED).src(APP, text)
    return scenario.delete(APP[:-2] + "mpy")


def framework_hangs(framework):
    """one that never ends being imported: the watchdog, then undone"""
    return _app_replaced(framework, HANGS)


def framework_fills(framework):
    """one that takes all memory while it is imported: undone"""
    return _app_replaced(framework, FILLS)


ALL = {
    function.__name__: function
    for function in (
        src, src_many, install, upgrade, downgrade, delete, mixed, framework,
        library_only, main_py, main_and_set, rollback, rollback_late, provision,
        aged, worn, deaf, resets, framework_raises, framework_hangs,
        framework_fills,
    )
}  # fmt: skip
for free in range(17):
    ALL["full_%02d" % free] = functools.partial(full, free_at_commit=free)
for free in (0, 4, 9, 14):
    ALL["too_full_%02d" % free] = functools.partial(full, free_blocks=free, uncut="old")
