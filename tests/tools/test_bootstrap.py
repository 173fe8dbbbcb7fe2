# SPDX-License-Identifier: MIT
"""./bootstrap on machines that lack something: one sentence, what to do.

Each test is a machine of its own: a folder of commands that is all the script
finds, with a dpkg-query and an apt-get played by three lines of shell.
"""

import hashlib
import pathlib
import shutil
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
PLAIN = ('sh', 'sed', 'grep', 'head', 'tail', 'tr', 'cat', 'id', 'dirname',
         'mkdir', 'rm', 'mv', 'cp', 'tar', 'xz', 'sha256sum', 'make', 'awk',
         'chmod', 'echo')
ALL_INSTALLED = 'shift 3; for p; do printf "ii $p "; done'
NONE_INSTALLED = 'exit 1'
OFFLINE = 'echo "E: Could not resolve deb.debian.org" >&2; exit 100'


class Machine:
    def __init__(self, folder):
        self.bin = folder / 'bin'
        self.clone = folder / 'clone'
        self.bin.mkdir()
        self.clone.mkdir()
        for name in PLAIN:
            (self.bin / name).symlink_to(shutil.which(name))
        shutil.copy(TOP / 'bootstrap', self.clone)
        (self.clone / 'Makefile').write_text(
            'demo:\n\t@echo made with $(MPY_DIR) $(MPREMOTE)\n')
        self.command('dpkg', 'echo amd64')
        self.command('dpkg-query', ALL_INSTALLED)
        self.command('apt-get', OFFLINE)

    def command(self, name, lines):
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text('#!/bin/sh\n%s\n' % lines)
        path.chmod(0o755)

    def remove(self, name):
        (self.bin / name).unlink()

    def unpack_cache(self, trees=('MPY', 'MPREMOTE', 'BEARSSL')):
        """As after a first run: the trees unpacked from what is pinned."""
        text = (TOP / 'bootstrap').read_text()
        for name in trees:
            tree = 'micropython' if name == 'MPY' else name.lower()
            folder = self.clone / 'ext' / tree
            folder.mkdir(parents=True)
            digest = text.split('\n%s_SHA256=' % name)[1].split('\n')[0]
            (folder / '.sha256').write_text(digest + '\n')

    def run(self, *args, target='demo', **environment):
        done = subprocess.run(
            ['sh', self.clone / 'bootstrap', target, *args], text=True,
            env={'PATH': str(self.bin), **environment}, cwd='/',
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=60)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def last_line(errors):
    return errors.strip().splitlines()[-1]


def test_with_a_full_cache_it_asks_the_network_for_nothing(machine):
    machine.unpack_cache()
    machine.command('apt-get', 'echo network used; exit 1')
    assert machine.run() == (0, 'made with\n', '')


@pytest.mark.parametrize('word', ['-h', '--help'])
def test_help_installs_nothing(machine, word):
    machine.command('dpkg-query', 'echo packages looked for; exit 1')
    status, output, errors = machine.run(target=word)
    assert (status, errors) == (0, '')
    assert output.startswith('./bootstrap [TARGET...] [NAME=VALUE...]')
    assert output.endswith('  MPREMOTE=TOOL   use your own mpremote instead\n')
    assert not (machine.clone / 'ext').exists()


def test_takes_own_tree_and_tool_as_arguments(machine, tmp_path):
    machine.unpack_cache(['BEARSSL'])
    (tmp_path / 'py').mkdir()
    (tmp_path / 'py' / 'mpconfig.h').touch()
    status, output, errors = machine.run(
        'MPY_DIR=%s' % tmp_path, 'MPREMOTE=mine')
    assert (status, errors) == (0, '')
    assert output == 'made with %s mine\n' % tmp_path


def test_takes_own_tree_and_tool_from_the_environment(machine, tmp_path):
    machine.unpack_cache(['BEARSSL'])
    (tmp_path / 'py').mkdir()
    (tmp_path / 'py' / 'mpconfig.h').touch()
    status, output, _ = machine.run(MPY_DIR=str(tmp_path), MPREMOTE='mine')
    assert (status, output) == (0, 'made with %s mine\n' % tmp_path)


