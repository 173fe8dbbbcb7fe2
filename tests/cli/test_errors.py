# SPDX-License-Identifier: MIT
"""What goes wrong ends in one sentence, an exit code, and no list."""

import struct
import subprocess
import time
import zipfile

import pytest
from cli_brokers import CONNACK, Scripted, free_port, publish_parts
from cli_support import TOOL


@pytest.fixture
def code(tmp_path):
    path = tmp_path / 'user_main.py'
    path.write_text('x = 1\n')
    return path


def publish(blox, broker, *args):
    # A scripted broker knows one connection, and nothing of what is there.
    more = ['--resend'] if isinstance(broker, Scripted) else []
    return blox('publish', *broker.options(), '--channel', 'x', *more, *args)


# ---- files ------------------------------------------------------------------

BAD_WHEELS = {
    'no zip': (None, 'this is no zip file; build the wheel again'),
    'no dist-info': ({'bigpkg-1.0.dist-info/METADATA': None,
                      'bigpkg-1.0.dist-info/WHEEL': None,
                      'bigpkg-1.0.dist-info/RECORD': None},
                     'has no .dist-info directory, so it is a zip but no '
                     'wheel; build the wheel again'),
    'two dist-infos': ({'b-2.dist-info/METADATA': b''},
                       'has two .dist-info directories; build the wheel '
                       'again'),
    'no METADATA': ({'bigpkg-1.0.dist-info/METADATA': None},
                    'has no METADATA file in its .dist-info directory; '
                    'build the wheel again'),
    'no WHEEL': ({'bigpkg-1.0.dist-info/WHEEL': None},
                 'has no WHEEL file in its .dist-info directory; build '
                 'the wheel again'),
    'no RECORD': ({'bigpkg-1.0.dist-info/RECORD': None},
                  'has no RECORD file in its .dist-info directory; '
                  'build the wheel again'),
    'no Tag': ({'bigpkg-1.0.dist-info/WHEEL': b'Wheel-Version: 1.0\n'},
               'WHEEL: no Tag; build the wheel again'),
    'foreign Tag': ({'bigpkg-1.0.dist-info/WHEEL':
                     b'Tag: cp311-cp311-manylinux_2_17_x86_64\n'
                     b'Tag: cp312-cp312-any\n'},
                    'made for cp311-cp311-manylinux_2_17_x86_64, '
                    'cp312-cp312-any; devices take py3-none-any and '
                    'mpy6-bytecode-<platform>'),
    'no Name': ({'bigpkg-1.0.dist-info/METADATA': b'Version: 1\n'},
                'bigpkg-1.0.dist-info/METADATA: has no valid Name and '
                'Version; build the wheel again'),
    'odd Version': ({'bigpkg-1.0.dist-info/METADATA':
                     b'Name: bigpkg\nVersion: 1/2\n'},
                    'bigpkg-1.0.dist-info/METADATA: has no valid Name and '
                    'Version; build the wheel again'),
    'Name in the description': ({'bigpkg-1.0.dist-info/METADATA':
                                 b'Version: 1\n\nName: x\n'},
                                'bigpkg-1.0.dist-info/METADATA: has no valid '
                                'Name and Version; build the wheel again'),
    'not in RECORD': ({'more.py': b'x'},
                      'more.py: is not in RECORD; build the wheel again'),
    'only in RECORD': ({'bigpkg/__init__.py': None},
                       'bigpkg/__init__.py: is in RECORD but not in the zip; '
                       'build the wheel again'),
    'other hash': ({'bigpkg/__init__.py': b'!' * 1000},
                   'bigpkg/__init__.py: SHA-256 differs from RECORD; the '
                   'package is damaged; build the wheel again'),
    'other size': ({'bigpkg/__init__.py': b'#' * 999},
                   'bigpkg/__init__.py: its size differs from RECORD; the '
                   'package is damaged; build the wheel again'),
    'odd RECORD': ({'bigpkg-1.0.dist-info/RECORD': b'x,md5=1,1\n'},
                   'RECORD: {}; build the wheel again'),
}


@pytest.mark.parametrize('kind', BAD_WHEELS)
def test_what_is_not_a_wheel_is_refused(blox, broker, wheel, tmp_path, kind):
    members, sentence = BAD_WHEELS[kind]
    wheel(members=members, file='x.whl')
    if members is None:
        (tmp_path / 'x.whl').write_bytes(b'PK\3\4 not really' * 9)
    result = publish(blox, broker, 'x.whl')
    before, after = (sentence.split('{}') + [None])[:2]
    assert result.code == 3
    if after is None:
        assert result.err == f'blox: x.whl: {before}\n'
    else:
        assert result.err.startswith(f'blox: x.whl: {before}')
        assert result.err.endswith(after + '\n')
    assert broker.retained() == {}


