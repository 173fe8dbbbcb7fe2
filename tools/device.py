#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Puts the library, the application and secrets onto a board, with mpremote.

    tools/device.py VERB --mpremote TOOL [--device PORT]

The verbs are the Makefile's targets of the same name; run them from there.
Every verb but the first question to the board is one mpremote run. Deploying
over serial ends an update's trial: what lies staged in /.blox is removed.
"""

import argparse
import ast
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import zipfile

import mpyfile

TOP = pathlib.Path(__file__).resolve().parent.parent
TIMEOUT = 600  # s; a serial line moves about 10 KB a second

NO_RAW_REPL = 'could not enter raw repl'
NO_SPACE = ('ENOSPC', 'Errno 28', 'OSError: 28')

# Platforms that wheels are tagged with, where they differ from the
# architecture's own name.
PLATFORMS = {'x64': 'unix_x64', 'xtensawin': 'esp32', 'rv32imc': 'esp32c3'}

# --- what runs on the board --------------------------------------------------

# Prints the firmware, then what RECORD lists of the installed library.
ASK = """
import os, sys
print(('blox', sys.implementation._mpy, sys.implementation.version[:3]))
for name in os.listdir('/lib') if 'lib' in os.listdir('/') else ():
    if name.startswith('mpy_blox-') and name.endswith('.dist-info'):
        print(('version', name[9:-10]))
        try:
            for line in open('/lib/' + name + '/RECORD'):
                print(('file', line.split(',')[0].strip()))
        except OSError:
            pass
"""

# Prints a table of what is in the firmware, frozen modules by their paths.
ASK_FIRMWARE = """
try:
    help('modules')
except NameError:
    pass
"""

# A watchdog that user code started cannot be stopped, but given more time.
BEGIN = """
import os
def drop(path):
    try:
        if os.stat(path)[0] & 0x4000:
            for name in os.listdir(path):
                drop(path + '/' + name)
            os.rmdir(path)
        else:
            os.remove(path)
    except OSError:
        pass
def patience():
    try:
        if 'wdt_timeout' in open('/settings.json').read():
            import machine
            machine.WDT(timeout=600000)
    except (OSError, ValueError):
        pass
patience()
drop('/.blox')
if 'lib' not in os.listdir('/'):
    os.mkdir('/lib')
"""

DROP = """
for path in %r:
    drop(path)
"""

# Folders last and deepest first; one that still holds something stays.
DROP_FOLDERS = """
for path in %r:
    try:
        os.rmdir(path)
    except OSError:
        pass
