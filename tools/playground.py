# SPDX-License-Identifier: MIT
"""A broker with a password file and a virtual ESP32 that may join it, set up
as a user would do it: what the demo shows, `make board` leaves running and
the benches measure."""

import json
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


class Failed(Exception):
    """Something that should have happened did not; one sentence."""


def settings_for(broker, folder):
    """examples/ as a user would fill it in: our broker, the rest as it is."""
    folder.mkdir(parents=True)
    settings = json.loads((EXAMPLES / 'settings.json').read_text())
    settings['mqtt'].update(server=broker.host, port=broker.port)
    (folder / 'settings.json').write_text(json.dumps(settings, indent=4))
    shutil.copy(EXAMPLES / 'provision.json', folder)
    shutil.copy(EXAMPLES / 'demo/first_user_main.py', folder / 'user_main.py')
    return settings


def make(timeline, board, app, target):
    """Runs a target of the Makefile on the board."""
    timeline.line('make', '%s DEVICE=%s' % (target, board.pty))
    done = subprocess.run(
        ['make', '-s', target, 'DEVICE=' + board.pty, 'APP=%s' % app],
        cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in done.stdout.splitlines():
        timeline.line('', line.strip())
    if done.returncode:
        raise Failed('make %s failed' % target)


def mosquitto_version():
    said = subprocess.run(['/usr/sbin/mosquitto', '-h'], text=True,
                          stdout=subprocess.PIPE).stdout
    return ' '.join(said.split()[:3])


class Playground:
    """A broker with a password file and a board that may join it."""

    def __init__(self, folder, flash):
        shutil.rmtree(folder, ignore_errors=True)
        self.secrets = json.loads((EXAMPLES / 'provision.json').read_text())
        self.user = json.loads(
            (EXAMPLES / 'settings.json').read_text())['mqtt']['username']
        self.broker = Broker(folder / 'broker', users={
            self.user: self.secrets['mqtt.password']})
        self.flash = flash
        self.board = Board(folder / 'board', flash=flash, options=[
            '--heap-watch',
            '--wifi-ssid', self.secrets['wlan.ssid'],
            '--wifi-psk', self.secrets['wlan.psk']])
        self.app = folder / 'app'

    def start(self, timeline):
        self.broker.start()
        timeline.line('broker', '%s on %s:%d, user %s' % (
            mosquitto_version(), self.broker.host, self.broker.port,
            self.user))
        self.board.start()
        timeline.line('board', 'an empty flash of %s, REPL on %s' % (
            self.flash, self.board.pty))
        self.settings = settings_for(self.broker, self.app)

    def deploy(self, timeline):
        for target in ('deploy-lib', 'deploy-user', 'deploy-app'):
            make(timeline, self.board, self.app, target)

    def stop(self):
        self.board.stop()
        self.broker.stop()

    def blox(self):
        """The command line of `blox publish` for our broker."""
        return [str(BUILD / 'cli/blox'), 'publish', '-h', self.broker.host,
                '-p', str(self.broker.port), '-u', self.user,
                '--channel', self.settings['update.channel']]