def test_a_member_that_leaves_lib_is_refused(blox, broker, wheel):
    wheel(members={'../main.py': b'x'}, file='x.whl')
    result = publish(blox, broker, 'x.whl')
    assert result.code == 3
    assert result.err.startswith("blox: x.whl: ../main.py: the path has a "
                                 "'..' segment")


def test_a_damaged_member_is_refused(blox, broker, wheel):
    path = wheel(file='x.whl')
    data = bytearray(path.read_bytes())
    data[data.index(b'####')] ^= 1
    path.write_bytes(data)
    result = publish(blox, broker, 'x.whl')
    assert result.code == 3
    assert result.err == (
        "blox: x.whl: bigpkg/__init__.py: its CRC-32 differs from the zip's; "
        'the package is damaged; build the wheel again\n')


def test_a_member_twice_or_packed_oddly_is_refused(blox, broker, wheel):
    path = wheel(file='x.whl')
    with zipfile.ZipFile(path, 'a') as archive:
        with pytest.warns(UserWarning):
            archive.writestr('bigpkg/__init__.py', b'#' * 1000)
    result = publish(blox, broker, 'x.whl')
    assert result.code == 3
    assert 'bigpkg/__init__.py: is twice in the zip' in result.err
    path = wheel(file='x.whl')
    with zipfile.ZipFile(path, 'a', zipfile.ZIP_LZMA) as archive:
        archive.writestr('a.py', b'#' * 1000)
    result = publish(blox, broker, 'x.whl')
    assert result.code == 3
    assert 'a.py: is compressed by a method other than deflate' in result.err


