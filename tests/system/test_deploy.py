# SPDX-License-Identifier: MIT
"""The Makefile's deploy targets on a board, with the real mpremote."""

import functools
import os
import signal
import subprocess

import pytest

from lib.boards import ROOT

LISTING = """
import os
def walk(path):
    for name in sorted(os.listdir(path or '/')):
        full = path + '/' + name
        if full == '/host':
            continue
        if os.stat(full)[0] & 0x4000:
            walk(full)
        else:
            print(full)
walk('')
"""


@pytest.fixture
def app(tmp_path):
    """A folder with the user's files."""
    folder = tmp_path / 'app'
    folder.mkdir()
    for name in ('settings.json', 'provision.json', 'user_main.py'):
        (folder / name).write_bytes((ROOT / 'examples' / name).read_bytes())
    # So that the board does not wait for a broker that is not there.
    (folder / 'main.py').write_text("print('my own main')\n")
    return folder


def run_make(board, app, *words):
    """Runs a target for a board; returns its status and output."""
    done = subprocess.run(
        ['make', '-s', '--no-print-directory', *words, 'APP=%s' % app,
         'DEVICE=%s' % board.pty],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=300)
    return done.returncode, done.stdout


@pytest.fixture
def make(board, app):
    return functools.partial(run_make, board, app)


def files(board):
    return board.exec(LISTING).split()


def version():
    return (ROOT / 'VERSION').read_text().strip()


def test_deploy_lib_builds_and_installs_what_the_board_needs(make, board):
    release = board.exec('import os; print(os.uname().release)').strip()
    status, output = make('deploy-lib')
    assert status == 0, output
    assert 'unix_x64, MicroPython %s (mpy 6.3)' % release in output
    info = '/lib/mpy_blox-%s.dist-info/' % version()
    there = files(board)
    record = board.read(info + 'RECORD').decode().split('\n')
    assert {'/lib/' + line.split(',')[0] for line in record} == {
        path for path in there if path.startswith('/lib/')}
    assert board.exec(
        'import _blox_conf, mpy_blox; print(1 + 1)') == '2\n'


def test_deploy_lib_again_copies_nothing(make):
    make('deploy-lib')
    status, output = make('deploy-lib')
    copied = output.split('copy')[1].split()[0]
    assert status == 0
    assert 'same     %s of them' % copied in output


def test_deploy_lib_removes_what_the_version_before_had_and_this_has_not(
        make, board):
    board.put({
        '/lib/mpy_blox/old.py': '', '/lib/mpy_blox/gone/deep/a.py': '',
        '/lib/mpy_blox/gone/mine.py': '', '/lib/mine.py': '',
        '/lib/mpy_blox-0.6.0.dist-info/RECORD':
            'mpy_blox/old.py,sha256=x,0\nmpy_blox/gone/deep/a.py,sha256=x,0\n'
            'mpy_blox-0.6.0.dist-info/RECORD,,\n'})
    status, output = make('deploy-lib')
    assert status == 0, output
    assert '3 files of version 0.6.0' in output
    there = files(board)
    assert '/lib/mine.py' in there and '/lib/mpy_blox/gone/mine.py' in there
    assert '/lib/mpy_blox/old.py' not in there
    assert board.exec(
        "import os; print('deep' in os.listdir('/lib/mpy_blox/gone'), "
        "'mpy_blox-0.6.0.dist-info' in os.listdir('/lib'))") == 'False False\n'


def test_deploy_app_installs_settings_secrets_and_main(make, board, app):
    status, output = make('deploy-app')
    assert status == 0, output
    board.wait_for('my own main')
    for name in ('settings.json', 'provision.json', 'main.py'):
        assert board.read('/' + name) == (app / name).read_bytes()
    assert '/user_main.py' not in files(board)


def test_deploy_app_takes_the_projects_main_when_there_is_no_own(
        make, board, app):
    (app / 'main.py').unlink()
    (app / 'provision.json').unlink()
    assert make('deploy-app')[0] == 0
    assert board.read('/main.py') == (ROOT / 'python/main.py').read_bytes()
    assert '/provision.json' not in files(board)


