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
                           'tail\tmemcpy@plt'),
                  function('g', 'ret'))
    assert '\tjal\tt0,__riscv_save_1\n\tc.jal\tg\n\tj\tmemcpy\n' in out


def test_what_calls_each_other_lies_together(shorten):
    middle = [function('m%d' % i, *['nop'] * 300) for i in range(9)]
    out = shorten(function('f', 'call\tg'), *middle, function('g', 'ret'))
    order = re.findall(r'@function\n(\w+):', out)
    assert len(order) == 11
    assert abs(order.index('f') - order.index('g')) <= 2


def test_added_functions_are_placed_by_their_entries(shorten):
    middle = [function('m%d' % i, *['nop'] * 300) for i in range(9)]
    out = shorten(function('f', 'tail\t__riscv_restore_2'), *middle,
                  added=[function('__riscv_restore', 'ret')])
    order = re.findall(r'@function\n(\w+):', out)
    assert abs(order.index('f') - order.index('__riscv_restore')) <= 2


def test_jumps_that_are_called_are_added(shorten):
    out = shorten(function('f', 'tail\tblox_jump_load_attr'),
                  function('blox_table_jump',
                           '.set blox_index_load_attr, 9', 'jr\tt1'))
    assert out.startswith('\t.set blox_index_load_attr, 9\n')
    assert out.count('blox_jump_load_attr:\n'
                     '\tli\tt1,blox_index_load_attr\n'
                     '\tj\tblox_table_jump\n') == 1


def test_data_between_functions_stays_in_its_section(shorten):
    data = '\t.section\t.rodata\n.LC0:\n\t.string\t"x"\n\t.text\n'
    out = shorten(function('f', 'lla\ta0,.LC0'), data, function('g', 'ret'))
    assert data in out
    assert out.index('.LC0:') < out.index('\nf:')


def test_the_same_input_gives_the_same_order(shorten):
    functions = [function('f%d' % i, *['nop'] * 50 + ['call\tf%d' % (i * 7 % 90)])
                 for i in range(90)]
    assert shorten(*functions) == shorten(*functions)
