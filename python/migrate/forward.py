# SPDX-License-Identifier: MIT
# The way forward: the full library, committed with the journal.

import binascii
import gc
import io
import os

import machine
from micropython import const

from .base import (
    BACK_MAIN,
    FOLDER,
    JOURNAL,
    MAIN,
    WHEEL,
    Hopeless,
    check_room,
    dist_infos,
    files,
    remove,
    replace,
    say,
    there,
    write,
)
from .wheel import Wheel

_WATCHDOG = const(120)  # seconds, of the trial


# Commits the full wheel in WHEEL and resets: from then on it runs on trial.
def install():
    gc.collect()
    wheel = Wheel(WHEEL, True)
    folders = survey(wheel)
    lines = Lines()
    for path in installed():
        lines.add('remove\t/lib/%s\t%s\n', path, lines.backup())
    for folder in folders:
        if not there(folder):
            lines.add('mkdir\t%s\n', folder)
    number = 0
    for member in wheel.members():
        staged = FOLDER + str(number)
        crc = wheel.stage(member, staged)
        path = '/lib/' + member[0]
        lines.add('move\t%s\t%s\t%s\t%08x\n', staged, path, lines.backup(), crc)
        number += 1
    wheel.close()
    remove(WHEEL)
    take_main()
    with open(FOLDER + 'reserve', 'wb') as file:
        for _ in range(8 + 2 * len(folders)):
            file.write(bytes(4096))
    write(FOLDER + 'boots', '1 %d\n' % _WATCHDOG)
    lines.prepare()
    say('resetting into the new library, which is on trial')
    os.rename(JOURNAL + '.apply', JOURNAL)  # the commit
    machine.reset()


# Whether it can be installed here. Returns its folders, outer ones first.
def survey(wheel):
    folders, blocks, tried = [], 0, False
    for path, _, _, size, _ in wheel.members():
        blocks += (size + 4095) // 4096
        tried = tried or path == 'mpy_blox/rescue.mpy'
        parts = path.split('/')[:-1]
        for i in range(len(parts)):
            folder = '/lib/' + '/'.join(parts[: i + 1])
            if folder not in folders:
                folders.append(folder)
    if not tried:
        raise Hopeless('the wheel is no library that could be tried')
    check_room(blocks)
    return folders


# The lines of the journal (docs/journal.md), on flash.
class Lines:
    def __init__(self):
        self.file = open(FOLDER + 'lines', 'w')
        self.crc = self.backups = 0

    def backup(self):
        self.backups += 1
        return '%sb%d' % (FOLDER, self.backups)

    def add(self, line, *values):
        line = line % values
        self.crc = binascii.crc32(line, self.crc)
        self.file.write(line)

    # The journal in each of its states.
    def prepare(self):
        self.file.close()
        for state in ('apply', 'trial', 'confirmed', 'undo'):
            with open(JOURNAL + '.' + state, 'w') as file:
                crc = self.crc & 0xFFFFFFFF
                file.write('blox-journal 1 %s %08x\n' % (state, crc))
                with open(FOLDER + 'lines') as lines:
                    for line in lines:
                        file.write(line)


# What is in /lib: this wheel, and what the original's installer had no time to
# remove.
def installed():
    seen = set()
    for path in candidates():
        if path not in seen and there('/lib/' + path):
            seen.add(path)
            yield path


# Its RECORD may be what the original's installer removed first: then what is in
# the package's folder is the package's.
def candidates():
    folders = dist_infos()
    for folder in folders:
        if there('/lib/' + folder + '/RECORD'):
            yield from listed('/lib/' + folder + '/RECORD')
        elif 'mpy_blox' not in folders:
            folders.append('mpy_blox')
        yield from files(folder)


def listed(record):
    try:
        with open(record) as file:
            for line in file:
                path = line.rsplit(',', 2)[0].strip('"\n')
                if path:
                    yield path
    except OSError:
        pass  # a dist-info that was being written


# Ours applies the journal, and boots the original as its own does.
def take_main():
    import deflate

    ours = deflate.DeflateIO(io.BytesIO(MAIN), deflate.ZLIB).read()
    with open('/main.py', 'rb') as file:
        theirs = file.read()
    if theirs != ours:
        if b'\nRESCUE = ' not in theirs:
            replace(BACK_MAIN, theirs)
        replace('/main.py', ours)
