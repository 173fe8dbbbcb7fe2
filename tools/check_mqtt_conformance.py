#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compares docs/mqtt-conformance.md with the list of conformance statements
of MQTT 5.0, Appendix B of the OASIS Standard of 7 March 2019: each stands
there once, as one that binds a client or as one that binds servers alone.

    tools/check_mqtt_conformance.py
"""

import pathlib
import re
import sys

TABLE = pathlib.Path(__file__).parents[1] / "docs/mqtt-conformance.md"
CLIENT = re.compile(r"^\| MQTT-(\d+\.\d+\.\d+)-(\d+) \| ([^|]+) \| ([^|]+) \|$")
SERVER = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([\d -]+) \| [^|]+ \|$")

# Sections and the numbers in them; there is no 2.2.1-1.
STATEMENTS = {
    "1.5.4": "1-3", "1.5.5": "1", "1.5.7": "1", "2.1.3": "1", "2.2.1": "2-6",
    "2.2.2": "1", "3.1.0": "1-2", "3.1.2": "1-30", "3.1.3": "1-12",
    "3.1.4": "1-6", "3.2.0": "1-2", "3.2.2": "1-22", "3.3.1": "1-13",
    "3.3.2": "1-20", "3.3.4": "1-10", "3.4.2": "1-3", "3.5.2": "1-3",
    "3.6.1": "1", "3.6.2": "1-3", "3.7.2": "1-3", "3.8.1": "1", "3.8.3": "1-5",
    "3.8.4": "1-8", "3.9.2": "1-2", "3.9.3": "1-2", "3.10.1": "1",
    "3.10.3": "1-2", "3.10.4": "1-6", "3.11.2": "1-2", "3.11.3": "1-2",
    "3.12.4": "1", "3.14.0": "1", "3.14.1": "1", "3.14.2": "1-4",
    "3.14.4": "1-3", "3.15.1": "1", "3.15.2": "1-3", "4.1.0": "1-2",
    "4.2.0": "1", "4.3.1": "1", "4.3.2": "1-5", "4.3.3": "1-13",
    "4.4.0": "1-2", "4.5.0": "1-2", "4.6.0": "1-6", "4.7.0": "1",
    "4.7.1": "1-2", "4.7.2": "1", "4.7.3": "1-4", "4.8.2": "1-6",
    "4.9.0": "1-3", "4.12.0": "1-7", "4.12.1": "1-2", "4.13.1": "1",
    "4.13.2": "1", "6.0.0": "1-4",
}  # fmt: skip


def numbers(ranges):
    for part in ranges.split():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def every():
    """All statements as (section, number), in the standard's order."""
    return [(s, n) for s, ranges in STATEMENTS.items() for n in numbers(ranges)]


def client():
    """The rows about clients: (section, number, words, tests)."""
    for line in TABLE.read_text().splitlines():
        found = CLIENT.match(line)
        if found:
            section, number, words, tests = found.groups()
            yield section, int(number), words, tests.split(", ")


def server():
    """The statements that the document leaves to servers."""
    for line in TABLE.read_text().splitlines():
        found = SERVER.match(line)
        if found:
            yield from ((found[1], n) for n in numbers(found[2]))


def problems():
    """What is wrong with the document, a sentence each."""
    wanted = every()
    here = [(section, number) for section, number, *_ in client()]
    there = list(server())
    for name, rows in (("clients", here), ("servers", there)):
        if rows != [each for each in wanted if each in rows]:
            yield "the rows about %s are not once each in the standard's order" % name
    for section, number in wanted:
        count = ((section, number) in here) + ((section, number) in there)
        if count != 1:
            yield "MQTT-%s-%d is in %d of the two tables" % (section, number, count)
    for each in here + there:
        if each not in wanted:
            yield "MQTT-%s-%d is not in the standard" % each


def main():
    found = list(problems())
    for sentence in found:
        print("mqtt-conformance: " + sentence)
    print("mqtt-conformance: %d statements: %d for clients, %d for servers alone"
          % (len(every()), len(list(client())), len(list(server()))))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
