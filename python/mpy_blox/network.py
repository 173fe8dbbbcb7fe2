# SPDX-License-Identifier: MIT
# Joins the Wi-Fi of the secure configuration, and says in one sentence what
# is in the way. The firmware reconnects by itself once it has been told to.

import asyncio
import network
import time
from logging import getLogger

from micropython import const
from mpy_blox.forget import forget
from mpy_blox.wlan import watch

logger = getLogger('network')

_BOOT_TIMEOUT = const(30)  # seconds, unless network.boot_timeout says otherwise
_POLL_MS = const(100)
_NO_NETWORK = const(0)  # enum mqtt_link_cause


# Joins, waiting at most network.boot_timeout. Returns the WLAN when joined,
# else None; the firmware then goes on trying.
def connect_wlan(config):
    joining = Joining(config)
    while joining.wlan and not joining.done():
        if joining._late():
            asyncio.create_task(watch(joining.wlan, joining.ssid, True))
            return None
        time.sleep_ms(_POLL_MS)
    return joining.wlan


# Joins, however long it takes; calls late() once when it takes longer than
# network.boot_timeout. Returns the WLAN, or None when there is nothing to
# join.
async def join(config, late):
    joining = Joining(config)
    while joining.wlan and not joining.done():
        if joining._late():
            late()
        await asyncio.sleep_ms(_POLL_MS if joining._left else 1000)
    return joining.wlan


class Joining:
    def __init__(self, config):
        secure = config.get('secure') or {}
        self.ssid = secure.get('wlan.ssid')
        self._left = config.get('network.boot_timeout', _BOOT_TIMEOUT) * 1000
        self._started = time.ticks_ms()
        self._said = None
        self.wlan = None
        _hostname(config.get('hostname', 'espressif'))
        if self.ssid:
            self._begin(secure.get('wlan.psk'))
        else:
            logger.warning(
                "no Wi-Fi is provisioned; put wlan.ssid and wlan.psk into "
                "provision.json and run 'make provision'"
            )

    # The radio lives through a soft reset: it may still be in this network,
    # in another one, or be joining.
    def _begin(self, psk):
        self.wlan = wlan = network.WLAN(network.STA_IF)
        wlan.active(True)
        if wlan.isconnected() and wlan.config('ssid') == self.ssid:
            return
        logger.info("joining '%s'", self.ssid)
        try:
            wlan.disconnect()
        except OSError:
            pass  # was not joining
        wlan.connect(self.ssid, psk)

    def done(self):
        if self.wlan.isconnected():
            logger.info(
                "joined '%s' as %s", self.ssid, self.wlan.ifconfig()[0]
            )
            asyncio.create_task(watch(self.wlan, self.ssid, False))
            return True
        problem = self._problem(self.wlan.status())
        if problem and problem != self._said:
            logger.error(problem, self.ssid)
            self._said = problem
        return False

    def _problem(self, status):
        if status == network.STAT_WRONG_PASSWORD:
            return (
                "wrong password for '%s'; put the right wlan.psk into "
                "provision.json and run 'make provision'"
            )
        if status == network.STAT_NO_AP_FOUND:
            return (
                "no access point '%s' in reach; switch it on, or put the "
                "right wlan.ssid into provision.json and run 'make provision'"
            )
        return None

    # True once: when the time to wait is over.
    def _late(self):
        if self._left is None:
            return False
        if time.ticks_diff(time.ticks_ms(), self._started) < self._left:
            return False
        logger.warning(
            "'%s' not joined after %d s; going on without a network, joining "
            "goes on",
            self.ssid,
            self._left // 1000,
        )
        self._left = None
        return True


# For wlan.py: says that the Wi-Fi is gone, as long as it is less and less
# often, and that it is back. Returns the link to be given next time.
def changed(link, wlan, ssid, joined, lost):
    if not link:
        try:
            from _blox_link import Link
        except MemoryError:  # MicroPython may keep nothing by that name
            forget('_blox_link')
            raise
        link = Link(1)
        link.connected(time.ticks_ms())
    if joined:
        away, say = link.connected(time.ticks_ms())
        if say:
            logger.info(
                "joined '%s' as %s, after %d s without",
                ssid,
                wlan.ifconfig()[0],
                away,
            )
    elif link.failed(_NO_NETWORK, 0, time.ticks_ms(), 0)[2]:
        logger.warning(
            "'%s' is %s; joining it again goes on by itself",
            ssid,
            'still gone' if lost else 'gone',
        )
    return link


def _hostname(name):
    try:
        network.hostname(name)
    except ValueError as e:
        logger.warning(
            "hostname '%s' refused (%s); use at most 32 characters", name, e
        )
