# SPDX-License-Identifier: MIT
"""What the README tells people to type works, word for word."""

import re
import subprocess

import pytest

from lib.boards import ROOT
from lib.installed import install
from lib.updates import States, updating, user_main, wheel

README = (ROOT / "README.md").read_text()
WHEEL = "bigpkg-1.0-py3-none-any.whl"
USES_WHEEL = """\
import asyncio
import bigpkg

async def user_main():
    print('user_main with bigpkg', bigpkg.VERSION)
    while True:
        await asyncio.sleep(1)
"""


def code(words):
    """The README's indented block that holds these words."""
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", README, re.M)
    (block,) = [block for block in blocks if words in block]
    return re.sub(r"^    ", "", block, flags=re.M).strip() + "\n"


def forms():
    """The rows of the README's table of topics: (src, wheel)."""
    return re.findall(
        r"^\|.*\| `(my?p.pi/packages/.*)` \| `(.*)` \|$", README, re.M
    )


def here(script, broker):
    """The script for this test's broker and tools."""
    assert "-h broker.local" in script
    script = script.replace("-h broker.local", "-h %s -p %d" % (
        broker.host, broker.port))
    return script.replace("build/cli/blox", str(ROOT / "build/cli/blox"))


def run(script, folder):
    subprocess.run(["sh", "-eux", "-c", script], cwd=folder, check=True)


@pytest.fixture
def folder(tmp_path):
    """A publisher's folder: a program and a wheel."""
    folder = tmp_path / "publisher"
    folder.mkdir()
    files = {"bigpkg/__init__.py": "VERSION = '1.0'\n"}
    (folder / WHEEL).write_bytes(wheel("bigpkg", "1.0", files))
    return folder


@pytest.fixture
def board(boards, tmp_path, broker):
    board = updating(
        boards, tmp_path, broker, settings={"update.channel": "latest"}
    )
    return board.restart()


def test_the_three_forms_are_there():
    assert len(forms()) == 3


@pytest.mark.parametrize("form", range(3))
def test_a_file_published_by_hand_arrives(board, broker, folder, form):
    (folder / "user_main.py").write_bytes(user_main("by hand"))
    script = code("-f user_main.py")
    standard, topic = forms()[0][0], forms()[form][0]
    standard, topic = [
        text.replace("<path>", "user_main.py").replace("<sha256>", "$sha")
        for text in (standard, topic)
    ]
    assert standard in script
    run(here(script.replace(standard, topic), broker), folder)
    board.wait_for("user_main by hand runs")


@pytest.mark.parametrize("form", [0, 2])
def test_a_wheel_published_by_hand_arrives(board, broker, folder, form):
    script = code("-f " + WHEEL)
    standard, topic = [
        forms()[i][1].replace("<sha256>", "$sha") for i in (0, form)
    ]
    assert standard in script
    states = States(broker.watch("mpypi/nodes/#"), board)
    run(here(script.replace(standard, topic), broker), folder)
    states.wait("confirmed")
    assert board.exec("import bigpkg; print(bigpkg.VERSION)") == "1.0\n"


def test_blox_publish_updates_program_and_wheel_at_once(board, broker, folder):
    (folder / "user_main.py").write_text(USES_WHEEL)
    script = code("blox publish -h").replace("-u blox ", "")
    run(here(script, broker), folder)
    board.wait_for("user_main with bigpkg 1.0")


def test_the_library_alone_publishes(boards, tmp_path, broker):
    install(tmp_path / "board")
    board = boards()
    watch = broker.watch("greetings")
    script = code("MQTT5Client(")
    assert "'broker.local', 1883" in script
    board.exec(
        script.replace(
            "'broker.local', 1883", "'%s', %d" % (broker.host, broker.port)
        )
    )
    assert watch.wait(lambda topic, payload: True) == b"hello"


def test_the_files_to_copy_are_there():
    for name in code("cp examples").split()[1:-1]:
        assert (ROOT / name).is_file()
