#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How fast messages come in and go out, and what memory one costs.

    bench/mqtt.py [--quick] [--soak N]

Receiving: QoS 0, 100 bytes. A broker of a few lines sends as fast as the
client takes them, so that the client alone is measured: a consumer of
MQTTConnectionManager on the virtual board; a blocking client in plain
MicroPython on the same board that takes one message at a time, as such
clients do; libmosquitto in C.

The consumer's handle_msg is a coroutine; the "plain handler" an ordinary
function, as the blocking client's callback is.

Publishing: QoS 1, 20 messages under way at a time, through a real mosquitto:
twenty tasks on the board, and libmosquitto in C with 20 in flight.

Rates are messages a second of the client's own processor time, so that what
else the machine does is left out; the smaller of two runs of different
length is taken off the larger, and with it what connecting costs.

Memory: what the heap has lost after each message, and after --soak messages
(50,000; `make long` says a million).
"""

import argparse
import pathlib
import shutil
import socket
import subprocess
import sys
import threading

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / 'tools'), str(TOP / 'tests/system')]

import report  # noqa: E402
from lib.boards import Board  # noqa: E402
from lib.brokers import Broker  # noqa: E402
from lib.installed import install  # noqa: E402
from lib.mqtt_boards import PREPARE  # noqa: E402

FOLDER = TOP / 'build/bench/mqtt'
PEER = TOP / 'build/bench/mosquitto_peer'
COUNT = 20000
WINDOW = 20
TOPIC = b'bench/topic'
PAYLOAD = b'x' * 100
FEW = 400
RUNS = 4
LIMITS = {
    'mqtt.rx_ratio_blocking_python': (3.0, 'higher'),
    'mqtt.soak_growth_bytes': (0, 'lower'),
}

# Receives that many messages and looks at each. Every program prints a figure
# and how many messages were lost.
OURS = '''
class Counter(MQTTConsumer):
    n = 0
    size = 0
    async def handle_msg(self, msg):
        self.n += 1
        self.size += len(msg.raw_payload)
        if self.n == {count}:
            done.set()

async def main():
    global done
    done = asyncio.Event()
    counter = Counter(conn)
    await conn.connect()
    await counter.subscribe('bench/topic')
    await done.wait()
    print('rate', 0, conn.dropped + counter.size - 100 * {count})
    await conn.disconnect()

asyncio.run(main())
'''

BLOCKING = '''
import socket, struct, time

class Client:
    def __init__(self, port, callback):
        self.sock = socket.socket()
        self.sock.connect(('127.0.0.1', port))
        self.callback = callback
        self.sock.write(b'\\x10\\x0f\\0\\x04MQTT\\x05\\x02\\0\\x3c\\0\\0\\x02me')
        self.packet()

    def subscribe(self, topic):
        topic = topic.encode()
        body = b'\\0\\x01\\0' + struct.pack('!H', len(topic)) + topic + b'\\0'
        self.sock.write(bytes((0x82, len(body))) + body)
        self.packet()

    def size(self):
        n = shift = 0
        while True:
            b = self.sock.read(1)[0]
            n |= (b & 127) << shift
            if b < 128:
                return n
            shift += 7

    def packet(self):
        kind = self.sock.read(1)[0]
        size = self.size()
        if kind >> 4 != 3:
            self.sock.read(size)
            return
        n = struct.unpack('!H', self.sock.read(2))[0]
        topic = self.sock.read(n)
        properties = self.size()
        if properties:
            self.sock.read(properties)
        self.callback(topic, self.sock.read(size - n - 3 - properties))

n = size = 0
def count(topic, payload):
    global n, size
    n += 1
    size += len(payload)

client = Client({port}, count)
client.subscribe('bench/topic')
client.packet()
for i in range({count} - 1):
    client.packet()
print('rate', 0, size - 100 * {count})
'''

SENDING = '''
async def one(n):
    while left:
        left.pop()
        await conn.publish(MQTTMessage('bench/topic', 'x' * 100, qos=1))

async def main():
    global left
    await conn.connect()
    left = [None] * {count}
    await asyncio.gather(*[one(n) for n in range({window})])
    print('rate', 0, conn.mqtt_client.queue.count)
    await conn.disconnect()

asyncio.run(main())
'''

# Heap in use after a collection, every few thousand messages.
SOAK = '''
import gc
gc.collect()
class Counter(MQTTConsumer):
    n = 0
    async def handle_msg(self, msg):
        self.n += 1
        if self.n in ({first}, {count}):
            gc.collect()
            used.append(gc.mem_alloc())
            if self.n == {count}:
                done.set()

async def main():
    global done
    done = asyncio.Event()
    counter = Counter(conn)
    await conn.connect()
    await counter.subscribe('bench/topic')
    await done.wait()
    print('rate', used[1] - used[0], conn.dropped)
    await conn.disconnect()

used = []
asyncio.run(main())
'''

# What the heap loses while messages come in and none is collected.
COST = '''
import gc
class Counter(MQTTConsumer):
    n = 0
    async def handle_msg(self, msg):
        self.n += 1
        if self.n == 100:
            gc.collect()
            gc.disable()
            used.append(gc.mem_alloc())
        if self.n == 300:
            used.append(gc.mem_alloc())
            gc.enable()
            done.set()

async def main():
    global done
    done = asyncio.Event()
    counter = Counter(conn)
    await conn.connect()
    await counter.subscribe('bench/topic')
    await done.wait()
    print('rate', (used[1] - used[0]) // 200, conn.dropped)
    await conn.disconnect()

used = []
asyncio.run(main())
'''


class Source:
    """A broker that accepts one client and, once it has subscribed, sends it
    `count` messages."""

    def __init__(self, count):
        self.count = count
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _packet(self, peer):
        head = self._exactly(peer, 2)
        return head + self._exactly(peer, head[1])

    @staticmethod
    def _exactly(peer, size):
        data = b''
        while len(data) < size:
            more = peer.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def _serve(self):
        peer, _ = self.listener.accept()
        self._packet(peer)
        peer.sendall(bytes.fromhex('2003000000'))
        while True:
            packet = self._packet(peer)
            if packet[0] >> 4 == 8:
                break
        peer.sendall(bytes([0x90, 4]) + packet[2:4] + b'\0\0')
        size = len(TOPIC) + 3 + len(PAYLOAD)
        message = bytes([0x30, size, 0, len(TOPIC)]) + TOPIC + b'\0' + PAYLOAD
        block = message * 200
        try:
            for _ in range(self.count // 200):
                peer.sendall(block)
            while peer.recv(4096):
                pass
        except OSError:
            pass
        peer.close()
        self.listener.close()


class Bench:
    def __init__(self):
        shutil.rmtree(FOLDER, ignore_errors=True)
        install(FOLDER / 'board')
        self.board = Board(FOLDER / 'board')
        self.board.start()

    def run(self, code, port, **values):
        """Runs a program on the board; the figure that it prints."""
        settings = {'server': '127.0.0.1', 'port': port}
        code = PREPARE.format(settings=settings, password=None) + code.format(
            port=port, **values)
        printed = self.board.exec(code, soft_reset=True, timeout=900)
        for line in printed.splitlines():
            if line.startswith('rate '):
                _, figure, lost = line.split()
                if int(lost):
                    sys.exit('bench: messages were lost: %s' % printed)
                return int(figure)
        sys.exit('bench: the board said: %s' % printed)

    def receiving(self, code, count=COUNT, **values):
        return self.run(code, Source(count).port, count=count, **values)

    def processor_seconds(self):
        """That the board has used since it was switched on."""
        tasks = pathlib.Path('/proc/%d/task' % self.board.process.pid)
        return sum(int(path.read_text().split()[0])
                   for path in tasks.glob('*/schedstat')) / 1e9

    def rate(self, run, count):
        """Messages a second of processor time, of the program that run(count)
        runs; the better of a few runs."""
        def seconds(count):
            begin = self.processor_seconds()
            run(count)
            return self.processor_seconds() - begin

        short = min(seconds(FEW) for _ in range(RUNS))
        long = min(seconds(FEW + count) for _ in range(RUNS))
        return count / (long - short)

    def close(self):
        self.board.stop()


def peer(*words):
    done = subprocess.run([str(PEER)] + [str(word) for word in words],
                          check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


def best(function):
    """Noise only makes things slower."""
    return max(function() for _ in range(RUNS))


def main(argv):
    parser = argparse.ArgumentParser()
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--soak', type=int, default=50000)
    options = parser.parse_args(argv)
    soak = 2000 if options.quick else options.soak
    count = 2000 if options.quick else COUNT
    bench = Bench()
    try:
        ours = bench.rate(lambda n: bench.receiving(OURS, n), count)
        blocking = bench.rate(lambda n: bench.receiving(BLOCKING, n), count)
        plain = bench.rate(lambda n: bench.receiving(
            OURS.replace('async def handle', 'def handle'), n), count)
        in_c = best(lambda: peer('receive', Source(count).port, count))
        with Broker(FOLDER / 'broker') as broker:
            sent = bench.rate(lambda n: bench.run(
                SENDING, broker.port, count=n, window=WINDOW), count // 4)
            sent_c = best(lambda: peer('send', broker.port, count, WINDOW))
        cost = bench.receiving(COST, 400)
        growth = bench.receiving(SOAK, soak, first=1000)
    finally:
        bench.close()
    rows = [
        ('mqtt.rx_ratio_blocking_python', ours / blocking, 'ratio'),
        ('mqtt.rx_ratio_blocking_python_plain_handler', plain / blocking,
         'ratio'),
        ('mqtt.rx_ratio_c', ours / in_c, 'ratio'),
        ('mqtt.qos1_window20_ratio_c', sent / sent_c, 'ratio'),
        ('mqtt.heap_per_message_bytes', cost, 'bytes'),
        ('mqtt.soak_growth_bytes', growth, 'bytes'),
        ('mqtt.rx_per_second', ours, '1/s'),
        ('mqtt.rx_blocking_python_per_second', blocking, '1/s'),
        ('mqtt.rx_c_per_second', in_c, '1/s'),
        ('mqtt.qos1_window20_per_second', sent, '1/s'),
    ]
    return report.finish('bench', [
        report.entry(name, value, unit, *LIMITS.get(name, ()))
        for name, value, unit in rows])


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
