#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What an entity of Home Assistant costs on a device.

    bench/hass.py

Memory of twenty sensors, announced and published, beside a class in plain
Python in the same VM: a discovery document for Home Assistant, a state, both
through the same connection. The plain class announces itself again by a task
of its own, as ours is announced again; the bare one never is, and forgets its
topic: no less can be had. And what the heap loses when a state is published,
with the collector off: nothing after the first.
"""

import pathlib
import shutil
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / 'tools'), str(TOP / 'tests/system')]

import report  # noqa: E402
from lib.boards import Board  # noqa: E402
from lib.brokers import Broker  # noqa: E402
from lib.installed import install  # noqa: E402
from lib.mqtt_boards import PREPARE  # noqa: E402

FOLDER = TOP / 'build/bench/hass'
ENTITIES = 20
PUBLISHED = 200

MEASURE = '''
import gc

# The least of a while: what only looks like an address on the C stack holds
# memory, too, and what is loaded for a moment leaves.
async def used():
    sizes = []
    for _ in range(20):
        await asyncio.sleep_ms(100)
        gc.collect()
        sizes.append(gc.mem_alloc())
    return min(sizes)

async def main():
    await conn.connect()
    warm = make(0)
    await warm.register()
    await asyncio.sleep_ms(600)
    await warm.publish_state()
    before = await used()
    entities = [make(n) for n in range(1, {entities} + 1)]
    for entity in entities:
        await entity.register()
        await entity.publish_state()
    await asyncio.sleep(1)
    print('entity', (await used() - before) // {entities})
    gc.disable()
    for n in range(10):
        entities[0].set_variable(n)
        await entities[0].publish_state()
    before = gc.mem_alloc()
    for n in range({published}):
        entities[0].set_variable(n)
        await entities[0].publish_state()
        if n % 10 == 9:
            lost = gc.mem_alloc() - before
            gc.collect()
            await asyncio.sleep_ms(20)  # the socket takes what waits
            total.append(lost)
            before = gc.mem_alloc()
    print('publish', sum(total) // {published})

total = []
asyncio.run(main())
'''

OURS = '''
from mpy_blox.mqtt.hass.sensor import MQTTSensor

def make(n):
    return MQTTSensor('Sensor %d' % n, 'W', 'power', conn, 'power')
'''

PLAIN = '''
import json

class Sensor:
    count = 0

    def __init__(self, name, unit, var_name, conn, device_class):
        self.name = name
        self.unit = unit
        self.var_name = var_name
        self.conn = conn
        self.device_class = device_class
        self.var_value = None
        self.index = Sensor.count
        Sensor.count += 1

    @property
    def entity_id(self):
        if self.index:
            return '%s-%d' % (self.conn.client_id, self.index)
        return self.conn.client_id

    @property
    def topic_prefix(self):
        return 'homeassistant/sensor/' + self.entity_id

    def set_variable(self, value):
        self.var_value = value

    async def announce(self):
        document = {
            '~': self.topic_prefix,
            'name': self.name,
            'unique_id': self.entity_id,
            'stat_t': '~/state',
            'unit_of_measurement': self.unit,
            'device_class': self.device_class,
            'value_template': '{{ value_json.%s }}' % self.var_name,
            'device': {'identifiers': [self.conn.client_id]},
        }
        await self.conn.publish(MQTTMessage(
            self.topic_prefix + '/config', document, 1, True))

    async def announce_again(self):
        while True:
            await asyncio.sleep(30)
            await self.announce()

    async def register(self):
        await self.announce()
        {task}

    async def publish_state(self):
        await self.conn.publish(MQTTMessage(
            self.topic_prefix + '/state', {self.var_name: self.var_value},
            0, True))

def make(n):
    return Sensor('Sensor %d' % n, 'W', 'power', conn, 'power')
'''


TASK = 'self.task = asyncio.create_task(self.announce_again())'


def measure(board, broker, classes):
    settings = {'server': broker.host, 'port': broker.port}
    # Not format(): the programs have braces of their own.
    code = (PREPARE.format(settings=settings, password=None) + classes +
            MEASURE.replace('{entities}', str(ENTITIES))
            .replace('{published}', str(PUBLISHED)))
    figures = {}
    printed = board.exec(code, soft_reset=True, timeout=120)
    for line in printed.splitlines():
        name, _, value = line.partition(' ')
        if name in ('entity', 'publish') and value.isdigit():
            figures[name] = int(value)
    if len(figures) != 2:
        sys.exit('bench: the board said: %s' % printed)
    return figures


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    install(FOLDER / 'board')
    with Broker(FOLDER / 'broker') as broker, Board(FOLDER / 'board') as board:
        ours = measure(board, broker, OURS)
        plain = measure(board, broker, PLAIN.replace('{task}', TASK))
        bare = measure(board, broker, PLAIN.replace('{task}', ''))
    entry = report.entry
    return report.finish('bench', [
        entry('hass.heap_per_entity_bytes', ours['entity'], 'bytes'),
        entry('hass.heap_per_entity_ratio_python',
              round(ours['entity'] / plain['entity'], 2), '', 1.0),
        entry('hass.heap_per_entity_bare_python_bytes', bare['entity'],
              'bytes'),
        entry('hass.heap_per_publish_bytes', ours['publish'], 'bytes', 0),
        entry('hass.heap_per_publish_python_bytes', plain['publish'],
              'bytes'),
    ])


if __name__ == '__main__':
    sys.exit(main())
