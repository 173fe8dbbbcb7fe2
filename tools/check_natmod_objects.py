#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Checks objects that are to become native modules for data no module may have.

    tools/check_natmod_objects.py FILE.o|FOLDER...

A native module has no place for a variable of file scope that changes, other
than a global one that starts as zero. For x64 and ARM the linker refuses the
rest; for rv32imc it links in silence, and the module then writes into its own
code. So it is refused here, for every architecture. A folder stands for all
objects below it. Objects that hold gcc's own form of a program in place of code
are passed over: what they are compiled to lies beside them. Prints one line for
each finding, and exits 1 if there is any or if there was no object to check.
"""

import pathlib
import sys

from elftools.elf.elffile import ELFFile

ZEROED = ('.bss', '.sbss')
INITIALISED = ('.data', '.sdata')
# Constants that hold addresses: the linker treats them as read-only.
READ_ONLY = '.data.rel.ro'
THREAD = ('.tdata', '.tbss')

# Of an object for the link-time optimizer alone.
NO_CODE = '__gnu_lto_slim'

ADVICE = 'keep it in an object that the caller holds'


def section_name(elf, symbol):
    index = symbol['st_shndx']
    return elf.get_section(index).name if isinstance(index, int) else index


def symbol_problem(elf, symbol):
    """What is wrong with a symbol, or None."""
    section = section_name(elf, symbol)
    kind = symbol['st_info']['type']
    if section == 'SHN_COMMON':
        return 'is a common symbol; %s' % ADVICE
    if kind == 'STT_TLS' or section.startswith(THREAD):
        return 'is thread-local; %s' % ADVICE
    if kind != 'STT_OBJECT' or not section.startswith(ZEROED):
        return None
    if symbol['st_info']['bind'] == 'STB_LOCAL':
        return 'is a static variable; %s' % ADVICE
    if symbol['st_other']['visibility'] != 'STV_DEFAULT':
        return 'is a variable of hidden visibility; %s' % ADVICE
    return None


def section_problem(section):
    name = section.name
    if name.startswith(READ_ONLY) or not section.data_size:
        return None
    if name.startswith(INITIALISED):
        return 'holds variables with a first value; make them const, or %s' \
            % ADVICE
    return None


def check_object(path):
    """The findings in an object; None for one that holds no code."""
    found = []
    with open(path, 'rb') as file:
        elf = ELFFile(file)
        table = elf.get_section_by_name('.symtab')
        if table and table.get_symbol_by_name(NO_CODE):
            return None
        for symbol in table.iter_symbols() if table else ():
            what = symbol_problem(elf, symbol)
            if what:
                found.append('%s: %s %s' % (path, symbol.name, what))
        for section in elf.iter_sections():
            what = section_problem(section)
            if what:
                found.append('%s: section %s %s' % (path, section.name, what))
    return found


def objects(names):
    for name in map(pathlib.Path, names):
        if name.is_dir():
            yield from sorted(name.rglob('*.o'))
        else:
            yield name


def main(argv):
    checked = [check_object(path) for path in objects(argv[1:])]
    files = [found for found in checked if found is not None]
    found = [line for lines in files for line in lines]
    print('\n'.join(found + ['native objects: %d files, %d findings' % (
        len(files), len(found))]))
    return 1 if found or not files else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv))
