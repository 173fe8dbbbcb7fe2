# SPDX-License-Identifier: MIT
# The settings of the device: `config` is one dict that init_config() fills in
# place from /settings.json and the secure configuration. Importing this
# reads nothing: a program that needs no settings.json leaves it empty.

from mpy_blox.forget import borrow

config = {}


# init_config, read_settings: see mpy_blox.config.calls.
def __getattr__(name):
    return getattr(borrow('config.calls'), name)


# What config['secure'] is, which stays. What it does, mpy_blox.config.secure_nvs,
# is loaded when asked for.
class SecureNVS(dict):
    def clear(self):
        self.erase()

    def __getattr__(self, name):
        return borrow('config.secure_nvs')._member(self, name)
