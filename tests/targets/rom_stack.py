# SPDX-License-Identifier: MIT
# Stands between a program and the native modules it imports: every call of
# what they offer is measured. tell() prints `stack <entry point> <bytes>`, the
# most that each took: what it calls in MicroPython, littlefs and Python is in.
import os
import sys

import target

# Those whose objects no C looks into, and that nothing waits for.
CLASSES = (
    'Chain', 'Command', 'Head', 'Installer', 'Keep', 'Link', 'Plan', 'Queue',
    'Reader', 'Session', 'Settle', 'Signature', 'State', 'Stream', 'Trial',
    'Updater', 'Zip',
)  # fmt: skip
NOT_MEASURED = ('_blox_logger', '_blox_sampling')
deepest = {}


def bare(value):
    return value._bare if isinstance(value, Measured) else value


class Measured:
    def __init__(self, name, value):
        self._name = name
        self._bare = value

    def __call__(self, *arguments):
        name = self._name
        try:
            result = target.stack(self._bare, *[bare(a) for a in arguments])
        finally:
            deepest[name] = max(deepest.get(name, 0), target.stack_taken())
        if type(result).__name__ in CLASSES:
            result = Measured(name, result)
        return result

    def __getattr__(self, name):
        value = getattr(self._bare, name)
        if not callable(value):
            return value
        if isinstance(value, type) and value.__name__ not in CLASSES:
            return value
        return Measured('%s.%s' % (self._name, name), value)


def tell():
    for name, size in sorted(deepest.items()):
        print('stack', name, size)


for file in os.listdir('/rom/lib'):
    if file.startswith('_blox_'):
        name = file.split('.')[0]
        if name not in NOT_MEASURED:
            sys.modules[name] = Measured(name[6:], __import__(name))
