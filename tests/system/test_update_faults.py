# SPDX-License-Identifier: MIT
"""Downloads that go wrong, one after the other on one device: the program
goes on, nothing is left behind, and the next connect or list tries again."""

import json
import re
import time
from zlib import crc32

import pytest

from lib.beating import Device
from lib.updates import CHANNEL, Publisher, noise, sha256

@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    device = Device(tmp_path_factory.mktemp("faults"))
    yield device
    device.close()


@pytest.fixture
def device(shared, request):
    """The board at rest, with no list. Each test has a file of its own."""
    shared.path = request.node.name[:60] + ".bin"
    shared.mark()
    yield shared
    shared.gate.release()
    shared.mark()
    shared.broker.publish(CHANNEL, b"", retain=True)
    if shared.states.all()[-1]["state"] != "idle":
        shared.wait("idle")


def downloading(device, size=100000, at=30000, **more):
    """A download that is held in the middle; returns its publisher."""
    publisher = Publisher(device.broker)
    publisher.src(device.path, noise(size, crc32(device.path.encode())), **more)
    device.gate.hold_after(at)
    publisher.publish()
    device.gate.wait_held()
    device.wait("downloading")
    return publisher


def test_a_connection_cut_in_mid_payload(device):
    downloading(device)
    device.gate.cut()
    device.wait_for("connection lost")
    device.beat()
    device.wait("confirmed")
    assert "ERROR" not in device.console()


def test_wifi_lost_in_mid_payload(device):
    downloading(device)
    assert device.board.control("wifi down") == "ok"
    device.wait_for("connection lost")
    device.beat()
    device.gate.cut()
    assert device.board.control("wifi up") == "ok"
    device.wait("confirmed", timeout=40)


def test_a_broker_that_forgot_everything_in_mid_payload(device):
    publisher = downloading(device)
    device.broker.process.kill()
    device.broker.process.wait()
    device.gate.cut()
    device.broker.start()
    device.watch()
    device.states_before = 0
    document = device.wait("failed", timeout=40)
    assert document["error"] == (
        "%s: package not on the broker; publish it again" % device.path
    )
    device.still_runs()
    publisher.src("another.bin", noise(10))  # also sends the first again
    device.broker.publish(
        "mpypi/packages/src/%s/%s" % (device.path, publisher.entries[0]["pkg_sha256"]),
        noise(100000, crc32(device.path.encode())),
        retain=True,
    )
    publisher.publish()
    device.wait("confirmed")


@pytest.mark.parametrize("how", ["reset", "power-cut"])
def test_switched_off_in_mid_download(device, how):
    """What was staged goes, and is fetched anew: a staging area in which only
    this boot wrote needs no second look at every file of it."""
    first = Publisher(device.broker).src("first-%s.bin" % how, noise(5000, len(how)))
    publisher = Publisher(device.broker).src(device.path, noise(100000, len(how) + 1))
    publisher.entries.insert(0, first.entries[0])
    device.gate.hold_after(40000)
    publisher.publish()
    device.gate.wait_held()
    device.beat()
    assert {"pkg-0", "pkg-1", "todo"} <= device.beat()
    if how == "reset":
        device.board.control(how)
    else:
        device.board.restart()
    device.gate.hold_after(2000)  # not all of the first package
    device.wait_for("beat 0")
    assert "pkg-1" not in device.beat()
    device.gate.release()
    device.wait("confirmed", timeout=40)
    topic = "mpypi/packages/src/first-%s.bin" % how
    sent = [
        line
        for line in device.broker.log_text().splitlines()
        if "Sending PUBLISH" in line and topic in line
    ]
    assert len(sent) == 2


def test_a_package_in_none_of_the_three_forms(device):
    data = noise(9000, 5)
    publisher = Publisher(device.broker).src(device.path, data, topic=None).publish()
    document = device.wait("failed")
    assert "package not on the broker" in document["error"]
    device.still_runs()
    form_a = "mpypi/packages/src/%s/%s" % (device.path, sha256(data))
    asked = re.findall(r"\t(myp?ypi/packages/\S+|mpypi/packages/\S+) \(QoS", device.broker.log_text())
    assert asked[-3:] == [form_a, form_a.rpartition("/")[0], "mypypi/packages/" + device.path]
    device.mark()
    device.broker.publish("mypypi/packages/" + device.path, data, retain=True)
    device.gate.cut()  # the next connect tries again
    device.wait("confirmed")
    assert publisher.entries[0]["path"] == device.path


def test_the_same_list_again_tries_again(device):
    data = noise(100, 6)
    publisher = Publisher(device.broker).src(device.path, data, topic=None).publish()
    device.wait("failed")
    device.mark()
    device.broker.publish("mypypi/packages/" + device.path, data, retain=True)
    publisher.publish()
    device.wait("confirmed")


