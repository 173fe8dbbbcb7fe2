# SPDX-License-Identifier: MIT
# MQTT 3.1.1, as much of it as stage one takes, at QoS 0.

import binascii
import hashlib
import json
import os
import struct
import time

import machine

from .base import (
    FOLDER,
    LOADS,
    PLATFORM,
    VERSION,
    Problem,
    check_room,
    say,
    _CHUNK,
)
from .connect import secured, _SILENCE


def text_of(text):
    text = text if isinstance(text, (bytes, bytearray)) else text.encode()
    return struct.pack('>H', len(text)) + text


class Broker:
    def __init__(self, config):
        mqtt = config['mqtt']
        import socket

        self.node = '%s-%s' % (
            os.uname()[0],
            binascii.hexlify(machine.unique_id()).decode(),
        )
        self.topic = 'mpypi/nodes/%s/' % self.node
        port = mqtt.get('port') or (8883 if mqtt.get('ssl') else 1883)
        address = socket.getaddrinfo(mqtt['server'], port)[0][-1]
        self.raw = self.sock = socket.socket()
        self.raw.settimeout(_SILENCE)
        self.raw.connect(address)
        if mqtt.get('ssl'):
            self.sock = secured(self.raw, config)
        self._connect(mqtt.get('username'), config.get('mqtt.password'))

    def _connect(self, username, password):
        flags = 0x26  # clean session, a will that is retained
        body = text_of(self.node) + text_of(self.topic + 'status')
        body += text_of('offline')
        if username:
            flags |= 0x80
            body += text_of(username)
            if password:
                flags |= 0x40
                body += text_of(password)
        self._send(0x10, b'\0\4MQTT\4' + bytes((flags, 0, 60)) + body)
        head, size = self._head()
        answer = self._read(size)
        if head != 0x20 or answer[1]:
            raise Problem('the broker refuses the connection: %s' % answer)
        self.publish('status', 'online')

    def _send(self, head, body):
        packet, size = bytearray((head,)), len(body)
        while size > 127:
            packet.append(size & 127 | 128)
            size >>= 7
        packet.append(size)
        self.sock.write(bytes(packet) + body)

    def _read(self, size):
        data = self.sock.read(size) if size else b''
        if data is None or len(data) < size:
            raise Problem('the broker hung up')
        return data

    def _head(self):
        head = self._read(1)[0]
        size = shift = 0
        while True:
            byte = self._read(1)[0]
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return head, size

    def publish(self, name, payload, retain=True):
        topic = text_of(self.topic + name)
        self._send(0x31 if retain else 0x30, topic + payload.encode())

    def subscribe(self, topic):
        self._send(0x82, b'\0\1' + text_of(topic) + b'\0')

    def unsubscribe(self, topic):
        self._send(0xA2, b'\0\1' + text_of(topic))

    # Waits for a message, at most so many seconds. Returns (topic, size of the
    # payload, whether it is retained), or None; the payload is to be read then.
    def wait(self, seconds):
        end = time.ticks_add(time.ticks_ms(), seconds * 1000)
        while time.ticks_diff(end, time.ticks_ms()) > 0:
            if not self._is_there():
                continue
            head, size = self._head()
            if head >> 4 != 3:
                self._read(size)
                continue
            (length,) = struct.unpack('>H', self._read(2))
            topic = self._read(length).decode()
            return topic, size - 2 - length, bool(head & 1)

    # Whether a packet begins within a second.
    def _is_there(self):
        import select

        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        if poll.poll(1000):
            return True
        self._send(0xC0, b'')
        return False

    # The payload that wait() told of, as chunks.
    def payload(self, size):
        while size:
            chunk = self._read(min(size, _CHUNK))
            size -= len(chunk)
            yield chunk

    def skip(self, size):
        for _ in self.payload(size):
            pass

    def tell(self, state, error=None, **more):
        if error:
            say('%s: %s' % (state, error))
        document = {'state': state, 'pkg': None, 'error': error}
        document.update(more)
        self.publish('update', json.dumps(document))

    def describe(self, channel):
        uname = os.uname()
        self.publish(
            'info',
            json.dumps(
                {
                    'uname': {
                        'sysname': uname[0],
                        'machine': uname[4],
                        'version': uname[3],
                    },
                    'versions': {'mpy-blox': VERSION},
                    'platform': PLATFORM,
                    'mpy': LOADS,
                    'channel': channel,
                }
            ),
        )

    # A package to a file. Tries the topics one after the other.
    def fetch(self, sha256, path, label):
        for topic in ('mpypi/packages/wheel/', 'mypypi/packages/'):
            self.subscribe(topic + sha256)
            found = self.wait(4)
            while found and found[0] != topic + sha256:
                self.skip(found[1])
                found = self.wait(4)
            if found:
                self._store(found[1], sha256, path, label)
                self.unsubscribe(topic + sha256)
                return
            self.unsubscribe(topic + sha256)
        raise Problem('%s: package not on the broker; publish it again' % label)

    def _store(self, total, sha256, path, label):
        check_room((total + 4095) // 4096)
        digest, received, told = hashlib.sha256(), 0, 0
        with open(FOLDER + 'new', 'wb') as file:
            for chunk in self.payload(total):
                digest.update(chunk)
                file.write(chunk)
                received += len(chunk)
                if received - told > 32768:
                    told = received
                    self.tell(
                        'downloading', pkg=label, received=received, total=total
                    )
        if binascii.hexlify(digest.digest()).decode() != sha256:
            raise Problem('%s: SHA-256 differs; publish it again' % label)
        os.rename(FOLDER + 'new', path)
