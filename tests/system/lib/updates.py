# SPDX-License-Identifier: MIT
"""A publisher in Python, and boards that follow its channel."""

import base64
import hashlib
import io
import json
import random
import time
import zipfile

from lib.boards import ROOT
from lib.installed import install, library

CHANNEL = "mpypi/channels/test"
USER_MAIN = """\
import asyncio

async def user_main():
    print('user_main %s runs')
    while True:
        await asyncio.sleep(1)
"""


OWN_MAIN = """\
import mpy_blox.rescue
import asyncio, network, time
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect('net', 'password')
while not wlan.isconnected():
    time.sleep_ms(10)
from mpy_blox.config import config
from mpy_blox.mqtt import MQTTConnectionManager
from mpy_blox.mqtt.update import MQTTUpdateChannel
config['mqtt'] = {'server': '%s', 'port': %d}
config['update.trial_timeout'] = 1
config['update.trial_watchdog'] = 2
async def main():
    connection = MQTTConnectionManager.get_connection()
    await connection.connect()
    await MQTTUpdateChannel('test', True, connection).register()
    import thing
    print('thing', thing.VERSION)
    while True:
        await asyncio.sleep(1)
asyncio.run(main())
"""


def own_main(broker):
    """A main.py of somebody who uses the library alone; it imports thing."""
    return OWN_MAIN % (broker.host, broker.port)


def user_main(name):
    return (USER_MAIN % name).encode()


def noise(size, seed=1):
    """Bytes that no packer makes shorter."""
    return random.Random(seed).getrandbits(8 * size).to_bytes(size, "little")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def record_line(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return "%s,sha256=%s,%d\n" % (name, digest.rstrip(b"=").decode(), len(data))


def wheel(name, version, files, tag="py3-none-any", spoil=None, store=False):
    """A wheel's bytes. spoil(members, record) may change both before it is
    packed; members is a dict of names to bytes."""
    info = "%s-%s.dist-info" % (name.replace("-", "_"), version)
    members = {k: v.encode() if isinstance(v, str) else v for k, v in files.items()}
    members[info + "/METADATA"] = (
        "Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (name, version)
    ).encode()
    members[info + "/WHEEL"] = (
        "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n"
        "Tag: %s\n" % tag
    ).encode()
    record = [record_line(k, v) for k, v in members.items()]
    record.append("%s/RECORD,,\n" % info)
    if spoil:
        spoil(members, record)
    members[info + "/RECORD"] = "".join(record).encode()
    packed = io.BytesIO()
    method = zipfile.ZIP_STORED if store else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(packed, "w", method) as archive:
        for member, data in members.items():
            archive.writestr(member, data)
    return packed.getvalue()


class Publisher:
    """Collects entries of a list and their packages, then publishes them."""

    def __init__(self, broker):
        self.broker = broker
        self.entries = []

    def wheel(self, name, version, data, size=True, send=True, **more):
        entry = {
            "type": "wheel",
            "name": name,
            "version": version,
            "pkg_sha256": sha256(data),
        }
        self._add(entry, data, size, more)
        if send:
            topic = "mpypi/packages/wheel/" + sha256(data)
            self.broker.publish(topic, data, retain=True)
        return self

    def src(self, path, data, size=True, topic="mpypi/packages/src/%s/%s", **more):
        data = data.encode() if isinstance(data, str) else data
        entry = {"type": "src", "path": path, "pkg_sha256": sha256(data)}
        self._add(entry, data, size, more)
        if topic and data:
            if "%s" in topic:
                topic = topic % ((path, sha256(data))[: topic.count("%s")])
            self.broker.publish(topic, data, retain=True)
        return self

    def delete(self, path):
        self.entries.append({"type": "delete", "path": path})
        return self

    def _add(self, entry, data, size, more):
        if size:
            entry["size"] = len(data)
        entry.update(more)
        self.entries.append(entry)

    def publish(self, topic=CHANNEL, retain=True):
        self.broker.publish(topic, json.dumps(self.entries).encode(), retain)
        return self


def updating(boards, tmp_path, broker, files=(), static=False, settings=(), **more):
    """A started board with library and main.py, on flash or in its firmware,
    that follows CHANNEL."""
    if "flash" not in more:
        install(tmp_path / "board", static)
    board = boards(static=static, **more)
    if "flash" in more:
        board.put(library())
    config = {
        "mqtt": {"server": broker.host, "port": broker.port},
        "update.channel": "test",
        "update.auto_update": True,
        "update.trial_timeout": 1,
        "update.boot_timeout": 3,
    }
    config.update(settings)
    start = {} if static else {"/main.py": ROOT / "python/main.py"}
    start |= {
        "/settings.json": json.dumps(config),
        "/provision.json": json.dumps({"wlan.ssid": "net", "wlan.psk": "password"}),
        "/user_main.py": user_main("one"),
    }
    start.update(files)
    board.put(start)
    board.node = node(board)
    return board


def following(boards, tmp_path, broker, **more):
    """Such a board once it runs user_main one, and its states."""
    board = updating(boards, tmp_path, broker, **more)
    states = States(broker.watch("mpypi/nodes/#"), board)
    board.restart()
    board.wait_for("user_main one runs")
    return board, states


def node(board):
    code = (
        "import machine, os, binascii; print(os.uname()[0] + '-' + "
        "binascii.hexlify(machine.unique_id()).decode())"
    )
    return board.exec(code).strip()


class States:
    """What a board says on its update topic, in order."""

    def __init__(self, watch, board):
        self.watch = watch
        self.topic = "mpypi/nodes/%s/update" % board.node
        self.info_topic = "mpypi/nodes/%s/info" % board.node

    def all(self):
        return [json.loads(m[1]) for m in self.watch.messages if m[0] == self.topic]

    def wait(self, state, timeout=30, after=0):
        """Waits for a document of this state; returns it."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for document in self.all()[after:]:
                if document["state"] == state:
                    return document
            time.sleep(0.05)
        raise TimeoutError(
            "state %r was not published; these were: %s"
            % (state, [(d["state"], d["error"]) for d in self.all()])
        )

    def progress(self, pkg, timeout=20):
        """Waits for a document that says how much of pkg is there."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for document in self.all():
                if document["pkg"] == pkg and document["received"]:
                    return document
            time.sleep(0.05)
        raise TimeoutError("no progress of %s: %s" % (pkg, self.all()))

    def info(self):
        """The last info document."""
        time.sleep(0.5)
        documents = [m[1] for m in self.watch.messages if m[0] == self.info_topic]
        return json.loads(documents[-1])
