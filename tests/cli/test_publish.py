# SPDX-License-Identifier: MIT
"""What `blox publish` puts on the wire, byte for byte."""

import json

import pytest
from cli_support import sha256

CODE = b'async def user_main():\n    pass\n'


@pytest.fixture
def code(tmp_path):
    path = tmp_path / 'user_main.py'
    path.write_bytes(CODE)
    return path


def test_wheel_and_source_in_the_forms_devices_of_today_expect(
        blox, broker, wheel, code):
    package = wheel()
    result = blox('publish', *broker.options(), '--channel', 'latest', code,
                  package)
    assert (result.code, result.err) == (0, '')
    data = package.read_bytes()
    assert broker.retained() == {
        f'mpypi/packages/wheel/{sha256(data)}': data,
        f'mypypi/packages/{sha256(data)}': data,
        f'mpypi/packages/src/user_main.py/{sha256(CODE)}': CODE,
        'mypypi/packages/user_main.py': CODE,
        'mpypi/channels/latest':
            (f'[{{"type":"src","path":"user_main.py",'
             f'"pkg_sha256":"{sha256(CODE)}","size":{len(CODE)}}},'
             f'{{"type":"wheel","name":"bigpkg","version":"1.0",'
             f'"pkg_sha256":"{sha256(data)}","size":{len(data)}}}]').encode(),
    }


@pytest.mark.parametrize('forms, topics', [
    ('a', ['mpypi/packages/src/user_main.py/' + sha256(CODE)]),
    ('b', ['mpypi/packages/src/user_main.py']),
    ('c', ['mypypi/packages/user_main.py']),
    ('abc', ['mpypi/packages/src/user_main.py/' + sha256(CODE),
             'mpypi/packages/src/user_main.py',
             'mypypi/packages/user_main.py']),
])
def test_every_form_on_its_own_and_together(blox, broker, code, forms, topics):
    options = [word for form in forms for word in ('--form', form)]
    assert blox('publish', *broker.options(), '--channel', 'x', *options,
                code).code == 0
    found = broker.retained()
    del found['mpypi/channels/x']
    assert found == dict.fromkeys(topics, CODE)


def test_packages_are_acknowledged_before_the_list_goes_out(
        blox, broker, wheel, code):
    with broker.listen() as listener:
        result = blox('publish', *broker.options(), '--node', 'esp32-01',
                      '--channel', 'a', '--channel', 'b/c', '--node', 'n2',
                      code, wheel())
        assert result.code == 0
        messages = listener.wait(8)
    topics = [m.topic for m in messages]
    assert topics[4:] == ['mpypi/channels/a', 'mpypi/channels/b/c',
                          'mpypi/nodes/esp32-01/cmd', 'mpypi/nodes/n2/cmd']
    assert all('packages' in topic for topic in topics[:4])
    assert all(m.qos == 1 for m in messages)
    lines = [line.split(': ')[0] for line in result.out.splitlines()]
    assert lines == ['user_main.py'] * 2 + ['bigpkg 1.0 (py3-none-any)'] * 2 + \
        ['update list'] * 4


def test_a_node_gets_its_list_once_and_not_retained(blox, broker, code):
    with broker.listen('mpypi/nodes/+/cmd') as listener:
        assert blox('publish', *broker.options(), '--node', 'esp32-01',
                    code).code == 0
        assert len(listener.wait(1)) == 1
    assert set(broker.retained()) == {
        'mpypi/packages/src/user_main.py/' + sha256(CODE),
        'mypypi/packages/user_main.py'}


@pytest.mark.parametrize('options', [[], ['--quiet']])
def test_a_list_that_reaches_nobody_is_said(blox, broker, code, options):
    with broker.listen('mpypi/nodes/esp32-01/cmd'):
        result = blox('publish', *broker.options(), '--node', 'ghost',
                      '--node', 'esp32-01', *options, code)
    assert (result.code, result.err) == (
        8, 'blox: mpypi/nodes/ghost/cmd: nobody is subscribed, so the list is '
        "lost; name a node that is online ('blox nodes'), or publish on its "
        'channel\n')
    alone = blox('publish', *broker.options(), '--channel', 'x', code)
    assert (alone.code, alone.err) == (0, '')  # that one stays


def test_source_goes_to_the_path_it_is_given(blox, broker, code, wheel):
    data = wheel(file='any.whl').read_bytes()
    assert blox('publish', *broker.options(), '--channel', 'x', '--form', 'a',
                '--src', 'user_main.py=lib/app/start.py', '--src',
                'any.whl').code == 0
    found = broker.retained()
    assert found[f'mpypi/packages/src/lib/app/start.py/{sha256(CODE)}'] == CODE
    assert found[f'mpypi/packages/src/any.whl/{sha256(data)}'] == data
    assert [e['path'] for e in json.loads(found['mpypi/channels/x'])] == \
        ['lib/app/start.py', 'any.whl']


