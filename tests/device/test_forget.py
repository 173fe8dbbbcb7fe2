# SPDX-License-Identifier: MIT
# Modules that are borrowed for a call leave no trace.
import gc
import sys

import mpy_blox
from mpy_blox.forget import borrow, forget

platform = borrow('platform')
assert platform.__name__ == 'mpy_blox.platform'
assert 'mpy_blox.platform' not in sys.modules
assert 'platform' not in mpy_blox.__dict__
assert platform.installed() is not None  # it works while somebody has it
borrow('platform')
del platform



# The heap is the same after the second time as after the first, which interned
# names and brought mpy_blox.config.
def rounds(count):
    for _ in range(count):
        borrow('platform').installed()
        borrow('config.secure_nvs')
    gc.collect()
    return gc.mem_alloc()


rounds(1)
assert abs(rounds(5) - rounds(1)) < 100, (rounds(1), rounds(5))

# One that somebody imported stays, until it is forgotten.
from mpy_blox import platform

assert borrow('platform') is platform
assert 'mpy_blox.platform' in sys.modules and 'platform' in mpy_blox.__dict__
forget('mpy_blox.platform')
assert 'mpy_blox.platform' not in sys.modules
forget('mpy_blox.platform')  # twice is nothing

# What cannot be loaded says so, and leaves no half of it.
try:
    borrow('no_such_module')
    assert False
except ImportError as e:
    assert 'no_such_module' in str(e)
assert 'mpy_blox.no_such_module' not in sys.modules

# What nobody has is said of the object, not of the module that was asked for it.
from mpy_blox.config import SecureNVS
from mpy_blox.mqtt import MQTTConnectionManager
from mpy_blox.mqtt.protocol.client import MQTT5Client

manager = MQTTConnectionManager.get_connection()
for kind, thing in (
    ('MQTTConnectionManager', manager),
    ('MQTT5Client', MQTT5Client('localhost', 1883, 'x')),
    ('SecureNVS', SecureNVS()),
):
    try:
        thing.no_such
        raise AssertionError(kind)
    except AttributeError as e:
        said = "'%s' object has no attribute 'no_such'" % kind
        assert str(e) == said, e

# A client that cannot be made says what it takes.
for arguments in ((), tuple('123456789')):
    try:
        MQTT5Client(*arguments)
    except TypeError as e:
        assert 'server is needed' in str(e), e
    else:
        assert False

# In a heap that is full, but for some pieces as large as a dict, a package loses
# nothing but the name; where there is no memory to take that away it is taken
# away the next time.
import random

from mpy_blox import util

WORD = 8 if sys.maxsize >> 32 else 4
names = mpy_blox.__dict__
names.update({'more%d' % n: n for n in range(20)})
everything = dict(names)


def fill(pieces, sizes):
    try:
        while True:
            pieces = [bytearray(random.choice(sizes)), pieces]
    except MemoryError:
        return pieces


def crowd(holes):
    large = fill(None, (512 * WORD,))[1]
    pieces = at = fill(None, (34 * WORD, 46 * WORD, 58 * WORD))
    small = fill(None, (1,))
    for _ in range(holes):
        for _ in range(random.getrandbits(4)):
            at = at[1] or pieces
        at[0] = None
    gc.collect()
    return large, pieces, small


random.seed(1)
short = 0
for n in range(80):
    names.clear()
    names.update(everything)
    sys.modules['mpy_blox.util'] = util
    crowded = crowd(4 + n % 8)
    try:
        forget('mpy_blox.util')
    except MemoryError:
        short += 1
        crowded = None
        forget('mpy_blox.util')
    crowded = None
    gc.collect()
    lost = set(everything) - set(names)
    assert lost == {'util'} and names['more7'] == 7, (n, lost)
assert 0 < short < 80, short


# A module that there was no memory for is loaded when there is, however little
# there was.
def with_more_and_more(function):
    pieces = fill(fill(fill(None, (4096,)), (256,)), (1,))
    tries = 0
    while True:
        try:
            function()
            return tries
        except MemoryError:
            tries += 1
            pieces = pieces[1]
            gc.collect()


names.clear()
names.update(everything)
from mpy_blox.mqtt.hass.sensor import MQTTSensor

sensor = MQTTSensor('Power', 'W', 'power', manager)
again = borrow('mqtt.again')
network = borrow('network')


class Connection:
    _link = None
    _servers = ('one',)


def left():
    network.changed(None, None, 'home', False, False)


for module, function in (
    ('_blox_link', lambda: again._link(Connection())),
    ('_blox_link', left),
    ('mpy_blox.mqtt.more', lambda: manager.add_sink),
    ('mpy_blox.mqtt.hass.entity', lambda: sensor.entity_id),
):
    forget(module)
    gc.collect()
    assert with_more_and_more(function) > 0
    assert module in sys.modules or module == '_blox_link'
print('OK')
