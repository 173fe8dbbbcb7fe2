# SPDX-License-Identifier: MIT
"""docs/mqtt-conformance.md: every statement that binds a client is there, and
every test it names exists and runs."""

import pathlib
import re

import pytest

TOP = pathlib.Path(__file__).parents[2]
TABLE = TOP / "docs/mqtt-conformance.md"
ROW = re.compile(r"^\| MQTT-(\d+\.\d+\.\d+)-(\d+) \| ([^|]+) \| ([^|]+) \|$")

# Sections of the standard, and the numbers of their statements that ask
# something of a client: as a sender, or of what it does with what it receives.
STATEMENTS = {
    "1.5.4": "1-3", "1.5.5": "1", "1.5.7": "1", "2.1.3": "1", "2.2.1": "2-6",
    "2.2.2": "1", "3.1.0": "1-2", "3.1.2": "1-4 9 11-13 16-21 23-24 26-27 29-30",
    "3.1.3": "1-4 7 11-12", "3.1.4": "3", "3.2.0": "1-2",
    "3.2.2": "1-2 4-8 11 14-18 21", "3.3.1": "1-2 4",
    "3.3.2": "1-2 7-11 13-14 19", "3.3.4": "1 6-9", "3.4.2": "1-3",
    "3.5.2": "1-3", "3.6.1": "1", "3.6.2": "1-3", "3.7.2": "1-3", "3.8.1": "1",
    "3.8.3": "1-2 4-5", "3.8.4": "2 6", "3.9.3": "2", "3.10.1": "1",
    "3.10.3": "1-2", "3.11.3": "2", "3.12.4": "1", "3.14.0": "1",
    "3.14.1": "1", "3.14.2": "1-4", "3.14.4": "1-2", "3.15.1": "1",
    "3.15.2": "1-3", "4.1.0": "1", "4.2.0": "1", "4.3.1": "1", "4.3.2": "1-5",
    "4.3.3": "1-13", "4.4.0": "1-2", "4.5.0": "2", "4.6.0": "1-4",
    "4.7.0": "1", "4.7.1": "1-2", "4.7.2": "1", "4.7.3": "1-4",
    "4.8.2": "1-2", "4.9.0": "1-3", "4.12.0": "3 5-7", "4.12.1": "1-2",
    "4.13.1": "1", "4.13.2": "1",
}  # fmt: skip
PLACES = ("tests/core/mqtt", "tests/core/mqtt/vectors", "tests/system")


def numbers(ranges):
    for part in ranges.split():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def rows():
    for line in TABLE.read_text().splitlines():
        found = ROW.match(line)
        if found:
            yield found.groups()


def test_every_statement_is_there_once_and_in_order():
    wanted = [(s, n) for s, r in STATEMENTS.items() for n in numbers(r)]
    assert [(s, int(n)) for s, n, *_ in rows()] == wanted
    assert len(wanted) > 150


def defines(text, name):
    """A C test that is also run, or a Python function."""
    c = re.search(r"static void %s\(" % name, text)
    run = re.search(r"cmocka_unit_test\(\s*%s\)" % name, text)
    return (c and run) or re.search(r"^def %s\(" % name, text, re.M)


@pytest.mark.parametrize("section", STATEMENTS)
def test_the_tests_it_names_exist(section):
    for of, number, _, tests in rows():
        for test in tests.split(", ") if of == section else ():
            file, _, name = test.partition("/")
            paths = [TOP / place / file for place in PLACES]
            found = [path for path in paths if path.exists()]
            assert found, "MQTT-%s-%s: no %s" % (of, number, file)
            assert defines(found[0].read_text(), name), test
