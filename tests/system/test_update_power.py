# SPDX-License-Identifier: MIT
"""Power cuts of a whole board in the middle of an update."""

import os
import random
import time

import pytest

from lib.updates import Publisher, States, updating, user_main, wheel

FILES = {"pkg/m%02d.py" % i: "x = %d\n" % i * 300 for i in range(25)}
MAIN = user_main("%s").decode().replace("import asyncio", "import asyncio, pkg.m24")


# How often, each time with other pauses between the cuts; `make long` says more.
RUNS = int(os.environ.get("POWER_RUNS", "1"))


@pytest.mark.parametrize("seed", range(2026, 2026 + RUNS))
def test_cut_again_and_again_it_ends_with_the_new_set(boards, tmp_path, broker, seed):
    board = updating(boards, tmp_path, broker)
    states = States(broker.watch("mpypi/nodes/#"), board)
    Publisher(broker).wheel("pkg", "1.0", wheel("pkg", "1.0", FILES)).src(
        "user_main.py", MAIN % "two"
    ).publish()
    board.restart()
    states.wait("rebooting")
    pause = random.Random(seed)
    for _ in range(9):  # the tenth on trial would undo it
        time.sleep(pause.uniform(0.0, 0.5))
        board.kill()
        board.start()
    board.wait_for("user_main two runs", timeout=40)
    states.wait("confirmed", timeout=40)
    names = board.exec("import os; print(sorted(os.listdir('/lib/pkg')) == [%s])"
                       % ", ".join("'m%02d.py'" % i for i in range(25)))
    assert names.strip() == "True"


LOSES_A_PACKAGE = """\
import asyncio, os

async def user_main():
    print('user_main one runs')
    while 'lost' not in os.listdir():
        await asyncio.sleep_ms(1)
        if 'ready' in os.listdir('/.blox'):
            os.remove('/.blox/pkg-0')
            open('lost', 'w').close()
    await asyncio.Event().wait()
"""


def test_a_package_that_went_with_the_power_is_told_of_and_fetched_again(
    boards, tmp_path, broker
):
    """The installer drops the wheels before the commit; a cut between the two
    leaves a set that is ready and has none."""
    board = updating(boards, tmp_path, broker, {"/user_main.py": LOSES_A_PACKAGE})
    board.restart()
    after = board.wait_for("user_main one runs")
    Publisher(broker).wheel("pkg", "1.0", wheel("pkg", "1.0", FILES)).src(
        "user_main.py", MAIN % "two"
    ).publish()
    after = board.wait_for(
        "WARNING update: the update is not whole any more, as after a power "
        "cut; its packages are fetched again",
        after=after,
    )
    board.wait_for("user_main two runs", after=after, timeout=40)
