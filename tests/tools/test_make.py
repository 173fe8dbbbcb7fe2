# SPDX-License-Identifier: MIT
"""The Makefile's targets, as far as they can be seen without a board."""

import fcntl
import os
import pathlib
import re
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]


def make(*args, commands=None, **environment):
    path = os.environ['PATH']
    if commands:
        path = '%s:%s' % (commands, path)
    # As a person calls it: without what a calling make passes down.
    plain = {name: value for name, value in os.environ.items()
             if name not in ('MAKEFLAGS', 'MAKELEVEL', 'MFLAGS', 'DEVICE',
                             'MPREMOTE', 'PLATFORM')}
    done = subprocess.run(
        ['make', '--no-print-directory', *args], cwd=TOP, text=True,
        env={**plain, 'PATH': path, **environment}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    return done.returncode, done.stdout


def stub(folder, name, lines):
    path = folder / name
    path.write_text('#!/bin/sh\n%s\n' % lines)
    path.chmod(0o755)


def test_help_lists_every_target_with_a_line():
    status, output = make('help')
    listed = dict(re.findall(r'^  make ([a-z-]+) +(.+)$', output, re.M))
    assert status == 0
    assert set(listed) >= {
        'dist', 'deploy-lib', 'deploy-app', 'deploy-user', 'provision',
        'unprovision', 'purge-lib', 'purge-app', 'repl', 'mounted-repl',
        'clean', 'test', 'check', 'size'}
    assert all(len(line) > 10 for line in listed.values())


def test_an_unknown_platform_is_refused_with_those_there_are():
    status, output = make('dist', 'PLATFORM=toaster')
    assert status == 2
    assert 'armv7emsp (S2 and S3 are esp32, C6 is esp32c3)\n' in output
    assert output.startswith('dist: PLATFORM=toaster is unknown; choose one '
                             'of: unix_x64 esp32 esp32c3')


def test_a_missing_compiler_is_named(tmp_path):
    status, output = make('dist', 'PLATFORM=esp32',
                          'DIST_CC_xtensawin=no-such-gcc')
    assert status == 2
    assert output.startswith('dist: esp32 needs no-such-gcc on the PATH')


@pytest.mark.parametrize('target', ['cli', 'install', 'unit-gcc', 'deploy-lib'])
def test_a_fresh_clone_is_told_to_run_bootstrap(tmp_path, target):
    status, output = make(target, 'EXT=%s' % tmp_path)
    assert status == 2
    assert ('no MicroPython tree in %s/micropython; run ./bootstrap %s, or name '
            'your tree with MPY_DIR=' % (tmp_path, target)) in output


@pytest.mark.parametrize('target', ['repl', 'purge-lib', 'deploy-user'])
def test_a_fresh_clone_has_no_mpremote(tmp_path, target):
    status, output = make(target, 'EXT=%s' % tmp_path)
    assert status == 2
    assert ('no mpremote in %s; run ./bootstrap %s, or name yours with '
            'MPREMOTE=' % (tmp_path, target)) in output


@pytest.mark.parametrize('target, sentence', [
    ('unit-gcc', 'no test in tests/core has T=nosuch in its path'),
    ('fuzz', 'no target has T=nosuch in its name; there are: journal json'),
    ('selftest', 'no script in tests/device has T=nosuch in its name'),
])
def test_a_part_that_is_in_no_name_is_no_success(target, sentence):
    status, output = make(target, 'T=nosuch', 'MPREMOTE=no-such-tool')
    assert status == 2
    assert sentence in output


def test_the_first_board_is_taken_when_none_is_named(tmp_path):
    assert 'connect auto repl' in make('-n', 'repl')[1]


def test_device_names_the_board():
    assert 'connect "/dev/ttyACM7" repl' in make(
        '-n', 'repl', 'DEVICE=/dev/ttyACM7')[1]


@pytest.mark.parametrize('release, tool', [
    ('5.15.90.1-microsoft-standard-WSL2', 'mpremote.exe'),
    ('6.1.0-30-amd64', '-m mpremote'),
])
def test_wsl2_takes_the_mpremote_of_windows(tmp_path, release, tool):
    stub(tmp_path, 'uname', 'echo ' + release)
    output = make('-n', 'repl', commands=tmp_path)[1]
    assert tool + ' connect auto repl' in output


def test_mpremote_names_an_own_tool(tmp_path):
    stub(tmp_path, 'mine', 'echo mine got "$@"')
    status, output = make('repl', 'DEVICE=a1', commands=tmp_path,
                          MPREMOTE='mine')
    assert (status, output) == (0, 'mine got connect a1 repl\n')


@pytest.mark.parametrize('says, sentence', [
    ('mpremote: no device found',
     'no board found; connect one or name it with DEVICE=...'),
    ('mpremote: failed to access /dev/ttyUSB0 (it may be in use)',
     'the board: cannot be opened; is it the right DEVICE=, and does no other '
     'program use it?'),
    ('mpremote: could not enter raw repl',
     'the board: does not answer as MicroPython; reset it and try again'),
    ('Traceback\nOSError: [Errno 28] ENOSPC',
     'the board: its flash is full; make purge-lib frees it'),
    ('Traceback\nValueError: odd', 'the board: ValueError: odd'),
    ('\\200 is not UTF-8\nodd', 'the board: odd'),
])
def test_what_mpremote_says_becomes_one_sentence(tmp_path, says, sentence):
    stub(tmp_path, 'mine', "printf '%s\\n'; exit 1" % says.replace(
        '\n', '\\n'))
    status, output = make('purge-lib', commands=tmp_path, MPREMOTE='mine')
    assert status == 2
    assert output.splitlines()[0] == sentence


def test_an_mpremote_that_is_not_there_is_named():
    status, output = make('purge-lib', MPREMOTE='no-such-tool')
    assert status == 2
    assert output.startswith('no-such-tool: not found; install mpremote, or')


def test_a_raw_repl_that_is_missed_once_is_tried_again(tmp_path):
    stub(tmp_path, 'mine', """if mkdir '%s' 2>/dev/null
then echo 'mpremote: could not enter raw repl'; exit 1; fi""" %
         (tmp_path / 'been'))
    assert make('purge-lib', commands=tmp_path, MPREMOTE='mine') == (
        0, '  remove   /lib\n')


def test_one_board_is_one_step_at_a_time(tmp_path):
    """MAKEFLAGS=-j4 of a shell's profile is not for a serial line."""
    stub(tmp_path, 'mine', """mkdir '%s' || exit 1
sleep 0.2
rmdir '%s'""" % (tmp_path / 'line', tmp_path / 'line'))
    status, output = make('-j4', 'purge-lib', 'purge-app', 'unprovision',
                          commands=tmp_path, MPREMOTE='mine')
    assert status == 0, output
    assert [line.split()[0] for line in output.splitlines()] == [
        'remove', 'remove', 'erase']


def demo(*lines):
    """Runs lines of Python that know tools/demo.py. Returns what it said."""
    done = subprocess.run(
        ['/usr/bin/python3', '-c', '\n'.join(('import demo', *lines))],
        cwd=TOP / 'tools', stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, timeout=60)
    return done.returncode, done.stderr


def test_control_c_ends_the_demo_in_one_sentence():
    assert demo('def stop(timeline): raise KeyboardInterrupt',
                'demo.demo = stop', 'demo.main([])') == (
        1, 'demo: stopped; board and broker are switched off\n')


def test_a_flash_of_no_size_is_one_sentence(tmp_path):
    assert demo('import pathlib', 'demo.BUILD = pathlib.Path(%r)' % str(tmp_path),
                "demo.main(['--board', '--flash', 'nonsense'])") == (
        1, 'demo: the board did not start: board: --flash nonsense is not a '
        'size; write it like 2M, 512K or 4096\n')


def test_a_second_board_does_not_take_the_firsts_folder(tmp_path):
    (tmp_path / 'playground').mkdir()
    kept = tmp_path / 'playground' / 'flash'
    kept.touch()
    with open(tmp_path / 'playground.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert demo('import pathlib',
                    'demo.BUILD = pathlib.Path(%r)' % str(tmp_path),
                    "demo.main(['--board'])") == (
            1, 'demo: %s is in use by another that runs; end that one with '
            'Ctrl-C first\n' % kept.parent)
    assert kept.exists()
