# SPDX-License-Identifier: MIT
# What user_main does on a device under test: says that it runs, confirms a
# set on trial, follows the channel when there is a broker, and is switched
# off once nothing more happens.
import asyncio
import os

import _power
from retained import Connection, follow

PATIENCE = 30  # seconds of the device's time that a list may take to be read


# main: of a program with a main.py of its own.
async def run(secure=None):
    from mpy_blox import update

    if secure is None:
        from mpy_blox.config import config

        secure = config['secure']
    said = ';'.join(sorted('%s=%s' % item for item in secure.items()))
    _power.reached(said)
    if update.on_trial():
        update.confirm()
        while there('/.blox/journal'):
            await asyncio.sleep_ms(10)
    if _power.broker():
        await follow(Connection('esp32-power', _power.payload), PATIENCE)
    _power.off()


def there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False
