# SPDX-License-Identifier: MIT
"""Lists that somebody made to do harm, and long ones: one sentence each, and
the device goes on."""

import json

import pytest

from lib.beating import Device
from lib.updates import CHANNEL, Publisher, sha256

SHA = sha256(b"x")


def src(path='"x.py"', more="", sha='"%s"' % SHA):
    return '{"type":"src","path":%s,"pkg_sha256":%s%s}' % (path, sha, more)


def wheel(name="x", version="1"):
    return json.dumps([{"type": "wheel", "name": name, "version": version, "pkg_sha256": SHA}])


def of(*entries):
    return "[%s]" % ",".join(entries)


HOSTILE = {
    "no JSON": ("hello", "line 1, column 1"),
    "a byte order mark": (b"\xef\xbb\xbf[]", "line 1, column 1"),
    "cut off": (of(src())[:-3], "line 1"),
    "something behind it": ("[] []", "line 1, column 4"),
    "a comma too many": (of(src(), ""), "line 1"),
    "numbers": ("[1,2]", "list entry 1: a JSON object belongs here"),
    "lists": ("[[]]", "list entry 1: a JSON object belongs here"),
    "deep": ("[" * 5000, "list"),
    "deep in an unknown key": (of(src(more=',"x":' + "[" * 40 + "]" * 40)), "list"),
    "not UTF-8": (of(src('"a\udcff.py"')).encode("utf-8", "surrogateescape"), "line 1"),
    "half a surrogate pair": (of(src('"\\ud800.py"')), "line 1"),
    "a key of 60,000 bytes": (of('{"%s":1}' % ("k" * 60000)), "list entry 1 'type'"),
    "a path of 60,000 bytes": (of(src('"%s"' % ("p" * 60000))), "list entry 1 'path': too long"),
    "a path of 201 bytes": (of(src('"%s"' % ("p" * 201))), "list entry 1"),
    "an absolute path": (of(src('"/main.py"')), "'/main.py': the path is absolute"),
    "a way out": (of(src('"lib/../../x"')), "the path has a '..' segment"),
    "a way out in escapes": (of(src('"\\u002e\\u002e\\/x"')), "the path has a '..' segment"),
    "an empty segment": (of(src('"a//b"')), "the path has an empty segment"),
    "the same by another name": (of(src('"./main.py"')), "the path has a '.' segment"),
    "a backslash": (of(src('"a\\\\b"')), "the path has a backslash"),
    "a NUL": (of(src('"main.py\\u0000.txt"')), "the path has a control character"),
    "an escape sequence": (of(src('"\\u001b[2J"')), "the path has a control character"),
    "a wildcard": (of(src('"a/+"')), "the path has a '+'"),
    "another wildcard": (of(src('"#"')), "the path has a '#'"),
    "our files": (of(src('".blox/journal"')), "under .blox"),
    "our files in capitals": (of(src('".BLOX/journal"')), "under .blox"),
    "our folder": (of('{"type":"delete","path":".Blox"}'), "under .blox"),
    "secrets": (of(src('"provision.json"')), "secrets come over serial"),
    "secrets in capitals": (of(src('"Provision.JSON"')), "secrets come over serial"),
    "what starts the device": (of('{"type":"delete","path":"main.py"}'), "cannot be deleted"),
    "of two keys the last": (of(src(more=',"path":"../x"')), "'../x'"),
    "of two types the last": (of(src(more=',"type":"delete","path":"boot.py"')), "cannot be deleted"),
    "a short hash": (of(src(sha='"%s"' % SHA[1:])), "64 hex digits belong here"),
    "a long hash": (of(src(sha='"%s0"' % SHA)), "64 hex digits belong here"),
    "no hash": (of(src(sha="null")), "'pkg_sha256': a text belongs here"),
    "a negative size": (of(src(more=',"size":-1')), "'size': a number belongs here"),
    "a size in words": (of(src(more=',"size":"1"')), "'size': a number belongs here"),
    "a size of 2^32": (of(src(more=',"size":4294967296')), "'size': a number belongs here"),
    "a size of nothing": (of(src(more=',"size":0')), "'size': it contradicts pkg_sha256"),
    "a name with a path": (wheel(name="../x"), "name or version is not one of a package"),
    "a version with a path": (wheel(version="1/../.."), "name or version is not one of a package"),
    "257 entries": (of(*['{"type":"later"}'] * 257), "list entry 257: a list has at most 256"),
    "10,000 entries": (of(*['{"type":"src"}'] * 10000), "list: a list may have 64 KiB, no more"),
    "10,000 short entries": (of(*["{}"] * 10000), "list entry 1 'type': the key is missing"),
    "64 KiB and a byte": ("[" + " " * 65534 + "] ", "list: a list may have 64 KiB, no more"),
    "a file for a folder": (of(src('"a/b"'), src('"a"')), "its folder is a file of this list"),
    "behind the signature": (of('{"type":"signature"}', src()), "stands behind the signature"),
}


@pytest.fixture(scope="module")
def device(tmp_path_factory):
    device = Device(tmp_path_factory.mktemp("lists"))
    yield device
    device.close()


@pytest.mark.parametrize("what", HOSTILE)
def test_a_list_is_refused(device, what):
    text, sentence = HOSTILE[what]
    device.mark()
    device.broker.publish(CHANNEL, text, retain=True)
    error = device.wait("failed")["error"]
    assert sentence in error
    assert "\n" not in error and len(error) < 160
    assert "downloading" not in device.console()
    assert "Traceback" not in device.console()


def test_after_all_that_it_runs_as_ever(device):
    device.still_runs()
    assert "MemoryError" not in device.board.console()


def test_a_list_of_200_entries(device):
    device.mark()
    publisher = Publisher(device.broker)
    client = device.broker.client()
    for i in range(200):
        content = b"x = %d\n" % i
        publisher.src("many/f%03d.py" % i, content, topic=None)
        topic = "mpypi/packages/src/many/f%03d.py/%s" % (i, sha256(content))
        sent = client.publish(topic, content, 1, True)
    sent.wait_for_publish()
    client.disconnect()
    client.loop_stop()
    publisher.publish()
    device.wait("confirmed", timeout=90)
    assert device.wait("installing")["of"] == 200
    assert "200 files ready" in device.console()
