# SPDX-License-Identifier: MIT
"""The checks of tools/ find what they are there to find."""

import pathlib
import subprocess
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]


def run(tool, *args):
    done = subprocess.run(
        [sys.executable, TOP / 'tools' / tool] + list(args), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def layers(tmp_path, name, line):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('// SPDX-License-Identifier: MIT\n%s\n' % line)
    return run('check_layers.py', tmp_path)


@pytest.mark.parametrize('name, line', [
    ('core/base/span.c', '#include <string.h>'),
    ('core/mqtt/packet.c', '#include "core/codec/hex.h"'),
    ('core/ota/plan.c', '#include "core/pkg/zip.h"'),
    ('core/codec/inflate.c', '#include <uzlib.h>'),
    ('bind/mqtt/mqtt.c', '#include "py/runtime.h"'),
    ('sim/flash.c', '#include <stdio.h>'),
    ('tests/core/test.h', '#include "sim/flash.h"'),
])
def test_layers_allow_what_the_table_says(tmp_path, name, line):
    assert layers(tmp_path, name, line) == (
        0, 'layers: 1 files, 0 wrong includes\n')


@pytest.mark.parametrize('name, line', [
    ('core/base/span.c', '#include "core/codec/hex.h"'),
    ('core/base/span.c', '#include <stdio.h>'),
    ('core/mqtt/packet.c', '#include "core/pkg/zip.h"'),
    ('core/mqtt/packet.c', '#  include "core/ota/plan.h"'),
    ('core/ota/plan.c', '#include "core/mqtt/packet.h"'),
    ('core/ota/plan.c', '#include "plan.h"'),
    ('core/conf/seal.c', '#include "py/runtime.h"'),
    ('sim/flash.c', '#include "core/ota/plan.h"'),
    ('bind/mqtt/mqtt.c', '#include "sim/flash.h"'),
    ('cli/main.c', '#include "py/runtime.h"'),
    ('board/main.c', '#include "tests/core/test.h"'),
    ('core/other/new.c', '#include <stdint.h>'),
])
def test_layers_refuse_the_rest_and_say_where(tmp_path, name, line):
    status, output = layers(tmp_path, name, line)
    assert status == 1
    assert output.startswith(name + ':')


def compiled(tmp_path, source, *flags, compiler='gcc'):
    path = tmp_path / 'module.o'
    subprocess.run(
        [compiler, '-xc', '-c', '-fdata-sections', *flags, '-o', path, '-'],
        input=source, text=True, check=True)
    return run('check_natmod_objects.py', path)


@pytest.mark.parametrize('source', [
    'int zeroed_and_global;',
    'const int table[] = {1, 2, 3};',
    'extern int f(void); int (*const calls[])(void) = {f};',
    'static const char *const names[] = {"a", "b"};'
    'const char *name(int i) { return names[i]; }',
])
@pytest.mark.parametrize('compiler', ['gcc', 'riscv64-unknown-elf-gcc'])
def test_objects_may_hold_constants_and_zeroed_globals(
        tmp_path, source, compiler):
    status, output = compiled(tmp_path, source, '-fpic', compiler=compiler)
    assert (status, output) == (0, 'native objects: 1 files, 0 findings\n')


@pytest.mark.parametrize('source, flags, words', [
    ('static int calls; int f(void) { return ++calls; }', (), 'static'),
    ('int f(void) { static int calls; return ++calls; }', (), 'static'),
    ('int limit = 3;', (), 'first value'),
    ('int calls;', ('-fvisibility=hidden',), 'hidden'),
    ('int calls;', ('-fcommon',), 'common'),
    ('_Thread_local int calls;', (), 'thread-local'),
])
@pytest.mark.parametrize('compiler', ['gcc', 'riscv64-unknown-elf-gcc'])
def test_objects_with_other_variables_are_refused(
        tmp_path, source, flags, words, compiler):
    status, output = compiled(tmp_path, source, *flags, compiler=compiler)
    assert status == 1
    assert words in output


def test_object_check_fails_when_there_is_nothing_to_check(tmp_path):
    assert run('check_natmod_objects.py', tmp_path)[0] == 1
