# SPDX-License-Identifier: MIT
"""From a publisher's desk to a board that has the publisher's key: wheels of
every builder, for several chips, in one signed update."""

import json
import os
import subprocess

import pytest

from lib.boards import ROOT
from lib.updates import following

TOOL = ROOT / "build/cli/blox"
NATIVE = ROOT / "build/natmod/x64/_blox_wav.mpy"
USER_MAIN = """\
import asyncio
import by_setuptools, by_flit, by_poetry, by_blox, by_blox.deep, _blox_wav2

async def user_main():
    print('all of', by_setuptools.X, by_flit.X, by_poetry.X, by_blox.X,
          by_blox.deep.f(), by_blox.__file__)
    while True:
        await asyncio.sleep(1)
"""
PROJECT = '[project]\nname = "%s"\nversion = "1.0"\ndescription = "d"\n'
BUILDERS = {
    "setuptools": (
        "setuptools.build_meta",
        PROJECT % "by-setuptools" + "[tool.setuptools]\npy-modules = ['by_setuptools']\n",
    ),
    "flit": ("flit_core.buildapi", PROJECT % "by_flit"),
    "poetry": (
        "poetry.core.masonry.api",
        '[tool.poetry]\nname = "by-poetry"\nversion = "1.0"\ndescription = "d"\n'
        'authors = ["A <a@b.c>"]\n',
    ),
}


def blox(folder, *args, **more):
    done = subprocess.run(
        [TOOL, *map(str, args)],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        **more,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def build_by(builder, folder):
    """A wheel that another tool makes, by its PEP 517 hook."""
    module, toml = BUILDERS[builder]
    project = folder / builder
    project.mkdir()
    (project / "pyproject.toml").write_text(toml)
    (project / ("by_%s.py" % builder)).write_text('"""d"""\nX = %r\n' % builder)
    code = "import %s as m; print(m.build_wheel(%r))" % (module, str(folder))
    done = subprocess.run(
        ["/usr/bin/python3", "-W", "ignore", "-c", code],
        cwd=project,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.split()[-1]


def build_ours(folder, name, *platforms):
    """Our own wheels of one name, with native code for this host's boards."""
    project = folder / name
    (project / name).mkdir(parents=True)
    (project / name / "__init__.py").write_text("X = %r\n" % name)
    (project / name / "deep.py").write_text("def f():\n    return 'deep'\n")
    wheels = []
    for platform in platforms:
        native = project / "_blox_wav2.mpy"
        if platform == "unix_x64":
            native.write_bytes(NATIVE.read_bytes())
        else:
            native.unlink(missing_ok=True)
        said = blox(
            folder, "wheel", "build", project, "--name", name, "--version", "1.0",
            "--platform", platform, "--out", folder, "--json",
        )  # fmt: skip
        wheels.append(json.loads(said)["file"])
    return wheels


@pytest.fixture
def desk(tmp_path):
    """A publisher's folder, with key and provision.json."""
    folder = tmp_path / "desk"
    folder.mkdir()
    blox(folder, "keygen", "key.pem")
    blox(folder, "provision", "--key", "key.pem", input="net\npassword\n\n")
    return folder


def test_a_signed_update_of_everybodys_wheels(boards, tmp_path, broker, desk):
    secrets = (desk / "provision.json").read_bytes()
    board, states = following(boards, tmp_path, broker, files={"/provision.json": secrets})
    key = json.loads(blox(desk, "keygen", "--show", "--json", "key.pem"))
    board.wait_for("must be signed with the key " + key["fingerprint"])
    (desk / "user_main.py").write_text(USER_MAIN)
    wheels = [build_by(builder, desk) for builder in BUILDERS]
    wheels += build_ours(desk, "by_blox", "esp32", "unix_x64", "esp32c3")
    wheels += build_ours(desk, "elsewhere", "esp32", "esp32c3")
    for wheel in wheels:
        blox(desk, "wheel", "check", wheel)
    to = ["-h", broker.host, "-p", broker.port, "--channel", "test"]
    blox(desk, "publish", *to, "--key", "key.pem", "user_main.py", *wheels)
    board.wait_for("all of setuptools flit poetry by_blox deep /lib/by_blox/__init__.mpy")
    states.wait("confirmed")
    versions = states.info()["versions"]
    assert all(versions["by%s" % n] == "1.0" for n in ("_flit", "-poetry", "_blox"))
    assert "elsewhere" not in versions

    # The same update without its signature is refused, and says why.
    before = len(states.all())
    blox(desk, "publish", *to, "user_main.py")
    assert "not signed" in states.wait("failed", after=before)["error"]
