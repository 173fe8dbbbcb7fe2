# SPDX-License-Identifier: MIT
"""Brokers to test against: a real mosquitto, and one that misbehaves."""

import pathlib
import socket
import subprocess
import threading
import time

import paho.mqtt.client as mqtt


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def wait_for_port(port, process, log):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            socket.create_connection(('127.0.0.1', port), 0.2).close()
            return
        except OSError:
            assert process.poll() is None, pathlib.Path(log).read_text()
            time.sleep(0.02)
    raise AssertionError('mosquitto did not start')


MOSQUITTO = '/usr/sbin/mosquitto'


def paho_client(name=''):
    """A client with either version of that library."""
    if hasattr(mqtt, 'CallbackAPIVersion'):
        return mqtt.Client(mqtt.CallbackAPIVersion.VERSION1, name)
    return mqtt.Client(name)


class Mosquitto:
    def __init__(self, folder, *lines):
        folder.mkdir()
        self.port = free_port()
        log = folder / 'log'
        config = folder / 'mosquitto.conf'
        config.write_text('\n'.join(
            (f'listener {self.port} 127.0.0.1', 'user root', *lines)) + '\n')
        self.process = subprocess.Popen(
            [MOSQUITTO, '-c', config], stdout=log.open('w'),
            stderr=subprocess.STDOUT)
        wait_for_port(self.port, self.process, log)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def options(self):
        return ['-h', '127.0.0.1', '-p', self.port]

    def listen(self, topic='#', user=None, password=None):
        return Listener(self.port, topic, user, password)

    def retained(self, **login):
        """What a client that comes later finds: {topic: payload}."""
        with self.listen(**login) as listener:
            listener.settle()
        assert all(m.retain for m in listener.messages)
        return {m.topic: m.payload for m in listener.messages}


class Listener:
    """Keeps every message that arrives, in order."""

    def __init__(self, port, topic, user, password):
        self.messages = []
        self.subscribed = threading.Event()
        self.client = paho_client()
        if user:
            self.client.username_pw_set(user, password)
        self.client.on_message = lambda *a: self.messages.append(a[2])
        self.client.on_subscribe = lambda *a: self.subscribed.set()
        self.client.on_connect = lambda client, *a: client.subscribe(topic, 1)
        self.client.connect('127.0.0.1', port)

    def __enter__(self):
        self.client.loop_start()
        assert self.subscribed.wait(10)
        return self

    def __exit__(self, *failure):
        self.client.disconnect()
        self.client.loop_stop()

    def settle(self):
        """Returns when nothing has come for a while."""
        count = -1
        while count != len(self.messages):
            count = len(self.messages)
            time.sleep(0.3)

    def wait(self, count):
        end = time.monotonic() + 10
        while len(self.messages) < count and time.monotonic() < end:
            time.sleep(0.01)
        return self.messages


CONNACK = b'\x20\x03\x00\x00\x00'


class Scripted:
    """A broker of one connection whose `serve(broker)` a test writes."""

    def __init__(self, serve):
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.error = None
        self.thread = threading.Thread(target=self._run, args=(serve,))
        self.thread.daemon = True
        self.thread.start()

    def _run(self, serve):
        try:
            self.socket = self.listener.accept()[0]
            self.socket.settimeout(30)
            serve(self)
        except Exception as e:
            self.error = e
        finally:
            self.socket.close()

    def read(self, size):
        data = b''
        while len(data) < size:
            chunk = self.socket.recv(size - len(data))
            if not chunk:
                raise EOFError('the tool closed the connection')
            data += chunk
        return data

    def header(self):
        """First byte and remaining length of the next packet."""
        first = self.read(1)[0]
        length = shift = 0
        while True:
            byte = self.read(1)[0]
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return first, length

    def packet(self):
        first, length = self.header()
        return first, self.read(length)

    def accept(self):
        first, _ = self.packet()
        assert first == 0x10
        self.send(CONNACK)

    def send(self, data):
        self.socket.sendall(data)

    def join(self):
        self.thread.join(30)
        self.listener.close()
        assert not self.thread.is_alive()
        if self.error:
            raise self.error

    def options(self):
        return ['-h', '127.0.0.1', '-p', self.port]


def publish_parts(body):
    """Topic, packet identifier, payload of an MQTT 5 PUBLISH of QoS 1."""
    size = int.from_bytes(body[:2], 'big')
    at = 2 + size
    identifier = body[at:at + 2]
    assert body[at + 2] == 0, 'properties'
    return body[2:at].decode(), identifier, body[at + 3:]
