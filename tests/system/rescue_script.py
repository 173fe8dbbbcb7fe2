# SPDX-License-Identifier: MIT
# Runs on a board, behind the text of rescue(): cuts it at every operation
# that changes the flash, and fails every one, for each state of a journal.
# Sent by test_update_rescue.py; prints what went wrong, then DONE.
import os
import sys
from binascii import crc32


class Cut(BaseException):
    pass


# In the place of os: counts what changes the flash, and stops at it.
class Os:
    def __init__(self):
        self.count = 0
        self.cut_at = self.fail_at = 0

    def __getattr__(self, name):
        function = getattr(os, name)
        if name not in ('rename', 'remove', 'mkdir', 'rmdir'):
            return function

        def counted(*arguments):
            self.count += 1
            if self.count == self.cut_at:
                raise Cut
            if self.count == self.fail_at:
                raise OSError(28)
            return function(*arguments)

        return counted


fake = Os()
OLD = {
    '/t/a.py': 'old a',
    '/t/gone.py': 'gone',
    '/t/name with blank.py': 'blank',
    '/t/\xe9.py': 'accent',
}
NEW = {
    '/t/a.py': 'new a',
    '/t/new/deep/b.py': 'b',
    '/t/empty.py': '',
    '/t/\xe9.py': 'new accent',
}
STAGED = {
    '/.blox/0': ('/t/a.py', 'new a'),
    '/.blox/1': ('/t/new/deep/b.py', 'b'),
    '/.blox/2': ('/t/empty.py', ''),
    '/.blox/3': ('/t/\xe9.py', 'new accent'),
}
LINES = [
    'remove\t/t/gone.py\t/.blox/b0',
    'remove\t/t/name with blank.py\t/.blox/b1',
    'remove\t/t/\xe9.py\t/.blox/b2',
    'move\t/.blox/0\t/t/a.py\t/.blox/b3\t@',
    'mkdir\t/t/new',
    'mkdir\t/t/new/deep',
    'move\t/.blox/1\t/t/new/deep/b.py\t/.blox/b4\t@',
    'move\t/.blox/2\t/t/empty.py\t/.blox/b5\t@',
    'move\t/.blox/3\t/t/\xe9.py\t/.blox/b6\t@',
]
STATES = ('apply', 'trial', 'confirmed', 'undo')


def write(path, text):
    with open(path, 'wb') as file:
        file.write(text)


def clear(folder):
    for name, kind, *_ in list(os.ilistdir(folder)):
        path = folder + '/' + name
        if kind == 0x4000:
            clear(path)
            os.rmdir(path)
        else:
            os.remove(path)


def tree(folder, found):
    for name, kind, *_ in os.ilistdir(folder):
        path = folder + '/' + name
        if kind == 0x4000:
            found[path] = None
            tree(path, found)
        else:
            with open(path) as file:
                found[path] = file.read()
    return found


def prepare():
    for folder in ('/t', '/.blox'):
        try:
            os.mkdir(folder)
        except OSError:
            clear(folder)
    for path, text in OLD.items():
        write(path, text.encode())
    body = ''
    for line in LINES:
        if line.endswith('@'):
            text = STAGED[line.split('\t')[1]][1].encode()
            line = line[:-1] + '%08x' % crc32(text)
        body += line + '\n'
    body = body.encode()
    for path, (_, text) in STAGED.items():
        write(path, text.encode())
    for state in STATES:
        head = 'blox-journal 1 %s %08x\n' % (state, crc32(body))
        write('/.blox/journal.' + state, head.encode() + body)
    write('/.blox/reserve', b'\0' * 4096)
    write('/.blox/boots', b'17 10000\n')
    os.rename('/.blox/journal.apply', '/.blox/journal')


def expected(files):
    found = dict(files)
    for path in files:
        parts = path.split('/')
        for i in range(3, len(parts)):
            found['/'.join(parts[:i])] = None
    return found


NEW_TREE = expected(NEW)
OLD_TREE = expected(OLD)


def state():
    with open('/.blox/journal') as file:
        return file.readline().split()[2]


def run(cut_at=0, fail_at=0):
    fake.count, fake.cut_at, fake.fail_at = 0, cut_at, fail_at
    sys.modules['os'] = fake
    try:
        rescue()  # noqa: F821
        return True
    except Cut:
        return False
    finally:
        sys.modules['os'] = os


def check(what, wanted, wanted_state):
    found = tree('/t', {})
    if found != wanted or state() != wanted_state:
        print('WRONG', what, state(), found)


def undo_again():
    os.rename('/.blox/journal.undo', '/.blox/journal')


def cuts():
    prepare()
    run()
    operations = fake.count
    check('apply', NEW_TREE, 'trial')
    run()
    check('apply twice', NEW_TREE, 'trial')
    if fake.count:
        print('WRONG: a set on trial is touched')
    for at in range(1, operations + 1):
        prepare()
        if run(cut_at=at):
            print('WRONG: no cut at', at)
        for again in range(1, operations + 1, 3):
            run(cut_at=again)
        run()
        check('cut at %d' % at, NEW_TREE, 'trial')
    return operations


def undos():
    prepare()
    run()
    undo_again()
    run()
    operations = fake.count
    check('undo', OLD_TREE, 'undo')
    run()
    check('undo twice', OLD_TREE, 'undo')
    for at in range(1, operations + 1):
        prepare()
        run()
        undo_again()
        run(cut_at=at)
        run()
        check('undo cut at %d' % at, OLD_TREE, 'undo')
    for path, text in (('/t/a.py', 'deployed'), ('/t/new/deep/c.py', 'mine')):
        prepare()
        run()
        write(path, text.encode())
        undo_again()
        run()
        if tree('/t', {}).get(path) != text:
            print('WRONG: undo took', path)


def failures(operations):
    for at in range(1, operations + 1):
        prepare()
        run(fail_at=at)
        check('failed at %d' % at, OLD_TREE, 'undo')
        run()
        check('failed at %d, again' % at, OLD_TREE, 'undo')


# A journal that is not whole, or of another format, is undone.
def torn():
    for spoil in range(3):
        prepare()
        run(cut_at=6)
        with open('/.blox/journal', 'rb') as file:
            data = file.read()
        if spoil == 0:
            data = data[:-3]
        elif spoil == 1:
            data = data.replace(b'journal 1', b'journal 2')
        else:
            data = b''
        write('/.blox/journal', data)
        run()
        check('torn %d' % spoil, OLD_TREE, 'undo')


operations = cuts()
print('operations', operations)
undos()
failures(operations)
torn()
print('DONE')
