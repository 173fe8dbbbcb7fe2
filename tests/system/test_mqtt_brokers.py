# SPDX-License-Identifier: MIT
"""The same suite against brokers of two families, with paho as the peer. What
a broker does not do stands in LACKS, and in docs/mqtt.md."""

import threading

import paho.mqtt.client as paho
import pytest
from lib.brokers import Broker
from lib.ejabberd import Ejabberd
from lib.installed import install
from lib.mqtt_boards import Program
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

FAMILIES = {"mosquitto": Broker, "ejabberd": Ejabberd}
LACKS = {
    "mosquitto": [],
    "ejabberd": ["shared"],
}

SUITE = """
from _blox_mqtt_extra import decode, encode
import io

class Collector(MQTTConsumer):
    def __init__(self, conn):
        super().__init__(conn)
        self.messages = []
        self.came = asyncio.Event()
    async def handle_msg(self, msg):
        self.messages.append(msg)
        self.came.set()
    async def wait(self, n):
        while len(self.messages) < n:
            self.came.clear()
            await asyncio.wait_for(self.came.wait(), 5)

async def qos_up(c):
    for qos in (0, 1, 2):
        await conn.publish(MQTTMessage('up/%d' % qos, 'm', qos=qos))

async def qos_down(c):
    await c.subscribe('down/+/#', qos=2)
    await conn.publish(MQTTMessage('ask', 'down', qos=1))
    await c.wait(3)
    assert sorted((m.topic, m.qos) for m in c.messages) == [
        ('down/0/x', 0), ('down/1/x', 1), ('down/2/x', 2)]

async def retained(c):
    await conn.publish(MQTTMessage('kept', 'k', qos=1, retain=True))
    await c.subscribe('kept', qos=1)
    await c.wait(1)
    assert c.messages[0].retain and c.messages[0].raw_payload == b'k'

async def retained_only_when_new(c):
    await c.subscribe('kept', qos=1, retain_handling=2)
    await conn.publish(MQTTMessage('ask', 'echo kept', qos=1))
    await c.wait(1)
    assert not c.messages[0].retain

async def no_local(c):
    await c.subscribe('own', qos=1, no_local=True)
    await conn.publish(MQTTMessage('own', 'mine', qos=1))
    await conn.publish(MQTTMessage('ask', 'echo own', qos=1))
    await c.wait(1)
    assert c.messages[0].raw_payload == b'echo'

async def properties(c):
    await c.subscribe('props/back', qos=1)
    await conn.publish(MQTTMessage('props/there', 'p', qos=1,
        properties=encode({'content_type': 'text/plain',
            'response_topic': 'props/back', 'correlation_data': b'42',
            'user_property': [('a', '1'), ('a', '2')]})))
    await c.wait(1)
    got = decode(c.messages[0].properties)
    assert got['content_type'] == 'text/plain', got
    assert got['correlation_data'] == b'42', got
    assert got['user_property'] == [('a', '1'), ('a', '2')], got

async def shared(c):
    await c.subscribe('$share/group/work/#', qos=1)
    await conn.publish(MQTTMessage('work/1', 'w', qos=1))
    await c.wait(1)

async def session_goes_on(c):
    await c.subscribe('away/#', qos=2)
    down = asyncio.Event()
    conn.on_disconnect.append(lambda conn: down.set())
    conn.mqtt_client._drop()
    await down.wait()
    waiting = [asyncio.create_task(conn.publish(
        MQTTMessage('up/away', n, qos=2))) for n in range(3)]
    await asyncio.sleep_ms(0)
    await conn.connected()
    assert conn.mqtt_client._session.session_present
    await asyncio.gather(*waiting)

async def large(c):
    done = asyncio.Event()
    class Sink(io.IOBase):
        def begin(self, topic, size, retain):
            self.size = 0
            return True
        def write(self, data):
            self.size += len(data)
            return len(data)
        def end(self, ok):
            self.ok = ok
            done.set()
    sink = Sink()
    conn.add_sink('big/+', sink)
    await conn.subscribe('big/+', None, 1)
    await conn.publish(MQTTMessage('big/x', b'b' * 50000, qos=1))
    await asyncio.wait_for(done.wait(), 10)
    assert sink.ok and sink.size == 50000

async def unsubscribe(c):
    await c.subscribe('no/more', qos=1)
    await c.unsubscribe('no/more')
    await conn.publish(MQTTMessage('no/more', 'x', qos=1))
    await c.subscribe('no/end', qos=1)
    await conn.publish(MQTTMessage('no/end', 'x', qos=1))
    await c.wait(1)
    assert c.messages[0].topic == 'no/end'

async def version_3_1_1(c):
    settings = dict(config['mqtt'], client_id='old', version=4,
        password=config['mqtt.password'])
    client = MQTT5Client(**settings)
    await client.connect()
    await client.subscribe('old/#', 2)
    await client.publish(MQTTMessage('old/x', 'o', qos=2))
    async for msg in client.consume():
        assert msg.raw_payload == b'o' and msg.qos == 2
        break
    await client.disconnect()

async def user_main():
    await conn.connect()
    for feature in (qos_up, qos_down, retained, retained_only_when_new,
            no_local, properties, shared, session_goes_on, large,
            unsubscribe, version_3_1_1):
        name = feature.__name__
        try:
            await feature(Collector(conn))
            print('has', name)
        except Exception as e:
            print('lacks', name, type(e).__name__, e)
    await conn.publish(MQTTMessage('up/end', '', qos=1))
    await conn.disconnect()

asyncio.run(user_main())
"""


