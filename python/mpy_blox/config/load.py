# SPDX-License-Identifier: MIT
# Reads settings.json and the secure configuration. Loaded for that and
# forgotten.

import hashlib
import json
import logging
import os

from micropython import const
from mpy_blox.config import SecureNVS, config
from mpy_blox.forget import borrow

SETTINGS = '/settings.json'
PROVISION = '/provision.json'

_CHECKED = const('settings_ok')  # in NVS: digest of the settings found without fault
_RULES = const(b'2')  # changes when _blox_conf checks other things than before

_KEY = const('update.public_key')

logger = logging.getLogger('config')


# For init_config().
def init():
    secure = SecureNVS()
    secure.fill()
    if _is_there(PROVISION):
        borrow('config.checks').provision(secure, PROVISION, _read)
    config.clear()
    for key, value in secure.items():
        config[key] = value
    config['secure'] = secure
    try:
        settings = _settings(SETTINGS, secure.nvs)
    except OSError:
        logger.error(
            "settings.json: not on the device; copy one with 'make deploy-app'"
        )
    else:
        for key, value in settings.items():
            config.setdefault(key, value)
        if settings.get(_KEY, config.get(_KEY)) != config.get(_KEY):
            logger.warning(
                'settings.json: another update.public_key does not count, the '
                "device keeps the one it has; 'make unprovision' takes it away"
            )
    _set_log_level(config.get('logging.level', 'INFO'))
    return config


# For read_settings().
def settings(path):
    return _settings(path or SETTINGS, None)


def _settings(path, nvs):
    try:
        return _parse(_read(path), nvs)
    except MemoryError:
        raise ValueError(
            '%s: too large for the memory; make it smaller' % path[1:]
        )


def _read(path):
    with open(path, 'rb') as f:
        return f.read()


def _is_there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


# The checks are a native module that would stay in RAM: they are loaded only
# for settings that have changed since they were found without fault.
def _parse(text, nvs):
    digest = hashlib.sha256(_RULES)
    digest.update(text)
    mark = int.from_bytes(digest.digest()[:3], 'little')
    if nvs and _marked(nvs) == mark:
        return json.loads(text)
    settings, faultless = borrow('config.checks').parse(text)
    if nvs and faultless:
        _mark(nvs, mark)
    return settings


def _marked(nvs):
    try:
        return nvs.get_i32(_CHECKED)
    except OSError:
        return None


def _mark(nvs, mark):
    try:
        nvs.set_i32(_CHECKED, mark)
        nvs.commit()
    except OSError:
        pass  # checked again at the next boot


# What settings.json says has been checked.
def _set_log_level(name):
    level = getattr(logging, str(name).upper(), logging.INFO)
    logging.getLogger().setLevel(level)
