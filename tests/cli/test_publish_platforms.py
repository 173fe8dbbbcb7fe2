# SPDX-License-Identifier: MIT
"""`blox publish` with wheels for several chips, and with native code."""

import json

import paho.mqtt.publish as single
import pytest
from cli_support import TOP, sha256

NATIVE = (TOP / 'build/natmod/x64/_blox_wav.mpy').read_bytes
ARCHS = {'unix_x64': 2, 'esp32': 10, 'esp32c3': 11}


def native(platform, sub_version=3):
    """A native module's bytes, its head for another chip."""
    data = bytearray(NATIVE())
    data[2] = ARCHS[platform] << 2 | sub_version
    return bytes(data)


@pytest.fixture
def publish(blox, broker):
    def run(*args, channel='x'):
        return blox('publish', *broker.options(), '--channel', channel, *args)
    return run


@pytest.fixture
def entries(broker):
    return lambda: json.loads(broker.retained()['mpypi/channels/x'])


@pytest.fixture
def build(blox, tmp_path):
    """Builds a wheel; native: sub-version of the native member in it."""
    def make(platform=None, native_mpy=None, name='pkg', version='1.0'):
        folder = tmp_path / f'{name}-{platform}-{native_mpy}'
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / '__init__.py').write_text('X = 1\n')
        if native_mpy is not None:
            (folder / f'_{name}.mpy').write_bytes(native(platform, native_mpy))
        done = blox('wheel', 'build', folder, '--name', name, '--version',
                    version, '--out', f'out{native_mpy}', '--json',
                    *(['--platform', platform] if platform else []))
        assert done.code == 0, done.err
        return tmp_path / json.loads(done.out)['file']
    return make


def summary(entries):
    return [(e['type'], e.get('tag', '')[14:], e.get('mpy'))
            for e in entries]


@pytest.mark.parametrize('wheels, wanted', [
    ([None], [('wheel', '', None)]),
    (['esp32c3'], [('platform-wheel', 'esp32c3', None)]),
    (['esp32'], [('platform-wheel', 'esp32', None), ('wheel', 'esp32', None)]),
    (['esp32', 'esp32c3'],
     [('platform-wheel', 'esp32', None), ('wheel', 'esp32', None),
      ('platform-wheel', 'esp32c3', None)]),
    (['esp32', 'esp32c3', None],
     [('platform-wheel', 'esp32', None), ('platform-wheel', 'esp32c3', None),
      ('wheel', '', None)]),
    ([('esp32', 3), ('esp32', 2)],
     [('platform-wheel', 'esp32', '6.3'), ('platform-wheel', 'esp32', '6.2'),
      ('wheel', 'esp32', None)]),
    ([('esp32', 2), ('esp32', None), ('unix_x64', 3)],
     [('platform-wheel', 'esp32', '6.2'), ('platform-wheel', 'esp32', None),
      ('wheel', 'esp32', None), ('platform-wheel', 'unix_x64', '6.3')]),
])
def test_each_device_finds_its_wheel_and_originals_theirs(
        publish, entries, build, wheels, wanted):
    files = [build(*w) if isinstance(w, tuple) else build(w) for w in wheels]
    done = publish(*files)
    assert (done.code, done.err) == (0, '')
    assert summary(entries()) == wanted
    for entry in entries():
        assert (entry['name'], entry['version']) == ('pkg', '1.0')


def test_an_entry_is_as_devices_read_it(publish, broker, build):
    file = build('esp32c3')
    assert publish(file).code == 0
    data = file.read_bytes()
    assert broker.retained()['mpypi/channels/x'].decode() == (
        '[{"type":"platform-wheel","tag":"mpy6-bytecode-esp32c3",'
        '"name":"pkg","version":"1.0",'
        f'"pkg_sha256":"{sha256(data)}","size":{len(data)}}}]')


@pytest.mark.parametrize('first', [0, 1])
def test_stage_one_is_for_originals_alone(publish, entries, build, first):
    files = [build('esp32', version='1.0.dev0'), build('esp32', 3)]
    done = publish(files[first], files[1 - first], build('esp32c3', 3))
    assert (done.code, done.err) == (0, '')
    found = sorted((e['type'], e['tag'][14:], e['version']) for e in entries())
    assert found == [('platform-wheel', 'esp32', '1.0'),
                     ('platform-wheel', 'esp32c3', '1.0'),
                     ('wheel', 'esp32', '1.0.dev0')]


def test_two_wheels_for_one_chip_are_refused(publish, broker, build):
    one = build('esp32')
    other = one.with_name('other.whl')
    other.write_bytes(one.read_bytes())
    done = publish(one, other)
    assert (done.code, done.err) == (
        2, "blox: 'pkg' is given twice for mpy6-bytecode-esp32; leave one "
        'out\n')
    done = publish(build('esp32'), build('esp32c3', version='1.1'))
    assert (done.code, done.err) == (
        2, "blox: 'pkg' is given as 1.0 and as 1.1; give wheels of one "
        'version\n')
    assert broker.retained() == {}


def info(broker, node, **members):
    single.single(f'mpypi/nodes/{node}/info', json.dumps(members), 1, True,
                  '127.0.0.1', broker.port)


def test_native_code_goes_where_it_is_known_to_load(publish, broker, build):
    file = build('esp32c3', 3)
    info(broker, 'n1', channel='x', platform='esp32c3', mpy='6.3')
    info(broker, 'n2', channel='x', platform='esp32', mpy='6.2')  # not for it
    info(broker, 'n3', channel='other', platform='esp32c3', mpy='6.2')
    assert publish(file).code == 0
    info(broker, 'n4', channel='x', platform='esp32c3', mpy='6.2')
    done = publish(file)
    assert (done.code, done.out) == (3, '')
    assert done.err == (
        'blox: n4: its firmware loads native code of mpy 6.2, pkg 1.0 '
        '(mpy6-bytecode-esp32c3) has 6.3; build it for that MicroPython, or '
        'give --force\n')
    assert publish(file, '--force').code == 0
    assert publish(file, build('esp32c3', 2)).code == 0
    assert publish(file, build()).code == 0


@pytest.mark.parametrize('version, mpy, taken', [
    ('v1.22.2 on 2024-02-22', 2, True), ('v1.22.2 on 2024-02-22', 3, False),
    ('1.23.0', 3, True), ('v1.25.0', 2, False), ('v1.21.0', 2, False),
    ('v2.0.0', 3, False), (None, 3, False)])
def test_of_an_original_its_micropython_tells(
        publish, broker, build, version, mpy, taken):
    uname = {'sysname': 'esp32', **({'version': version} if version else {})}
    info(broker, 'old', uname=uname, versions={'pkg': '0.9'}, channel='x')
    done = publish(build('esp32', mpy))
    assert (done.code == 0) == taken, done.err
    if not taken:
        assert done.err.startswith('blox: old: ')


def test_a_node_nobody_knows_gets_no_native_code(blox, broker, build):
    file = build('esp32', 3)
    call = ['publish', *broker.options(), '--node', 'ghost', file]
    done = blox(*call)
    assert (done.code, done.err) == (
        3, 'blox: ghost: not known to load native code of mpy 6.3, which pkg '
        '1.0 (mpy6-bytecode-esp32) has; give --force when it does\n')
    assert broker.retained() == {}
    with broker.listen('mpypi/nodes/ghost/cmd'):
        assert blox(*call, '--force').code == 0
        assert blox('publish', *broker.options(), '--node', 'ghost',
                    build('esp32')).code == 0
