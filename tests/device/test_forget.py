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
print('OK')
