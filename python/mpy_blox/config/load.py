# SPDX-License-Identifier: MIT
# Reads settings.json and provision.json. Loaded for that and forgotten.

import hashlib
import json
import logging
import os

import mpy_blox.config as paths
from micropython import const

_CHECKED = const('settings_ok')  # in NVS: digest of the settings found without fault
_PROVISION_MAX = const(8192)  # bytes of the file; half of it fits NVS
_RULES = const(b'2')  # changes when _blox_conf checks other things than before

_KEY = const('update.public_key')

logger = logging.getLogger('config')


# For init_config().
def init():
    config = paths.config
    secure = paths.SecureNVS()
    secure.fill()
    _provision(secure)
    config.clear()
    for key, value in secure.items():
        config[key] = value
    config['secure'] = secure
    try:
        settings = _parse(_read(paths.SETTINGS_PATH), secure.nvs)
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
    return _parse(_read(path or paths.SETTINGS_PATH), None)


def _read(path):
    try:
        with open(path, 'rb') as f:
            return f.read()
    except MemoryError:
        raise ValueError(
            '%s: too large for the memory; make it smaller' % path[1:]
        )


# The checks are a native module that would stay in RAM: they are loaded only
# for settings that have changed since they were found without fault.
def _parse(text, nvs):
    digest = hashlib.sha256(_RULES + text).digest()
    mark = int.from_bytes(digest[:3], 'big')
    if nvs and _marked(nvs) == mark:
        return json.loads(text)
    import _blox_conf

    problems = _blox_conf.check_settings(text)
    settings = json.loads(text)
    for sentence, key, member, drop in problems:
        (logger.warning if drop else logger.error)('%s', sentence)
        values = settings.get(key) if member else settings
        if drop and isinstance(values, dict):
            values.pop(member or key, None)
    if nvs and not problems:
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


# Takes /provision.json in, once: it is removed when its secrets were read
# back from NVS, and stays whatever goes wrong before.
def _provision(secure):
    try:
        size = os.stat(paths.PROVISION_PATH)[6]
    except OSError:
        return
    import _blox_conf

    try:
        if size > _PROVISION_MAX:
            raise ValueError(
                'provision.json: over %d bytes; only secrets belong there'
                % _PROVISION_MAX
            )
        text = _read(paths.PROVISION_PATH)
        _blox_conf.check_provision(text)
        secure.update(json.loads(text))
        secure.commit()
        os.remove(paths.PROVISION_PATH)
    except (ValueError, OSError, MemoryError) as e:
        logger.error('%s (provision.json stays on the device)', e.args[-1])
    else:
        logger.info('provision.json: taken in, and removed')


# What settings.json says has been checked.
def _set_log_level(name):
    level = getattr(logging, str(name).upper(), logging.INFO)
    logging.getLogger().setLevel(level)
