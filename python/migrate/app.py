# SPDX-License-Identifier: MIT
# Stage one of the way from the original Mpy-BLOX (docs/migration.md): all of
# it in one file of bytecode, which needs nothing but MicroPython 1.21 and
# later. The original writes a wheel's files one by one; this one replaces its
# mpy_blox/app.mpy, and from that moment nothing else of the library is needed.
#
# It fetches the original's own wheel, the way back, then the full library, and
# commits that with the journal of docs/journal.md. When this cannot be done,
# or was undone, it puts the original back. tools/stage_one.py fills in what is
# between the next two lines.
# -- filled in
VERSION = '0'  # of this wheel
BACK = None  # SHA-256 of the original's wheel
MAIN = b''  # our /main.py, deflated
# --

import binascii
import gc
import hashlib
import io
import json
import os
import struct
import sys
import time

import machine
from micropython import const

_PATIENCE = const(1800)  # seconds to get on, before the original is put back
_TRIES = const(3)  # of what fails although the broker is there
_PAUSE = const(10)  # seconds between them
_SILENCE = const(30)  # seconds without a byte
_LIST_MAX = const(32768)
_CHUNK = const(1024)
_YEAR_OF_THIS = const(2024)  # a clock before it is not set
_WATCHDOG = const(120)  # seconds, of the trial
_RESERVE = const(24)  # blocks kept free for the commit, as core/ota has it
FOLDER = '/.blox/'
JOURNAL = FOLDER + 'journal'
WHEEL = FOLDER + 'pkg-0'
RECORD = FOLDER + 'record'  # of the wheel that is read
# Names that begin so survive a trial, and go when it is confirmed.
BACK_WHEEL = FOLDER + 'back.whl'
BACK_MAIN = FOLDER + 'back.main.py'
BACK_WHY = FOLDER + 'back'  # the way back has begun, and why
INIT = '/lib/mpy_blox/__init__.mpy'
APP = '/lib/mpy_blox/app.mpy'
BACK_APP = '/lib/mpy_blox/app.back'  # the way back is complete but for a rename
INFO = '/lib/mpy_blox-%s.dist-info/' % VERSION
_PLATFORMS = (
    '', 'x86', 'unix_x64', 'armv6', 'armv6m', 'armv7m', 'armv7em',
    'armv7emsp', 'armv7emdp', 'xtensa', 'esp32', 'esp32c3',
)  # fmt: skip
_MPY = getattr(sys.implementation, '_mpy', 0)
PLATFORM = _PLATFORMS[_MPY >> 10 & 15]
LOADS = '%d.%d' % (_MPY & 255, _MPY >> 8 & 3)


# What cannot be done, in one sentence; trying again may help.
class Problem(Exception):
    pass


# It cannot be done on this device: the original is put back.
class Hopeless(Problem):
    pass


def say(*words):
    print('migration:', *words)


# ---- files


def there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def remove(path):
    try:
        os.remove(path)
    except OSError:
        pass  # was not there


def make_folders(path):
    at = path.find('/', 1)
    while at > 0:
        if not there(path[:at]):
            os.mkdir(path[:at])
        at = path.find('/', at + 1)


def write(path, text):
    with open(path, 'wb') as file:
        file.write(text)


# Replaces path by a file with this content, in one rename.
def replace(path, content):
    write(FOLDER + 'new', content)
    os.rename(FOLDER + 'new', path)


def sweep(keep):
    for entry in list(os.ilistdir('/.blox')):
        if entry[0] not in keep:
            remove(FOLDER + entry[0])


# ---- wheels