class Peer:
    """paho: answers what the board asks for, collects what it sends."""

    def __init__(self, broker):
        self.got = []
        self.end = threading.Event()
        self.client = broker.client("peer")
        ready = threading.Event()
        self.client.on_message = self.on_message
        self.client.on_subscribe = lambda *a: ready.set()
        self.client.subscribe([("up/#", 2), ("ask", 1), ("props/there", 1)])
        assert ready.wait(10)

    def on_message(self, client, userdata, message):
        topic, payload = message.topic, message.payload
        if topic == "ask" and payload == b"down":
            for qos in range(3):
                client.publish("down/%d/x" % qos, b"d", qos)
        elif topic == "ask":
            client.publish(payload.decode().split()[1], b"echo", 1)
        elif topic == "props/there":
            back = Properties(PacketTypes.PUBLISH)
            back.ContentType = message.properties.ContentType
            back.CorrelationData = message.properties.CorrelationData
            back.UserProperty = message.properties.UserProperty
            client.publish(
                message.properties.ResponseTopic, b"p", 1, properties=back
            )
        elif topic == "up/end":
            self.end.set()
        else:
            self.got.append((topic, payload, message.qos))


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_all_that_the_broker_has(boards, tmp_path, family):
    install(tmp_path / "board")
    board = boards(heap="512K")
    with FAMILIES[family](tmp_path / family) as broker:
        user = next(iter(broker.users)) if broker.users else None
        peer = Peer(broker)
        program = Program(
            board,
            broker.port,
            SUITE,
            user=user,
            password="any" if user else None,
            extra=True,
            session_expiry=60,
        )
        output = program.join(120)
        assert peer.end.wait(10)
        peer.client.disconnect()
        peer.client.loop_stop()
    lines = [line.split() for line in output.splitlines()]
    assert [w[1] for w in lines if w[0] == "lacks"] == LACKS[family], output
    assert len([w for w in lines if w[0] in ("has", "lacks")]) == 11
    assert [m for m in peer.got if m[0] != "up/away"] == [
        ("up/%d" % qos, b"m", qos) for qos in range(3)
    ]
    away = [m for m in peer.got if m[0] == "up/away"]
    assert away == [("up/away", b"%d" % n, 2) for n in range(3)]
