#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The heap of an app-managed device at rest: settings read, Wi-Fi joined, MQTT
connected, the update channel followed, user_main waiting. On MicroPython's
qemu port (RISC-V, where native code lies in the heap), with stand-ins for the
hardware that port lacks; their share, and what is there before /main.py runs,
is taken off. Prints where the bytes are; writes build/rest.json.

    bench/rest.py [native_bytes | native_sensor_bytes | static_bytes]...
"""

import contextlib
import os
import pathlib
import re
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent
MPY_DIR = pathlib.Path(os.environ.get('MPY_DIR', TOP / 'ext/micropython'))
sys.path[:0] = [str(TOP / 'tools'), str(MPY_DIR / 'tools')]

import heap  # noqa: E402
import pyboard  # noqa: E402
import report  # noqa: E402

BUILD = TOP / 'build'
RAM = BUILD / 'rest.ram'  # the machine's memory, for bench/heap.py
QEMU = (
    'qemu-system-riscv32 -bios none -nographic -monitor null '
    '-semihosting -serial pty -kernel %s '
    '-object memory-backend-file,id=ram,size=128M,share=on,mem-path=%s '
    '-machine virt,memory-backend=ram '
    '-device loader,file=%s,addr=0x85000000,force-raw=on'
)
KB = 1024
LIMITS = {
    'native_bytes': int(43.5 * KB),
    'native_sensor_bytes': int(52.3 * KB),
    'native_sensor_share_bytes': int(8.8 * KB),  # what the sensor adds
    'static_bytes': 8 * KB,
}
# What has been reached, and some room for a fix: more is looked at.
REACHED = {
    'native_bytes': 40 * KB,
    'native_sensor_bytes': 47 * KB,
    'static_bytes': 8 * KB,
}
# MicroPython's table of names doubles with the 301st: 2.3 KB. A user's names
# and the first entities' come on top.
NAMES = 290

# The broker is pinged before anything is weighed: a task that has not run again
# may hold one that is done, which asyncio's heap of waiting tasks had beside it.
SETTINGS = '''{"mqtt": {"server": "broker", "username": "blox",
"keep_alive_interval": 2},
"update.channel": "latest", "update.trial_timeout": 1}'''
PROVISION = '{"wlan.ssid": "home", "wlan.psk": "secret", "mqtt.password": "x"}'
USER_MAIN = '''import asyncio
%s
async def user_main():
    await asyncio.sleep(%d)
    import rest
    rest.tell()
    raise SystemExit
'''
SENSOR = '''from mpy_blox.mqtt import MQTTConnectionManager
from mpy_blox.mqtt.hass.sensor import MQTTSensor
'''
SENSOR_RUNS = '''
    global sensor
    sensor = MQTTSensor('Temperature', 'C', 'temperature',
        MQTTConnectionManager.get_connection(), 'temperature')
    await sensor.register()
    sensor.set_variable(21.5)
    sensor.publish_state()
'''
BOOT = '''
import rest, machine, network, esp32, ntptime, socket, cryptolib, port
rest.start(%r, %r)
port.run_main()
'''


def on_flash():
    """What the firmware does not bring: main.py, and in /lib the wheel's
    files."""
    bytecode = BUILD / 'dist/bytecode'
    files = {'/main.py': (TOP / 'python/main.py').read_bytes()}
    files |= {'/lib/%s' % path.relative_to(bytecode): path.read_bytes()
             for path in sorted(bytecode.rglob('*.mpy'))}
    for path in sorted((BUILD / 'natmod/rv32imc').glob('_blox_*.mpy')):
        files['/lib/' + path.name] = path.read_bytes()
    return files


def user_main(sensor):
    text = USER_MAIN % (SENSOR if sensor else '', 5)
    if sensor:
        before, after = text.split('main():', 1)
        text = before + 'main():' + SENSOR_RUNS + after[1:]
    return text


def archive(files):
    head = ''.join('%d %s\n' % (len(data), path)
                   for path, data in files.items())
    return (head + '\n').encode() + b''.join(files.values())


def boot(board, fresh, trace):
    board.enter_raw_repl()
    out, error = board.exec_raw((BOOT % (fresh, trace)).encode(), timeout=120)
    return (out + error).decode().replace('\r', '')


@contextlib.contextmanager
def started(firmware, files):
    """A board that these files are on, its RAM empty: what a run before left
    there would be taken for the state of this one, for MicroPython's port does
    not clear it (its linker script leaves .bss without a range)."""
    RAM.unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile() as image:
        image.write(archive(files))
        image.flush()
        board = pyboard.Pyboard('execpty:' + QEMU % (firmware, RAM, image.name))
        try:
            yield board
        finally:
            board.close()


def run(firmware, files, trace):
    """What the second boot prints: the first one takes the secrets in."""
    with started(firmware, files) as board:
        first = boot(board, True, False)
        second = boot(board, False, trace)
    if 'connected to' not in second or 'Traceback' in second:
        sys.exit('rest: %s\n%s' % (first, second))
    return second


def measure(name, static=False, sensor=False):
    """A figure, and by how much it is more than what had been reached. Prints
    where the bytes are."""
    limit, reached = LIMITS[name], REACHED[name]
    files = {} if static else on_flash()
    files.update({
        '/settings.json': SETTINGS.encode(),
        '/provision.json': PROVISION.encode(),
        '/user_main.py': user_main(sensor).encode(),
    })
    firmware = BUILD / ('rest-static' if static else 'rest') / 'firmware.elf'
    traced = run(firmware, files, True)
    total = re.search(r'^REST (\d+)$', run(firmware, files, False), re.M)
    total = int(total.group(1))
    objects = heap.objects(firmware, RAM)  # the last run's
    print_modules(name, total, traced)
    for size, what in objects:
        if size >= 256:
            print('    of that %-28s %7d' % (what[:28], size))
    names = next(int(what.split()[0]) for _, what in objects
                 if re.fullmatch(r'\d+ names', what))
    name = 'rest.rv32.' + name
    return [
        report.entry(name.replace('_bytes', '_names'), names, '', NAMES),
        report.entry(name, total, 'bytes', limit),
        report.entry(name + '_grown', max(0, total - reached), 'bytes', 0),
    ]


def sensor_share(rows):
    """What the first sensor adds, where both were measured."""
    totals = {row['name'].split('.')[-1]: row['value'] for row in rows}
    if not {'native_bytes', 'native_sensor_bytes'} <= totals.keys():
        return []
    name = 'native_sensor_share_bytes'
    share = totals['native_sensor_bytes'] - totals['native_bytes']
    return [report.entry('rest.rv32.' + name, share, 'bytes', LIMITS[name])]


def print_modules(name, total, traced):
    """Modules that are there at rest, with what each took for itself."""
    stay = set(re.search(r'^STAY (.*)$', traced, re.M).group(1).split())
    rows = []
    for module, size in re.findall(r'^COST (\S+) (-?\d+)$', traced, re.M):
        # Native code stays until the reset, whoever forgets it.
        if (module in stay or module.startswith('_blox_')) and int(size) > 64:
            rows.append((int(size), module))
    print(name)
    for size, module in sorted(rows, reverse=True):
        print('  %-36s %7d' % (module, size))
    rest = total - sum(size for size, _ in rows)
    print('  %-36s %7d' % ('main.py, objects, buffers', rest))


IMPORTS = '''
import rest, esp32, machine
rest.mount(True)
rest.used()
for name in %r:
    before = rest.used()
    __import__(name)
    print('TOOK', name, rest.used() - before)
'''


def imports(static):
    """Bytes that importing each native module takes, one after the other."""
    names = sorted(path.stem for path in (BUILD / 'natmod/rv32imc').glob('*.mpy'))
    files = {} if static else on_flash()
    firmware = BUILD / ('rest-static' if static else 'rest') / 'firmware.elf'
    with started(firmware, files) as board:
        board.enter_raw_repl()
        out, error = board.exec_raw((IMPORTS % names).encode(), timeout=120)
    if error:
        sys.exit('rest: %s' % error.decode())
    kind = 'static' if static else 'native'
    return [
        report.entry('rest.rv32.import_%s.%s' % (kind, name[len('_blox_'):]),
                     int(size), 'bytes')
        for name, size in re.findall(r'^TOOK (\S+) (-?\d+)', out.decode(), re.M)
    ]


FIGURES = {
    'native_bytes': {},
    'native_sensor_bytes': {'sensor': True},
    'static_bytes': {'static': True},
}


def main(argv):
    names = argv[1:] or FIGURES
    rows = [row for name in names for row in measure(name, **FIGURES[name])]
    rows += sensor_share(rows)
    if not argv[1:]:
        rows += imports(False) + imports(True)
    print()
    return report.finish('rest', rows)


if __name__ == '__main__':
    sys.exit(main(sys.argv))