def test_an_own_tree_that_is_none_is_named(machine, tmp_path):
    status, output, errors = machine.run('MPY_DIR=/nowhere', 'MPREMOTE=mine')
    assert (status, output) == (1, '')
    assert errors == (
        'bootstrap: MPY_DIR=/nowhere holds no MicroPython tree; name the '
        'folder that has py/ and ports/ in it.\n')


def test_without_apt_it_says_what_to_do_instead(machine):
    machine.remove('apt-get')
    status, output, errors = machine.run()
    assert (status, output) == (1, '')
    assert 'not Debian 12 or 13: install' in errors
    assert len(errors.splitlines()) == 1


def test_without_root_and_sudo_it_gives_the_command_for_root(machine):
    machine.command('dpkg-query', NONE_INSTALLED)
    machine.command('id', 'echo 1000')
    status, _, errors = machine.run()
    assert status == 1
    assert 'as root, run apt-get install --no-install-recommends gcc' in errors
    assert len(errors.splitlines()) == 1


def test_missing_packages_are_named_and_installed_through_sudo(machine):
    machine.unpack_cache()
    machine.command('dpkg-query', 'printf "ii gcc ii make "')
    machine.command('id', 'echo 1000')
    machine.command('sudo', 'echo "$@" > "${0%/*}/asked"')
    status, _, errors = machine.run()
    asked = (machine.bin / 'asked').read_text().split()
    assert status == 0
    assert 'with apt through sudo' in errors and 'mosquitto' in errors
    assert asked[2] == '--install-as-root'
    assert 'libcmocka-dev' in asked and 'gcc' not in asked


def test_what_few_targets_need_is_installed_for_them_alone(machine):
    machine.unpack_cache()
    machine.command('dpkg-query', 'printf "ii gcc ii make "')
    machine.command('id', 'echo 1000')
    machine.command('sudo', 'echo "$@" > "${0%/*}/asked"')
    machine.run()
    assert 'qemu' not in (machine.bin / 'asked').read_text()
    machine.run('riscv')
    assert 'qemu-system-' in (machine.bin / 'asked').read_text()
    machine.run('dist', 'PLATFORM=esp32c3')
    assert 'xtensa' not in (machine.bin / 'asked').read_text()
    for target in ('dist', 'targets'):
        machine.run(target)
        assert 'gcc-xtensa-lx106' in (machine.bin / 'asked').read_text()
    machine.command('xtensa-esp32-elf-gcc', '')
    machine.run('dist')
    assert 'xtensa' not in (machine.bin / 'asked').read_text()


def test_no_network_for_packages_is_said_in_one_sentence(machine):
    machine.command('dpkg-query', NONE_INSTALLED)
    machine.command('id', 'echo 1000')
    machine.command('sudo', OFFLINE)
    status, _, errors = machine.run()
    assert status == 1
    assert last_line(errors) == (
        'bootstrap: the Debian mirror cannot be reached; connect to the '
        'network and start again.')


def test_no_network_for_micropython_is_said_in_one_sentence(machine):
    status, _, errors = machine.run()
    assert status == 1
    assert last_line(errors) == (
        'bootstrap: micropython_1.25.0+ds.orig.tar.xz could not be fetched; '
        'connect to the network and start again, or put the file into '
        'ext/download/ yourself.')


def test_a_download_that_differs_is_refused_and_not_unpacked(machine):
    download = machine.clone / 'ext' / 'download'
    download.mkdir(parents=True)
    path = download / 'micropython_1.25.0+ds.orig.tar.xz'
    path.write_bytes(b'something else')
    status, _, errors = machine.run()
    assert status == 1
    assert hashlib.sha256(b'something else').hexdigest() in errors
    assert 'delete that file and start again' in errors
    assert not (machine.clone / 'ext' / 'micropython').exists()
