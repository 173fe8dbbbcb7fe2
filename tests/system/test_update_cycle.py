# SPDX-License-Identifier: MIT
"""Updates from the broker to the running program, on a whole board."""

import pytest

from lib.boards import ROOT
from lib.installed import library
from lib.updates import (
    Publisher,
    States,
    following,
    noise,
    own_main,
    sha256,
    updating,
    user_main,
    wheel,
)

VERSION = (ROOT / "VERSION").read_text().strip()
LIBRARY = {"bigpkg/__init__.py": "VERSION = '1'\n", "bigpkg/sub/part.py": "x = 1\n"}
IMPORTS = """\
import asyncio
from bigpkg import VERSION
import bigpkg.sub.part

async def user_main():
    print('user_main with bigpkg', VERSION)
    while True:
        await asyncio.sleep(1)
"""


@pytest.fixture(params=["native", "static"])
def static(request):
    return request.param == "static"


def test_a_file_and_a_wheel_arrive_and_run(boards, tmp_path, broker, static):
    board = updating(boards, tmp_path, broker, static=static)
    states = States(broker.watch("mpypi/nodes/#"), board)
    publisher = Publisher(broker)
    publisher.wheel("bigpkg", "1.0", wheel("bigpkg", "1.0", LIBRARY))
    publisher.src("user_main.py", IMPORTS)
    board.restart()
    board.wait_for("user_main one runs")
    publisher.publish()
    board.wait_for("user_main with bigpkg 1")
    states.wait("confirmed")
    order = [d["state"] for d in states.all()]
    for state in ("downloading", "installing", "rebooting", "trial", "confirmed"):
        assert state in order
    # A firmware that runs main.py at once is interrupted to copy files onto it.
    assert "Traceback" not in board.console().rpartition("POWERON_RESET")[2]


@pytest.fixture
def library_wheel():
    """A function that packs the library as a wheel of a version."""

    def make(version):
        files = {
            path[len("/lib/") :]: source.read_bytes()
            for path, source in library().items()
            if "dist-info" not in path
        }
        return wheel("mpy-blox", version, files)

    return make


@pytest.fixture
def device(boards, tmp_path, broker):
    """A board that follows the channel and runs user_main one, and its
    states."""
    return following(boards, tmp_path, broker)


@pytest.mark.parametrize(
    "topic",
    [
        "mpypi/packages/src/%s/%s",
        "mpypi/packages/src/%s",
        "mypypi/packages/%s",
    ],
)
def test_a_file_in_each_form_of_topic(device, broker, topic):
    board, _ = device
    Publisher(broker).src("user_main.py", user_main("two"), topic=topic).publish()
    board.wait_for("user_main two runs")


def test_a_wheel_as_the_readme_of_the_original_has_it(device, broker):
    board, states = device
    data = wheel("bigpkg", "1.0", LIBRARY)
    publisher = Publisher(broker).wheel("bigpkg", "1.0", data, send=False, size=False)
    digest = publisher.entries[0]["pkg_sha256"]
    broker.publish("mypypi/packages/" + digest, data, retain=True)
    publisher.publish()
    states.wait("confirmed")
    assert board.read("/lib/bigpkg/sub/part.py") == b"x = 1\n"


def test_without_auto_update_it_waits_for_a_command(boards, tmp_path, broker):
    board = updating(boards, tmp_path, broker, settings={"update.auto_update": False})
    states = States(broker.watch("mpypi/nodes/#"), board)
    Publisher(broker).src("user_main.py", user_main("two")).publish()
    board.restart()
    board.wait_for("user_main one runs")
    states.wait("available")
    broker.publish("mpypi/nodes/%s/cmd" % board.node, b'{"cmd":"install"}')
    board.wait_for("user_main two runs")


def test_a_list_on_cmd_is_acted_on_at_once(boards, tmp_path, broker):
    board, states = following(boards, tmp_path, broker, settings={"update.auto_update": False})
    states.wait("idle")
    publisher = Publisher(broker).src("user_main.py", user_main("two"))
    publisher.publish("mpypi/nodes/%s/cmd" % board.node, retain=False)
    board.wait_for("user_main two runs")


