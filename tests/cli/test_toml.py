# SPDX-License-Identifier: MIT
"""cli/toml.c reads what Python's tomllib reads, and refuses what it refuses."""

import datetime
import json
import pathlib
import random
import subprocess
import tomllib

import pytest
from cli_support import TOP

GOOD = [
    b'',
    b'# only a comment',
    b'a = 1\r\nb = 2\r\n',
    b'\xef\xbb\xbfa = 1',
    b'bare-key_1 = 1\n"quoted \\u00e4" = 2\n\'li\\teral\' = 3\n"" = 4\n1 = 5',
    b'a.b.c = 1\na.b.d = 2\na . e = 3\n"x.y".z = 4',
    b'i = [0, +1, -17, 1_000, 0xDEAD_beef, 0o755, 0b1010]',
    b'f = [0.0, -0.5, 3.1415, 5e+22, 1E06, -2E-2, 6.626e-34, 9_1.2_5]',
    b't = [true, false]',
    b"d = [1979-05-27, 07:32:00, 1979-05-27T07:32:00Z, 1979-05-27 07:32:00]",
    b's = "\\b\\t\\n\\f\\r\\"\\\\\\u00E9\\U0001F600"',
    b"s = '\\raw \"text\"'",
    b's = """\nfirst\nsecond \\\n   \n  joined ""quotes""\n"""',
    b's = """ends with quotes"""""',
    b"s = '''\none\n''two'''''",
    b'a = [\n  1, # one\n  2,\n\n  # none\n]\nb = []\nc = [[1], ["x"]]',
    b'p = {x = 1, y.z = 2, "q" = {}}\ne = {}',
    b'[a]\nx = 1\n[a.b]\ny = 2\n[c.d.e]\nz = 3\n[c]\nw = 4',
    b'[ j . "k" . \'l\' ]\nx = 1',
    b'[[p]]\nn = 1\n[[p]]\nn = 2\n[p.sub]\nm = 3\n[[p.list]]\n[[p.list]]\nk = 1',
    b'[fruit]\napple.color = 1\napple.taste.sweet = true\n[fruit.apple.more]',
    b'a = 1 # after\n\t[t]\t# too\n\tb\t=\t2',
]

BAD = {
    b'a': "a key without '='",
    b'= 1': 'a key is missing',
    b'a =': 'a value that is none',
    b'a = 1 b = 2': 'something behind the end of a value',
    b'a = 1\na = 2': 'a key is there twice',
    b'[a]\n[a]': 'a table is there twice',
    b'a = 1\n[a]': 'a table is there twice',
    b'a = 1\na.b = 2': 'a table that is something else already',
    b'a = {x = 1}\na.y = 2': 'a table that is something else already',
    b'a = {x = 1}\n[a.y]': 'a table that is something else already',
    b'a = []\n[[a]]': 'an array of tables that is something else already',
    b'[a.b]\nx = 1\n[a]\nb.y = 2': 'a table that is something else already',
    b'[a]\nb.c = 1\n[a.b]': 'a table is there twice',
    b'a = "x': 'a string that does not end',
    b'a = "x\ny"': 'a string that does not end',
    b'a = """x': 'a string that does not end',
    b'a = "\\x"': 'an escape that does not exist',
    b'a = "\\u12"': 'an escape without its hex digits',
    b'a = "\\ud800"': 'an escape that is no Unicode character',
    b'a = [1': "an array without its ']'",
    b'a = [1 2]': "an array without its ']'",
    b'a = {x = 1': "an inline table without its '}'",
    b'a = {x = 1,}': 'a key is missing',
    b'a = {x = 1\n}': "an inline table without its '}'",
    b'a = 01': 'a value that is none',
    b'a = 1__0': 'a value that is none',
    b'a = _1': 'a value that is none',
    b'a = 1_': 'a value that is none',
    b'a = 1.': 'a value that is none',
    b'a = .5': 'a value that is none',
    b'a = 1.e5': 'a value that is none',
    b'a = 0x': 'a value that is none',
    b'a = True': 'a value that is none',
    b'[a': 'a header without its end',
    b'[a] b': 'something behind the end of a value',
    b'[]': 'a key is missing',
    b'[[a]': 'a header without its end',
    b'"""a""" = 1': 'a key over several lines',
    b'a = "\x01"': 'a string that does not end',
    b'# \x00': 'a control character in a comment',
    b'a = "\xff"': 'not UTF-8',
    b'a = "\\u0000"': 'a NUL in a string, which has no use here',
    b'a = ' + b'[' * 100 + b']' * 100:
        'arrays or tables nested too deeply',
}


