# SPDX-License-Identifier: MIT
# The way back: the original's own wheel.

import hashlib
import os

import machine

from .base import (
    APP,
    BACK_APP,
    BACK_MAIN,
    BACK_WHEEL,
    BACK_WHY,
    FOLDER,
    INFO,
    INIT,
    JOURNAL,
    Problem,
    dist_infos,
    files,
    remove,
    replace,
    say,
    sweep,
    there,
)
from .wheel import Wheel, urlsafe


# Puts the original back and resets. Cut at any point it goes on from there;
# until the last rename this file boots, from then on the original.
def go_back(why):
    say('the original is put back:', why)
    if not there(BACK_APP):
        if not there(BACK_WHEEL):
            raise Problem('the original is not on this device')
        if not there(BACK_WHY):
            replace(BACK_WHY, why)
        remove(JOURNAL)  # first: it must not be undone once more
        sweep(('back', 'back.whl', 'back.main.py'))
        unpack_original()
    if there(BACK_MAIN):
        os.rename(BACK_MAIN, '/main.py')
    sweep(())
    os.rmdir('/.blox')
    os.rename(BACK_APP, APP)
    machine.reset()


# All of it but app.mpy, which waits under another name; before it, last, the
# package's __init__, which may import the others. The dist-info stays
# that of this wheel, with the original's files in its RECORD: a list that names
# this wheel asks for nothing then.
def unpack_original():
    for folder in dist_infos():
        if folder not in INFO:
            for path in files(folder):
                remove('/lib/' + path)
            os.rmdir('/lib/' + folder)
    wheel = Wheel(BACK_WHEEL, False)
    last = [None, None]
    with open(FOLDER + 'lines', 'w') as record:
        for member in wheel.members():
            path = '/lib/' + member[0]
            if '.dist-info/' in path:
                continue
            hashed = wheel.listed(member[0])
            record.write('%s,%s,%d\n' % (member[0], hashed, member[3]))
            if path in (INIT, APP):
                last[path == APP] = member
            else:
                wheel.place(member)
        for name in ('METADATA', 'WHEEL'):
            with open(INFO + name, 'rb') as file:
                text = file.read()
            hashed = urlsafe(hashlib.sha256(text).digest())
            record.write('%s%s,sha256=%s,%d\n' % (INFO[5:], name, hashed, len(text)))
        record.write('%sRECORD,,\n' % INFO[5:])
    if last[0]:
        wheel.place(last[0])
    os.rename(FOLDER + 'lines', INFO + 'RECORD')
    wheel.stage(last[1], FOLDER + 'new')
    wheel.close()
    os.rename(FOLDER + 'new', BACK_APP)
