# SPDX-License-Identifier: MIT
"""The examples are valid, and their README explains every key of them."""

import json
import pathlib
import re

import pytest

from lib.installed import install

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
README = (EXAMPLES / "README.md").read_text()
HEX = re.compile(r"[0-9a-f]{64}\Z")
NEEDED = {
    "wheel": {"name", "version", "pkg_sha256"},
    "platform-wheel": {"tag", "name", "version", "pkg_sha256"},
    "src": {"path", "pkg_sha256"},
    "delete": {"path"},
}


def load(name):
    return json.loads((EXAMPLES / name).read_text())


def explained():
    return set(re.findall(r"^\| (`.*?`(?: → `.*?`)?) \|", README, re.M))


@pytest.mark.parametrize("name", ["settings.json", "provision.json"])
def test_every_key_is_explained(name):
    for key, value in load(name).items():
        assert f"`{key}`" in explained()
        if isinstance(value, dict):
            for inner in value:
                assert f"`{key}` → `{inner}`" in explained()


def test_every_explained_key_is_in_an_example():
    keys = set()
    for name in ("settings.json", "provision.json"):
        for key, value in load(name).items():
            keys.add(f"`{key}`")
            if isinstance(value, dict):
                keys |= {f"`{key}` → `{inner}`" for inner in value}
    assert explained() == keys


def test_the_secrets_are_not_in_settings():
    assert not set(load("settings.json")) & set(load("provision.json"))
    assert "password" not in load("settings.json")["mqtt"]


def test_the_update_channel_shows_every_common_entry():
    entries = load("update-channel.json")
    assert {entry["type"] for entry in entries} == set(NEEDED)
    for entry in entries:
        assert NEEDED[entry["type"]] <= set(entry)
        assert HEX.match(entry.get("pkg_sha256", "0" * 64))
        assert isinstance(entry.get("size", 0), int)


def test_user_main_is_what_the_device_runs():
    source = (EXAMPLES / "user_main.py").read_text()
    compile(source, "user_main.py", "exec")
    assert "async def user_main():" in source


def test_the_examples_run_on_a_board(boards, brokers, tmp_path):
    """As shipped, but for the broker's address."""
    settings, secrets = load("settings.json"), load("provision.json")
    user = settings["mqtt"]["username"]
    broker = brokers(users={user: secrets["mqtt.password"]})
    settings["mqtt"].update(server=broker.host, port=broker.port)
    install(tmp_path / "board")
    wifi = ["--wifi-ssid", secrets["wlan.ssid"]]
    wifi += ["--wifi-psk", secrets["wlan.psk"]]
    board = boards(options=wifi)
    board.put(
        {
            "/main.py": EXAMPLES.parent / "python/main.py",
            "/settings.json": json.dumps(settings),
            "/provision.json": EXAMPLES / "provision.json",
            "/user_main.py": EXAMPLES / "user_main.py",
        }
    )
    with broker.watch("examples/#", "mpypi/#") as watch:
        board.restart()
        info = json.loads(watch.wait(lambda topic, _: "/info" in topic))
        uptime = watch.wait(lambda topic, _: topic.endswith("/uptime"))
        board.wait_for("I am %s" % settings["hostname"])
        broker.publish("examples/greetings", "hello")
        board.wait_for("examples/greetings says b'hello'")
    assert json.loads(uptime) == {"uptime": 0}
    assert info["channel"] == settings["update.channel"]
    assert "Traceback" not in board.console()
