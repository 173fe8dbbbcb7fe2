#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Shows the main job with real parts, or leaves them running to play with.

    tools/demo.py            a board is set up, provisioned and updated
    tools/demo.py --board    a broker and a board run until Ctrl-C

A real mosquitto, a virtual ESP32, the real mpremote through the Makefile's
own targets, and build/cli/blox. Everything lies in build/demo or
build/playground, made anew each time. Exits 0 when all that the demo claims
was seen.
"""

import argparse
import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from playground import (BUILD, EXAMPLES, NODE, TOP, Failed, Playground,
                        third_party_wheel)

from lib.boards import BoardError  # where playground looks

TRIAL = 5  # seconds that the new set must run; 60 where nothing is set
VT = re.compile(r'\x1b\[[0-9;]*m')

# --- what people see ---------------------------------------------------------


class Timeline:
    """Lines with the time since the start; one of them may be redrawn."""

    def __init__(self):
        self.start = time.monotonic()
        self.terminal = sys.stdout.isatty()
        self.drawn = False
        self.lock = threading.Lock()

    def seconds(self):
        return time.monotonic() - self.start

    def head(self, text):
        bold = '\x1b[1m%s\x1b[0m' if self.terminal else '%s'
        self._print('\n' + bold % text)

    def line(self, who, text):
        self._print('%7.1f s  %-8s %s' % (self.seconds(), who, text))

    def redraw(self, who, text):
        """A line that the next one replaces; not in a pipe."""
        if self.terminal:
            with self.lock:
                print('\r\x1b[K%7.1f s  %-8s %s' % (
                    self.seconds(), who, text), end='', flush=True)
                self.drawn = True

    def _print(self, text):
        with self.lock:
            if self.drawn:
                print('\r\x1b[K', end='')
                self.drawn = False
            print(text, flush=True)


def bar(done, total, width=30):
    filled = width * done // max(total, 1)
    return '[%s%s] %s of %s' % ('#' * filled, '-' * (width - filled),
                                size(done), size(total))


def size(number):
    if number >= 10 * 1024 * 1024:
        return '%.1f MiB' % (number / 1024 / 1024)
    return '%s KiB' % format((number + 512) // 1024, ',')


# --- what the broker and the board say ---------------------------------------


class Listener:
    """Shows what the node publishes and keeps the last of each topic."""

    def __init__(self, broker, timeline):
        self.timeline = timeline
        self.last = {}
        self.states = []
        self.changed = threading.Condition()
        self.client = broker.client('demo-listener')
        self.client.on_message = self.on_message
        self.client.subscribe('mpypi/nodes/%s/+' % NODE, 1)

    def on_message(self, client, userdata, message):
        kind = message.topic.rsplit('/', 1)[1]
        text = message.payload.decode(errors='replace')
        with self.changed:
            old = self.last.get(kind)
            self.last[kind] = text
            getattr(self, 'show_' + kind, lambda *a: None)(text, old)
            self.changed.notify_all()

    def show_status(self, text, old):
        self.timeline.line('mqtt', 'status: ' + text)

    def show_info(self, text, old):
        versions = json.loads(text)['versions']
        if not old or json.loads(old)['versions'] != versions:
            self.timeline.line('mqtt', 'info: ' + ', '.join(
                ' '.join(item) for item in versions.items()))

    def show_update(self, text, old):
        update = json.loads(text)
        if update['state'] == 'downloading' and update.get('total'):
            self.timeline.redraw('mqtt', '%s %s' % (
                bar(update['received'], update['total']), update['pkg']))
        what = (update['state'], update.get('pkg'))
        if not self.states or self.states[-1] != what:
            self.states.append(what)
            self.timeline.line('mqtt', 'update: ' + ' '.join(
                part for part in (*what, update.get('error')) if part))

    def wait(self, wanted, what, timeout):
        with self.changed:
            if not self.changed.wait_for(wanted, timeout):
                raise Failed('%s was not seen within %d s' % (what, timeout))

    def versions(self):
        return json.loads(self.last.get('info', '{}')).get('versions', {})

    def state(self):
        return self.states[-1][0] if self.states else None

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


class Console:
    """Shows what the board prints, line by line, while it does."""

    def __init__(self, board, timeline):
        self.board = board
        self.timeline = timeline
        # What deploying typed into the REPL is not for people.
        self.position = max(board.console().rfind('rst:'), 0)
        self.running = True
        self.thread = threading.Thread(target=self.follow, daemon=True)
        self.thread.start()

    def follow(self):
        while self.running:
            self.show()
            time.sleep(0.05)

    def show(self):
        text = self.board.console()
        end = text.rfind('\n') + 1
        for line in text[self.position:end].splitlines():
            line = VT.sub('', line).strip()
            if line and not line.startswith(('>>>', 'raw REPL', 'OK')):
                self.timeline.line('board', line)
        self.position = max(end, self.position)

    def stop(self):
        self.running = False
        self.thread.join()


# --- the demo ----------------------------------------------------------------


class Phases:
    """The closing table: what each phase moved, took and needed."""

    def __init__(self, board):
        self.board = board
        self.rows = []
        self.begin()

    def begin(self):
        self.board.control('heap')
        self.started = time.monotonic()

    def end(self, name, count=None, files=None):
        peak = int(self.board.control('heap').split()[-1])
        self.rows.append((name, count, files,
                          time.monotonic() - self.started, peak))
        self.begin()

    def print(self):
        row = '  %-34s %12s %8s %9s %12s'
        print('\n' + row % ('phase', 'bytes', 'files', 'seconds',
                            'peak heap'))
        for name, count, files, seconds, peak in self.rows:
            print(row % (name, '' if count is None else format(count, ','),
                         '' if files is None else files, '%.1f' % seconds,
                         size_of_heap(peak)))
        print('\n  Peak heap is what was alive at the fullest moment. Words '
              'on this host are twice\n  as wide as an ESP32\'s, and so are '
              'most objects.')


def size_of_heap(number):
    return '%.1f KiB' % (number / 1024)


def moodlight_wheel(folder):
    subprocess.run(
        [TOP / 'build/cli/blox', 'wheel', 'build',
         EXAMPLES / 'demo/moodlight', '--name', 'moodlight', '--version',
         '1.0', '--out', folder], check=True, stdout=subprocess.DEVNULL)
    return folder / 'moodlight-1.0-py3-none-any.whl'


def members(wheel):
    import zipfile
    with zipfile.ZipFile(wheel) as archive:
        return [i for i in archive.infolist() if not i.is_dir()]


def set_up(play, timeline):
    timeline.head('A board is set up over its serial line')
    play.start()
    play.settings['update.trial_timeout'] = TRIAL
    play.write_app((EXAMPLES / 'demo/first_user_main.py').read_text())
    phases = Phases(play.board)
    play.deploy()
    phases.end('set up over serial')
    return phases


def first_boot(play, timeline, phases):
    timeline.head('It boots, takes its secrets in and runs user_main')
    listener = Listener(play.broker, timeline)
    console = Console(play.board, timeline)
    play.board.wait_for('one: the first program', 30)
    listener.wait(lambda: listener.last.get('status') == 'online',
                  'the status "online"', 20)
    listener.wait(lambda: 'mpy-blox' in listener.versions(), 'info', 20)
    listener.wait(listener.state, 'the state of updates', 20)
    phases.end('boot to user_main one')
    return listener, console


def publish(play, timeline):
    """Returns the wheels and what all the files are in bytes."""
    timeline.head('blox publishes a new program and two wheels')
    pip = third_party_wheel()
    moodlight = moodlight_wheel(play.app)
    program = play.app / 'user_main.py'
    shutil.copy(EXAMPLES / 'demo/second_user_main.py', program)
    files = [pip, moodlight, program]
    play.publish(*files)
    return [pip, moodlight], sum(path.stat().st_size for path in files)


def update(play, timeline, phases, listener, wheels, count):
    timeline.head('The device downloads, installs at boot and runs it')
    listener.wait(lambda: 'rebooting' in [s for s, _ in listener.states],
                  'the download', 120)
    phases.end('download, user_main one running', count, 3)
    inside = [info for wheel in wheels for info in members(wheel)]
    play.board.wait_for('two: moodlight', 180)
    phases.end('install at boot, boot to user_main two',
               sum(info.file_size for info in inside) +
               (play.app / 'user_main.py').stat().st_size, len(inside) + 1)
    version = wheels[0].name.split('-')[1]
    listener.wait(lambda: listener.versions().get('pip') == version and
                  listener.versions().get('moodlight') == '1.0',
                  'the new versions in info', 60)
    listener.wait(lambda: listener.state() == 'confirmed',
                  'the state "confirmed"', 60)
    phases.end('trial of %d s' % TRIAL)


def verify(play, timeline):
    files = play.board.exec('import os; print(os.listdir("/"))')
    if 'provision.json' in files:
        raise Failed('provision.json is still on the board')
    timeline.line('check', 'provision.json is gone, the secrets are sealed '
                  'in NVS')


def demo(timeline):
    play = Playground(BUILD / 'demo', '16M', timeline.line, ['--heap-watch'])
    try:
        phases = set_up(play, timeline)
        listener, console = first_boot(play, timeline, phases)
        wheels, count = publish(play, timeline)
        update(play, timeline, phases, listener, wheels, count)
        console.stop()
        listener.close()
        verify(play, timeline)
        timeline.head('What it took')
        phases.print()
        print('\nAll of it was seen to work. make board leaves such a board '
              'running for you.')
    finally:
        play.stop()


# --- the board to play with --------------------------------------------------

REACH = """
The board runs. It is reached so:

  a REPL         make repl DEVICE={pty}
  its files      make deploy-user DEVICE={pty} APP={app}
  its console    tail -f {log}
  its broker     mosquitto_sub -h {host} -p {port} -u {user} -P '{password}' \\
                   -v -t 'mpypi/nodes/#'
  blox           export BLOX_HOST={host} BLOX_PORT={port} BLOX_USERNAME={user} \\
                   BLOX_PASSWORD='{password}'; build/cli/blox nodes
  an update      build/cli/blox publish --channel {channel} --watch FILE...
  its Wi-Fi      tools/control.py {control} wifi down
                   (or wifi up, reset, power-cut, status)