def test_a_firmware_with_the_library_in_it_is_given_the_application_alone(
        boards, app):
    board = boards(static=True)
    before = files(board)
    after = len(board.console())
    status, output = run_make(board, app, 'deploy-lib')
    assert status == 2
    assert output.splitlines()[0] == (
        'the firmware has the library in it, and that goes before /lib; '
        'build the firmware anew instead')
    board.wait_for('settings.json: not on the device', after=after)  # runs
    assert files(board) == before
    (app / 'settings.json').write_text('{}')
    status, output = run_make(board, app, 'deploy-app')
    assert status == 0
    assert 'main.py  is in the firmware' in output
    assert run_make(board, app, 'deploy-user')[0] == 0
    assert '/main.py' not in files(board)
    board.wait_for('provision.json: taken in')


def test_deploy_app_without_settings_says_where_to_start(make, board, app):
    (app / 'settings.json').unlink()
    before = files(board)
    status, output = make('deploy-app')
    assert status == 2
    assert output.splitlines()[0] == (
        'settings.json: not here; start from examples/settings.json')
    assert files(board) == before


@pytest.mark.parametrize('name, text, sentence', [
    ('settings.json', '{\n "a": 1 "b": 2}',
     "settings.json:2:9: Expecting ',' delimiter; nothing was copied"),
    ('settings.json', '[]', 'settings.json: is not a JSON object as '
     'examples/settings.json is; nothing was copied'),
    ('provision.json', '{', 'provision.json:1:2: Expecting property name '
     'enclosed in double quotes; nothing was copied'),
    ('settings.json', b'{"hostname": "K\xfcche"}', 'settings.json: byte 16 '
     'is not UTF-8; save it as UTF-8; nothing was copied'),
])
def test_deploy_app_copies_nothing_that_is_not_json(
        make, board, app, name, text, sentence):
    (app / name).write_bytes(text if isinstance(text, bytes)
                             else text.encode())
    before = files(board)
    status, output = make('deploy-app')
    assert status == 2
    assert output.splitlines()[0] == sentence
    assert files(board) == before


def test_deploy_user_installs_the_program(make, board, app):
    assert make('deploy-user')[0] == 0
    assert board.read('/user_main.py') == (app / 'user_main.py').read_bytes()


def test_provision_installs_the_secrets_alone(make, board, app):
    assert make('provision')[0] == 0
    there = files(board)
    assert '/provision.json' in there and '/settings.json' not in there


def test_deploying_ends_a_trial(make, board):
    board.put({'/.blox/journal': 'anything', '/.blox/stage/a/b': 'more'})
    assert make('deploy-user')[0] == 0
    assert not [path for path in files(board) if path.startswith('/.blox')]


def test_unprovision_erases_what_either_framework_sealed(make, board):
    board.exec("""
import esp32
nvs = esp32.NVS('sec_cfg')
for key in ('rec', 'iv', 'payload'):
    nvs.set_blob(key, b'secret')
nvs.set_i32('payload_s', 6)
nvs.commit()
""")
    status, output = make('unprovision')
    assert status == 0, output
    assert board.exec("""
import esp32
nvs = esp32.NVS('sec_cfg')
for key in ('rec', 'iv', 'payload'):
    try:
        nvs.get_blob(key, bytearray(9))
        print(key, 'is still there')
    except OSError:
        pass
""") == ''


def test_unprovision_does_not_mind_that_there_is_nothing(make):
    assert make('unprovision')[0] == 0


def test_purges_leave_the_others_files(make, board):
    make('deploy-app')
    make('deploy-user')
    board.put({'/lib/other.py': '', '/notes.txt': ''})
    assert make('purge-app')[0] == 0
    assert files(board) == ['/boot.py', '/lib/other.py', '/notes.txt']
    assert make('purge-lib')[0] == 0
    assert files(board) == ['/boot.py', '/notes.txt']


def test_a_full_flash_is_said_in_one_sentence(make, board):
    board.exec("""
try:
    for i in range(1000):
        with open('/full%d' % i, 'wb') as f:
            f.write(bytes(16384))
except OSError:
    pass
""")
    status, output = make('deploy-lib')
    assert status == 2
    assert 'its flash is full; make purge-lib frees it' in output
    assert 'Traceback' not in output


