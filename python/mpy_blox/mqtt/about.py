# SPDX-License-Identifier: MIT
# What the device says about itself on `info` (PROTOCOL §4). Loaded for it, and
# forgotten.

import os
import sys

from mpy_blox import firmware, update


# (what wheels are tagged with, the native-module version that is loaded)
def target():
    return firmware.platform(), firmware.mpy_version()


def document(channel, updater):
    import json

    return json.dumps(_info(channel, updater))


# What the device says about itself, in this order.
def _info(channel, updater):
    import gc
    from collections import OrderedDict

    import machine

    uname = os.uname()
    gc.collect()
    fs = os.statvfs('/')
    return OrderedDict(
        (
            (
                'uname',
                OrderedDict(
                    (
                        ('sysname', uname[0]),
                        ('machine', uname[4]),
                        ('version', uname[3]),
                    )
                ),
            ),
            ('versions', installed()),
            ('platform', firmware.platform()),
            ('mpy', firmware.mpy_version()),
            ('channel', channel),
            ('files', _src_files()),
            ('heap_free', gc.mem_free()),
            ('fs_free', fs[0] * fs[3] if fs[3] < fs[2] else 0),
            (
                'boot',
                {
                    'count': update.boot_count(),
                    'cause': _cause(machine),
                    'trial': update.on_trial(),
                    'safe_mode': bool(update.safe_mode),
                },
            ),
            (
                'update',
                {
                    'state': updater.state,
                    'serial': _serial(),
                    'error': updater.error,
                },
            ),
        )
    )


# Whether a power cut in the middle of an update can be mended: by the main.py
# in place, or by one that imported mpy_blox.rescue.
def rescue_installed():
    if 'mpy_blox.rescue' in sys.modules:
        return True
    try:
        with open('/main.py') as file:
            return any(line.startswith('RESCUE = ') for line in file)
    except OSError:
        return False


# A state document with what was kept of the crash that explains it.
def explained(text, rolled_back):
    import json

    from mpy_blox import trial

    if update.safe_mode and text.endswith(':null}'):
        reason = 'safe mode: ' + trial.safe_mode_reason()
        text = text[:-5] + json.dumps(reason) + '}'
    traceback = json.dumps(trial.traceback(rolled_back))
    return '%s,"traceback":%s}' % (text[:-1], traceback)


# Why updates must not be installed, or None.
def obstacle():
    if not rescue_installed():
        return (
            "/main.py does not declare RESCUE; install the library's main.py, "
            "or begin yours with 'import mpy_blox.rescue'"
        )


def _cause(machine):
    cause = machine.reset_cause()
    for name, constant in (
        ('power', 'PWRON_RESET'),
        ('hard', 'HARD_RESET'),
        ('watchdog', 'WDT_RESET'),
        ('sleep', 'DEEPSLEEP_RESET'),
        ('soft', 'SOFT_RESET'),
    ):
        if cause == getattr(machine, constant, None):
            return name
    return 'unknown'


# {name: version} of the packages in /lib.
def installed():
    from mpy_blox import versions
    from mpy_blox.forget import forget

    try:
        return versions.installed()
    finally:
        forget('mpy_blox.versions')


# Of the list in force, or None: it stands in its last entry.
def _serial():
    try:
        with open('/.blox/list', 'rb') as file:
            file.seek(max(0, file.seek(0, 2) - 192))
            tail = file.read()
    except OSError:
        return None
    entry = tail[tail.rfind(b'{') :]
    _, found, rest = entry.partition(b'"serial":"')
    if not found or b'"type":"signature"' not in entry:
        return None
    return rest[: rest.find(b'"')].decode()


# {path: first 8 hex digits of its SHA-256} of the files that came as src.
def _src_files():
    try:
        with open('/.blox/src') as file:
            return {line[9:].rstrip('\n'): line[:8] for line in file}
    except OSError:
        return {}


# How long rescue() lets a new set run that does not feed the watchdog.
def set_watchdog():
    count, words, causes = update.boots()
    limit = update.seconds('update.trial_watchdog', 120)
    if words[:1] != [str(limit)]:
        with open(update.BOOTS, 'w') as file:
            file.write('%d %d\n%s' % (count, limit, causes))
