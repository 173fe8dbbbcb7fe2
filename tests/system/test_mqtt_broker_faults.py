# SPDX-License-Identifier: MIT
"""The engines and a real mosquitto over a line that fails: a sample of the
positions, and pairs; BLOX_BROKER_FAULTS=0 in make long: all, and 10,000 pairs."""

import os
import random
import re
import subprocess

from lib.boards import ROOT

PROGRAM = ROOT / "build/host/gcc/broker_faults"
COUNT = os.environ.get("BLOX_BROKER_FAULTS", "250")
SEED = os.environ.get("BLOX_SEED", str(random.randrange(1 << 30)))


def test_nothing_is_lost_or_doubled_wherever_the_line_fails(broker):
    done = subprocess.run(
        [PROGRAM, str(broker.port), SEED, COUNT],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
    )
    assert done.returncode == 0, "BLOX_SEED=%s\n%s" % (SEED, done.stdout)
    single, pairs = map(int, re.findall(r"faults: (\d+) ", done.stdout))
    print(done.stdout)
    assert single + pairs >= (10000 if COUNT == "0" else int(COUNT) // 2)
