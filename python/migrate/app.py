# SPDX-License-Identifier: MIT
# Stage one of the way from the original Mpy-BLOX (docs/migration.md), which
# needs nothing but MicroPython 1.21 and later. The original writes a wheel's
# files one by one; this one replaces its mpy_blox/app.mpy, and from that moment
# nothing else of the library is needed: tools/stage_one.py makes one file of
# bytecode of all that lies here.
#
# It fetches the original's own wheel, the way back, then the full library, and
# commits that with the journal of docs/journal.md. When this cannot be done,
# or was undone, it puts the original back.

import gc
import sys
import time

import machine

from .back import go_back
from .base import (
    BACK_APP,
    BACK_WHEEL,
    BACK_WHY,
    FOLDER,
    JOURNAL,
    VERSION,
    Hopeless,
    Problem,
    make_folders,
    say,
    sweep,
    there,
)
from .broker import Broker
from .connect import configuration, join
from .orders import follow, is_late, _PAUSE, _TRIES


def main():
    make_folders(JOURNAL)
    if there(BACK_APP) or there(BACK_WHY):
        go_back('going on')
    if there(JOURNAL):
        undone()
    sweep(('back.whl', 'back.main.py', 'boots'))
    gc.collect()
    config = configuration()
    failures, last = 0, None
    while True:
        broker = None
        try:
            join(config)
            broker = Broker(config)
            say('connected as', broker.node)
            follow(broker, config)
        except Hopeless as e:
            last, failures = str(e), _TRIES
        except MemoryError:
            last, failures = 'not enough memory', failures + 1
        except (OSError, ValueError, KeyError, Problem) as e:
            last = str(e)
            failures += broker is not None
        failed(broker, last, failures)
        time.sleep(_PAUSE)


# The new library was undone: tells so, if the broker is there, and goes back.
def undone():
    why = 'the new library did not pass its trial'
    try:
        with open(FOLDER + 'crash') as file:
            why += '; ' + file.read()[-200:].strip().split('\n')[-1]
    except (OSError, ValueError):
        pass  # it was no exception
    broker = None
    try:
        config = configuration()
        join(config)
        broker = Broker(config)
    except (OSError, KeyError, Problem) as e:
        say(e)
    failed(broker, why, _TRIES)


def failed(broker, why, failures):
    say(why)
    back = (failures >= _TRIES or is_late()) and there(BACK_WHEEL)
    try:
        if broker:
            broker.tell('rolled_back' if back else 'failed', why)
            broker.raw.close()
    except (OSError, Problem):
        pass
    if back:
        go_back(why or 'it took too long')


# The last line of /main.py, the original's and ours.
def main_except_reset():
    try:
        print('mpy-blox %s: migrating to the new library' % VERSION)
        main()
    except Exception as e:
        sys.print_exception(e)
        time.sleep(_PAUSE)
        machine.reset()