# Reads a wheel on flash member by member, none of which it remembers. own: it
# will be loaded here, so its native code must be for this firmware.
class Wheel:
    def __init__(self, path, own):
        self.own = own
        self.file = open(path, 'rb')
        size = self.file.seek(0, 2)
        self.file.seek(size - 22)
        end = self.file.read(22)
        if end[:4] != b'PK\5\6':
            raise Hopeless('the wheel is no zip without a comment')
        self.count, _, self.at = struct.unpack('<HII', end[10:20])
        for member in self.members():
            if member[0].endswith('.dist-info/RECORD'):
                with open(RECORD, 'wb') as file:
                    for chunk in self.chunks(member):
                        file.write(chunk)
        self.record = open(RECORD)

    def close(self):
        self.file.close()
        self.record.close()

    # Each as (path, method, packed size, size, offset of its header).
    def members(self):
        at = self.at
        for _ in range(self.count):
            self.file.seek(at)
            head = self.file.read(46)
            if head[:4] != b'PK\1\2':
                raise Hopeless("the wheel's directory is damaged")
            (method,) = struct.unpack_from('<H', head, 10)
            packed, size, name, extra, comment = struct.unpack_from(
                '<IIHHH', head, 20
            )
            (offset,) = struct.unpack_from('<I', head, 42)
            path = self.file.read(name).decode()
            at += 46 + name + extra + comment
            if path[:1] == '/' or '..' in path.split('/') or method not in (0, 8):
                raise Hopeless('the wheel has a member that is not taken: ' + path)
            if path[-1:] != '/':
                yield path, method, packed, size, offset

    # What RECORD says of a path: 'sha256=...', empty for itself. Its lines
    # have the order of the members, more or less.
    def listed(self, path):
        for _ in range(2):
            for line in self.record:
                fields = line.strip().rsplit(',', 2)
                if len(fields) == 3 and fields[0].strip('"') == path:
                    return fields[1]
            self.record.seek(0)
        raise Hopeless('RECORD does not list ' + path)

    # The bytes of a member.
    def chunks(self, member):
        _, method, packed, size, offset = member
        self.file.seek(offset + 26)
        name, extra = struct.unpack('<HH', self.file.read(4))
        self.file.seek(offset + 30 + name + extra)
        stream = self.file
        if method:
            import deflate

            bits = 8
            while bits < 15 and 1 << bits < size:
                bits += 1
            if self.own:  # as tools/wheel.py packs it
                bits = min(bits, 12)
            stream = deflate.DeflateIO(self.file, deflate.RAW, bits)
        while size:
            chunk = stream.read(min(size, _CHUNK))
            if not chunk:
                raise Hopeless('the wheel is damaged')
            size -= len(chunk)
            yield chunk

    # Writes a member to a file. Returns its CRC-32.
    def stage(self, member, path):
        digest, crc, first = hashlib.sha256(), 0, True
        with open(path, 'wb') as file:
            for chunk in self.chunks(member):
                if first and self.own and member[0].endswith('.mpy'):
                    check_native(member[0], chunk)
                first = False
                digest.update(chunk)
                crc = binascii.crc32(chunk, crc)
                file.write(chunk)
        wanted = self.listed(member[0])
        if wanted and wanted != 'sha256=' + urlsafe(digest.digest()):
            raise Hopeless('SHA-256 differs from RECORD: ' + member[0])
        return crc & 0xFFFFFFFF

    # Puts a member into its place, in one rename.
    def place(self, member):
        make_folders('/lib/' + member[0])
        self.stage(member, FOLDER + 'new')
        os.rename(FOLDER + 'new', '/lib/' + member[0])


def urlsafe(digest):
    text = binascii.b2a_base64(digest).decode().rstrip('\n=')
    return text.replace('+', '-').replace('/', '_')


def check_native(path, head):
    arch = head[2] >> 2 & 15
    if arch and (head[1] | head[2] << 8) & 0x3FFF != _MPY & 0x3FFF:
        raise Hopeless(
            '%s is built for MicroPython mpy %d.%d of chip %d, this firmware '
            'loads %s of chip %d'
            % (path, head[1], head[2] & 3, arch, LOADS, _MPY >> 10 & 15)
        )


# ---- forward


# Commits the full wheel in WHEEL and resets: from then on it runs on trial.
def install():
    gc.collect()
    wheel = Wheel(WHEEL, True)
    folders = survey(wheel)
    lines = Lines()
    for path in installed():
        lines.add('remove\t/lib/%s\t%s\n', path, lines.backup())
    for folder in folders:
        if not there(folder):
            lines.add('mkdir\t%s\n', folder)
    number = 0
    for member in wheel.members():
        staged = FOLDER + str(number)
        crc = wheel.stage(member, staged)
        path = '/lib/' + member[0]
        lines.add('move\t%s\t%s\t%s\t%08x\n', staged, path, lines.backup(), crc)
        number += 1
    wheel.close()
    remove(WHEEL)
    take_main()
    with open(FOLDER + 'reserve', 'wb') as file:
        for _ in range(8 + 2 * len(folders)):
            file.write(bytes(4096))
    write(FOLDER + 'boots', '1 %d\n' % _WATCHDOG)
    lines.prepare()
    say('resetting into the new library, which is on trial')
    os.rename(JOURNAL + '.apply', JOURNAL)  # the commit
    machine.reset()


