# SPDX-License-Identifier: MIT
# What mpy_blox.config has besides `config`. Whoever keeps such a function keeps
# this small module in memory.

from mpy_blox.forget import borrow

SETTINGS_PATH = borrow('config.load').SETTINGS
PROVISION_PATH = borrow('config.load').PROVISION


# Fills config and returns it. Raises ValueError with one sentence when
# settings.json is not JSON: config then holds the secure part alone. Every
# smaller fault is logged and costs only what it concerns.
def init_config():
    return borrow('config.load').init()


# The settings of a file as a dict, checked. Raises OSError when there is no
# such file, ValueError with one sentence when it is not JSON.
def read_settings(settings_path=None):
    return borrow('config.load').settings(settings_path)
