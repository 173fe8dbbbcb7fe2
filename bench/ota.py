#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How fast an update over the air is, and how much memory it needs.

    bench/ota.py [--quick]

Speed: one package of 1.6 MB (somebody else's wheel) goes from a real
mosquitto to the board over a link as fast as an ESP32's Wi-Fi, from the
command to the new version in the device's info: download, two resets, unpack,
commit, boot. Beside it, in the same run and over the same link, a plain C
program copies the same bytes from the broker into a file, and mpremote copies
a file over a serial line of 115,200 baud.

Memory: bisected, for what is free after a collection says little. Download:
user_main fills the heap up to a given rest once everything is up; the
smallest rest in which the download completes, less the smallest in which the
device still answers a command. Unpack: the smallest heap in which the boot
commits the update, less the smallest in which the same device boots and is at
rest. The same with a list of
200 entries, a wheel and files. Words on the host are twice as wide as on the chips these limits are
meant for, so a figure here is an upper bound for them.

--quick leaves the serial line out and bisects coarsely: a smoke test.
"""

import argparse
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / 'tools'), str(TOP / 'bench')]

import report  # noqa: E402
from lines import Link, SerialLine  # noqa: E402
from playground import (  # noqa: E402
    BUILD, NODE, Playground, third_party_wheel)

FOLDER = BUILD / 'bench' / 'work'
WIFI_RATE = 512 * 1024  # bytes a second that an ESP32 takes over Wi-Fi
BAUD = 115200
SERIAL_SIZE = 48 * 1024
COPIES = 3  # the peer is quick: its median of so many counts

KIB = 1024
LIMITS = {
    'ota.speed_vs_c_copy': (0.5, 'higher'),
    'ota.speed_vs_serial_115200': (5.0, 'higher'),
    'ota.peak_heap_download_bytes': (8 * KIB, 'lower'),
    'ota.peak_heap_list200_bytes': (8 * KIB, 'lower'),
    'ota.peak_heap_unpack_bytes': (44 * KIB, 'lower'),
}

IDLER = '''
import asyncio, logging
async def user_main():
    logging.info('bench: idle')
    while True:
        await asyncio.sleep(1)
'''

# Allocates small blocks until only `rest` bytes are free, and stays.
FILLER = '''
import asyncio, gc, logging
async def user_main():
    await asyncio.sleep(1)
    gc.collect()
    held = None
    while gc.mem_free() > %d + 600:
        held = (held, bytearray(512))
        gc.collect()
    logging.info('bench: %%d bytes are free', gc.mem_free())
    while True:
        await asyncio.sleep(1)
'''


class Bench:
    """A playground whose board reaches the broker over a paced link, and the
    package that is already on the broker."""

    def __init__(self, name, user_main, rate=WIFI_RATE, options=()):
        self.wheel = third_party_wheel()
        self.version = self.wheel.name.split('-')[1]
        self.play = Playground(FOLDER / name, options=options)
        self.board = self.play.board
        self.play.start()
        self.link = Link(self.play.broker.port, rate)
        self.play.settings['update.boot_timeout'] = 1
        self.play.write_app(user_main, self.link.port)
        self.play.deploy()
        self.board.stop()
        self.image = FOLDER / name / 'deployed.flash'
        self.keep_image(self.image)
        self.play.publish(self.wheel)
        with self.play.broker.watch(self.channel) as watch:
            self.list = watch.wait(lambda topic, payload: payload, 10)
        self.clear()

    @property
    def channel(self):
        return 'mpypi/channels/' + self.play.channel

    @property
    def package(self):
        return 'mpypi/packages/wheel/' + json.loads(
            self.list)[0]['pkg_sha256']

    def keep_image(self, path):
        shutil.copy(self.board.image, path)

    def fresh(self, image=None):
        """The board is switched off and has this flash again."""
        self.board.kill()
        shutil.copy(image or self.image, self.board.image)
        self.board.log.unlink(missing_ok=True)

    def clear(self):
        self.play.broker.publish(self.channel, b'', True)

    def command(self):
        """Publishes the list."""
        self.play.broker.publish(self.channel, self.list, True)

    def watch(self):
        return self.play.broker.watch('mpypi/nodes/%s/+' % NODE)

    def close(self):
        self.play.stop()
        self.link.close()


def has_state(*states):
    def wanted(topic, payload):
        return topic.endswith('/update') and \
            json.loads(payload)['state'] in states
    return wanted


def has_version(name, version):
    def wanted(topic, payload):
        return topic.endswith('/info') and \
            json.loads(payload)['versions'].get(name) == version
    return wanted


# --- speed -------------------------------------------------------------------


def update_seconds(bench):
    """From the list on the broker to the new version in info."""
    bench.board.start()
    bench.board.wait_for('bench: idle')
    with bench.watch() as watch:
        watch.wait(has_state('idle'))
        start = time.monotonic()
        bench.command()
        watch.wait(has_version('pip', bench.version), 120)
        return time.monotonic() - start


def copy_seconds(bench, port):
    play = bench.play
    done = subprocess.run(
        [BUILD / 'bench/copy', '127.0.0.1', str(port), play.user,
         play.password, bench.package, FOLDER / 'copied'],
        check=True, stdout=subprocess.PIPE, text=True)
    if (FOLDER / 'copied').read_bytes() != bench.wheel.read_bytes():
        sys.exit('bench: the C copy is not the package')
    return float(done.stdout.split()[1])


def median(values):
    return sorted(values)[len(values) // 2]


def serial_rate(bench):
    """Bytes a second of mpremote cp at 115,200 baud."""
    bench.fresh()
    bench.board.start()
    source = FOLDER / 'serial.bin'
    source.write_bytes(bench.wheel.read_bytes()[:SERIAL_SIZE])
    bench.board.exec('pass')
    line = SerialLine(bench.board.pty, BAUD)
    try:
        start = time.monotonic()
        bench.board.mpremote('fs', 'cp', source, ':serial.bin',
                             port=line.port)
        return SERIAL_SIZE / (time.monotonic() - start)
    finally:
        line.close()


def speed(quick):
    bench = Bench('speed', IDLER)
    try:
        copies = [copy_seconds(bench, bench.link.port) for _ in range(COPIES)]
        unpaced = copy_seconds(bench, bench.play.broker.port)
        seconds = update_seconds(bench)
        size = bench.wheel.stat().st_size
        rows = [('ota.speed_vs_c_copy', median(copies) / seconds, 'ratio'),
                ('ota.seconds', seconds, 's'),
                ('ota.c_copy_seconds', median(copies), 's'),
                ('ota.c_copy_unpaced_seconds', unpaced, 's')]
        if not quick:
            bench.clear()
            rate = serial_rate(bench)
            rows.append(('ota.speed_vs_serial_115200',
                         size / seconds / rate, 'ratio'))
            rows.append(('serial.bytes_per_second', rate, 'B/s'))
        return rows
    finally:
        bench.close()


# --- memory ------------------------------------------------------------------


def smallest(low, high, step, works):
    """The smallest value in low..high, in steps, for which works(value)."""
    if not works(high):
        sys.exit('bench: fails even with %d bytes' % high)
    while high - low > step:
        middle = (low + high) // 2 // step * step
        if works(middle):
            high = middle
        else:
            low = middle
    return high


def filled(bench, rest):
    """A device at rest whose user_main leaves `rest` bytes free."""
    bench.fresh()
    bench.clear()
    bench.board.start()
    bench.board.put({'/user_main.py': FILLER % rest})
    bench.board.restart()
    bench.board.wait_for('bytes are free', 15)


def survives(bench, rest, ask, answer, seconds=8):
    """Whether the filled device gives the answer to what it is asked."""
    with bench.watch() as watch:
        try:
            filled(bench, rest)
            watch.messages.clear()
            ask()
            watch.wait(answer, seconds)
            return True
        except TimeoutError:
            return False


def add_entries(bench, count):
    """Makes the list one of `count` entries: files beside the package."""
    entries = json.loads(bench.list)
    client = bench.play.broker.client()
    for number in range(count - len(entries)):
        content = b'x = %d\n' % number
        path = 'many/f%03d.py' % number
        digest = hashlib.sha256(content).hexdigest()
        entries.append({'type': 'src', 'path': path, 'pkg_sha256': digest,
                        'size': len(content)})
        sent = client.publish('mpypi/packages/src/%s/%s' % (path, digest),
                              content, 1, True)
        sent.wait_for_publish()
    client.disconnect()
    client.loop_stop()
    bench.list = json.dumps(entries).encode()


def download_heap(quick, entries=1):
    """What a download needs beyond what the device needs to answer at all."""
    bench = Bench('download', IDLER, rate=16 * WIFI_RATE)
    cmd = 'mpypi/nodes/%s/cmd' % NODE
    step = 4 * KIB if quick else 512
    add_entries(bench, entries)
    try:
        download = smallest(0, 64 * KIB, step, lambda rest: survives(
            bench, rest, bench.command, has_state('rebooting'),
            8 + entries / 4))
        answer = smallest(0, download, step, lambda rest: survives(
            bench, rest,
            lambda: bench.play.broker.publish(cmd, b'{"cmd":"info"}'),
            lambda topic, payload: topic.endswith('/info')))
        return download - answer
    finally:
        bench.close()


def downloaded_image(bench):
    """A flash as it is when all is downloaded and nothing unpacked."""
    bench.fresh()
    bench.board.start()
    bench.board.wait_for('bench: idle')
    with bench.watch() as watch:
        watch.wait(has_state('idle'))
        bench.command()
        watch.wait(has_state('rebooting'), 60)
        bench.board.kill()  # unpacking has just begun: it starts over
    image = bench.image.with_name('downloaded.flash')
    bench.keep_image(image)
    return image


def boots_with(bench, image, heap):
    bench.fresh(image)
    bench.board.heap = '%d+0' % heap
    bench.board.start()


def installs_with(bench, image, heap):
    boots_with(bench, image, heap)
    try:
        end = bench.board.wait_for('SW_CPU_RESET', 30)
        return 'files ready' in bench.board.console()[:end]
    except TimeoutError:
        return False


def idles_with(bench, heap):
    with bench.watch() as watch:
        watch.messages.clear()
        boots_with(bench, bench.image, heap)
        try:
            watch.wait(has_state('idle'), 6)
            bench.board.wait_for('bench: idle', 6)
            return True
        except TimeoutError:
            return False


def unpack_heap(quick):
    """What the heap must be for unpacking at boot, beyond what it must be for
    the same device to boot and be at rest."""
    bench = Bench('unpack', IDLER, rate=16 * WIFI_RATE)
    step = 8 * KIB if quick else KIB
    try:
        image = downloaded_image(bench)
        unpack = smallest(32 * KIB, 224 * KIB, step,
                          lambda heap: installs_with(bench, image, heap))
        bench.clear()
        idle = smallest(32 * KIB, 224 * KIB, step,
                        lambda heap: idles_with(bench, heap))
        return max(unpack - idle, 0), unpack, idle
    finally:
        bench.close()


def entry(name, value, unit):
    limit, better = LIMITS.get(name, (None, 'lower'))
    value = round(value, 3) if isinstance(value, float) else value
    return report.entry(name, value, unit, limit, better)


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--quick', action='store_true', help='a smoke test')
    quick = parser.parse_args(argv).quick
    rows = speed(quick)
    rows.append(('ota.peak_heap_download_bytes', download_heap(quick),
                 'bytes'))
    rows.append(('ota.peak_heap_list200_bytes', download_heap(quick, 200),
                 'bytes'))
    above, unpack, idle = unpack_heap(quick)
    rows += [('ota.peak_heap_unpack_bytes', above, 'bytes'),
             ('ota.smallest_heap_unpack_bytes', unpack, 'bytes'),
             ('ota.smallest_heap_idle_bytes', idle, 'bytes')]
    return report.finish('bench', [entry(*row) for row in rows])


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