# Whether it can be installed here. Returns its folders, outer ones first.
def survey(wheel):
    folders, blocks, tried = [], 0, False
    for path, _, _, size, _ in wheel.members():
        blocks += (size + 4095) // 4096
        tried = tried or path == 'mpy_blox/rescue.mpy'
        parts = path.split('/')[:-1]
        for i in range(len(parts)):
            folder = '/lib/' + '/'.join(parts[: i + 1])
            if folder not in folders:
                folders.append(folder)
    if not tried:
        raise Hopeless('the wheel is no library that could be tried')
    check_room(blocks)
    return folders


# The lines of the journal (docs/journal.md), on flash.
class Lines:
    def __init__(self):
        self.file = open(FOLDER + 'lines', 'w')
        self.crc = self.backups = 0

    def backup(self):
        self.backups += 1
        return '%sb%d' % (FOLDER, self.backups)

    def add(self, line, *values):
        line = line % values
        self.crc = binascii.crc32(line, self.crc)
        self.file.write(line)

    # The journal in each of its states.
    def prepare(self):
        self.file.close()
        for state in ('apply', 'trial', 'confirmed', 'undo'):
            with open(JOURNAL + '.' + state, 'w') as file:
                crc = self.crc & 0xFFFFFFFF
                file.write('blox-journal 1 %s %08x\n' % (state, crc))
                with open(FOLDER + 'lines') as lines:
                    for line in lines:
                        file.write(line)


def check_room(blocks):
    fs = os.statvfs('/')
    need = blocks * 4096 + _RESERVE * 2 * 4096
    if fs[0] * fs[3] < need:
        raise Hopeless(
            'no room on flash: it needs %d KiB, %d KiB are free'
            % (need >> 10, fs[0] * fs[3] >> 10)
        )


# What is in /lib: this wheel, and what the original's installer had no time to
# remove.
def installed():
    seen = set()
    for path in candidates():
        if path not in seen and there('/lib/' + path):
            seen.add(path)
            yield path


# Its RECORD may be what the original's installer removed first: then what is in
# the package's folder is the package's.
def candidates():
    folders = dist_infos()
    for folder in folders:
        if there('/lib/' + folder + '/RECORD'):
            yield from listed('/lib/' + folder + '/RECORD')
        elif 'mpy_blox' not in folders:
            folders.append('mpy_blox')
        yield from files(folder)


def dist_infos():
    return [e[0] for e in os.ilistdir('/lib') if e[0].startswith('mpy_blox-')]


def files(folder):
    for entry in os.ilistdir('/lib/' + folder):
        path = folder + '/' + entry[0]
        if entry[1] & 0x4000:
            yield from files(path)
        else:
            yield path


def listed(record):
    try:
        with open(record) as file:
            for line in file:
                path = line.rsplit(',', 2)[0].strip('"\n')
                if path:
                    yield path
    except OSError:
        pass  # a dist-info that was being written


# Ours applies the journal, and boots the original as its own does.
def take_main():
    import deflate

    ours = deflate.DeflateIO(io.BytesIO(MAIN), deflate.ZLIB).read()
    with open('/main.py', 'rb') as file:
        theirs = file.read()
    if theirs != ours:
        if b'\nRESCUE = ' not in theirs:
            replace(BACK_MAIN, theirs)
        replace('/main.py', ours)


# ---- back


# Puts the original back and resets. Cut at any point it goes on from there;
# until the last rename this file boots, from then on the original.
def go_back(why):
    say('the original is put back:', why)
    if not there(BACK_APP):
        if not there(BACK_WHEEL):
            raise Problem('the original is not on this device')
        if not there(BACK_WHY):
            replace(BACK_WHY, why)
        remove(JOURNAL)  # first: it must not be undone once more
        sweep(('back', 'back.whl', 'back.main.py'))
        unpack_original()
    if there(BACK_MAIN):
        os.rename(BACK_MAIN, '/main.py')
    sweep(())
    os.rmdir('/.blox')
    os.rename(BACK_APP, APP)
    machine.reset()


