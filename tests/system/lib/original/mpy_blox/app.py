# SPDX-License-Identifier: MIT
import json
import os
import time

import machine
from logging import getLogger
from mpy_blox import secure, util
from mpy_blox.mqtt import Connection
from mpy_blox.update import Updates

logger = getLogger('app')


def main_except_reset():
    try:
        main()
    except Exception as e:
        print('original: resetting after', repr(e))
        time.sleep(1)
        machine.reset()


def main():
    with open('/settings.json') as file:
        config = json.load(file)
    if 'provision.json' in os.listdir('/'):
        with open('/provision.json') as file:
            secure.write(json.load(file))
        os.remove('/provision.json')
    secrets = secure.read()
    logger.info('%s runs, its secret is %s', util.NAME, secrets['wlan.psk'])
    import network

    wlan = network.WLAN(network.STA_IF)
    wlan.active(True)
    wlan.connect(secrets['wlan.ssid'], secrets['wlan.psk'])
    while not wlan.isconnected():
        time.sleep_ms(20)
    connection = Connection(config['mqtt'], secrets)
    pause = config.get('pause', 3)  # seconds to a reset; tests hurry
    updates = Updates(connection, config['update.channel'], pause)
    import user_main  # noqa: F401

    logger.info('user_main was imported')
    while True:
        updates.handle(connection.read())