def test_a_mixed_list(device, broker):
    board, states = device
    publisher = Publisher(broker)
    publisher.src("dir/old.py", "x = 1\n").src("empty.py", b"").publish()
    states.wait("confirmed")
    publisher = Publisher(broker)
    publisher.delete("dir/old.py").src("dir/new name.py", "x = 2\n")
    publisher.entries.append({"type": "firmware", "more": {"x": [1, 2]}})
    seen = len(states.all())
    publisher.publish()
    states.wait("confirmed", after=seen)
    files = board.exec("import os; print(sorted(os.listdir('/dir')), os.stat('/empty.py')[6])")
    assert files.strip() == "['new name.py'] 0"
    assert "'firmware': not known here" in board.console()


def test_the_framework_replaces_itself(boards, tmp_path, broker, library_wheel):
    """It fits into the 2 MiB that a stock ESP32 has for files."""
    board, states = following(boards, tmp_path, broker, flash="2048K")
    data = library_wheel("99.0")
    Publisher(broker).wheel("mpy-blox", "99.0", data).publish()
    states.wait("confirmed", timeout=60)
    info = states.info()
    assert info["versions"]["mpy-blox"] == "99.0"
    assert info["update"]["state"] == "confirmed"
    assert board.exec("import os; print([n for n in os.listdir('/lib') if 'dist-info' in n])")


def test_a_firmware_with_the_library_in_it_keeps_its_own(
    boards, tmp_path, broker, library_wheel
):
    """A fleet's list is taken but for what would be installed and never run."""
    board, states = following(boards, tmp_path, broker, static=True)
    publisher = Publisher(broker).wheel("mpy-blox", "99.0", library_wheel("99.0"))
    publisher.wheel("asyncio", "99.0", wheel("asyncio", "99.0", {"asyncio.py": ""}))
    publisher.wheel("bigpkg", "1.0", wheel("bigpkg", "1.0", LIBRARY))
    publisher.src("main.py", (ROOT / "python/main.py").read_text())
    publisher.src("user_main.py", IMPORTS).publish()
    states.wait("confirmed")
    assert "list 'mpy-blox': the firmware has its own, which goes first; skipped" in (
        board.console()
    )
    info = states.info()
    assert info["versions"] == {"mpy-blox": VERSION, "bigpkg": "1.0"}
    assert {"asyncio", "main", "mpy_blox"} <= set(info["frozen"])
    assert states.all()[-1]["installed"] == states.all()[-1]["latest"]
    there = board.exec("import os; print(os.listdir('/'), os.listdir('/lib'))")
    assert "main.py'" not in there.replace("user_main.py", "")
    assert "mpy_blox" not in there and "asyncio" not in there


def test_a_firmware_whose_library_is_not_found_first_takes_another(
    boards, tmp_path, broker, library_wheel
):
    """That is what the order of sys.path says, which is a program's to set."""
    files = {"/boot.py": "import sys\nsys.path = ['', '/lib', '.frozen']\n"}
    board, states = following(boards, tmp_path, broker, static=True, files=files)
    assert states.info()["frozen"] == ["main"]
    Publisher(broker).wheel("mpy-blox", "99.0", library_wheel("99.0")).publish()
    states.wait("confirmed")
    assert states.info()["versions"] == {"mpy-blox": "99.0"}
    code = "import sys, _blox_plan; sys.path = %r; print(_blox_plan.frozen())"
    for path, first in (["", "lib"], False), ([".frozen", "lib/"], True), (["/"], True):
        said = board.exec(code % (path + [".frozen", "/lib"])).split()
        assert ("mpy_blox" in said) == first and "main" in said, path


def test_main_py_is_replaced_after_the_set_is_confirmed(device, broker):
    board, states = device
    text = (ROOT / "python/main.py").read_text() + "# another one\n"
    Publisher(broker).src("main.py", text).src("user_main.py", user_main("two")).publish()
    board.wait_for("user_main two runs")
    states.wait("confirmed")
    board.restart()
    board.wait_for("user_main two runs", after=len(board.console()) - 10)
    assert board.read("/main.py").decode() == text


def test_a_program_with_a_main_py_of_its_own(boards, tmp_path, broker):
    files = {"/main.py": own_main(broker), "/thing.py": "VERSION = 1\n", "/settings.json": "{}"}
    board = updating(boards, tmp_path, broker, files=files)
    states = States(broker.watch("mpypi/nodes/#"), board)
    board.restart()
    board.wait_for("thing 1")
    Publisher(broker).src("thing.py", "VERSION = 2\n").publish()
    board.wait_for("thing 2")
    states.wait("confirmed")


