# SPDX-License-Identifier: MIT
"""The example of docs/updates.md runs."""

import re

from lib.boards import ROOT
from lib.updates import Publisher, States, updating


def test_the_example_confirms_itself_and_restarts(boards, tmp_path, broker):
    text = (ROOT / "docs/updates.md").read_text()
    (source,) = re.findall(r"```python\n(.*?)```", text, re.S)
    settings = {"update.trial_timeout": 600}
    board = updating(boards, tmp_path, broker, settings=settings)
    board.restart()
    board.wait_for("user_main one runs")
    Publisher(broker).src("user_main.py", source).publish()
    after = board.wait_for("the new program works")
    after = board.wait_for("measured 21.5 degrees", after=after)
    board.wait_for("user_main ended, staying up for updates", after=after)
    assert board.console().count("the new program works") == 1
    assert "crash" not in board.console()
