#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How long a person waits for `blox nodes`: 200 devices on one mosquitto, the
whole run of the tool, the slowest of some; and of 2,000, for the curve.

    bench/cli.py
"""

import pathlib
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / part) for part in ('tools', 'tests/cli')]

import report  # noqa: E402
from cli_brokers import Mosquitto  # noqa: E402
from cli_fleet import Fleet  # noqa: E402

TOOL = TOP / 'build/cli/blox'
RUNS = 5


def seconds(broker, count):
    """The slowest of RUNS runs."""
    slowest = 0
    for _ in range(RUNS):
        begun = time.monotonic()
        done = subprocess.run([TOOL, 'nodes', *map(str, broker.options())],
                              stdout=subprocess.PIPE, text=True, check=True)
        slowest = max(slowest, time.monotonic() - begun)
        if done.stdout.count('\n') != count + 1:
            sys.exit('cli: not %d nodes: %s' % (count, done.stdout[-200:]))
    return round(slowest, 3)


def main():
    with tempfile.TemporaryDirectory() as folder:
        broker = Mosquitto(pathlib.Path(folder) / 'broker',
                           'allow_anonymous true')
        fleet = Fleet(broker.port)
        try:
            rows, made = [], 0
            for count, limit in (200, 1), (2000, None):
                for i in range(made, count):
                    fleet.node('esp32-%012x' % i)
                fleet.wait()
                made = count
                rows.append(report.entry('cli.nodes_%d_seconds' % count,
                                         seconds(broker, count), 's', limit))
        finally:
            fleet.close()
            broker.stop()
    return report.finish('bench', rows)


if __name__ == '__main__':
    sys.exit(main())
