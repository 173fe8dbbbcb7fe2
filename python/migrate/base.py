# SPDX-License-Identifier: MIT
# What stage one knows of itself and of the device, and its files. In the joined
# file this comes first; tools/stage_one.py fills in what is between the next
# two lines.
# -- filled in
VERSION = '0'  # of this wheel
BACK = None  # SHA-256 of the original's wheel
MAIN = b''  # our /main.py, deflated
# --

import os
import sys

from micropython import const

_CHUNK = const(1024)
_RESERVE = const(24)  # blocks kept free for the commit, as core/ota has it
FOLDER = '/.blox/'
JOURNAL = FOLDER + 'journal'
WHEEL = FOLDER + 'pkg-0'
RECORD = FOLDER + 'record'  # of the wheel that is read
# Names that begin so survive a trial, and go when it is confirmed.
BACK_WHEEL = FOLDER + 'back.whl'
BACK_MAIN = FOLDER + 'back.main.py'
BACK_WHY = FOLDER + 'back'  # the way back has begun, and why
INIT = '/lib/mpy_blox/__init__.mpy'
APP = '/lib/mpy_blox/app.mpy'
BACK_APP = '/lib/mpy_blox/app.back'  # the way back is complete but for a rename
INFO = '/lib/mpy_blox-%s.dist-info/' % VERSION
_PLATFORMS = (
    '', 'x86', 'unix_x64', 'armv6', 'armv6m', 'armv7m', 'armv7em',
    'armv7emsp', 'armv7emdp', 'xtensa', 'esp32', 'esp32c3',
)  # fmt: skip
_MPY = getattr(sys.implementation, '_mpy', 0)
PLATFORM = _PLATFORMS[_MPY >> 10 & 15]
LOADS = '%d.%d' % (_MPY & 255, _MPY >> 8 & 3)


# What cannot be done, in one sentence; trying again may help.
class Problem(Exception):
    pass


# It cannot be done on this device: the original is put back.
class Hopeless(Problem):
    pass


def say(*words):
    print('migration:', *words)


def there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def remove(path):
    try:
        os.remove(path)
    except OSError:
        pass  # was not there


def make_folders(path):
    at = path.find('/', 1)
    while at > 0:
        if not there(path[:at]):
            os.mkdir(path[:at])
        at = path.find('/', at + 1)


def write(path, text):
    with open(path, 'wb') as file:
        file.write(text)


# Replaces path by a file with this content, in one rename.
def replace(path, content):
    write(FOLDER + 'new', content)
    os.rename(FOLDER + 'new', path)


def sweep(keep):
    for entry in list(os.ilistdir('/.blox')):
        if entry[0] not in keep:
            remove(FOLDER + entry[0])


def dist_infos():
    return [e[0] for e in os.ilistdir('/lib') if e[0].startswith('mpy_blox-')]


def files(folder):
    for entry in os.ilistdir('/lib/' + folder):
        path = folder + '/' + entry[0]
        if entry[1] & 0x4000:
            yield from files(path)
        else:
            yield path


def check_room(blocks):
    fs = os.statvfs('/')
    need = blocks * 4096 + _RESERVE * 2 * 4096
    if fs[0] * fs[3] < need:
        raise Hopeless(
            'no room on flash: it needs %d KiB, %d KiB are free'
            % (need >> 10, fs[0] * fs[3] >> 10)
        )
