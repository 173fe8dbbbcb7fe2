# SPDX-License-Identifier: MIT
"""A network that fails in the middle of the verbs that read: one sentence,
an exit code, nothing half done."""

import concurrent.futures

import pytest
from cli_brokers import Scripted

VERBS = [
    ['nodes'], ['show', 'x'], ['watch'], ['logs', 'x'], ['cmd', 'x', 'reboot'],
    ['diff', 'x', 'user_main.py'], ['channel', 'show'], ['gc', '--yes'],
    ['plan', '--channel', 'x', 'user_main.py'],
]
SUBSCRIBE, SUBACK = 0x82, 0x90


def silent(broker):
    broker.accept()
    while True:
        broker.packet()  # until the tool gives up


def lost(broker):
    broker.accept()
    broker.packet()


def refused(broker):
    broker.accept()
    first, body = broker.packet()
    assert first == SUBSCRIBE
    broker.send(bytes([SUBACK, 4]) + body[:2] + b'\x00\x87')
    while True:
        broker.packet()


def nonsense(broker):
    broker.accept()
    broker.packet()
    broker.send(b'\x00' * 64)


FAULTS = [
    (silent, 4, 'nothing moved for 1 s; check the network, or raise '
     '--timeout'),
    (lost, 4, 'the connection was lost'),
    (refused, 5, "the broker lets us not read it; let user '' read this "
     "topic"),
    (nonsense, 4, 'the connection was lost'),
]


@pytest.mark.parametrize('fault, code, sentence', FAULTS)
def test_it_is_said_in_one_sentence(blox, tmp_path, fault, code, sentence):
    (tmp_path / 'user_main.py').write_text('x = 1\n')

    def run(verb):
        broker = Scripted(fault)
        result = blox(*verb, '--timeout', '1', *broker.options())
        broker.thread.join(30)
        return result

    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        for verb, result in zip(VERBS, pool.map(run, VERBS)):
            assert result.code == code, (verb, result.err)
            assert sentence in result.err, verb
            assert result.err.count('\n') == 1, (verb, result.err)
            assert result.out == '', verb


def test_a_list_with_a_broken_neighbour_removes_nothing(blox, broker):
    with broker.listen('nothing') as listener:
        for topic, payload in (('mpypi/channels/x', b'[{"type":'),
                               ('mpypi/packages/wheel/' + '9' * 64, b'w')):
            listener.client.publish(topic, payload, 1, True).wait_for_publish()
    result = blox('gc', '--yes', *broker.options())
    assert result.code == 3
    assert result.err.startswith("blox: gc: the list of channel 'x' cannot be "
                                 "read (")
    assert len(broker.retained()) == 2


def test_a_channel_that_devices_refuse_is_shown_as_such(blox, broker):
    with broker.listen('nothing') as listener:
        listener.client.publish('mpypi/channels/x', b'\x1b[31m{}', 1,
                                True).wait_for_publish()
    one = blox('channel', 'show', 'x', *broker.options())
    every = blox('channel', 'show', *broker.options())
    assert (one.code, every.code) == (3, 0)
    assert one.err.startswith('blox: x: devices refuse this list: ')
    assert '\x1b' not in one.err + every.out
