# SPDX-License-Identifier: MIT
"""The progress bar: on a terminal only, and never ahead of the truth."""

import os
import pty
import re
import subprocess
import threading
import time

from cli_brokers import Scripted, publish_parts
from cli_support import TOOL

SIZE = 20000000
SLOW = 40  # pieces the broker takes it in


def serve_slowly(broker):
    broker.accept()
    _, length = broker.header()
    body = b''
    while len(body) < length:
        body += broker.read(min(length // SLOW, length - len(body)))
        time.sleep(0.05)
    broker.taken_at = time.monotonic()
    time.sleep(0.5)
    broker.send(b'\x40\x02' + publish_parts(body)[1])
    broker.acknowledged_at = time.monotonic()
    broker.send(b'\x40\x02' + publish_parts(broker.packet()[1])[1])
    broker.packet()


def run_on_terminal(args, cwd):
    """Exit code, and [(time, text)] as it came."""
    ours, theirs = pty.openpty()
    tool = subprocess.Popen([TOOL, *map(str, args)], cwd=cwd, stdin=theirs,
                            stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = []

    def read():
        while True:
            try:
                data = os.read(ours, 4096)
            except OSError:
                return
            shown.append((time.monotonic(), data.decode()))

    reader = threading.Thread(target=read)
    reader.start()
    code = tool.wait(60)
    reader.join(10)
    os.close(ours)
    return code, shown


def test_bar_moves_with_the_bytes_and_ends_with_the_acknowledgement(tmp_path):
    (tmp_path / 'big.bin').write_bytes(b'#' * SIZE)
    broker = Scripted(serve_slowly)
    code, shown = run_on_terminal(
        ['publish', *broker.options(), '--channel', 'x', '--form', 'a',
         '--resend', 'big.bin'], tmp_path)
    broker.join()
    assert code == 0
    text = ''.join(t for _, t in shown)
    percents = [int(p) for p in re.findall(r'\] +(\d+) %', text)]
    assert len(percents) >= 10
    assert percents == sorted(percents) and len(set(percents)) >= 10
    assert re.search(r'\r\[=+> +\] +\d+ %  [\d.]+ MB  [\d.]+ kB/s  \d+ s left',
                     text)
    line = f'big.bin: {SIZE} bytes on mpypi/packages/src/big.bin/'
    said_at = [at for at, t in shown if line in t]
    assert said_at and said_at[0] >= broker.acknowledged_at - 0.05


def test_no_bar_in_a_pipe(blox, broker, tmp_path):
    (tmp_path / 'big.bin').write_bytes(b'#' * SIZE)
    result = blox('publish', *broker.options(), '--channel', 'x', '--form',
                  'c', 'big.bin')
    assert result.err == ''
    assert re.fullmatch(
        r'big\.bin: 20000000 bytes on mypypi/packages/big\.bin\n'
        r'update list: \d+ bytes on mpypi/channels/x\n', result.out)
    assert '\r' not in result.out


def test_password_is_asked_for_without_echo(mosquitto, tmp_path):
    passwords = tmp_path / 'passwords'
    subprocess.run(['mosquitto_passwd', '-b', '-c', passwords, 'pub', 'secret'],
                   check=True)
    broker = mosquitto('allow_anonymous false', f'password_file {passwords}')
    (tmp_path / 'a.py').write_text('x')
    ours, theirs = pty.openpty()
    tool = subprocess.Popen(
        [TOOL, 'publish', *map(str, broker.options()), '-u', 'pub',
         '--channel', 'x', 'a.py'],
        cwd=tmp_path, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    prompt = b''
    while b'Password of pub: ' not in prompt:
        prompt += os.read(ours, 100)
    os.write(ours, b'secret\n')
    assert tool.wait(30) == 0
    assert b'secret' not in os.read(ours, 1000)
    os.close(ours)
    assert b'a.py: 1 bytes' in tool.stdout.read()
