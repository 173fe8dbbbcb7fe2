# SPDX-License-Identifier: MIT
"""Devices that the broker keeps nothing of, and more than its queue holds."""

import threading

from cli_fleet import Fleet


def test_a_device_of_before_1_0_is_seen_when_it_speaks(blox, broker):
    fleet = Fleet(broker.port)
    stop = threading.Event()

    def speak():
        while not stop.wait(0.1):
            fleet.send('mpypi/nodes/esp32-01/info', {
                'uname': {'sysname': 'esp32'},
                'versions': {'mpy-blox': '0.5.1'}}, retain=False)

    speaker = threading.Thread(target=speak)
    speaker.start()
    at_once = blox('nodes', '--state', 'x', *broker.options())
    later = blox('nodes', '--wait', '1', *broker.options())
    stop.set()
    speaker.join()
    fleet.close()
    assert at_once.out.count('\n') == 1
    assert later.out.splitlines()[1].split() == \
        ['esp32-01', 'unknown', '0.5.1', 'esp32', '-', '-']


def test_no_node_is_lost_in_a_brokers_queue(blox, broker):
    fleet = Fleet(broker.port)
    for i in range(1500):  # a queue of mosquitto holds 1,000 messages
        fleet.send('mpypi/nodes/esp32-%04d/status' % i, 'online')
    fleet.wait()
    fleet.close()
    result = blox('nodes', '--online', *broker.options())
    assert (result.code, result.out.count('\n')) == (0, 1501)
