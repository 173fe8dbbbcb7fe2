#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Checks that the folders are the layers: who may include whom.

    tools/check_layers.py [TOP]

Every C file's #include lines are held against the table below. Quoted names
count from the top of the repository. Prints one line for each include that
the table does not allow, and exits 1 if there is any.
"""

import pathlib
import re
import sys

# What the core may use of C: types and mem*.
PLAIN = {'stdint.h', 'stddef.h', 'stdbool.h', 'string.h'}
ANY = None

ENGINES = ('core/mqtt', 'core/pkg', 'core/conf', 'core/hass', 'core/sense',
           'core/dsp', 'core/sound', 'core/log')

# layer: (layers it may include besides itself, further names, <system> names)
LAYERS = {
    'core/base': ((), (), PLAIN),
    'core/codec': (('core/base',), (), PLAIN | {'tinflate.c', 'uzlib.h'}),
    'core/ota': (('core/base', 'core/codec', 'core/pkg'), (), PLAIN),
    'sim': (('core/base',), (), ANY),
    'bind': (('core',), ('py/',), PLAIN),
    # src/ is BearSSL's.
    'bind/verify': (('bind', 'core'), ('src/',), PLAIN),
    'board': (('sim', 'bind', 'core'),
              ('py/', 'extmod/', 'shared/', 'ports/', 'lib/', 'genhdr/',
               'variants/', 'input.h', 'mpconfigport.h', 'mphalport.h'), ANY),
    'cli': (('core',), (), ANY),
    'tests': (('core', 'sim', 'bind', 'board', 'cli'), (), ANY),
    # A variant of MicroPython's unix port, as the board is.
    'tests/power': (('tests', 'sim', 'board'),
                    ('py/', 'extmod/', 'shared/', 'lib/littlefs/'), ANY),
    # A board made of MicroPython's qemu port.
    'bench/rest': ((), ('py/', 'shared/', 'ports/'), ()),
    'bench': (('core', 'sim', 'bind', 'board', 'cli', 'tests'), (), ANY),
}
for engine in ENGINES:
    LAYERS[engine] = (('core/base', 'core/codec'), (), PLAIN)

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def layer_of(name):
    """The layer a path belongs to, or None: "core/ota/plan.h" is core/ota."""
    parts = name.split('/')
    for length in (2, 1):
        layer = '/'.join(parts[:length])
        if len(parts) > length and layer in LAYERS:
            return layer
    return None


def inside(name, layer):
    return name.startswith(layer + '/')


def problem(layer, quote, name, folder):
    """What is wrong with an include of `name` in `layer`, or None."""
    layers, names, system = LAYERS[layer]
    if quote == '<':
        if system is ANY or name in system or name.startswith(names):
            return None
        return 'may use of the system only ' + ', '.join(
            '<%s>' % one for one in sorted(system))
    if inside(name, layer) or any(inside(name, one) for one in layers):
        return None
    if name.startswith(names):
        return None
    # The board is built by MicroPython's makefile, which wants names of its
    # own choosing beside the file that includes them.
    if layer == 'board' and (folder / name).is_file():
        return None
    return 'may include only ' + ', '.join((layer,) + layers + names)


def check_file(top, path):
    name = path.relative_to(top).as_posix()
    layer = layer_of(name)
    if layer is None:
        return ['%s: belongs to no layer of the table' % name]
    found = []
    text = path.read_text(encoding='utf-8')
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        what = match and problem(layer, match[1], match[2], path.parent)
        if what:
            found.append('%s:%d: includes %s: %s %s' % (
                name, number, match[2], layer, what))
    return found


def c_files(top):
    folders = ('core', 'sim', 'bind', 'board', 'cli', 'tests', 'bench')
    return sorted(path for folder in folders
                  for path in (top / folder).rglob('*')
                  if path.suffix in ('.c', '.h') and path.is_file())


def main(argv):
    top = pathlib.Path(argv[1] if len(argv) > 1 else '.').resolve()
    files = c_files(top)
    found = [line for path in files for line in check_file(top, path)]
    print('\n'.join(found + ['layers: %d files, %d wrong includes' % (
        len(files), len(found))]))
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
