# SPDX-License-Identifier: MIT
"""The examples of docs/blocks run on a board with the devices that their page
describes, and print what it says."""

import json
import re
import subprocess

import pytest

from lib import scenarios
from lib.boards import ROOT
from lib.installed import install

FOLDER = ROOT / "docs/blocks"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.stem != "README")
ONLINE = """\
import network, time
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect('any', 'network')
while not wlan.isconnected():
    time.sleep_ms(10)
"""


def fenced(page, language):
    return re.findall("^```%s\n(.*?)^```" % language, page, re.M | re.S)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_example_prints_what_its_page_says(boards, tmp_path, path):
    page = path.read_text()
    (code,), (printed,) = fenced(page, "python"), fenced(page, "text")
    scenario = (fenced(page, "json") or ['{"devices": {}}'])[0]
    install(tmp_path / "board")
    words = scenarios.options(tmp_path, json.loads(scenario)["devices"])
    board = boards(options=words)
    if "/chime.wav" in code:
        chime = tmp_path / "chime.wav"
        subprocess.run(
            ["sox", "-n", "-r", "44100", "-c", "2", "-b", "16", chime]
            + ["synth", "0.5", "sine", "880"],
            check=True,
        )
        board.put({"/chime.wav": chime})
    if "open_connection" in code:
        board.exec(ONLINE)
    assert board.exec(code) == printed


def test_every_block_is_in_the_index():
    index = (FOLDER / "README.md").read_text()
    assert sorted(re.findall(r"^\| \[(\w+)\]\(\1\.md\)", index, re.M)) == [
        path.stem for path in PAGES
    ]
