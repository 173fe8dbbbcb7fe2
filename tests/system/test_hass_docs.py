# SPDX-License-Identifier: MIT
"""docs/home-assistant.md and examples/thermostat do what they say."""

import json
import re
import textwrap

import pytest
from lib.boards import ROOT
from lib.hass import HomeAssistant
from lib.installed import install
from lib.mqtt_boards import Program
from lib.updates import updating

PAGE = (ROOT / "docs/home-assistant.md").read_text()
THERMOSTAT = ROOT / "examples/thermostat/user_main.py"
NODE = "esp32-840d8ed29760"
RUN = """
async def main():
    await conn.connect()
    await user_main()
    await asyncio.sleep(30)

asyncio.run(main())
"""


def programs():
    """The indented blocks of the page that hold a user_main."""
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", PAGE, re.M)
    return [
        textwrap.dedent(b.strip("\n")) for b in blocks if "user_main" in b
    ]


def test_the_page_has_two_programs():
    assert len(programs()) == 2


@pytest.mark.parametrize(
    "number, component, state",
    [(0, "sensor", '{"power":42.5}'), (1, "cover", "open")],
)
def test_the_programs_of_the_page_run(
    boards, broker, tmp_path, number, component, state
):
    install(tmp_path / "board")
    with HomeAssistant(broker) as hass:
        Program(boards(), broker.port, programs()[number] + RUN)
        hass.wait(lambda: hass.state(component, NODE) == state)
        hass.wait(lambda: (component, NODE) in hass.entities)
        assert hass.refused == []
        if component == "cover":
            hass.command("cover", NODE, "DOWN")
            hass.wait(lambda: hass.state("cover", NODE) == "closed")


def test_every_class_of_the_table_is_there():
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)\(", PAGE, re.M)
    assert len(rows) == 11
    for module, name in rows:
        path = ROOT / "python/mpy_blox/mqtt/hass" / (module + ".py")
        assert "class %s(" % name in path.read_text()


def test_the_thermostat_heats_until_the_target_is_reached(
    boards, broker, tmp_path
):
    with HomeAssistant(broker) as hass:
        board = updating(
            boards, tmp_path, broker, {"/user_main.py": THERMOSTAT.read_text()}
        )
        board.restart()
        heater, target = board.node, board.node + "-2"
        hass.wait(lambda: hass.state("switch", heater) == "OFF")
        hass.wait(lambda: ("number", target) in hass.entities)
        document = hass.entities["number", target]
        assert (document["min"], document["max"]) == (5, 30)
        assert document["step"] == 0.5
        hass.command("number", target, "21.5")
        hass.wait(lambda: hass.state("switch", heater) == "ON")
        assert json.loads(hass.state("number", target)) == {"t": 21.5}
        hass.command("number", target, "31")
        board.wait_for("Target: command '31': more than max")
        hass.command("number", target, "19")
        hass.wait(lambda: hass.state("switch", heater) == "OFF")
        assert hass.refused == []
