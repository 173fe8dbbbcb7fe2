# SPDX-License-Identifier: MIT
"""What every measuring target prints and writes.

build/<target>.json is a list of objects with the keys name, value, unit,
limit, better ("lower" or "higher") and ok. A limit of null means there is
none: the figure is only to be looked at. People get the same as a table, with
the change since the file was last written.
"""

import json
import os

BUILD = os.path.join(os.path.dirname(os.path.dirname(__file__)), 'build')


def entry(name, value, unit, limit=None, better='lower'):
    """One measured figure; `ok` says whether it keeps its limit."""
    ok = limit is None or (
        value <= limit if better == 'lower' else value >= limit)
    return {'name': name, 'value': value, 'unit': unit, 'limit': limit,
            'better': better, 'ok': ok}


def finish(target, entries):
    """Prints the table, writes build/<target>.json. What another program wrote
    there stays: figures whose first word is none of these entries'.

    Returns the exit status: 0, or 1 when a figure misses its limit.
    """
    path = os.path.join(BUILD, target + '.json')
    print_table(entries, read(path))
    os.makedirs(BUILD, exist_ok=True)
    parts = {part(row['name']) for row in entries}
    others = [row for row in read_rows(path) if part(row['name']) not in parts]
    with open(path, 'w') as file:
        json.dump(others + entries, file, indent=1)
        file.write('\n')
    missed = [row['name'] for row in entries if not row['ok']]
    if missed:
        print('%s: over the limit: %s' % (target, ', '.join(missed)))
    return 1 if missed else 0


def part(name):
    return name.partition('.')[0]


def read_rows(path):
    """The entries of an earlier run."""
    try:
        with open(path) as file:
            return [row for row in json.load(file)
                    if isinstance(row['value'], (int, float)) and row['name']]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def read(path):
    """The figures of an earlier run: a dictionary of name to value."""
    return {row['name']: row['value'] for row in read_rows(path)}


def print_table(entries, before):
    width = max([len(row['name']) for row in entries] or [0])
    for row in entries:
        print('  %-*s %10s %-6s %-12s %-8s %s' % (
            width, row['name'], number(row['value']), row['unit'],
            limit_text(row), change(row, before),
            '' if row['ok'] else '<-- limit'))


def limit_text(row):
    if row['limit'] is None:
        return ''
    sign = '<=' if row['better'] == 'lower' else '>='
    return '%s %s' % (sign, number(row['limit']))


def change(row, before):
    old = before.get(row['name'])
    if old is None or old == row['value']:
        return ''
    sign = '+' if row['value'] > old else '-'
    return sign + number(abs(row['value'] - old))


def number(value):
    if isinstance(value, float):
        return '%.2f' % value
    return '{:,}'.format(value)
