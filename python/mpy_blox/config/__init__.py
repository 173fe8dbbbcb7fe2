# SPDX-License-Identifier: MIT
# The settings of the device: `config` is one dict that init_config() fills in
# place from /settings.json and the secure configuration. Importing this
# reads nothing: a program that needs no settings.json leaves it empty.

SETTINGS_PATH = '/settings.json'
PROVISION_PATH = '/provision.json'

config = {}


# Fills config and returns it. Raises ValueError with one sentence when
# settings.json is not JSON: config then holds the secure part alone. Every
# smaller fault is logged and costs only what it concerns.
def init_config():
    from mpy_blox.config import load

    try:
        return load.init(config)
    finally:
        forget('load', 'sealed')


# The settings of a file as a dict, checked. Raises OSError when there is no
# such file, ValueError with one sentence when it is not JSON.
def read_settings(settings_path=None):
    from mpy_blox.config import load

    try:
        return load.parse(load.read(settings_path or SETTINGS_PATH), None)
    finally:
        forget('load')


# Modules of this package that did their part leave the heap.
def forget(*names):
    from mpy_blox.forget import forget

    for name in names:
        forget(__name__ + '.' + name)
