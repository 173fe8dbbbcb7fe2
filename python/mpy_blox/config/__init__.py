# SPDX-License-Identifier: MIT
# The settings of the device: `config` is one dict that init_config() fills in
# place from /settings.json and the secure configuration. Importing this
# reads nothing: a program that needs no settings.json leaves it empty.

from mpy_blox.forget import borrow

config = {}


# init_config(), read_settings() and the paths of what they read are those of
# mpy_blox.config.load, which is loaded for each call.
def __getattr__(name):
    if name in ('init_config', 'read_settings'):
        return lambda *path: getattr(_load(), name)(*path)
    if name in ('SETTINGS_PATH', 'PROVISION_PATH'):
        return getattr(_load(), name)
    raise AttributeError(name)


def _load():
    return borrow('mpy_blox.config.load')


# What config['secure'] is, which stays. What it does, mpy_blox.config.secure_nvs,
# is loaded when asked for.
class SecureNVS(dict):
    initialised = False

    def clear(self):
        self.erase()

    def __getattr__(self, name):
        return borrow('mpy_blox.config.secure_nvs').member(self, name)