def test_a_package_that_expired_after_the_list_came(device):
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    data = noise(100, 7)
    publisher = Publisher(device.broker).src(device.path, data, topic=None)
    topic = "mpypi/packages/src/%s/%s" % (device.path, sha256(data))
    expiry = Properties(PacketTypes.PUBLISH)
    expiry.MessageExpiryInterval = 1
    client = device.broker.client()
    client.publish(topic, data, 1, True, properties=expiry).wait_for_publish()
    client.disconnect()
    client.loop_stop()
    time.sleep(2.1)  # until it has expired
    publisher.publish()
    assert "package not on the broker" in device.wait("failed")["error"]
    device.still_runs()


@pytest.mark.parametrize("sent", [4000, 6000])
def test_a_payload_of_another_size(device, sent):
    publisher = Publisher(device.broker).src(device.path, noise(5000, 8), topic=None)
    topic = "mpypi/packages/src/%s/%s" % (device.path, publisher.entries[0]["pkg_sha256"])
    device.broker.publish(topic, noise(sent, 8), retain=True)
    publisher.publish()
    assert device.wait("failed")["error"].endswith(
        "what the broker has is another package (%d bytes, the list says 5000); "
        "publish it again" % sent
    )
    device.still_runs()


def test_other_content_of_the_same_size(device):
    publisher = Publisher(device.broker).src(device.path, noise(5000, 8), topic=None)
    topic = "mpypi/packages/src/%s/%s" % (device.path, publisher.entries[0]["pkg_sha256"])
    device.broker.publish(topic, noise(5000, 9), retain=True)
    publisher.publish()
    assert "SHA-256 differs" in device.wait("failed")["error"]
    device.still_runs()


def test_a_payload_larger_than_the_flash_of_a_list_without_sizes(device):
    publisher = Publisher(device.broker)
    publisher.src(device.path, noise(3000000, 10), size=False).publish()
    error = device.wait("failed")["error"]
    assert re.search(r"no room on flash: it needs \d+ KiB, \d+ KiB are free", error)
    device.still_runs()
    device.broker.publish(
        "mpypi/packages/src/%s/%s" % (device.path, publisher.entries[0]["pkg_sha256"]),
        retain=True,
    )


def test_a_payload_that_stops_coming(device):
    downloading(device)
    device.wait_for("no byte of it came for 4 s")
    device.still_runs()
    device.gate.cut()
    document = device.wait("failed")
    assert "package not on the broker" in document["error"]
    device.wait("confirmed")


def test_a_payload_that_comes_twice(device):
    publisher = downloading(device)
    topic = "mpypi/packages/src/%s/%s" % (device.path, publisher.entries[0]["pkg_sha256"])
    device.broker.publish(topic, noise(100000, crc32(device.path.encode())), retain=True)
    device.gate.release()
    device.wait("confirmed")
    assert "ERROR" not in device.console()


def two_packages(device):
    """The first of two is held in the middle."""
    publisher = Publisher(device.broker)
    publisher.src("old-" + device.path, noise(50000, crc32(device.path.encode())))
    publisher.src("not-" + device.path, noise(50000, crc32(device.path.encode()) + 1))
    device.gate.hold_after(30000)
    publisher.publish()
    device.gate.wait_held()


def test_a_list_that_changes_while_it_is_downloaded(device):
    two_packages(device)
    Publisher(device.broker).src(device.path, b"new").publish()
    device.gate.release()
    device.wait("confirmed")
    files = device.states.info()["files"]
    assert device.path in files and "not-" + device.path not in files


def test_a_list_that_is_withdrawn_while_it_is_downloaded(device):
    two_packages(device)
    device.broker.publish(CHANNEL, b"", retain=True)
    device.gate.release()
    device.wait("idle")
    device.still_runs()


def test_two_lists_in_quick_succession(device):
    client = device.broker.client()
    for name in ("a", "b", "c"):
        publisher = Publisher(device.broker).src(device.path, name)
        client.publish(CHANNEL, json.dumps(publisher.entries), 1, True)
    device.wait("confirmed")
    client.disconnect()
    client.loop_stop()
    deadline = time.monotonic() + 30
    while device.states.info()["files"].get(device.path) != sha256(b"c")[:8]:
        assert time.monotonic() < deadline
    device.wait("confirmed")


def test_a_list_on_cmd_wins_until_the_channels_changes(device):
    Publisher(device.broker).src(device.path, "channel").publish()
    device.wait("confirmed")
    device.mark()
    cmd = "mpypi/nodes/%s/cmd" % device.board.node
    Publisher(device.broker).src(device.path, "cmd").publish(cmd, retain=False)
    device.wait("confirmed")
    device.mark()
    device.gate.cut()
    device.wait_for("connected to")
    device.beat()
    assert device.states.info()["files"][device.path] == sha256(b"cmd")[:8]
    assert "downloading" not in device.console()
    Publisher(device.broker).src(device.path, "channel again").publish()
    device.wait_for("rst:")
    device.wait("trial")
    device.mark()
    device.wait("confirmed")
    assert device.states.info()["files"][device.path] == sha256(b"channel again")[:8]
