# SPDX-License-Identifier: MIT
"""Updates that are refused: one sentence, and nothing has changed."""

import pytest

from lib.updates import CHANNEL, Publisher, following, sha256, updating, user_main, wheel

FILES = {"pkg/__init__.py": "VERSION = '1'\n", "pkg/data.bin": "x" * 5000}


@pytest.fixture
def device(boards, tmp_path, broker):
    """A board that follows the channel and runs user_main one, and its
    states."""
    board, states = following(boards, tmp_path, broker)
    states.wait("idle")
    return board, states


# Everything on flash but /.blox and what the card remembers: path to size and CRC-32.
LOOK = """
import os
from binascii import crc32
def look(folder):
    for name, kind, *_ in os.ilistdir(folder or '/'):
        path = folder + '/' + name
        if path not in ('/.blox', '/.hass.sets'):
            if kind == 0x4000:
                look(path)
            else:
                sum = 0
                with open(path, 'rb') as file:
                    while data := file.read(2048):
                        sum = crc32(data, sum)
                print(path, sum)
look('')
"""


def staged(board):
    return set(eval(board.exec("import os; print(os.listdir('/.blox'))")))


# What the check of a list leaves when it is interrupted; the next one
# replaces it.
CHECKING = {"arriving", "list.new", "todo.new", "todo"}


def assert_failed(device, sentence, publish, others=frozenset()):
    board, states = device
    before = board.exec(LOOK)
    board.restart()
    board.wait_for("user_main one runs")
    console = len(board.console())
    seen = len(states.all())
    publish()
    document = states.wait("failed", after=seen)
    assert sentence in document["error"]
    assert "Traceback" not in board.console()[console:]
    assert sorted(board.exec(LOOK).split("\n")) == sorted(before.split("\n"))
    kept = {"list", "origin", "error", "boots", "src"}
    assert staged(board) <= kept | CHECKING | others
    return document


def test_a_list_that_is_not_a_list(device, broker):
    publish = lambda: broker.publish(CHANNEL, b'{"type": "src"}', retain=True)
    assert_failed(device, "list: a JSON array of entries belongs here", publish)


def test_a_list_that_is_not_json(device, broker):
    publish = lambda: broker.publish(CHANNEL, b"[{'type': 'src'}]", retain=True)
    assert_failed(device, "list: line 1, column 3", publish)


def test_a_path_that_leaves_the_root(device, broker):
    publisher = Publisher(broker).src("../x.py", b"x", topic=None)
    assert_failed(device, "list entry 1 '../x.py': ", publisher.publish)


def test_a_hash_that_does_not_match(device, broker):
    publisher = Publisher(broker).src("x.py", b"right", topic=None, size=False)
    topic = "mpypi/packages/src/x.py/" + sha256(b"right")
    broker.publish(topic, b"wrong", retain=True)
    assert_failed(device, "x.py: what the broker has is another package", publisher.publish)


def test_a_package_that_is_not_there(device, broker):
    publisher = Publisher(broker).src("x.py", b"x", topic=None)
    assert_failed(device, "x.py: package not on the broker", publisher.publish)


def test_a_wheel_that_is_not_a_zip(device, broker):
    publisher = Publisher(broker).wheel("pkg", "1.0", b"no zip" * 100)
    assert_failed(device, "pkg 1.0: ", publisher.publish)


def test_a_wheel_whose_record_lies(device, broker):
    def spoil(members, record):
        members["pkg/data.bin"] = b"y" * 5000

    data = wheel("pkg", "1.0", FILES, spoil=spoil)
    publisher = Publisher(broker).wheel("pkg", "1.0", data)
    # It fails at the boot after the download, and the look at the files may
    # come while the broker's list is checked once more.
    assert_failed(device, "pkg/data.bin", publisher.publish, CHECKING)


def test_a_wheel_that_leaves_lib(device, broker):
    data = wheel("pkg", "1.0", {"../../main.py": "print('evil')"})
    publisher = Publisher(broker).wheel("pkg", "1.0", data)
    assert_failed(device, "pkg 1.0: ", publisher.publish)


def test_a_main_py_without_rescue(device, broker):
    publisher = Publisher(broker).src("main.py", b"print('hello')\n")
    assert_failed(device, "RESCUE = 1", publisher.publish)


def test_a_main_py_that_does_not_compile(device, broker):
    publisher = Publisher(broker).src("main.py", b"RESCUE = 1\nprint('hello'\n")
    assert_failed(device, "it does not compile: SyntaxError", publisher.publish)


def test_flash_too_small_for_what_the_list_says(device, broker):
    publisher = Publisher(broker)
    data = wheel("pkg", "1.0", {"pkg/big.bin": b"\0" * 10})
    publisher.wheel("pkg", "1.0", data, size=False, send=False)
    publisher.entries[0]["size"] = 3000000
    document = assert_failed(device, "update: no room on flash: it needs ", publisher.publish)
    assert document["of"] == 0


def test_flash_too_small_for_what_the_broker_sends(device, broker):
    data = wheel("pkg", "1.0", {"pkg/big.bin": b"\0" * 1200000}, store=True)
    publisher = Publisher(broker).wheel("pkg", "1.0", data, size=False)
    assert_failed(device, "pkg 1.0: no room on flash", publisher.publish)


def test_a_wheel_that_unpacks_to_more_than_there_is(device, broker):
    data = wheel("pkg", "1.0", {"pkg/bomb.bin": b"\0" * 9000000})
    publisher = Publisher(broker).wheel("pkg", "1.0", data)
    assert_failed(device, "pkg 1.0: ", publisher.publish)


def test_without_a_rescue_nothing_is_installed(boards, tmp_path, broker):
    main = "from mpy_blox.app import main_except_reset\nmain_except_reset()\n"
    board = updating(boards, tmp_path, broker, files={"/main.py": main})
    board.restart()
    board.wait_for("updates are off: /main.py does not declare RESCUE")
    board.wait_for("user_main one runs")


def test_the_rescue_of_a_main_py_that_does_not_run_counts_for_nothing(boards):
    """Where the firmware has a main.py, that of the flash is not run."""
    board = boards(static=True)
    board.put({"/main.py": "RESCUE = 1\n"})
    code = (
        "import __main__\n"
        "from mpy_blox.forget import borrow\n"
        "print(borrow('mqtt.about').obstacle())\n"
        "del __main__.RESCUE  # as if the firmware's were somebody's own\n"
        "print(borrow('mqtt.about').obstacle())\n"
    )
    ours, own = board.exec(code).splitlines()
    assert ours == "None" and own.startswith("the firmware's main.py does not ")


def test_a_refused_list_leaves_the_next_one_a_chance(device, broker):
    board, states = device
    broker.publish(CHANNEL, b"nonsense", retain=True)
    states.wait("failed")
    Publisher(broker).src("user_main.py", user_main("two")).publish()
    board.wait_for("user_main two runs")
