# SPDX-License-Identifier: MIT
"""The examples are valid, and their README explains every key of them."""

import json
import pathlib
import re

import pytest

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
