# SPDX-License-Identifier: MIT
"""What a person at a terminal sees: width, colours, questions, live tables."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time

import pytest
from cli_fleet import Fleet, populate, set_name, sha256
from cli_support import TOOL

CODE = b'async def user_main():\n    pass\n'
OURS = set_name([{'path': 'user_main.py', 'pkg_sha256': sha256(CODE)}])
ESCAPE = re.compile(r'\x1b\[[0-9;]*[A-Za-z]')


class Terminal:
    """The tool on a terminal of some size."""

    def __init__(self, folder, *args, columns=80, lines=24, **env):
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ,
                    struct.pack('HHHH', lines, columns, 0, 0))
        env = {'PATH': os.environ['PATH'], **env}
        self.tool = subprocess.Popen(
            [TOOL, *map(str, args)], cwd=folder, env=env, stdin=theirs,
            stdout=theirs, stderr=theirs)
        os.close(theirs)
        self.text = ''
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        while True:
            try:
                self.text += os.read(self.ours, 4096).decode()
            except OSError:
                return

    def wait_for(self, text):
        end = time.monotonic() + 20
        while text not in self.text:
            assert time.monotonic() < end, self.text
            time.sleep(0.01)

    def type(self, text):
        os.write(self.ours, text.encode())

    def finish(self):
        """Exit code and all that was shown."""
        code = self.tool.wait(60)
        self.reader.join(10)
        os.close(self.ours)
        assert 'Sanitizer' not in self.text, self.text
        return code, self.text.replace('\r\n', '\n')


@pytest.fixture
def fleet(broker):
    fleet = Fleet(broker.port)
    populate(fleet)
    yield fleet
    fleet.close()


def test_a_table_is_cut_to_the_width_and_coloured(tmp_path, broker, fleet):
    code, text = Terminal(tmp_path, 'nodes', *broker.options(),
                          columns=70).finish()
    assert code == 0
    lines = ESCAPE.sub('', text).splitlines()
    assert len(lines) == 8
    assert max(map(len, lines)) == 70
    assert any(line.endswith('..') for line in lines)
    assert '\x1b[32monline\x1b[0m' in text and '\x1b[31mfailed' in text


def test_no_colours_with_no_color(tmp_path, broker, fleet):
    code, text = Terminal(tmp_path, 'nodes', *broker.options(),
                          NO_COLOR='1').finish()
    assert code == 0 and '\x1b' not in text


def test_json_has_no_colours(tmp_path, broker, fleet):
    code, text = Terminal(tmp_path, 'nodes', '--json',
                          *broker.options()).finish()
    assert code == 0 and '\x1b' not in text


@pytest.mark.parametrize('answer, code, left', [
    ('y\n', 0, False), ('n\n', 6, True), ('\n', 6, True), ('\x04', 6, True)])
def test_a_question_is_asked_before_a_list_goes(
        tmp_path, broker, fleet, answer, code, left):
    terminal = Terminal(tmp_path, 'channel', 'clear', 'latest',
                        *broker.options())
    terminal.wait_for("Take the update list off channel 'latest'? [y/N] ")
    terminal.type(answer)
    assert terminal.finish()[0] == code
    assert ('mpypi/channels/latest' in broker.retained()) == left


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize('args, question', [
    (['nodes', '-u', 'desk'], 'Password of desk: '),
    (['provision'], 'wlan.ssid (empty: leave out): '),
    (['keygen', '--passphrase', 'fleet.pem'], 'New passphrase: '),
    (['channel', 'clear', 'latest'], '[y/N] ')])
def test_ctrl_c_at_a_question_leaves_the_terminal_as_it_was(
        tmp_path, args, question, number):
    terminal = Terminal(tmp_path, *args, BLOX_HOST='127.0.0.1')
    terminal.wait_for(question)
    terminal.tool.send_signal(number)
    terminal.tool.wait(20)
    assert termios.tcgetattr(terminal.ours)[3] & termios.ECHO
    code, text = terminal.finish()
    assert (code, text.splitlines()[1:]) == (
        6, ['blox: stopped at a question; nothing was done'])
    assert list(tmp_path.iterdir()) == []


def test_gc_asks_with_what_it_is_about(tmp_path, broker, fleet):
    terminal = Terminal(tmp_path, 'gc', '--force', '--wait', '1',
                        *broker.options())
    terminal.wait_for('Remove 3 retained messages, 27 bytes, that no channel '
                      'names? [y/N] ')
    before = broker.retained()
    terminal.type('y\n')
    code, text = terminal.finish()
    assert code == 0 and '3 removed' in text
    gone = set(before) - set(broker.retained())
    assert gone == {'mpypi/packages/wheel/' + '9' * 64,
                    'mypypi/packages/lib/gone.py', 'mypypi/packages/notes'}


def test_what_is_published_while_gc_waits_stays(tmp_path, broker, fleet):
    stale = 'mpypi/packages/wheel/' + '9' * 64
    terminal = Terminal(tmp_path, 'gc', '--force', '--wait', '1',
                        *broker.options())
    terminal.wait_for('[y/N]')
    fleet.send('mpypi/channels/test', [
        {'type': 'wheel', 'name': 'x', 'version': '1',
         'pkg_sha256': '9' * 64}])
    fleet.wait()
    terminal.type('y\n')
    assert '2 removed' in terminal.finish()[1]
    assert stale in broker.retained()


def test_watch_keeps_a_table_up_to_date_until_ctrl_c(tmp_path, broker, fleet):
    terminal = Terminal(tmp_path, 'watch', *broker.options(), columns=100)
    terminal.wait_for('50 %')
    fleet.update('esp32c3-0000c0ffee01', state='trial')
    terminal.wait_for('trial')
    assert '\x1b[8A\x1b[J' in terminal.text  # the table of 8 lines anew
    terminal.tool.send_signal(signal.SIGINT)
    assert terminal.finish()[0] == 0


def test_a_table_taller_than_the_screen_says_what_is_left(
        tmp_path, broker, fleet):
    terminal = Terminal(tmp_path, 'watch', *broker.options(), lines=6)
    terminal.wait_for('and 4 more')
    terminal.tool.send_signal(signal.SIGINT)
    assert terminal.finish()[0] == 0


def test_publish_watch_on_a_terminal(tmp_path, broker, fleet):
    (tmp_path / 'user_main.py').write_bytes(CODE)
    name = 'esp32c3-0000c0ffee02'

    def act(payload):
        fleet.update(name, state='downloading', received=10, total=40, of=1,
                     latest=OURS)
        fleet.update(name, state='confirmed', installed=OURS, latest=OURS)

    fleet.on('mpypi/channels/test', act)
    code, text = Terminal(tmp_path, 'publish', '--quiet', '--watch',
                          '--channel', 'test', *broker.options(),
                          'user_main.py').finish()
    assert code == 0
    assert text.endswith('\x1b[32mconfirmed\x1b[0m\n1 confirmed\n')


def test_ctrl_c_while_watching_an_update_says_that_it_goes_on(
        tmp_path, broker, fleet):
    (tmp_path / 'user_main.py').write_bytes(CODE)
    terminal = Terminal(tmp_path, 'publish', '--quiet', '--watch',
                        '--channel', 'test', *broker.options(),
                        'user_main.py')
    terminal.wait_for('waiting')
    time.sleep(0.5)  # in which nothing changes, so nothing is drawn anew
    terminal.tool.send_signal(signal.SIGINT)
    code, text = terminal.finish()
    assert code == 6
    assert text.count('NODE') == 1
    assert text.endswith('blox: stopped watching; the update goes on without '
                         "us, see 'blox watch'\n")


def test_logs_are_coloured_by_level_and_harmless(tmp_path, broker, fleet):
    terminal = Terminal(tmp_path, 'logs', '--lines', '2', '--level',
                        'warning', *broker.options())
    deadline = time.monotonic() + 20
    while terminal.tool.poll() is None and time.monotonic() < deadline:
        for level in 'INFO', 'ERROR':
            fleet.send('mpypi/nodes/one/log', '2026-11-22T15:11:19.014Z %s '
                       'ota: a\x1b]0;b\nsecond line' % level, retain=False)
        time.sleep(0.05)
    code, text = terminal.finish()
    assert code == 0
    assert 'INFO' not in text and '\x1b]' not in text
    assert text.startswith('one  \x1b[31m2026-11-22T15:11:19.014Z ERROR ota: '
                           'a?]0;b\x1b[0m\none  \x1b[31msecond line\x1b[0m\n')