Ctrl-C switches both off."""


def playground(timeline, flash):
    play = Playground(BUILD / 'playground', flash, timeline.line)
    try:
        play.start()
        play.write_app((EXAMPLES / 'user_main.py').read_text())
        play.deploy()
        board = play.board
        print(REACH.format(
            pty=board.pty, app=play.app, log=board.log,
            host=play.broker.host, port=play.broker.port, user=play.user,
            password=play.password, channel=play.channel,
            control=board.control_path), flush=True)
        board.process.wait()
        raise Failed('the board has ended')
    except KeyboardInterrupt:
        print()
    finally:
        play.stop()


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--board', action='store_true',
                        help='leave a broker and a board running')
    parser.add_argument('--flash', default='16M', metavar='SIZE',
                        help='size of its file system (16M)')
    args = parser.parse_args(argv)
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Board and broker end with us, however we end.
        signal.signal(number, lambda *unused: sys.exit(1))
    timeline = Timeline()
    try:
        if args.board:
            playground(timeline, args.flash)
        else:
            demo(timeline)
    except (Failed, BoardError, TimeoutError) as error:
        sys.exit('demo: %s' % error)
    except KeyboardInterrupt:
        sys.exit('demo: stopped; board and broker are switched off')


if __name__ == '__main__':
    main(sys.argv[1:])
