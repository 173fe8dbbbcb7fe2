# SPDX-License-Identifier: MIT
"""`blox keygen`, `sign`, `verify`, `publish --key`: PROTOCOL §2 to the byte,
checked by plain openssl."""

import base64
import hashlib
import json
import os
import pty
import stat
import subprocess
import time

import pytest
from cli_support import TOOL

LIST = b'[{"type":"delete","path":"a ]}\\" b.py"},{"type":"later"}]'
CHANNEL = 'mpypi/channels/latest'


def openssl(*args, **more):
    return subprocess.run(['openssl', *map(str, args)], check=True,
                          capture_output=True, **more).stdout


@pytest.fixture
def key(blox):
    made = blox('keygen', '--json', 'key.pem')
    assert (made.code, made.err) == (0, '')
    return json.loads(made.out)


@pytest.fixture
def payload(tmp_path):
    (tmp_path / 'list.json').write_bytes(LIST)
    return 'list.json'


def sign(blox, *args, stdin=subprocess.DEVNULL):
    done = blox('sign', '--key', 'key.pem', *args, stdin=stdin)
    assert (done.code, done.err) == (0, '')
    return done.out


def verify(blox, tmp_path, text, *args):
    (tmp_path / 'signed').write_text(text)
    return blox('verify', *args, 'signed')


def check_by_hand(tmp_path, text, topic):
    """Takes a signed list apart and asks openssl. Returns its serial."""
    entry = json.loads(text)[-1]
    assert list(entry) == ['type', 'alg', 'serial', 'sig']
    assert (entry['type'], entry['alg']) == ('signature', 'ES256')
    whole = json.dumps(entry, separators=(',', ':'))
    assert text.endswith(whole + ']')
    head = text[:-len(whole) - 1].removesuffix(',')
    (tmp_path / 'signed.bin').write_bytes(b'\0'.join(
        [b'mpypi-v1', topic.encode(), entry['serial'].encode(),
         head.encode()]))
    (tmp_path / 'sig.der').write_bytes(base64.b64decode(entry['sig']))
    openssl('pkey', '-in', tmp_path / 'key.pem', '-pubout', '-out',
            tmp_path / 'public.pem')
    assert b'Verified OK' in openssl(
        'dgst', '-sha256', '-verify', tmp_path / 'public.pem', '-signature',
        tmp_path / 'sig.der', tmp_path / 'signed.bin')
    return entry['serial']


# ---- keys -------------------------------------------------------------------

def test_a_key_is_for_its_owner_alone_and_what_openssl_reads(
        blox, tmp_path, key):
    file = tmp_path / 'key.pem'
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b'prime256v1' in openssl('ec', '-in', file, '-noout', '-text')
    der = openssl('pkey', '-in', file, '-pubout', '-outform', 'DER')
    assert base64.b64decode(key['public_key']) == der[-65:]
    assert key['fingerprint'] == hashlib.sha256(der).hexdigest()


def test_a_key_is_shown_again_by_either_half(blox, tmp_path, key):
    openssl('pkey', '-in', tmp_path / 'key.pem', '-pubout', '-out',
            tmp_path / 'public.pem')
    for file in ('key.pem', 'public.pem'):
        shown = blox('keygen', '--show', file)
        assert (shown.code, shown.err) == (0, '')
        assert shown.out == (f'public key   {key["public_key"]}\n'
                             f'fingerprint  {key["fingerprint"]}\n')


def test_a_key_is_never_written_over(blox, tmp_path, key):
    before = (tmp_path / 'key.pem').read_bytes()
    again = blox('keygen', 'key.pem')
    assert (again.code, again.out, again.err) == (
        3, '', 'blox: key.pem: it is there already and stays as it is; name '
        'another file\n')
    assert (tmp_path / 'key.pem').read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ['key.pem']


def test_two_keys_differ(blox, key):
    other = json.loads(blox('keygen', '--json', 'other.pem').out)
    assert other['public_key'] != key['public_key']


def test_a_key_made_by_openssl_does(blox, tmp_path, payload):
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out',
            tmp_path / 'key.pem')
    text = sign(blox, '--topic', CHANNEL, payload)
    check_by_hand(tmp_path, text, CHANNEL)


