# SPDX-License-Identifier: MIT
# Checks settings.json when it has changed, and takes provision.json in. Loaded
# for that, which is seldom, and forgotten.

import json
import logging
import os

import _blox_conf
from micropython import const

_PROVISION_MAX = const(8192)  # bytes of the file; half of it fits NVS

logger = logging.getLogger('config')


# (settings without what is wrong in them, whether nothing is). Raises
# ValueError with one sentence.
def parse(text):
    problems = _blox_conf.check_settings(text)
    settings = json.loads(text)
    for sentence, key, member, drop in problems:
        (logger.warning if drop else logger.error)('%s', sentence)
        values = settings.get(key) if member else settings
        if drop and isinstance(values, dict):
            values.pop(member or key, None)
    return settings, not problems


# Takes /provision.json in, once: it is removed when its secrets were read
# back from NVS, and stays whatever goes wrong before.
def provision(secure, path, read):
    try:
        if os.stat(path)[6] > _PROVISION_MAX:
            raise ValueError(
                'provision.json: over %d bytes; only secrets belong there'
                % _PROVISION_MAX
            )
        text = read(path)
        _blox_conf.check_provision(text)
        secure.update(json.loads(text))
        secure.commit()
        os.remove(path)
    except (ValueError, OSError, MemoryError) as e:
        logger.error('%s (provision.json stays on the device)', e.args[-1])
    else:
        logger.info('provision.json: taken in, and removed')