"""

# The function erase() of the library, which need not be on the board.
FORGET_SECRETS = (TOP / 'python/mpy_blox/config/erase.py').read_text() + """
import esp32
erase(esp32.NVS('sec_cfg'))
"""

# --- the way to the board ----------------------------------------------------


def fail(sentence):
    sys.exit(sentence)


def step(name, text):
    print('  %-8s %s' % (name, text), flush=True)


class Board:
    """mpremote and the port it is to use."""

    def __init__(self, mpremote, device, app=TOP):
        self.command = shlex.split(mpremote)
        self.connect = ['connect', device or 'auto']
        self.device = device
        self.app = pathlib.Path(app).resolve()  # folder of the user's files
        self.shielded = False  # Ctrl-C is not for mpremote

    def run(self, *actions, folder=TOP):
        """Runs a chain of mpremote actions. Returns what they printed."""
        words = self.command + self.connect
        for action in actions:
            words += ['+'] + list(action)
        done = self._try(words, folder)
        if NO_RAW_REPL in done.stdout:
            # Keys that were typed while a program ran may be read now and
            # have started it again. Nothing was done yet.
            done = self._try(words, folder)
        if done.returncode:
            fail(self.explain(done.stdout))
        return done.stdout

    def _try(self, words, folder):
        try:
            return subprocess.run(
                words, cwd=folder, stdin=subprocess.DEVNULL, text=True,
                errors='replace', start_new_session=self.shielded,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                timeout=TIMEOUT)
        except FileNotFoundError:
            fail('%s: not found; install mpremote, or name yours with '
                 'MPREMOTE=' % self.command[0])
        except subprocess.TimeoutExpired:
            fail('%s: the board has been silent for %d s; reset it and try '
                 'again' % (self.device or 'board', TIMEOUT))

    def explain(self, output):
        """One sentence for what mpremote said when it failed."""
        port = self.device or 'the board'
        if 'no device found' in output:
            return 'no board found; connect one or name it with DEVICE=...'
        if 'failed to access' in output or 'No such file' in output \
                and str(self.device) in output:
            return '%s: cannot be opened; is it the right DEVICE=, and does ' \
                'no other program use it?' % port
        if 'raw repl' in output:
            return '%s: does not answer as MicroPython; reset it and try ' \
                'again' % port
        if any(text in output for text in NO_SPACE):
            return '%s: its flash is full; make purge-lib frees it' % port
        lines = output.strip().splitlines() or ['mpremote failed']
        return '%s: %s' % (port, lines[-1])


def python(code):
    return ('exec', code)


def copy(*paths):
    return ('fs', 'cp', '-r') + paths + (':',)


RESET = ('reset',)

# --- the library -------------------------------------------------------------


def ask(board):
    """The board's answer: platform, mpy version, firmware, version, files."""
    answers = [ast.literal_eval(line)
               for line in board.run(python(ASK)).splitlines()
               if line.startswith("('")]
    mpy, firmware = next(rest for kind, *rest in answers if kind == 'blox')
    arch = mpyfile.ARCHS[mpy >> 10 & 15]
    return {
        'platform': PLATFORMS.get(arch, arch),
        'mpy': (mpy & 0xff, mpy >> 8 & 3),
        'firmware': '.'.join(map(str, firmware)),
        'versions': [rest[0] for kind, *rest in answers if kind == 'version'],
        'files': {rest[0] for kind, *rest in answers if kind == 'file'},
    }


def in_firmware(board, module):
    """Whether the firmware has this module frozen: it goes before /lib, and
    main.py before the one on flash."""
    return module in board.run(python(ASK_FIRMWARE)).split()


def make_flags():
    """What a calling make passes down, but for the jobs that are its own."""
    flags, dashes, variables = os.environ.get('MAKEFLAGS', '').partition('-- ')
    kept = [word for word in flags.split(' ')
            if not word.startswith(('-j', '--jobserver'))]
    return ' '.join(kept) + dashes + variables


def build_wheel(platform):
    """Builds the library for a platform. Returns the wheel's path."""
    done = subprocess.run(['make', '-s', 'dist', 'PLATFORM=' + platform],
                          cwd=TOP, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, 'MAKEFLAGS': make_flags()})
    if done.returncode:
        fail(done.stdout + 'the library could not be built for ' + platform)
    version = (TOP / 'VERSION').read_text().strip()
    return TOP / 'dist' / ('mpy_blox-%s-mpy6-bytecode-%s.whl' % (
        version, platform))


def native_version(folder):
    """The mpy version that the native modules in a folder are built for."""
    for path in folder.glob('_blox_*.mpy'):
        mpy = mpyfile.load(path)
        if mpy.native:
            return 6, mpy.sub_version
    return None


def folders_of(names):
    """The folders of some files, deepest first."""
    folders = {parent.as_posix() for name in names
               for parent in pathlib.PurePosixPath(name).parents}
    return sorted(folders - {'.'}, key=lambda path: (-path.count('/'), path))


def refuse(board, sentence):
    """Ends without a change; what ran before the board was asked runs again."""
    board.run(RESET)
    fail(sentence)


def deploy_lib(board):
    if in_firmware(board, 'mpy_blox/__init__'):
        refuse(board, 'the firmware has the library in it, and that goes '
               'before /lib; build the firmware anew instead')
    about = ask(board)
    step('board', '%s, MicroPython %s (mpy %d.%d)' % (
        about['platform'], about['firmware'], *about['mpy']))
    wheel = build_wheel(about['platform'])
    step('wheel', '%s, %d bytes' % (wheel.relative_to(TOP),
                                    wheel.stat().st_size))
    with tempfile.TemporaryDirectory() as folder:
        library = pathlib.Path(folder, 'lib')
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(library)
            names = archive.namelist()
        check_version(board, about, native_version(library))
        install(board, about, names, folder)