@pytest.mark.parametrize('step', range(1, 40))
def test_a_wheel_cut_anywhere_is_refused(blox, broker, wheel, step):
    path = wheel(file='x.whl', size=50)
    data = path.read_bytes()
    path.write_bytes(data[:len(data) * step // 40])
    result = publish(blox, broker, 'x.whl')
    assert result.code == 3 and result.err.count('\n') == 1


@pytest.mark.parametrize('path', [
    '/etc/x', '../x', 'a/../x', 'a//b', 'a+b', 'a#', '.blox/x', '.BLOX', '',
    'x' * 201, 'a\nb'])
def test_paths_no_device_takes_are_refused(blox, broker, code, path):
    for args in (['--delete', path], ['--src', f'user_main.py={path}']):
        result = publish(blox, broker, *args)
        assert result.code == 2, args
        assert 'give a path relative to /' in result.err
        assert result.err.count('\n') == 1
    assert broker.retained() == {}


def test_missing_and_odd_files(blox, broker, code, tmp_path):
    result = publish(blox, broker, 'user_main.py', 'nofile.py')
    assert (result.code, result.err) == (
        3, 'blox: nofile.py: No such file or directory; name a file that can '
        'be read\n')
    (tmp_path / 'folder').mkdir()
    assert publish(blox, broker, 'folder').code == 3
    assert publish(blox, broker, '/dev/zero').code == 3
    assert broker.retained() == {}


def test_the_same_twice_is_refused(blox, broker, code, wheel):
    wheel(name='my_pkg', file='a.whl')
    wheel(name='My.Pkg', file='b.whl')
    for args in (['user_main.py', '--delete', 'user_main.py'],
                 ['a.whl', 'b.whl']):
        result = publish(blox, broker, *args)
        assert result.code == 2 and 'is given twice' in result.err


def test_a_list_no_device_reads_is_refused(blox, broker, tmp_path):
    names = ['m%03d%s' % (i, 'x' * 190) for i in range(250)]
    for name in names:
        (tmp_path / name).write_text('x')
    result = publish(blox, broker, *names)
    assert result.code == 2 and 'list: it has at most 64 KiB;' in result.err
    assert broker.retained() == {}


@pytest.mark.parametrize('args, why', [
    (['provision.json'], "entry 1 'provision.json': secrets come over serial"),
    (['user_main.py', '--src', 'user_main.py=Provision.JSON'],
     "entry 2 'Provision.JSON': secrets come over serial"),
    (['--delete', 'main.py'],
     "entry 1 'main.py': what starts the device cannot be deleted"),
    ([word for i in range(257) for word in ('--delete', 'm%d.py' % i)],
     'entry 257: a list has at most 256'),
])
def test_what_no_device_takes_is_not_sent(blox, broker, code, tmp_path, args,
                                          why):
    (tmp_path / 'provision.json').write_text('{"wlan.psk": "secret"}')
    result = publish(blox, broker, *args)
    assert (result.code, result.err) == (
        2, f'blox: publish: devices would refuse this update: list {why}; '
        'nothing was sent\n')
    assert broker.retained() == {}


@pytest.mark.parametrize('first, second', [('a', 'a/b'), ('a/b', 'a')])
def test_a_file_below_a_file_is_refused(blox, broker, code, first, second):
    result = publish(blox, broker, '--src', f'user_main.py={first}',
                     '--src', f'user_main.py={second}')
    assert (result.code, result.err) == (
        2, f"blox: '{first}' and '{second}': one would lie in the other, "
        'which is a file; name another path\n')
    beside = publish(blox, broker, '--src', 'user_main.py=a',
                     '--src', 'user_main.py=ab/c')
    assert beside.code == 0


# ---- brokers ----------------------------------------------------------------

def test_no_broker(blox, code):
    port = free_port()
    result = blox('publish', '-h', '127.0.0.1', '-p', port, '--channel', 'x',
                  code)
    assert (result.code, result.err) == (
        4, f'blox: 127.0.0.1:{port}: Connection refused; check --host and '
        '--port, and that the broker runs\n')


def test_no_such_host(blox, code):
    result = blox('publish', '-h', 'nohost.invalid', '--channel', 'x', code)
    assert (result.code, result.err) == (
        4, 'blox: nohost.invalid:1883: no such host; check --host\n')


def test_a_topic_we_may_not_write_to(blox, mosquitto, code, tmp_path):
    acl = tmp_path / 'acl'
    acl.write_text('topic write mpypi/packages/#\n')
    broker = mosquitto('allow_anonymous true', f'acl_file {acl}')
    result = publish(blox, broker, code)
    assert result.code == 5
    assert result.err == (
        "blox: mypypi/packages/user_main.py: the broker refused it (Not "
        "authorized); let user '' write to this topic\n")


def test_a_package_larger_than_the_brokers_packet(blox, mosquitto, wheel):
    broker = mosquitto('allow_anonymous true', 'max_packet_size 4000')
    wheel(size=5000, file='x.whl')
    result = publish(blox, broker, 'x.whl')
    assert result.code == 5
    assert "bigpkg 1.0 (py3-none-any): " in result.err
    assert "more than the broker's maximum packet size" in result.err
    assert 'mpypi/channels/x' not in broker.retained()


def test_a_package_larger_than_the_brokers_message(blox, mosquitto, wheel):
    broker = mosquitto('allow_anonymous true', 'message_size_limit 4000')
    wheel(size=5000, file='x.whl')
    result = publish(blox, broker, 'x.whl')
    assert result.code == 5 and 'message_size_limit' in result.err
    assert 'mpypi/channels/x' not in broker.retained()


def test_a_broker_that_says_nothing(blox, code):
    def serve(broker):
        broker.packet()
        assert broker.socket.recv(1) == b''

    broker = Scripted(serve)
    began = time.monotonic()
    result = publish(blox, broker, code, '--timeout', 1)
    assert (result.code, result.err) == (
        4, f'blox: 127.0.0.1:{broker.port}: nothing moved for 1 s; check the '
        'network, or raise --timeout\n')
    assert time.monotonic() - began < 10
    broker.join()


def test_what_is_not_a_broker(blox, code):
    def serve(broker):
        broker.packet()
        broker.send(b'HTTP/1.1 400 Bad Request\r\n\r\n')

    broker = Scripted(serve)
    result = publish(blox, broker, code, '--timeout', 5)
    assert result.code == 4 and result.err.count('\n') == 1
    broker.join()


def test_the_list_waits_for_every_acknowledgement(blox, code):
    def serve(broker):
        broker.accept()
        identifiers = [publish_parts(broker.packet()[1])[1] for _ in range(2)]
        broker.send(b'\x40\x02' + identifiers[1])
        broker.socket.settimeout(1)
        with pytest.raises(TimeoutError):
            broker.read(1)
        broker.socket.settimeout(30)
        broker.send(b'\x40\x02' + identifiers[0])
        first, body = broker.packet()
        topic, identifier, _ = publish_parts(body)
        assert (first, topic) == (0x33, 'mpypi/channels/x')
        broker.send(b'\x40\x02' + identifier)
        assert broker.packet()[0] == 0xe0

    broker = Scripted(serve)
    assert publish(blox, broker, code).code == 0
    broker.join()


def test_a_connection_lost_before_the_acknowledgement(blox, code):
    def serve(broker):
        broker.accept()
        broker.packet()

    broker = Scripted(serve)
    result = publish(blox, broker, code)
    assert result.code == 4
    assert 'the connection was lost' in result.err
    assert result.err.endswith('run the same command again\n')
    broker.join()


def test_the_reason_of_a_broker_that_disconnects(blox, code):
    def serve(broker):
        broker.accept()
        broker.packet()
        broker.send(b'\xe0\x01\x8b')
        time.sleep(0.3)

    broker = Scripted(serve)
    result = publish(blox, broker, code)
    assert result.code == 4
    assert 'Server shutting down' in result.err
    broker.join()


def test_maximum_packet_size_of_connack_counts(blox, code, tmp_path):
    def serve(broker):
        broker.packet()
        broker.send(b'\x20\x08\x00\x00\x05\x27' + struct.pack('>I', 1000))
        with pytest.raises((EOFError, AssertionError)):
            first, _ = broker.packet()
            assert first != 0xe0

    (tmp_path / 'big.py').write_bytes(b'#' * 1000)
    broker = Scripted(serve)
    result = publish(blox, broker, 'big.py')
    assert (result.code, result.err) == (
        5, "blox: big.py: 1000 bytes are more than the broker's maximum "
        "packet size; raise it there (mosquitto: max_packet_size)\n")
    broker.join()


def test_a_broker_that_never_takes_the_bytes(blox, tmp_path):
    def serve(broker):
        broker.accept()
        time.sleep(3)

    (tmp_path / 'big.bin').write_bytes(b'#' * 30000000)
    broker = Scripted(serve)
    result = publish(blox, broker, 'big.bin', '--timeout', 1)
    assert result.code == 4 and 'nothing moved for 1 s' in result.err
    broker.join()


def test_control_c_ends_it_and_says_so(code, tmp_path):
    def serve(broker):
        broker.accept()
        broker.packet()
        tool.send_signal(2)
        broker.socket.recv(1000)
        broker.socket.recv(1000)

    broker = Scripted(serve)
    tool = subprocess.Popen(
        [TOOL, 'publish', *map(str, broker.options()), '--channel', 'x', '--resend',
         code], stderr=subprocess.PIPE, text=True)
    _, err = tool.communicate(timeout=30)
    assert tool.returncode == 6
    assert err == ('blox: interrupted before it was done; run the '
                   'same command again\n')


def test_connack_with_a_reason(blox, code):
    def serve(broker):
        broker.packet()
        broker.send(CONNACK[:3] + b'\x89' + CONNACK[4:])
        time.sleep(0.2)

    broker = Scripted(serve)
    result = publish(blox, broker, code)
    assert result.code == 5
    assert 'the broker refused the connection (Server busy)' in result.err
    broker.join()


# ---- TLS --------------------------------------------------------------------

@pytest.fixture
def tls(mosquitto, tmp_path):
    for name in ('broker', 'other'):
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes',
             '-keyout', tmp_path / f'{name}.key', '-out',
             tmp_path / f'{name}.crt', '-subj', '/CN=localhost', '-addext',
             'subjectAltName=DNS:localhost', '-days', '2'],
            check=True, stderr=subprocess.DEVNULL)
    return mosquitto('allow_anonymous true',
                     f'certfile {tmp_path}/broker.crt',
                     f'keyfile {tmp_path}/broker.key')


def test_tls(blox, tls, code):
    def run(host, *options):
        return blox('publish', '-h', host, '-p', tls.port, '--channel', 'x',
                    code, *options)

    assert run('localhost', '--cafile', 'broker.crt').code == 0
    wrong = run('localhost', '--cafile', 'other.crt')
    assert wrong.code == 4 and 'TLS failed' in wrong.err
    assert 'certificate verify failed' in wrong.err
    name = run('127.0.0.1', '--cafile', 'broker.crt')
    assert name.code == 4 and 'TLS failed' in name.err
    assert run('127.0.0.1', '--cafile', 'broker.crt', '--insecure').code == 0
    missing = run('localhost', '--cafile', 'no.crt')
    assert missing.code == 3 and missing.err.startswith('blox: TLS: ')
    plain = run('localhost')
    assert plain.code == 4 and plain.err.count('\n') == 1