@pytest.fixture(scope='module')
def dump(tmp_path_factory):
    """Runs cli/toml.c; returns what it prints and whether it took it."""
    program = tmp_path_factory.mktemp('toml') / 'toml_dump'
    sources = ['tests/cli/toml_dump.c', 'cli/toml.c', 'cli/cli.c',
               'core/codec/utf8.c', 'core/base/span.c']
    subprocess.run(
        ['cc', '-std=c11', '-D_GNU_SOURCE', '-g', '-I.',
         '-fsanitize=address,undefined', *sources, '-lcjson', '-o', program],
        cwd=TOP, check=True)

    def run(text):
        done = subprocess.run([program], input=text, capture_output=True,
                              timeout=30)
        assert b'Sanitizer' not in done.stderr, done.stderr.decode()
        return done.stdout.decode(), done.returncode == 0

    return run


def plain(value):
    """A document of tomllib in JSON's terms; dates by their beginning."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, (datetime.date, datetime.time)):
        return str(value).replace(' ', 'T')[:8]
    return value


def begin_dates(value):
    if isinstance(value, list):
        return [begin_dates(item) for item in value]
    if isinstance(value, dict):
        return {key: begin_dates(item) for key, item in value.items()}
    dated = isinstance(value, str) and value[:2].isdigit() and len(value) >= 8
    return value[:8] if dated else value


@pytest.mark.parametrize('number', range(len(GOOD)))
def test_reads_what_is_toml(dump, number):
    said, taken = dump(GOOD[number])
    assert taken, said
    text = GOOD[number].decode('utf-8-sig')
    assert begin_dates(json.loads(said)) == begin_dates(plain(
        tomllib.loads(text)))


@pytest.mark.parametrize('text', BAD)
def test_refuses_what_is_not(dump, text):
    said, taken = dump(b'# first\n' + text)
    assert not taken
    assert said.split(': ', 1)[1] == BAD[text] + '\n'
    assert said.startswith('line ')


def test_names_the_line(dump):
    said, _ = dump(b'a = 1\n\nb = """\n\n"""\nc = ?\n')
    assert said == 'line 6: a value that is none\n'


def test_reads_every_pyproject_of_this_machine(dump):
    for path in pathlib.Path('/usr/lib/python3').rglob('*.toml'):
        said, taken = dump(path.read_bytes())
        assert taken, (path, said)
        assert begin_dates(json.loads(said)) == begin_dates(plain(
            tomllib.loads(path.read_text())))


def test_agrees_on_what_was_damaged(dump):
    """Every document with bytes changed: both take it or both refuse it."""
    chance = random.Random(1)
    for _ in range(120):
        text = bytearray(chance.choice(GOOD))
        for _ in range(chance.randint(1, 3)):
            at = chance.randint(0, len(text))
            text[at:at + chance.randint(0, 2)] = chance.choice(
                [b'', b'"', b'\n', b'=', b'[', b']', b'.', b'{', b',', b"'",
                 b'#', b'a', b'0', b' ', b'\\', b'_', b'-'])
        said, taken = dump(bytes(text))
        try:
            wanted = tomllib.loads(bytes(text).decode('utf-8-sig').replace(
                '\r\n', '\n'))
        except ValueError:
            wanted = None
        # Dates are taken by their shape, for nothing of ours reads them.
        if wanted is None and any(c in text for c in b':-'):
            continue
        assert taken == (wanted is not None), (bytes(text), said)
        if taken:
            assert begin_dates(json.loads(said)) == begin_dates(plain(
                wanted)), bytes(text)
