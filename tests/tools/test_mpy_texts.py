# SPDX-License-Identifier: MIT
"""Short texts of bytecode become objects; nothing else changes."""

import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / 'tools'))
import mpy_texts  # noqa: E402

CROSS = TOP / 'build/mpy-cross/mpy-cross'
MICROPYTHON = TOP / 'ext/micropython'
SOURCE = '''
import sys
def f(a, b=3, *c, key='dflt', **d):
    'x y'
    for name in ('one', 'two words', b'', b'raw', 5, 1.5, 'key', sys.path):
        try:
            with a(name, 'end', word='other') as g:
                g.attr = lambda x: x + 'abc %s' + key + str(b)
        except ValueError as e:
            raise OSError('short %s' % e, 'utf-8', 70000)
        finally:
            print('fin', -70, 'attr')
    return [i + 'z' for i in 'q' if i and 'or' or f]
class A:
    t = 'tt'
    def m(self): yield 'tt' 'uu'
'''


def disassembled(path):
    out = subprocess.run(
        [sys.executable, MICROPYTHON / 'tools/mpy-tool.py', '-d', path],
        check=True, capture_output=True, text=True).stdout
    return re.findall(r'^\s+[0-9a-f:]+ +([A-Z_]+.*\S)', out, re.M)


def compiled(folder, text):
    source = folder / 'm.py'
    source.write_text(text)
    path = folder / 'm.mpy'
    subprocess.run([CROSS, '-o', path, source], check=True)
    return path


def test_the_same_is_done_with_the_same_texts(tmp_path):
    path = compiled(tmp_path, SOURCE)
    before = disassembled(path)
    mpy_texts.main(['', tmp_path / 'm.py', path])
    after = disassembled(path)
    assert len(before) == len(after) > 100
    changed = {(a, b) for a, b in zip(before, after) if a != b}
    texts = {a.split(' ', 1)[1] for a, _ in changed}
    assert all(b == 'LOAD_CONST_OBJ %r' % a.split(' ', 1)[1]
               for a, b in changed)
    # What is a name as well stays, as does what every firmware has.
    assert {'abc %s', 'short %s', 'fin', 'tt', 'ttuu', 'z'} <= texts
    assert not texts & {'end', 'utf-8', 'key', 'attr', 'word', 'or'}


def test_texts_are_no_names_any_more(tmp_path):
    path = compiled(tmp_path, SOURCE)
    mpy_texts.main(['', tmp_path / 'm.py', path])
    names = mpy_texts.Module(path.read_bytes()).names
    assert b'abc %s' not in b''.join(names)
    assert b'\x08attr\0' in names
