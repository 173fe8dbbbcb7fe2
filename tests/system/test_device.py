# SPDX-License-Identifier: MIT
"""Every script of tests/device/ on a board: with native modules, and with
a firmware that has the library in it. A script asserts, and prints OK at its end."""

import pathlib

import pytest

from lib.installed import install
from lib.short import shortened
from lib.wheels import make_samples

SCRIPTS = sorted(
    (pathlib.Path(__file__).parents[1] / "device").glob("test_*.py")
)


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    return make_samples(tmp_path_factory.mktemp("wheels"))


@pytest.mark.parametrize("build", ["native", "static"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_device(boards, tmp_path, samples, script, build):
    static = build == "static"
    install(tmp_path / "board", static)
    board = boards(static=static)
    text = script.read_text() if static else shortened(script.read_text())
    if "/tests/" in text:
        board.put({"/tests/" + path.name: path for path in samples})
    out = board.exec(text, soft_reset=True)
    assert out.splitlines()[-1:] == ["OK"], out
