# SPDX-License-Identifier: MIT
"""docs/board.md names what there is, and its example runs."""

import json
import pathlib
import re
import sys

from lib.boards import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import kitchen  # noqa: E402

DOCS = (ROOT / "docs/board.md").read_text()


def documented():
    """{type: keys} of the table of devices."""
    kinds = {}
    for line in DOCS.splitlines():
        row = re.match(r"\| (?:`(\w+)`)? *\| ((?:`\w+`(?:, )?)+) \| .* \| .* \|$", line)
        if row:
            kind = row[1] or kind
            kinds.setdefault(kind, set()).update(re.findall(r"`(\w+)`", row[2]))
    return kinds


def implemented():
    kinds = {}
    for path in (ROOT / "sim").glob("*.c"):
        text = path.read_text()
        name = re.search(r"\.name = \"(\w+)\"", text)
        if name:
            kinds[name[1]] = set(re.findall(r"\{\"(\w+)\",\s+SIM_KEY_", text))
    return kinds


def test_every_key_of_every_device_is_documented():
    assert documented() == implemented()


def test_every_fault_is_documented():
    names = re.search(r"fault_names\[.*?\{(.*?)\}", (ROOT / "sim/device.c").read_text(), re.S)
    faults = re.findall(r"\"(\w+)\"", names[1])
    assert len(faults) == 8
    assert all("| `%s` |" % fault in DOCS for fault in faults)


def test_its_scenario_is_one(boards, tmp_path):
    block = re.search(r"^    \{\n(?:    .*\n)+", DOCS, re.M)[0]
    path = tmp_path / "docs.json"
    path.write_text(block)
    board = boards(options=["--scenario", str(path)])
    assert board.control("devices") == "climate htu21d"


def test_a_day_in_the_kitchen(tmp_path):
    lines = kitchen.day(tmp_path / "kitchen").splitlines()
    hours = [line for line in lines if " degrees, " in line]
    assert len(hours) == 23  # and one without a sensor
    assert "10:00:0" in [l for l in lines if "check its power" in l][0]
    toast = [line for line in hours if re.search(r"PM10 (9[0-2]|8\d)\.\d ug/m3, lamp on", line)]
    assert [line[11:16] for line in toast] == ["19:00"]
    assert "lamp off" in hours[-1]
    assert any("button: lamp off" in line for line in lines)
    scenario = json.loads(pathlib.Path(kitchen.KITCHEN / "kitchen.json").read_text())
    assert set(scenario["devices"]) == {"climate", "dust", "button"}