def test_delete_and_empty_file_need_no_package(blox, broker, tmp_path):
    (tmp_path / 'empty.py').write_bytes(b'')
    assert blox('publish', *broker.options(), '--channel', 'x', '--delete',
                'old.py', 'empty.py').code == 0
    assert broker.retained() == {
        'mpypi/channels/x':
            (f'[{{"type":"delete","path":"old.py"}},'
             f'{{"type":"src","path":"empty.py",'
             f'"pkg_sha256":"{sha256(b"")}","size":0}}]').encode()}


def test_publishing_again_replaces_the_list_of_the_channel(
        blox, broker, tmp_path, code):
    (tmp_path / 'b.py').write_bytes(b'b')
    for name in ('user_main.py', 'b.py'):
        assert blox('publish', *broker.options(), '--channel', 'x',
                    name).code == 0
    found = json.loads(broker.retained()['mpypi/channels/x'])
    assert [e['path'] for e in found] == ['b.py']


def test_payload_of_any_bytes_arrives_whole(blox, broker, tmp_path):
    data = bytes(range(256)) * 20000
    (tmp_path / 'data.bin').write_bytes(data)
    assert blox('publish', *broker.options(), '--channel', 'x', '--form', 'c',
                'data.bin').code == 0
    assert broker.retained()['mypypi/packages/data.bin'] == data


def test_many_files_in_one_update(blox, broker, tmp_path):
    names = [f'm{i}.py' for i in range(60)]
    for name in names:
        (tmp_path / name).write_text(name)
    assert blox('publish', *broker.options(), '--channel', 'x',
                *names).code == 0
    found = broker.retained()
    assert len(found) == 121
    assert [e['path'] for e in json.loads(found['mpypi/channels/x'])] == names


def test_the_name_is_the_one_in_metadata_not_of_the_file(blox, broker, wheel):
    wheel(name='Mpy.Blox', version='1.2.0', file='download.whl')
    assert blox('publish', *broker.options(), '--channel', 'x',
                'download.whl').code == 0
    entry = json.loads(broker.retained()['mpypi/channels/x'])[0]
    assert (entry['name'], entry['version']) == ('Mpy.Blox', '1.2.0')


def test_a_wheel_of_someone_else(blox, broker, pip_wheel):
    data = pip_wheel.read_bytes()
    result = blox('publish', *broker.options(), '--channel', 'x', '--form',
                  'a', pip_wheel)
    assert (result.code, result.err) == (0, '')
    assert result.out.startswith('pip ')
    found = broker.retained()
    assert found[f'mpypi/packages/wheel/{sha256(data)}'] == data


def test_a_wheel_for_one_chip(blox, broker, wheel):
    wheel(tag='mpy6-bytecode-esp32c3', file='x.whl')
    result = blox('publish', *broker.options(), '--channel', 'x', '--form',
                  'a', 'x.whl')
    assert result.code == 0
    assert 'bigpkg 1.0 (mpy6-bytecode-esp32c3): ' in result.out


@pytest.mark.parametrize('version', ['mqttv5', 'mqttv311'])
def test_both_protocol_versions(blox, broker, code, version):
    assert blox('publish', *broker.options(), '-V', version, '--channel', 'x',
                code).code == 0
    assert len(broker.retained()) == 3


def test_quiet_says_nothing(blox, broker, code):
    result = blox('publish', *broker.options(), '--quiet', '--channel', 'x',
                  code)
    assert (result.code, result.out, result.err) == (0, '', '')


# ---- passwords --------------------------------------------------------------

@pytest.fixture
def guarded(mosquitto, tmp_path):
    import subprocess
    passwords = tmp_path / 'passwords'
    subprocess.run(['mosquitto_passwd', '-b', '-c', passwords, 'pub',
                    'se cret'], check=True)
    return mosquitto('allow_anonymous false', f'password_file {passwords}')


def test_password_from_every_place(blox, guarded, code, tmp_path):
    (tmp_path / 'pw').write_text('se cret\nanother line\n')
    call = ['publish', *guarded.options(), '-u', 'pub', '--channel', 'x', code]
    assert blox(*call, '-P', 'se cret').code == 0
    assert blox(*call, '--pw-file', 'pw').code == 0
    assert blox(*call, password='se cret').code == 0
    assert blox(*call, '-P', 'se cret', password='wrong').code == 0
    assert blox(*call).code == 5


@pytest.mark.parametrize('version', ['mqttv5', 'mqttv311'])
def test_refused_password_is_one_clear_sentence(blox, guarded, code, version):
    result = blox('publish', *guarded.options(), '-V', version, '-u', 'pub',
                  '-P', 'wrong', '--channel', 'x', code)
    assert result.code == 5
    assert result.err == (
        f"blox: 127.0.0.1:{guarded.port}: the broker refused user 'pub' or "
        "the password; check both\n")


def test_missing_user_name_is_one_clear_sentence(blox, guarded, code):
    result = blox('publish', *guarded.options(), '--channel', 'x', code)
    assert result.code == 5
    assert result.err == (
        f"blox: 127.0.0.1:{guarded.port}: the broker lets no one in without "
        "a user name; give --username and a password\n")
