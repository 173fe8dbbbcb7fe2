# SPDX-License-Identifier: MIT
"""tools/short_calls.py: what it makes of gcc's assembly for RISC-V."""

import pathlib
import re
import subprocess
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]


def function(name, *lines):
    return '\t.align\t1\n\t.type\t%s, @function\n%s:\n%s\n\t.size\t%s, .-%s\n' \
        % (name, name, '\n'.join('\t' + line for line in lines), name, name)


@pytest.fixture
def shorten(tmp_path):
    def run(*functions, added=()):
        for name, parts in ('in', functions), ('added', added):
            (tmp_path / (name + '.s')).write_text('\t.text\n' + ''.join(parts))
        subprocess.run([sys.executable, TOP / 'tools/short_calls.py'] + [
            tmp_path / name for name in ('in.s', 'added.s', 'out.s')],
            check=True)
        return (tmp_path / 'out.s').read_text()
    return run


def test_a_call_is_one_instruction(shorten):
    out = shorten(function('f', 'call\tt0,__riscv_save_1', 'call\tg@plt',
                           'tail\th@plt'),
                  function('g', 'ret'))
    assert '\tjal\tt0,__riscv_save_1\n\tc.jal\tg\n\tj\th\n' in out


def test_what_calls_each_other_lies_together(shorten):
    middle = [function('m%d' % i, *['nop'] * 300) for i in range(9)]
    out = shorten(function('f', 'call\tg'), *middle, function('g', 'ret'))
    order = re.findall(r'@function\n(\w+):', out)
    assert len(order) == 11
    assert abs(order.index('f') - order.index('g')) <= 2


def test_added_functions_are_placed_by_who_calls_them(shorten):
    middle = [function('m%d' % i, *['nop'] * 300) for i in range(9)]
    out = shorten(function('f', 'call\tstrlen@plt'), *middle,
                  added=[function('strlen', 'ret')])
    order = re.findall(r'@function\n(\w+):', out)
    assert abs(order.index('f') - order.index('strlen')) <= 2


def test_jumps_that_are_called_are_added(shorten):
    out = shorten(function('f', 'tail\tblox_jump_load_attr'),
                  function('blox_table_jump',
                           '.set blox_index_load_attr, 9', 'jr\tt1'))
    assert out.startswith('\t.set blox_index_load_attr, 9\n')
    assert out.count('blox_jump_load_attr:\n'
                     '\tli\tt1,blox_index_load_attr\n'
                     '\tj\tblox_table_jump\n') == 1


def test_what_micropython_has_of_the_c_library_is_called_there(shorten):
    out = shorten(function('f', 'call\tmemcpy@plt', 'call\tmemset@plt',
                           'tail\tmemmove@plt'),
                  function('blox_table_jump',
                           '.set blox_index_memmove_, 7',
                           '.set blox_index_memset_, 8', 'jr\tt1'))
    assert '\tc.jal\tblox_jump_memmove_\n\tc.jal\tblox_jump_memset_\n' \
        '\tj\tblox_jump_memmove_\n' in out
    assert out.count('blox_jump_memmove_:\n') == 1


def test_added_functions_that_nobody_calls_are_left_out(shorten):
    strlen = function('strlen', 'beqz\ta0,.L1', 'nop').replace(
        '\t.size', '.L1:\n\tret\n\t.size')
    out = shorten(function('f', 'beqz\ta0,.L1', 'call\tstrlen').replace(
        '\t.size', '.L1:\n\tret\n\t.size'),
        added=[strlen, function('memcmp', 'ret')])
    assert '\nstrlen:\n' in out and 'memcmp' not in out
    labels = re.findall(r'^(\.L\w+):', out, re.M)
    assert len(labels) == 2 == len(set(labels))


def test_far_jumps_go_by_way_of_a_near_one(shorten):
    far = [function('m%d' % i, *['nop'] * 300 + ['tail\t__riscv_restore_1'])
           for i in range(9)]
    out = shorten(*far, added=[function('__riscv_restore', 'ret')])
    assert out.count('\tj\t__riscv_restore_1\n') < 9
    stops = re.findall(r'^\tj\t(\.Lstop\d+)$', out, re.M)
    assert stops
    for stop in stops:
        assert out.count('\n%s:\n\tj\t__riscv_restore_1\n' % stop) == 1


def test_data_between_functions_stays_in_its_section(shorten):
    data = '\t.section\t.rodata\n.LC0:\n\t.string\t"x"\n\t.text\n'
    out = shorten(function('f', 'lla\ta0,.LC0'), data, function('g', 'ret'))
    assert data in out
    assert out.index('.LC0:') < out.index('\nf:')


def test_the_same_input_gives_the_same_order(shorten):
    functions = [function('f%d' % i, *['nop'] * 50 + ['call\tf%d' % (i * 7 % 90)])
                 for i in range(90)]
    assert shorten(*functions) == shorten(*functions)
