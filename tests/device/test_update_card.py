# SPDX-License-Identifier: MIT
# What the update card calls sets of packages.
import json
import os

from mpy_blox.mqtt import card

card._TODO = '/test_todo'
card._SETS = '/test_sets'
force = bytearray(4)  # the hash of the list in force


def todo(key, *entries):
    with open(card._TODO, 'wb') as file:
        file.write(b'blxtodo1' + key + bytes(28))
        for kind, name, version in entries:
            name, version = name.encode(), version.encode()
            file.write(bytes((kind, 2, len(name), len(version))) + bytes(36))
            file.write(name + version)
        file.write(bytes(5))


def installed(key):
    force[:] = key


def named(key, *entries):
    todo(key, *entries)
    assert card.learn({'lamp': '1.0'}, force)
    assert not card.learn({'lamp': '1.0'}, force)
    return card._known()[0][1:]


assert card._known() == [] and not card.learn({}, force)
assert named(b'aaaa', (1, 'lamp', '2.0')) == ('lamp 2.0', 'lamp 1.0 to 2.0')
assert named(b'bbbb', (2, 'b.py', ''), (3, 'old.py', ''), (1, 'x', '1')) == (
    'x 1, b.py, old.py (62626262)',
    'x 1, b.py, without old.py',
)
# only what is installed is remembered besides
installed(b'bbbb')
assert named(b'cccc', (2, 'user_main.py', ''))[0] == 'user_main.py (63636363)'
assert [known[0] for known in card._known()] == ['63636363', '62626262']

# what stands in a template has no quotes and no braces
name, change = named(b'dddd', (2, "{{ a }}'\"\t%}{%.py", ''))
assert name == '?? a ???????.py (64646464)' or '{' not in name + change, name
assert "'" not in name and '"' not in name and '\t' not in name
# long ones are cut
name, change = named(b'eeee', *((2, 'x' * 150 + str(n), '') for n in range(9)))
assert len(name) <= 80 and len(change) <= 255, (len(name), len(change))
assert change.endswith(' and 8 more'), change
name, change = named(b'ffff', *((1, 'p%d' % n, '1.0') for n in range(99)))
assert name.startswith('p0 1.0, p1 1.0, ') and ' more (66666666)' in name
# two sets of one name are two versions
installed(b'ffff')
assert named(b'gggg', (1, 'lamp', '2.0'))[0] == 'lamp 2.0'
installed(b'gggg')
named(b'hhhh', (1, 'lamp', '2.0'))
template = card._template('mpy-blox 1.0.0')
assert '"67676767": "lamp 2.0"' in template, template
assert '"68686868": "lamp 2.0 (68686868)"' in template, template
assert "else 'mpy-blox 1.0.0' %}" in template
# a file that is none of ours
with open(card._SETS, 'w') as file:
    file.write('x\n\n')
assert card._known() == []
todo(b'iiii')
for path in (card._TODO, card._SETS):
    os.remove(path)
print('OK')