def test_what_is_no_key_is_said(blox, tmp_path, payload):
    openssl('ecparam', '-name', 'secp384r1', '-genkey', '-noout', '-out',
            tmp_path / 'p384.pem')
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out',
            tmp_path / 'good.pem')
    openssl('pkey', '-in', tmp_path / 'good.pem', '-pubout', '-out',
            tmp_path / 'public.pem')
    (tmp_path / 'odd.pem').write_text('-----BEGIN PRIVATE KEY-----\nxx\n')
    for file, why in (
            ('p384.pem', 'a key, but not of P-256, which devices want; make '
             "one with 'blox keygen'"),
            ('public.pem', "no private key in PEM form; make one with 'blox "
             "keygen'"),
            ('odd.pem', "no private key in PEM form; make one with 'blox "
             "keygen'"),
            ('list.json', "no private key in PEM form; make one with 'blox "
             "keygen'"),
            ('none.pem', 'No such file or directory; name a file that can be '
             'read')):
        done = blox('sign', '--key', file, '--topic', 't', payload)
        assert (done.code, done.out) == (3, '')
        assert done.err == f'blox: {file}: {why}\n'


# ---- passphrases ------------------------------------------------------------

def on_terminal(args, cwd, answers):
    """Runs the tool on a terminal, answering each question. Returns its exit
    code, its stdout, and all that the terminal showed."""
    ours, theirs = pty.openpty()
    tool = subprocess.Popen([TOOL, *args], cwd=cwd, stdin=theirs,
                            stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    shown = b''

    def read_until(text):
        nonlocal shown
        seen = b''
        while text not in seen:
            seen += os.read(ours, 1000)
        shown += seen

    for question, answer in answers:
        read_until(question.encode())
        os.write(ours, answer.encode() + b'\n')
    out = tool.stdout.read()
    code = tool.wait(30)
    try:
        while data := os.read(ours, 1000):
            shown += data
    except OSError:
        pass  # the other end is closed
    os.close(ours)
    return code, out.decode(), shown.decode()


def test_a_passphrase_is_asked_for_without_echo(blox, tmp_path, payload):
    code, _, shown = on_terminal(
        ['keygen', '--passphrase', 'key.pem'], tmp_path,
        [('New passphrase: ', 'open sesame'), ('Once more: ', 'open sesame')])
    assert code == 0 and 'sesame' not in shown
    assert b'ENCRYPTED' in (tmp_path / 'key.pem').read_bytes()
    code, out, shown = on_terminal(
        ['sign', '--key', 'key.pem', '--topic', CHANNEL, payload], tmp_path,
        [('Passphrase of key.pem: ', 'open sesame')])
    assert code == 0 and 'sesame' not in shown
    assert json.loads(out)[-1]['type'] == 'signature'
    assert blox('verify', '--key', 'key.pem', '--topic', CHANNEL, payload,
                BLOX_PASSPHRASE='open sesame').code == 9


def test_passphrases_that_are_wrong(blox, tmp_path, payload):
    code, _, shown = on_terminal(
        ['keygen', '--passphrase', 'key.pem'], tmp_path,
        [('New passphrase: ', 'one word'), ('Once more: ', 'another')])
    assert code == 2 and 'the two passphrases differ; start again' in shown
    short = blox('keygen', '--passphrase', 'key.pem', BLOX_PASSPHRASE='abc')
    assert short.code == 2 and 'at least 4 characters' in short.err
    silent = blox('keygen', '--passphrase', 'key.pem')
    assert silent.code == 2 and 'set BLOX_PASSPHRASE' in silent.err
    assert not (tmp_path / 'key.pem').exists()
    assert blox('keygen', '--passphrase', 'key.pem',
                BLOX_PASSPHRASE='planted-phrase').code == 0
    for env in ({'BLOX_PASSPHRASE': 'planted-other'}, {}):
        done = blox('sign', '--key', 'key.pem', '--topic', 't', payload, **env)
        assert done.code == 3 and 'planted' not in done.err
        assert done.err == (
            'blox: key.pem: the passphrase is wrong or was not given; type '
            'it, or set BLOX_PASSPHRASE\n')


# ---- signing and checking ---------------------------------------------------

@pytest.mark.parametrize('where, topic', [
    (['--channel', 'latest'], CHANNEL),
    (['--node', 'esp32-01'], 'mpypi/nodes/esp32-01/cmd'),
    (['--topic', 'a/b'], 'a/b')])
def test_a_list_is_signed_for_its_topic(blox, tmp_path, key, payload, where,
                                        topic):
    before = int(time.time())
    text = sign(blox, *where, payload)
    assert text.startswith(LIST.decode()[:-1] + ',{"type":"signature",')
    assert before <= int(check_by_hand(tmp_path, text, topic)) <= time.time()
    for proof in (['--key', 'key.pem'], ['--public-key', key['public_key']]):
        done = verify(blox, tmp_path, text, *where, *proof)
        serial = json.loads(text)[-1]['serial']
        assert (done.code, done.err) == (0, '')
        assert done.out == (f'signed: signed by {key["fingerprint"]}, serial '
                            f'{serial}\n')


def test_an_empty_list_and_a_command(blox, tmp_path, key):
    (tmp_path / 'empty').write_text(' [ ] \n')
    text = sign(blox, '--topic', CHANNEL, '--serial', '7', 'empty')
    assert text.startswith('[{"type":"signature"')
    assert check_by_hand(tmp_path, text, CHANNEL) == '7'
    (tmp_path / 'cmd').write_text('{ "cmd" : "reboot" }\n')
    with (tmp_path / 'cmd').open() as stdin:
        text = sign(blox, '--node', 'n', '--serial', '0', stdin=stdin)
    assert text.startswith('[{"type":"command","cmd":"reboot"},{"type":"sig')
    assert check_by_hand(tmp_path, text, 'mpypi/nodes/n/cmd') == '0'
    assert verify(blox, tmp_path, text, '--node', 'n', '--key',
                  'key.pem').code == 0


def test_white_space_goes_but_not_in_strings(blox, tmp_path, key):
    (tmp_path / 'l').write_text(
        '[\n  {"type" : "delete",\t"path": "a \\" b c.py" }\r\n]\n')
    text = sign(blox, '--topic', CHANNEL, 'l')
    assert text.startswith('[{"type":"delete","path":"a \\" b c.py"},')
    check_by_hand(tmp_path, text, CHANNEL)


def test_forgeries_are_refused_in_one_sentence(blox, tmp_path, key, payload):
    text = sign(blox, '--topic', CHANNEL, '--serial', '41', payload)
    blox('keygen', 'other.pem')
    mine = ['--key', 'key.pem', '--topic', CHANNEL]
    assert verify(blox, tmp_path, text, *mine).code == 0
    cases = [
        (text, ['--key', 'other.pem', '--topic', CHANNEL]),
        (text, ['--key', 'key.pem', '--topic', CHANNEL + '2']),
        (text.replace('"41"', '"42"'), mine),
        (text.replace('a ]', 'b ]'), mine),
        (text.replace('[{', '[ {', 1), mine),
        (text + '\n', mine),
        (text.replace('},{"type":"sig', '},{"type":"x"},{"type":"sig'), mine),
        (LIST.decode(), mine),
        (text[:-1] + ',{"type":"delete","path":"x"}]', mine),
        ('', mine),
        ('[]', mine),
    ]
    for changed, args in cases:
        done = verify(blox, tmp_path, changed, *args)
        assert (done.code, done.out) == (9, ''), changed
        assert done.err.startswith('blox: signed: list: ')
        assert done.err.count('\n') == 1


@pytest.mark.parametrize('serial', ['-1', '01', '1.5', '9223372036854775809',
                                    '', 'x'])
def test_serials_that_no_device_takes(blox, key, payload, serial):
    done = blox('sign', '--key', 'key.pem', '--topic', 't', '--serial', serial,
                payload)
    assert done.code == 2 and 'is not a number up to 2^63' in done.err


def test_the_largest_serial(blox, tmp_path, key, payload):
    text = sign(blox, '--topic', CHANNEL, '--serial', '9223372036854775808',
                payload)
    assert verify(blox, tmp_path, text, '--key', 'key.pem', '--topic',
                  CHANNEL).code == 0


def test_what_is_not_to_be_signed(blox, tmp_path, key, payload):
    text = sign(blox, '--topic', CHANNEL, payload)
    for content, why in (
            (text, 'f: signed already; sign the list it was made of'),
            ('[{"type":"src"}]', "f: list entry 1 'path': the key is missing"),
            ('{"cmd":', 'f: line 1, column 8: '),
            ('[' + ' ' * 70000 + ']', 'f: over 64 KiB; name a smaller file')):
        (tmp_path / 'f').write_text(content)
        done = blox('sign', '--key', 'key.pem', '--topic', 't', 'f')
        assert (done.code, done.out) == (3, '')
        assert done.err.startswith('blox: ' + why)
        assert done.err.count('\n') == 1


# ---- publish --key ----------------------------------------------------------

def test_every_list_is_signed_for_its_own_topic(blox, broker, tmp_path, key):
    (tmp_path / 'a.py').write_text('x')
    with broker.listen('mpypi/nodes/+/cmd') as listener:
        done = blox('publish', *broker.options(), '--channel', 'a',
                    '--channel', 'b', '--node', 'n', '--key', 'key.pem',
                    '--serial', '5', 'a.py')
        assert (done.code, done.err) == (0, '')
        command = listener.wait(1)[0]
    found = broker.retained()
    for topic, text in (('mpypi/channels/a', found['mpypi/channels/a']),
                        ('mpypi/channels/b', found['mpypi/channels/b']),
                        (command.topic, command.payload)):
        assert check_by_hand(tmp_path, text.decode(), topic) == '5'
        assert json.loads(text)[0]['path'] == 'a.py'


def test_a_key_that_cannot_be_read_publishes_nothing(blox, broker, tmp_path):
    (tmp_path / 'a.py').write_text('x')
    done = blox('publish', *broker.options(), '--channel', 'a', '--key',
                'a.py', 'a.py')
    assert done.code == 3 and 'no private key' in done.err
    assert broker.retained() == {}


def test_the_key_may_come_from_the_environment(blox, broker, tmp_path, key):
    (tmp_path / 'a.py').write_text('x')
    done = blox('publish', *broker.options(), '--channel', 'latest', 'a.py',
                BLOX_KEY='key.pem')
    assert (done.code, done.err) == (0, '')
    check_by_hand(tmp_path, broker.retained()[CHANNEL].decode(), CHANNEL)


# ---- commands ---------------------------------------------------------------

def test_a_command_is_signed_for_its_device(blox, broker, tmp_path, key):
    topic = 'mpypi/nodes/n1/cmd'
    with broker.listen(topic) as listener:
        done = blox('cmd', *broker.options(), '--key', 'key.pem', '--serial',
                    '9', '--wait', '1', 'n1', 'reboot')
        text = listener.wait(1)[0].payload.decode()
    assert done.code == 8 and 'no answer within 1 s' in done.err
    entry = json.loads(text)[0]
    assert (entry['type'], entry['cmd']) == ('command', 'reboot')
    assert check_by_hand(tmp_path, text, topic) == '9'
    assert verify(blox, tmp_path, text, '--key', 'key.pem', '--node',
                  'n1').code == 0


def test_each_question_of_diff_has_a_higher_serial(blox, broker, tmp_path,
                                                   key):
    for name in ('a.py', 'b.py'):
        (tmp_path / name).write_text('x')
    status = 'mpypi/nodes/n1/status'
    with broker.listen('mpypi/nodes/n1/cmd') as listener:
        listener.client.publish(status, 'online', 1, True).wait_for_publish()

        def answer(client, context, message):
            listener.messages.append(message)
            entry = json.loads(message.payload)[0]
            client.publish('mpypi/nodes/n1/reply', json.dumps({
                'cmd': 'hash', 'id': entry['id'], 'ok': True, 'size': 1,
                'sha256': hashlib.sha256(b'x').hexdigest()}))

        listener.client.on_message = answer
        done = blox('diff', *broker.options(), '--key', 'key.pem', '--serial',
                    '41', 'n1', 'a.py', 'b.py')
        assert (done.code, done.err) == (0, '')
    assert [check_by_hand(tmp_path, m.payload.decode(), m.topic)
            for m in listener.messages] == ['41', '42']