# All of it but app.mpy, which waits under another name; before it, last, the
# package's __init__, which may import the others. The dist-info stays
# that of this wheel, with the original's files in its RECORD: a list that names
# this wheel asks for nothing then.
def unpack_original():
    for folder in dist_infos():
        if folder not in INFO:
            for path in files(folder):
                remove('/lib/' + path)
            os.rmdir('/lib/' + folder)
    wheel = Wheel(BACK_WHEEL, False)
    last = [None, None]
    with open(FOLDER + 'lines', 'w') as record:
        for member in wheel.members():
            path = '/lib/' + member[0]
            if '.dist-info/' in path:
                continue
            hashed = wheel.listed(member[0])
            record.write('%s,%s,%d\n' % (member[0], hashed, member[3]))
            if path in (INIT, APP):
                last[path == APP] = member
            else:
                wheel.place(member)
        for name in ('METADATA', 'WHEEL'):
            with open(INFO + name, 'rb') as file:
                text = file.read()
            hashed = urlsafe(hashlib.sha256(text).digest())
            record.write('%s%s,sha256=%s,%d\n' % (INFO[5:], name, hashed, len(text)))
        record.write('%sRECORD,,\n' % INFO[5:])
    if last[0]:
        wheel.place(last[0])
    os.rename(FOLDER + 'lines', INFO + 'RECORD')
    wheel.stage(last[1], FOLDER + 'new')
    wheel.close()
    os.rename(FOLDER + 'new', BACK_APP)


# ---- what the device knows


# The settings, with the secrets of the original's record in NVS.
def configuration():
    config = {}
    try:
        with open('/settings.json') as file:
            config = json.load(file)
    except (OSError, ValueError) as e:
        say('settings.json:', e)
    try:
        config.update(secrets())
    except (OSError, ValueError, ImportError) as e:
        say('the secrets cannot be read:', e)
    return config


def secrets():
    from cryptolib import aes
    from esp32 import NVS

    nvs = NVS('sec_cfg')
    iv, payload = bytearray(16), bytearray(nvs.get_i32('payload_s') + 16)
    nvs.get_blob('iv', iv)
    size = nvs.get_blob('payload', payload)
    key = hashlib.sha256(machine.unique_id()).digest()
    plain = aes(key, 2, iv).decrypt(payload[:size])
    return json.loads(plain[: -plain[-1]])


def join(config):
    import network

    try:
        network.hostname(config.get('hostname', 'espressif'))
    except (AttributeError, ValueError):
        pass
    wlan = network.WLAN(network.STA_IF)
    wlan.active(True)
    if not wlan.isconnected():
        wlan.connect(config['wlan.ssid'], config.get('wlan.psk'))
    for _ in range(_SILENCE * 10):
        if wlan.isconnected():
            return
        time.sleep_ms(100)
    raise Problem('the Wi-Fi is not there')


# ---- TLS


# A certificate is held against the clock, which a cold start has lost.
def set_clock(config):
    if time.gmtime()[0] >= _YEAR_OF_THIS:
        return
    try:
        import ntptime

        ntptime.host = config.get('ntp.host', 'pool.ntp.org')
        ntptime.settime()
    except (ImportError, OSError, ValueError) as e:
        say('no time from the network:', e)


# PEM, or the path of a file with it.
def content_of(data):
    if isinstance(data, str) and not data.startswith('-----'):
        with open(data, 'rb') as file:
            return file.read()
    return data


# As the original, which hands mqtt.ssl_params to ssl.wrap_socket(): stage one
# must get through wherever it does, so nothing more is asked of the broker.
# Not by that function, which not every firmware has.
def secured(sock, config):
    try:
        import tls
    except ImportError:  # before MicroPython 1.23
        import ssl as tls
    set_clock(config)
    params = config['mqtt'].get('ssl_params') or {}
    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = params.get('cert_reqs', tls.CERT_NONE)
    if params.get('cadata'):
        context.load_verify_locations(params['cadata'])
    if params.get('cert'):
        context.load_cert_chain(
            content_of(params['cert']), content_of(params.get('key'))
        )
    name = params.get('server_hostname') or config['mqtt']['server']
    return context.wrap_socket(sock, server_hostname=name)


# ---- MQTT 3.1.1, as much of it as this takes, at QoS 0


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


# ---- lists and commands


# The entry of a list that is for this device: (version, SHA-256), or None.
def chosen(entries):
    found, ours = None, False
    for entry in entries:
        kind = entry.get('type')
        name = entry.get('name', '').lower().replace('_', '-').replace('.', '-')
        platform = kind == 'platform-wheel'
        if name != 'mpy-blox' or (kind != 'wheel' and not platform):
            continue
        fits = (
            entry.get('tag') == 'mpy6-bytecode-' + PLATFORM
            and entry.get('mpy', LOADS) == LOADS
        )
        if (fits if platform else not ours):
            ours = ours or platform
            found = entry['version'], entry['pkg_sha256']
    return found