def check_version(board, about, built):
    if built in (None, about['mpy']):
        return
    refuse(board, 'the board loads native modules of mpy %d.%d, this build is '
           "%d.%d; name its firmware's source tree with MPY_DIR=" % (
               about['mpy'] + built))


def install(board, about, names, folder):
    stale = sorted(about['files'] - set(names))
    step('copy', '%d files to /lib' % len(names))
    if stale:
        step('remove', '%d files of version %s' % (
            len(stale), ', '.join(about['versions'])))
    output = board.run(
        python(BEGIN), copy('lib'),
        python(DROP % (['/lib/' + name for name in stale],)),
        python(DROP_FOLDERS % (['/lib/' + name
                                for name in folders_of(stale)],)),
        RESET, folder=folder)
    same = output.count('Up to date:')
    if same:
        step('same', '%d of them were there already' % same)
    step('reset', 'the board starts with the new library')


# --- the application ---------------------------------------------------------


def need(board, name):
    """The path of a file of the user's, beside the Makefile or in APP=."""
    path = board.app / name
    if not path.is_file():
        fail('%s: not here; start from examples/%s' % (name, name))
    return path


def need_json(board, name):
    """Checks a JSON file of the user's before it goes onto the board."""
    path = need(board, name)
    try:
        value = json.loads(path.read_text(encoding='utf-8'))
    except UnicodeDecodeError as error:
        fail('%s: byte %d is not UTF-8; save it as UTF-8; nothing was '
             'copied' % (name, error.start + 1))
    except ValueError as error:
        fail('%s:%d:%d: %s; nothing was copied' % (
            name, error.lineno, error.colno, error.msg))
    if not isinstance(value, dict):
        fail('%s: is not a JSON object as examples/%s is; nothing was '
             'copied' % (name, name))
    return path


def send(board, paths, what):
    step('copy', ', '.join(os.path.basename(path) for path in paths))
    # Relative, for an mpremote that runs on Windows beside us.
    names = [os.path.relpath(path, TOP) for path in paths]
    board.run(python(BEGIN), copy(*names), RESET)
    step('reset', what)


def deploy_app(board):
    paths = [need_json(board, 'settings.json')]
    if (board.app / 'provision.json').exists():
        paths.append(need_json(board, 'provision.json'))
    own = board.app / 'main.py'
    if in_firmware(board, 'main'):
        step('main.py', 'is in the firmware, and that goes before one on '
             'flash: not copied')
    else:
        paths.append(own if own.exists() else TOP / 'python' / 'main.py')
    send(board, paths, 'the board starts app-managed')


def deploy_user(board):
    send(board, [need(board, 'user_main.py')],
         'the board starts with the new user_main')


def provision(board):
    send(board, [need_json(board, 'provision.json')],
         'the board takes the secrets in and deletes the file')


def unprovision(board):
    board.run(python(FORGET_SECRETS), RESET)
    step('erase', 'the secure configuration is empty')


def purge_lib(board):
    board.run(python(BEGIN + DROP % (['/lib'],)), RESET)
    step('remove', '/lib')


def purge_app(board):
    names = ['main.py', 'user_main.py', 'settings.json', 'provision.json']
    board.run(python(BEGIN + DROP % (['/' + name for name in names],)), RESET)
    step('remove', ', '.join(names))


VERBS = {
    'deploy-lib': deploy_lib,
    'deploy-app': deploy_app,
    'deploy-user': deploy_user,
    'provision': provision,
    'unprovision': unprovision,
    'purge-lib': purge_lib,
    'purge-app': purge_app,
}


def options(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('verb', choices=VERBS, metavar='VERB',
                        help=', '.join(VERBS))
    parser.add_argument('--mpremote', default='mpremote', metavar='TOOL')
    parser.add_argument('--device', metavar='PORT')
    parser.add_argument('--app', default=TOP, metavar='FOLDER',
                        help="where the user's files are")
    return parser.parse_args(argv)


def main(argv):
    args = options(argv)
    try:
        VERBS[args.verb](Board(args.mpremote, args.device, args.app))
    except KeyboardInterrupt:
        fail('%s: stopped in the middle; run it again' % args.verb)


if __name__ == '__main__':
    main(sys.argv[1:])
