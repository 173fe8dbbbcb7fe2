# SPDX-License-Identifier: MIT
"""Devices as the broker sees them: what they retain, what they answer."""

import hashlib
import json
import threading

from cli_brokers import paho_client

LIST = [
    {'type': 'wheel', 'name': 'bigpkg', 'version': '1.1',
     'pkg_sha256': '1' * 64, 'size': 150853},
    {'type': 'platform-wheel', 'tag': 'mpy6-bytecode-esp32c3', 'mpy': '6.3',
     'name': 'mpy-blox', 'version': '1.2.0', 'pkg_sha256': '2' * 64,
     'size': 60112},
    {'type': 'src', 'path': 'user_main.py', 'pkg_sha256': '3' * 64,
     'size': 812},
    {'type': 'delete', 'path': 'old_module.py'},
]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def set_name(entries):
    """How devices name the set of these entries (docs/protocol.md, 4)."""
    digest = hashlib.sha256()
    for entry in entries:
        digest.update(entry.get('path', entry.get('name')).encode() + b'\0')
        digest.update(bytes.fromhex(entry.get('pkg_sha256', '0' * 64)))
    return digest.hexdigest()[:8]


class Fleet:
    """Messages go out at once and in order; wait() says when all arrived."""

    def __init__(self, port):
        self.client = paho_client()
        self.client.max_inflight_messages_set(0)
        self.client.max_queued_messages_set(0)
        self.sent = []
        self.handlers = {}
        self.client.on_message = self._on_message
        self.client.connect('127.0.0.1', port)
        self.client.loop_start()

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()

    def send(self, topic, payload, retain=True):
        if isinstance(payload, (dict, list)):
            payload = json.dumps(payload, separators=(',', ':'))
        self.sent.append(self.client.publish(topic, payload, 1, retain))

    def wait(self):
        for info in self.sent:
            info.wait_for_publish()
        self.sent.clear()

    def node(self, name, status='online', update=None, **info):
        topic = 'mpypi/nodes/%s/' % name
        self.send(topic + 'status', status)
        self.send(topic + 'info', {
            'uname': {'sysname': 'esp32',
                      'machine': 'ESP32C3 module with ESP32C3',
                      'version': 'v1.25.0 on 2025-04-15'},
            'versions': {'mpy-blox': '1.2.0', 'bigpkg': '1.0'},
            'platform': 'esp32c3', 'mpy': '6.3', 'channel': 'latest',
            'files': {'user_main.py': 'b6c58805'},
            'heap_free': 104320, 'fs_free': 1048576,
            'boot': {'count': 17, 'cause': 'hard', 'trial': False,
                     'safe_mode': False},
            'update': {'state': 'idle', 'serial': None, 'error': None},
            **info})
        self.update(name, **(update or {}))

    def update(self, name, **keys):
        self.send('mpypi/nodes/%s/update' % name, {
            'state': 'idle', 'pkg': None, 'received': 0, 'total': 0,
            'done': 0, 'of': 0, 'installed': None, 'latest': None,
            'error': None, **keys})

    def original(self, name):
        self.send('mpypi/nodes/%s/info' % name, {
            'uname': {'sysname': 'esp32', 'machine': 'ESP32 module with ESP32',
                      'version': 'v1.22.2 on 2024-02-22'},
            'versions': {'mpy-blox': '0.5.1'}})

    def on(self, topic, handler):
        """Calls handler(payload) for each message from now on."""
        subscribed = threading.Event()
        self.handlers[topic] = handler
        self.client.on_subscribe = lambda *unused: subscribed.set()
        self.client.subscribe(topic, 1)
        assert subscribed.wait(10)

    def _on_message(self, client, unused, message):
        self.handlers[message.topic](message.payload)

    def answers(self, name, files=()):
        """Lets a node answer commands as docs/protocol.md, 5 has it."""
        files = dict(files)

        def act(payload):
            command = json.loads(payload)
            reply = {'cmd': command['cmd'], 'id': command['id'], 'ok': True}
            if command['cmd'] == 'hash' and command['path'] in files:
                data = files[command['path']]
                reply.update(path=command['path'], sha256=sha256(data),
                             size=len(data))
            elif command['cmd'] == 'hash':
                reply.update(ok=False, error="command '%s': there is no such "
                             "file" % command['path'])
            elif command['cmd'] in ('confirm', 'rollback'):
                reply.update(ok=False, error="command '%s': no new set is on "
                             "trial" % command['cmd'])
            if command.get('path') == 'provision.json':
                reply = {'cmd': 'hash', 'ok': False,
                         'error': "command 'provision.json': it holds secrets"}
            self.send('mpypi/nodes/%s/reply' % name, reply, retain=False)

        self.on('mpypi/nodes/%s/cmd' % name, act)


def populate(fleet):
    """The fleet of the transcripts in golden/fleet."""
    fleet.node('esp32-840d8ed29760', platform='esp32', update={
        'state': 'confirmed', 'installed': 'aa0e3f51', 'latest': 'aa0e3f51'})
    fleet.node('esp32c3-0000c0ffee01', update={
        'state': 'downloading', 'pkg': 'bigpkg 1.1', 'received': 75426,
        'total': 150853, 'done': 1, 'of': 3, 'latest': '31fa14e9'})
    fleet.node('esp32c3-0000c0ffee04', update={
        'state': 'available', 'latest': '01234567'})
    fleet.node('esp32c3-0000c0ffee02', channel='test', update={
        'state': 'failed', 'error': 'bigpkg 1.1: package not on the broker; '
        'publish it again'})
    fleet.node('esp32c3-0000c0ffee03', 'offline', fs_free=49152, boot={
        'count': 3, 'cause': 'crash', 'trial': False, 'safe_mode': True},
        update={'state': 'rolled_back', 'error': 'the update was undone, it '
                'crashed 3 times on trial', 'traceback':
                'File "user_main.py", line 1\nSyntaxError: invalid syntax'})
    fleet.original('esp32-5ec12ef00d00')
    fleet.send('mpypi/nodes/esp32-0b5cu2e/info', 'not JSON \x1b[31m')
    fleet.send('mpypi/channels/latest', LIST)
    fleet.send('mpypi/channels/empty', [])
    for entry in LIST[:2]:
        fleet.send('mpypi/packages/wheel/' + entry['pkg_sha256'], 'wheel')
    fleet.send('mpypi/packages/src/user_main.py/' + '3' * 64, 'code')
    fleet.send('mypypi/packages/user_main.py', 'code')
    fleet.send('mpypi/packages/wheel/' + '9' * 64, 'nobody needs me')
    fleet.send('mypypi/packages/lib/gone.py', 'nor me')
    fleet.send('mypypi/packages/notes', 'nor me')
    fleet.answers('esp32-840d8ed29760', {'user_main.py': b'x = 1\n'})
    fleet.wait()
