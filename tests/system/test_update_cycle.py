# SPDX-License-Identifier: MIT
"""Updates from the broker to the running program, on a whole board."""

import json

import pytest

from lib.updates import CHANNEL, Publisher, States, updating, user_main, wheel

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
    assert "Traceback" not in board.console()
