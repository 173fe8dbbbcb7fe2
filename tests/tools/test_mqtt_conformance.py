# SPDX-License-Identifier: MIT
"""docs/mqtt-conformance.md: every statement of the standard is there, and every
test it names exists and runs."""

import pathlib
import re
import sys

import pytest

TOP = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(TOP / "tools"))

import check_mqtt_conformance as conformance  # noqa: E402

PLACES = ("tests/core/mqtt", "tests/core/mqtt/vectors", "tests/system")
SECTIONS = sorted({section for section, *_ in conformance.client()})


def test_every_statement_is_there_once_and_in_order():
    assert list(conformance.problems()) == []
    assert len(conformance.every()) == 251


def test_what_is_missing_twice_or_unknown_is_said(tmp_path, monkeypatch):
    lines = conformance.TABLE.read_text().splitlines(True)
    row = next(i for i, line in enumerate(lines) if "| MQTT-3.8.1-1 |" in line)
    for change, said in (
        ([], "MQTT-3.8.1-1 is in 0 of the two tables"),
        ([lines[row]] * 2, "about clients are not once each"),
        ([lines[row], "| 3.8.1 | 1 | x |\n"], "MQTT-3.8.1-1 is in 2 of"),
        ([lines[row].replace("-1 ", "-9 ")], "MQTT-3.8.1-9 is not in"),
    ):
        changed = tmp_path / "table.md"
        changed.write_text("".join(lines[:row] + change + lines[row + 1 :]))
        monkeypatch.setattr(conformance, "TABLE", changed)
        assert said in "; ".join(conformance.problems())


def defines(text, name):
    """A C test that is also run, or a Python function."""
    c = re.search(r"static void %s\(" % name, text)
    run = re.search(r"cmocka_unit_test\(\s*%s\)" % name, text)
    return (c and run) or re.search(r"^def %s\(" % name, text, re.M)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_tests_it_names_exist(section):
    for of, number, _, tests in conformance.client():
        for test in tests if of == section else ():
            file, _, name = test.partition("/")
            paths = [TOP / place / file for place in PLACES]
            found = [path for path in paths if path.exists()]
            assert found, "MQTT-%s-%s: no %s" % (of, number, file)
            assert defines(found[0].read_text(), name), test