def test_it_goes_on_after_the_broker_was_restarted(device, broker):
    board, states = device
    broker.restart()
    board.wait_for("connected to", after=board.console().rfind("connection lost"))
    Publisher(broker).src("user_main.py", user_main("two")).publish()
    board.wait_for("user_main two runs", timeout=40)


def test_power_cut_in_mid_download(device, broker):
    board, states = device
    data = wheel("bigpkg", "1.0", dict(LIBRARY, **{"bigpkg/x.bin": noise(400000)}), store=True)
    publisher = Publisher(broker).wheel("bigpkg", "1.0", data)
    publisher.publish()
    states.wait("downloading")
    board.kill()
    board.start()
    states.wait("confirmed", timeout=60)
    assert board.exec("import os; print(os.stat('/lib/bigpkg/x.bin')[6])").strip() == "400000"


def test_info_says_what_is_there(device, broker):
    board, states = device
    Publisher(broker).src("user_main.py", user_main("two")).publish()
    states.wait("confirmed")
    info = states.info()
    assert list(info)[:2] == ["uname", "versions"]
    assert list(info["uname"]) == ["sysname", "machine", "version"]
    assert info["versions"] == {}
    assert info["platform"] == "unix_x64" and info["mpy"] == "6.3"
    assert info["channel"] == "test"
    assert info["files"] == {"user_main.py": sha256(user_main("two"))[:8]}
    assert info["heap_free"] > 0 and info["fs_free"] > 0
    assert info["boot"]["count"] >= 3 and info["boot"]["cause"] in ("hard", "power")
    assert info["update"] == {"state": "confirmed", "serial": None, "error": None}


def test_a_wheel_ten_times_larger_than_the_heap(boards, tmp_path, broker):
    board = updating(boards, tmp_path, broker, flash="16M")
    states = States(broker.watch("mpypi/nodes/#"), board)
    heap = int(board.exec("import gc; print(gc.mem_free() + gc.mem_alloc())"))
    files = {"large/%d.bin" % i: noise(heap // 8, i) for i in range(100)}
    data = wheel("large", "1.0", files)
    assert len(data) > 10 * heap
    Publisher(broker).wheel("large", "1.0", data).publish()
    board.restart()
    states.wait("confirmed", timeout=120)
    count = board.exec("import os; print(len(os.listdir('/lib/large')))")
    assert count.strip() == "100"


def test_a_set_that_is_undone_is_told_and_not_taken_again(boards, tmp_path, broker):
    board = updating(boards, tmp_path, broker, settings={"update.trial_timeout": 600})
    states = States(broker.watch("mpypi/nodes/#"), board)
    publisher = Publisher(broker).src("user_main.py", user_main("two"))
    publisher.wheel("bigpkg", "1.0", wheel("bigpkg", "1.0", LIBRARY)).publish()
    board.restart()
    board.wait_for("user_main two runs")
    states.wait("trial")
    seen = len(states.all())
    board.exec("import os; os.rename('/.blox/journal.undo', '/.blox/journal')")
    board.restart()
    board.wait_for("user_main one runs", after=board.console().rfind("two runs"))
    document = states.wait("rolled_back", after=seen)
    assert document["error"] == "the update was undone; the set before it runs"
    assert "downloading" not in [d["state"] for d in states.all()[seen:]]
    assert board.exec("import os; print('bigpkg' in os.listdir('/lib'))").strip() == "False"
    seen = len(states.all())
    board.restart()
    states.wait("rolled_back", after=seen)
    mark = len(board.console())
    publisher.publish("mpypi/nodes/%s/cmd" % board.node, retain=False)
    board.wait_for("user_main two runs", after=mark)


def test_a_list_that_comes_while_a_set_is_on_trial_is_taken_after_it(
    boards, tmp_path, broker
):
    settings = {"update.trial_timeout": 3}
    board, states = following(boards, tmp_path, broker, settings=settings)
    Publisher(broker).src("user_main.py", user_main("two")).publish()
    board.wait_for("user_main two runs")
    publisher = Publisher(broker).src("user_main.py", user_main("three"))
    for part in range(8):
        publisher.src("part%d.py" % part, noise(3000, part))
    publisher.publish()
    states.wait("confirmed")
    board.wait_for("user_main three runs")
    console = board.console()
    assert "ERROR" not in console
    assert console.count("resetting to install it") == 2