def command(broker, told):
    name = told.get('cmd')
    known = name in ('rollback', 'reboot', 'info')
    answer = {'cmd': name, 'ok': known}
    if 'id' in told:
        answer['id'] = told['id']
    if not known:
        answer['error'] = 'the migration does not know it'
    broker.publish('reply', json.dumps(answer), False)
    if name == 'rollback':
        raise Hopeless('rollback was ordered')
    if name == 'reboot':
        machine.reset()


# Acts on a list.
def obey(broker, entries):
    found = chosen(entries)
    if found and found[1] == BACK:
        raise Hopeless('the list asks for the original')
    if not found or found[0] == VERSION:
        raise Hopeless(
            'the list has no mpy-blox for %s with mpy %s' % (PLATFORM, LOADS)
        )
    label = 'mpy-blox ' + found[0]
    broker.tell('downloading', pkg=label)
    broker.fetch(found[1], WHEEL, label)
    broker.tell('installing', pkg=label)
    install()


# One connection: the way back first, then what the channel says.
def follow(broker, config):
    channel = config.get('update.channel')
    broker.describe(channel)
    if BACK and not there(BACK_WHEEL):
        broker.tell('downloading', pkg='the way back')
        broker.fetch(BACK, BACK_WHEEL, 'the way back')
    broker.subscribe(broker.topic + 'cmd')
    broker.subscribe('mpypi/channels/%s' % channel)
    broker.tell('idle')
    entries, failures = None, 0
    while not is_late():
        told = hear(broker)
        if isinstance(told, dict):
            command(broker, told)
            continue
        entries = told or entries
        try:
            if entries:
                obey(broker, entries)
        except Hopeless:
            raise
        except Problem as e:
            failures += 1
            if failures == _TRIES:
                raise Hopeless(str(e))
            broker.tell('failed', str(e))


# The next list or command, or None when there was none for a while. What the
# broker kept on cmd is none.
def hear(broker):
    found = broker.wait(_PAUSE)
    if found is None:
        return None
    topic, size, retained = found
    if size > _LIST_MAX or (retained and topic == broker.topic + 'cmd'):
        say('not acted on: what came on', topic)
        broker.skip(size)
        return None
    return json.loads(b''.join(list(broker.payload(size)))) if size else None


def is_late():
    return time.ticks_diff(time.ticks_ms(), _started) > _PATIENCE * 1000


# ---- the boot

_started = time.ticks_ms()


def main():
    make_folders(JOURNAL)
    if there(BACK_APP) or there(BACK_WHY):
        go_back('going on')
    if there(JOURNAL):
        undone()
    sweep(('back.whl', 'back.main.py', 'boots'))
    gc.collect()
    config = configuration()
    failures, last = 0, None
    while True:
        broker = None
        try:
            join(config)
            broker = Broker(config)
            say('connected as', broker.node)
            follow(broker, config)
        except Hopeless as e:
            last, failures = str(e), _TRIES
        except MemoryError:
            last, failures = 'not enough memory', failures + 1
        except (OSError, ValueError, KeyError, Problem) as e:
            last = str(e)
            failures += broker is not None
        failed(broker, last, failures)
        time.sleep(_PAUSE)


# The new library was undone: tells so, if the broker is there, and goes back.
def undone():
    why = 'the new library did not pass its trial'
    try:
        with open(FOLDER + 'crash') as file:
            why += '; ' + file.read()[-200:].strip().split('\n')[-1]
    except (OSError, ValueError):
        pass  # it was no exception
    broker = None
    try:
        config = configuration()
        join(config)
        broker = Broker(config)
    except (OSError, KeyError, Problem) as e:
        say(e)
    failed(broker, why, _TRIES)


def failed(broker, why, failures):
    say(why)
    back = (failures >= _TRIES or is_late()) and there(BACK_WHEEL)
    try:
        if broker:
            broker.tell('rolled_back' if back else 'failed', why)
            broker.raw.close()
    except (OSError, Problem):
        pass
    if back:
        go_back(why or 'it took too long')


# The last line of /main.py, the original's and ours.
def main_except_reset():
    try:
        print('mpy-blox %s: migrating to the new library' % VERSION)
        main()
    except Exception as e:
        sys.print_exception(e)
        time.sleep(_PAUSE)
        machine.reset()
