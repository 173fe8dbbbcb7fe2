# SPDX-License-Identifier: MIT
"""Programs that use the library's MQTT on a board."""

import threading

from lib.short import shortened

PREPARE = """
import asyncio, logging, network, time
logging.basicConfig(level=logging.INFO)
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
if not wlan.isconnected():
    wlan.connect('net', 'password')
    while not wlan.isconnected():
        time.sleep_ms(10)
from mpy_blox.config import config
from mpy_blox.mqtt import MQTTConnectionManager, MQTTConsumer
from mpy_blox.mqtt.protocol.message import MQTTMessage
from mpy_blox.mqtt.protocol.client import MQTT5Client
config['mqtt'] = {settings!r}
config['mqtt.password'] = {password!r}
conn = MQTTConnectionManager.get_connection()

class Printer(MQTTConsumer):
    async def handle_msg(self, msg):
        print('got', msg.topic, msg.raw_payload, msg.qos, msg.retain)
"""


class Program:
    """Code that runs on a board until it ends; its output is the console's.
    Joined at the end of a with block, which raises what it raised."""

    def __init__(self, board, port, code, user=None, password=None, **settings):
        settings = dict({"server": "127.0.0.1", "port": port}, **settings)
        if user:
            settings["username"] = user
        prepare = PREPARE.format(settings=settings, password=password)
        self.board = board
        self.start = len(board.console())
        self.output = None
        self.error = None
        self._thread = threading.Thread(
            target=self._run, args=(shortened(prepare + code),), daemon=True
        )
        self._thread.start()

    def _run(self, code):
        try:
            self.output = self.board.exec(code, soft_reset=True)
        except Exception as e:
            self.error = e

    def wait_for(self, text, timeout=20):
        """Waits until it has printed text."""
        self.start = self.board.wait_for(text, timeout, self.start)

    def join(self, timeout=60):
        """Waits for its end and returns all it printed."""
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise TimeoutError(self.board.console()[-2000:])
        if self.error:
            raise self.error
        return self.output

    def __enter__(self):
        return self

    def __exit__(self, kind, *exc):
        if kind is None:
            self.join()
