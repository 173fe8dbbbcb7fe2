# SPDX-License-Identifier: MIT
"""One channel for several chips: what is for others, and native code that this
firmware does not load."""

from lib.boards import ROOT
from lib.updates import Publisher, following, sha256, wheel

OTHER = "mpy6-bytecode-esp32c3"
OWN = "mpy6-bytecode-unix_x64"


def native(sub_version):
    """A native module's bytes, as built for this sub-version."""
    data = bytearray((ROOT / "build/natmod/x64/_blox_ema.mpy").read_bytes())
    data[2] = data[2] & ~3 | sub_version
    return bytes(data)


def test_wheels_for_this_chip_and_for_others(boards, tmp_path, broker):
    board, states = following(boards, tmp_path, broker)

    # Only others are served: said, and the rest goes on.
    publisher = Publisher(broker).src("part.py", "x = 1\n")
    publisher.wheel("pkg", "1.0", b"for others", type="platform-wheel", tag=OTHER)
    publisher.wheel("new", "1.0", b"newer", type="platform-wheel", tag=OWN, mpy="6.9")
    publisher.publish()
    states.wait("confirmed")
    assert "list 'pkg': not for me" in board.console()
    assert "failed" not in [d["state"] for d in states.all()]

    # A wheel for this chip goes before one for all.
    seen = len(states.all())
    ours = wheel("pkg", "1.1", {"pkg.py": "X = 'ours'\n", "_n.mpy": native(3)}, OWN)
    publisher = Publisher(broker)
    publisher.wheel("pkg", "1.1", ours, type="platform-wheel", tag=OWN, mpy="6.3")
    publisher.wheel("pkg", "1.1", wheel("pkg", "1.1", {"pkg.py": "X = 'all'\n"}))
    publisher.publish()
    states.wait("confirmed", after=seen)

    # Native code that would not load is refused before the commit.
    seen = len(states.all())
    bad = wheel("pkg", "1.2", {"pkg.py": "X = 'bad'\n", "_n.mpy": native(2)}, OWN)
    Publisher(broker).wheel("pkg", "1.2", bad, type="platform-wheel", tag=OWN).publish()
    error = states.wait("failed", after=seen)["error"]
    assert error == (
        "pkg 1.2: wheel: _n.mpy: built for MicroPython's mpy 6.2 (chip 2), this firmware "
        "loads 6.3 (chip 2)"
    )
    assert "trial" not in [d["state"] for d in states.all()[seen:]]
    assert states.info()["versions"]["pkg"] == "1.1"
    assert sha256(board.read("/lib/pkg.py")) == sha256(b"X = 'ours'\n")
