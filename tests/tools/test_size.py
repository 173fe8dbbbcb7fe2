# SPDX-License-Identifier: MIT
"""make size reads native modules right and holds them to their limit."""

import json
import pathlib
import shutil
import subprocess
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / 'tools'))
import mpyfile  # noqa: E402
import report  # noqa: E402

RV32 = 11 << 2 | 3
PLAIN_NAME = bytes([2 << 1]) + b'ab\0'
BUILT_IN_NAME = bytes([5 << 1 | 1])


def uint(value):
    last = bytes([value & 0x7f])
    while value > 0x7f:
        value >>= 7
        last = bytes([value & 0x7f | 0x80]) + last
    return last


def native(text, rodata=b'', bss=0):
    """A native module as mpy_ld writes it."""
    flags = 0x10 | (0x20 if rodata else 0) | (0x40 if bss else 0)
    sizes = (uint(len(rodata)) if rodata else b'') + (uint(bss) if bss else b'')
    relocations = bytes([0x01, 8, 0x03, 12, 2, 0x10, 0xff])
    return (b'M\x06' + bytes([RV32, 31]) + uint(2) + uint(0) + PLAIN_NAME +
            BUILT_IN_NAME + uint(len(text) << 3 | 2) + text + uint(flags) +
            sizes + rodata + relocations)


def bytecode_with_child(constants=b'', count=0):
    child = uint(5 << 3) + b'child'
    return (b'M\x06\0\x1f' + uint(1) + uint(count) + PLAIN_NAME + constants +
            uint(7 << 3 | 4) + b'parent!' + uint(1) + child)


def test_a_native_module_has_text_rodata_and_bss():
    mpy = mpyfile.Mpy(native(b't' * 300, b'r' * 20, 200))
    assert (mpy.arch, mpy.sub_version, mpy.native) == ('rv32imc', 3, True)
    assert (mpy.text, mpy.rodata, mpy.bss) == (300, 20, 200)


def test_bytecode_counts_its_children():
    mpy = mpyfile.Mpy(bytecode_with_child())
    assert (mpy.native, mpy.bytecode, mpy.text) == (False, 12, 0)


def test_constants_of_every_type_are_passed_over():
    text, number = b'\x05\x02hi\0', b'\x08\x031.5'
    nested = b'\x0a\x03' + text + b'\x01' + number
    assert mpyfile.Mpy(bytecode_with_child(text + nested, 2)).bytecode == 12


@pytest.mark.parametrize('cut', range(len(native(b'text', b'ro', 4))))
def test_a_cut_file_is_refused(tmp_path, cut):
    path = tmp_path / 'cut.mpy'
    path.write_bytes(native(b'text', b'ro', 4)[:cut])
    with pytest.raises(ValueError, match='cut.mpy: not a .mpy file'):
        mpyfile.load(path)


@pytest.fixture
def size(tmp_path):
    """Runs a copy of the tool, so that build/ is the test's own."""
    shutil.copytree(TOP / 'tools', tmp_path / 'tools')
    folder = tmp_path / 'build' / 'natmod' / 'rv32imc'
    folder.mkdir(parents=True)

    def run(**modules):
        for name, data in modules.items():
            (folder / ('_blox_%s.mpy' % name)).write_bytes(data)
        done = subprocess.run(
            [sys.executable, tmp_path / 'tools/size.py', folder], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout
    run.json = tmp_path / 'build' / 'size.json'
    return run


def test_size_writes_each_module_and_the_sum_at_rest(size):
    status, output = size(mqtt=native(b'm' * 9000), pkg=native(b'p' * 10),
                          logger=native(b'l' * 570), ota=native(b'o' * 500))
    assert status == 0
    rows = {row['name']: row for row in json.loads(size.json.read_text())}
    assert rows['text.rv32imc.pkg'] == {
        'name': 'text.rv32imc.pkg', 'value': 10, 'unit': 'bytes',
        'limit': 16384, 'better': 'lower', 'ok': True}
    assert rows['text.rv32imc.at_rest']['value'] == 9570
    assert '9,000' in output


def test_size_fails_for_a_module_over_the_limit_and_names_it(size):
    status, output = size(mqtt=native(b'm' * 16385))
    assert status == 1
    assert 'over the limit: text.rv32imc.mqtt' in output
    assert json.loads(size.json.read_text())[0]['ok'] is False


def test_size_shows_the_change_since_the_last_run(size):
    size(mqtt=native(b'm' * 100))
    assert '+23' in size(mqtt=native(b'm' * 123))[1]
    assert '-3' in size(mqtt=native(b'm' * 120))[1]


def test_size_says_what_to_do_when_nothing_is_built(size):
    status, output = size()
    assert status == 1
    assert 'run make natmod-rv32imc' in output


@pytest.mark.parametrize('value, limit, better, ok', [
    (5, None, 'lower', True), (5, 5, 'lower', True), (6, 5, 'lower', False),
    (0.5, 0.5, 'higher', True), (0.49, 0.5, 'higher', False),
])
def test_a_figure_keeps_its_limit_or_not(value, limit, better, ok):
    assert report.entry('a', value, 'x', limit, better)['ok'] is ok
