# SPDX-License-Identifier: MIT
"""A broker with a password file and a virtual ESP32 that may join it, set up
as a user would do it: what the demo shows, `make board` leaves running and
the benches measure."""

import fcntl
import glob
import json
import os
import pathlib
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
BUILD = TOP / 'build'
sys.path.insert(0, str(TOP / 'tests/system'))

from lib.boards import Board  # noqa: E402
from lib.brokers import Broker  # noqa: E402

NODE = 'esp32-840d8ed29760'  # the board's default unique id
EXAMPLES = TOP / 'examples'
THIRD_PARTY = '/usr/share/python-wheels/pip-*.whl'


class Failed(Exception):
    """Something that should have happened did not; one sentence."""


def third_party_wheel():
    """A wheel that somebody else made: 1.6 MB, 500 files."""
    found = sorted(glob.glob(THIRD_PARTY))
    if not found:
        raise Failed('%s: not here; ./bootstrap installs python3-pip-whl' %
                     THIRD_PARTY)
    return pathlib.Path(found[-1])


def mosquitto_version():
    said = subprocess.run(['/usr/sbin/mosquitto', '-h'], text=True,
                          stdout=subprocess.PIPE).stdout
    return ' '.join(said.split()[:3])


def claim(folder):
    """A lock on the folder, ours until it is closed or this process ends."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = open('%s.lock' % folder, 'w')
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Failed('%s is in use by another that runs; end that one with '
                     'Ctrl-C first' % folder) from None
    return lock


def say_nothing(who, text):
    pass


class Playground:
    """folder is made anew. say(who, text) is told each step; options are
    further ones for the board (board --help)."""

    def __init__(self, folder, flash='16M', say=say_nothing, options=()):
        self.lock = claim(folder)
        shutil.rmtree(folder, ignore_errors=True)
        self.say = say
        self.app = folder / 'app'
        self.app.mkdir(parents=True)
        self.settings = json.loads((EXAMPLES / 'settings.json').read_text())
        self.secrets = json.loads((EXAMPLES / 'provision.json').read_text())
        self.user = self.settings['mqtt']['username']
        self.password = self.secrets['mqtt.password']
        self.channel = self.settings['update.channel']
        self.broker = Broker(folder / 'broker',
                             users={self.user: self.password})
        self.flash = flash
        self.board = Board(folder / 'board', flash=flash, options=[
            '--wifi-ssid', self.secrets['wlan.ssid'],
            '--wifi-psk', self.secrets['wlan.psk'], *options])

    def start(self):
        """Broker and board run; the board has an empty flash."""
        self.broker.start()
        self.say('broker', '%s on %s:%d, user %s' % (
            mosquitto_version(), self.broker.host, self.broker.port,
            self.user))
        self.board.start()
        self.say('board', 'an empty flash of %s, REPL on %s' % (
            self.flash, self.board.pty))

    def write_app(self, user_main, port=None):
        """examples/ as a user would fill it in: our broker, the rest as it
        is. port is another way to the broker."""
        self.settings['mqtt'].update(server=self.broker.host,
                                     port=port or self.broker.port)
        (self.app / 'settings.json').write_text(
            json.dumps(self.settings, indent=4))
        shutil.copy(EXAMPLES / 'provision.json', self.app)
        (self.app / 'user_main.py').write_text(user_main)

    def deploy(self):
        """All of it onto the board, by the Makefile's own targets."""
        for target in ('deploy-lib', 'deploy-user', 'deploy-app'):
            self.make(target)

    def make(self, target):
        self.say('make', '%s DEVICE=%s' % (target, self.board.pty))
        before = len(self.board.console())
        done = subprocess.run(
            ['make', '-s', target, 'DEVICE=' + self.board.pty,
             'APP=%s' % self.app], cwd=TOP, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        for line in done.stdout.splitlines():
            self.say('', line.strip())
        if done.returncode:
            raise Failed('make %s failed: %s' % (target, done.stdout))
        self.board.wait_for('rst:', after=before)  # it ends with a reset

    def publish(self, *files):
        """Runs `blox publish` for our channel. Returns what it printed."""
        command = ['publish', '-h', self.broker.host,
                   '-p', str(self.broker.port), '-u', self.user,
                   '--channel', self.channel, *map(str, files)]
        self.say('you', ' '.join(['blox'] + command))
        done = subprocess.run(
            [str(BUILD / 'cli/blox')] + command, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=dict(os.environ, BLOX_PASSWORD=self.password))
        for line in done.stdout.splitlines():
            self.say('blox', line)
        if done.returncode:
            raise Failed('blox publish failed: ' + done.stdout)

    def stop(self):
        self.board.stop()
        self.broker.stop()
        self.lock.close()