def test_a_running_program_is_interrupted(make, board, app):
    (app / 'main.py').write_text(
        "import time\nprint('on')\nwhile True:\n    time.sleep(1)\n")
    make('deploy-app')
    board.wait_for('on')
    assert make('deploy-user')[0] == 0
    assert '/user_main.py' in files(board)


def test_a_watchdog_does_not_bite_while_files_are_copied(make, board, app):
    (app / 'settings.json').write_text('{"mqtt": {"wdt_timeout": 1500}}')
    (app / 'main.py').write_text("""
import machine, time
print('watched')
watchdog = machine.WDT(timeout=1500)
while True:
    watchdog.feed()
    time.sleep_ms(100)
""")
    make('deploy-app')
    at = board.wait_for('watched')
    # Takes some seconds, even on a virtual line.
    (app / 'user_main.py').write_text('# a line of a program\n' * 26000)
    assert make('deploy-user')[0] == 0
    board.wait_for('watched', after=at)
    assert board.exec(
        "import os; print(os.stat('/user_main.py')[6])") == '572000\n'


def test_repl_talks_to_the_board(board):
    done = subprocess.run(
        ['make', '-s', 'repl', 'DEVICE=%s' % board.pty], cwd=ROOT,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=60)
    assert 'Connected to MicroPython at %s' % board.pty in done.stdout


def test_selftest_leaves_the_board_as_it_is(make, board):
    board.put({'/settings.json': '{}', '/lib/mine.py': 'x = 1\n'})
    before = files(board)
    status, output = make('selftest', 'T=fi')
    assert status == 0, output
    assert 'OK       test_files' in output and 'left out test_config' in output
    assert files(board) == before
    assert board.read('/settings.json') == b'{}'


def test_a_make_with_jobs_deploys_as_any(make, board):
    status, output = make('-j4', 'deploy-lib', 'DIST_PLATFORMS=x y')
    assert status == 0 and 'warning' not in output, output


def test_selftest_stops_between_two_scripts(board, app):
    """Ctrl-C, of the whole terminal: in the middle of a script the board may
    wait for mpremote's files, and would hear nothing else any more."""
    before = files(board)
    running = subprocess.Popen(
        ['make', '-s', '--no-print-directory', 'selftest', 'T=mqtt_',
         'DEVICE=%s' % board.pty], cwd=ROOT, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True)
    said = []
    for line in running.stdout:
        said.append(line)
        if line.startswith('  OK'):
            os.killpg(running.pid, signal.SIGINT)
            break
    said += running.stdout.read().splitlines(True)
    assert running.wait(60) != 0
    assert 'selftest: stopped; the board is reset\n' in said
    assert sum(line.startswith('  OK') for line in said) <= 2
    assert files(board) == before


def test_a_deploy_that_is_stopped_says_so(tmp_path):
    tool = tmp_path / 'mine'
    tool.write_text('#!/bin/sh\ntouch %s/asked\nsleep 60\n' % tmp_path)
    tool.chmod(0o755)
    running = subprocess.Popen(
        ['/usr/bin/python3', 'tools/device.py', 'purge-lib', '--mpremote',
         str(tool)], cwd=ROOT, stderr=subprocess.PIPE, text=True,
        start_new_session=True)
    while not (tmp_path / 'asked').exists():
        assert running.poll() is None
    os.killpg(running.pid, signal.SIGINT)
    assert running.communicate(timeout=60)[1] == (
        'purge-lib: stopped in the middle; run it again\n')
    assert running.returncode == 1


def test_selftest_says_what_failed(make, board, tmp_path):
    script = tmp_path / 'test_wrong.py'
    script.write_text('print(1 / 0)\n')
    done = subprocess.run(
        ['/usr/bin/python3', 'tools/selftest.py', '--mpremote',
         'env PYTHONPATH=ext/mpremote/usr/lib/python3/dist-packages '
         '/usr/bin/python3 -m mpremote', '--device', board.pty, script],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 1
    assert 'ZeroDivisionError' in done.stdout
    assert 'selftest: 1 of 1 failed: test_wrong' in done.stdout
