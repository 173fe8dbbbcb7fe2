# SPDX-License-Identifier: MIT
# Takes no package's hash, holds a payload in memory, installs file by file.
import io
import json
import os
import struct
import time

import deflate
import machine
from logging import getLogger

logger = getLogger('update')


def installed():
    found = {}
    for entry in os.ilistdir('/lib'):
        if entry[0].endswith('.dist-info'):
            about = lines('/lib/%s/METADATA' % entry[0])
            fields = dict(line.split(': ', 1) for line in about)
            found[fields['Name']] = fields['Version'], '/lib/' + entry[0]
    return found


def lines(path):
    with open(path) as file:
        return [line.rstrip('\n') for line in file]


def record_of(text):
    return dict(line.split(',', 1) for line in text if line)


def tag_of(text):
    return [line[5:] for line in text if line.startswith('Tag: ')]


class Updates:
    def __init__(self, connection, channel, pause):
        self.connection = connection
        self.pause = pause
        self.channel = 'mpypi/channels/' + channel
        self.cmd = 'mpypi/nodes/%s/cmd' % connection.client_id
        versions = {name: version for name, (version, _) in installed().items()}
        connection.publish(
            'mpypi/nodes/%s/info' % connection.client_id,
            json.dumps({'uname': {}, 'versions': versions}),
        )
        connection.subscribe(self.channel)
        connection.subscribe(self.cmd)

    def handle(self, message):
        topic, payload = message
        if topic in (self.channel, self.cmd) and payload:
            changed = False
            for entry in json.loads(payload):
                changed = self.take(entry) or changed
            if changed:
                logger.info('resetting')
                time.sleep(self.pause)
                machine.reset()

    def take(self, entry):
        if entry['type'] == 'wheel':
            version, folder = installed()[entry['name']]
            if version == entry['version']:
                return False
            wheel = self.fetch('wheel/' + entry['pkg_sha256'])
            Wheel(wheel).install(folder)
            return True
        if entry['type'] == 'src':
            path = '/' + entry['path']
            data = self.fetch('src/%s/%s' % (entry['path'], entry['pkg_sha256']))
            with open(path, 'wb') as file:
                file.write(data)
            return True
        return False

    def fetch(self, name):
        topic = 'mpypi/packages/' + name
        self.connection.subscribe(topic)
        while True:
            got, payload = self.connection.read()
            if got == topic:
                logger.info('got %d bytes', len(payload))
                return payload


class Wheel:
    def __init__(self, data):
        self.data = data
        count, _, at = struct.unpack('<HII', data[-12:-2])
        self.members = {}
        for _ in range(count):
            method, packed, size, name, extra, comment, offset = (
                struct.unpack_from('<H', data, at + 10)
                + struct.unpack_from('<IIHHH', data, at + 20)
                + struct.unpack_from('<I', data, at + 42)
            )
            path = data[at + 46 : at + 46 + name].decode()
            start = offset + 30 + name + extra  # as in the central header
            self.members[path] = method, start, packed
            at += 46 + name + extra + comment

    def read(self, path):
        method, start, packed = self.members[path]
        data = self.data[start : start + packed]
        if method:
            data = deflate.DeflateIO(io.BytesIO(data), deflate.RAW, 15).read()
        return data

    def text(self, path):
        return self.read(path).decode().split('\n')

    def install(self, old_folder):
        (info,) = [m[:-7] for m in self.members if m.endswith('/RECORD')]
        if tag_of(self.text(info + '/WHEEL')) != tag_of(lines(old_folder + '/WHEEL')):
            logger.info('another tag')
            return
        record = record_of(self.text(info + '/RECORD'))
        old = record_of(lines(old_folder + '/RECORD'))
        for path in self.members:
            if path not in old or old[path] != record[path]:
                self.put(path)
        for path in old:
            if path not in record:
                remove('/lib/' + path)
        if old_folder != '/lib/' + info:
            for name in ('METADATA', 'WHEEL', 'RECORD'):
                remove('%s/%s' % (old_folder, name))
            os.rmdir(old_folder)

    def put(self, path):
        folders = ('/lib/' + path).split('/')[:-1]
        for i in range(2, len(folders)):
            folder = '/'.join(folders[: i + 1])
            try:
                os.mkdir(folder)
            except OSError:
                pass
        with open('/lib/' + path, 'wb') as file:
            file.write(self.read(path))


def remove(path):
    try:
        os.remove(path)
    except OSError:
        pass
