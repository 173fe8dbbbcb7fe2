# SPDX-License-Identifier: MIT
# Journals as a failing flash or a foreign hand may leave them, and what
# rescue() may make of them. Runs twice: on a board, behind the text of
# rescue(), over a littlefs in RAM; and on the host, for journals() alone.
# Prints what went wrong, with the number that makes it again, then DONE.
from binascii import crc32

OLD = {
    '/lib/a.py': 'old a',
    '/lib/gone.py': 'gone',
    '/lib/blank in name.py': 'blank',
    '/data/mine.txt': 'mine',
    '/main.py': 'main',
    '/settings.json': '{}',
}
STAGED = {
    '/.blox/0': ('/lib/a.py', 'new a'),
    '/.blox/1': ('/lib/new/deep/b.py', 'b'),
    '/.blox/2': ('/lib/empty.py', ''),
}
LINES = (
    'remove\t/lib/gone.py\t/.blox/b0',
    'remove\t/lib/blank in name.py\t/.blox/b1',
    'move\t/.blox/0\t/lib/a.py\t/.blox/b12\t',
    'mkdir\t/lib/new',
    'mkdir\t/lib/new/deep',
    'move\t/.blox/1\t/lib/new/deep/b.py\t/.blox/b4\t',
    'move\t/.blox/2\t/lib/empty.py\t/.blox/b5\t',
)
STATES = ('apply', 'trial', 'confirmed', 'undo')


def sealed(state, body, format=1):
    head = 'blox-journal %d %s %08x\n' % (format, state, crc32(body))
    return head.encode() + body


def lines():
    found = []
    for line in LINES:
        if line.startswith('move'):
            text = STAGED[line.split('\t')[1]][1]
            line += '%08x' % crc32(text.encode())
        found.append(line.encode() + b'\n')
    return found


# A generator of numbers that is the same everywhere.
class Dice:
    def __init__(self, seed):
        self.state = seed * 2654435761 + 12345 & 0xFFFFFFFF

    def roll(self, sides):
        self.state = self.state * 1664525 + 1013904223 & 0xFFFFFFFF
        return (self.state >> 8) % sides


def change_bits(dice, data, body):
    data = bytearray(data)
    for _ in range(1 + dice.roll(3)):
        data[dice.roll(len(data))] ^= 1 << dice.roll(8)
    return bytes(data)


def change_bytes(dice, data, body):
    data = bytearray(data)
    for _ in range(1 + dice.roll(8)):
        data[dice.roll(len(data))] = b'\0\t\n\r /.\xff\xc3x0'[dice.roll(11)]
    return bytes(data)


def cut_short(dice, data, body):
    return data[: dice.roll(len(data))]


def cut_out(dice, data, body):
    at = dice.roll(len(data))
    return data[:at] + data[at + 1 + dice.roll(40) :]


def append(dice, data, body):
    more = (data[: dice.roll(len(data))], b'\xff' * 500, b'\0', b'\n\n\t\n')
    return data + more[dice.roll(4)]


def repeat_lines(dice, data, body):
    at = dice.roll(len(body))
    more = body[: at + 1] + body[at:] * (1 + dice.roll(3)) + body[at + 1 :]
    return maybe_sealed(dice, more)


def shuffle_lines(dice, data, body):
    body = list(body)
    for at in range(len(body)):
        other = dice.roll(len(body))
        body[at], body[other] = body[other], body[at]
    return maybe_sealed(dice, body)


def drop_lines(dice, data, body):
    return maybe_sealed(dice, [line for line in body if dice.roll(2)])


def other_header(dice, data, body):
    body = b''.join(body)
    return (
        sealed('apply', body, 2),
        sealed('apply', body, 11),
        sealed('', body),
        sealed('applied', body),
        sealed('APPLY', body),
        sealed('x' * 70, body),
        sealed('apply', body).upper(),
        sealed('apply', body).replace(b'\n', b'\r\n'),
        b'\n' + sealed('apply', body),
        body,
    )[dice.roll(10)]


def strange_lines(dice, data, body):
    body = list(body)
    strange = (
        b'chmod\t/lib/a.py\t777\n',
        b'remove\n',
        b'move\t/.blox/0\n',
        b'mkdir\t\n',
        b'\n',
        b'\t\t\t\t\t\t\t\n',
        b'remove\t/lib/\xff\xfe.py\t/.blox/b7\n',
        b'remove\t' + b'/x' * 700 + b'\t/.blox/b7\n',
        b'mkdir\t/lib/a.py/b\n',
        b'mkdir\t' + b'y' * 3000 + b'\n',
        b'move\t/.blox/none\t/lib/none.py\t/.blox/b9\tzzzz\n',
    )
    body.insert(dice.roll(len(body) + 1), strange[dice.roll(11)])
    return maybe_sealed(dice, body)


def nonsense(dice, data, body):
    kind = dice.roll(5)
    if kind == 0:
        return b''
    if kind == 1:
        return bytes(dice.roll(256) for _ in range(dice.roll(600)))
    return (b'\0', b'x', b'\n' * 10)[kind - 2] * (1 + dice.roll(2000))


def maybe_sealed(dice, body):
    return sealed(STATES[dice.roll(4)], b''.join(body), 1 + dice.roll(9) // 8)


MUTATIONS = (
    change_bits,
    change_bytes,
    cut_short,
    cut_out,
    append,
    repeat_lines,
    shuffle_lines,
    drop_lines,
    other_header,
    strange_lines,
    nonsense,
)


# The journal of this number.
def journal(number):
    dice = Dice(number)
    body = lines()
    data = sealed(STATES[dice.roll(4)], b''.join(body))
    return MUTATIONS[number % len(MUTATIONS)](dice, data, body)


# The state it is in: what its header says if it is whole, else undo.
def state_of(data):
    head, _, body = data.partition(b'\n')
    for state in STATES:
        if head == sealed(state, body).partition(b'\n')[0]:
            return state
    return 'undo'


# ---- On the board


class Disk:
    """RAM that littlefs lies on."""

    SIZE = 512

    def __init__(self, count):
        self.data = bytearray(self.SIZE * count)

    def readblocks(self, block, buffer, offset=0):
        at = block * self.SIZE + offset
        buffer[:] = memoryview(self.data)[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=None):
        at = block * self.SIZE + (offset or 0)
        self.data[at : at + len(buffer)] = buffer

    def ioctl(self, op, arg):
        if op == 4:
            return len(self.data) // self.SIZE
        if op == 5:
            return self.SIZE
        return 0


def write(path, data):
    with open(path, 'wb') as file:
        file.write(data)


# What lies on a file system. Names are bytes: a journal may have made one that
# is not UTF-8.
# But for the two files that rescue() may always change: what it counts in, and
# the reserve.
def tree(vfs, folder=b'', found=None):
    found = {} if found is None else found
    for name, kind, *_ in vfs.ilistdir(folder or b'/'):
        path = folder + b'/' + name
        if kind == 0x4000:
            found[path] = None
            tree(vfs, path, found)
        elif path not in (b'/.blox/boots', b'/.blox/reserve'):
            with vfs.open(path, 'rb') as file:
                found[path] = file.read()
    return found


def prepare():
    import os

    for folder in ('/lib', '/data', '/data/empty', '/.blox'):
        os.mkdir(folder)
    for path, text in OLD.items():
        write(path, text.encode())
    for path, (_, text) in STAGED.items():
        write(path, text.encode())
    body = b''.join(lines())
    for state in STATES[1:]:
        write('/.blox/journal.' + state, sealed(state, body))
    write('/.blox/reserve', b'r' * 700)
    write('/.blox/boots', b'17 10000\n')


# Content survives: only a journal may be replaced.
def contents(found):
    kept = [
        text
        for path, text in found.items()
        if text is not None and path[:8] != b'/.blox/j'
    ]
    return sorted(kept)


class Runs:
    def __init__(self, rescue):
        import os

        self.rescue = rescue
        self.disk = Disk(160)
        os.umount('/')
        os.VfsLfs2.mkfs(self.disk)
        self.mount()
        prepare()
        # Before it is applied, on trial, and then without journal.undo.
        self.images = [bytes(self.disk.data)]
        write('/.blox/journal', sealed('apply', b''.join(lines())))
        rescue()
        os.remove('/.blox/journal')
        write('/.blox/journal.trial', sealed('trial', b''.join(lines())))
        self.images.append(bytes(self.disk.data))
        os.remove('/.blox/journal.undo')
        self.images.append(bytes(self.disk.data))
        self.counts = {}

    def mount(self):
        import os

        self.vfs = os.VfsLfs2(self.disk)
        os.mount(self.vfs, '/')

    def boot(self, image):
        import os

        os.umount('/')
        self.disk.data[:] = image
        self.mount()

    def run(self, number):
        data = journal(number)
        image = number // len(MUTATIONS) % len(self.images)
        committed = number % 5 != 0
        self.boot(self.images[image])
        name = '/.blox/journal' if committed else '/.blox/journal.apply'
        write(name, data)
        before = tree(self.vfs)
        try:
            self.rescue()
        except BaseException as e:
            self.wrong(number, 'it raised %r' % e)
            return
        after = tree(self.vfs)
        state = state_of(data) if committed else 'none'
        self.counts[state] = self.counts.get(state, 0) + 1
        self.check(number, data, state, before, after)

    def wrong(self, number, what):
        print('WRONG', number, what)

    def check(self, number, data, state, before, after):
        left = contents(after)
        for text in contents(before):
            if text not in left:
                self.wrong(number, '%s: %s is lost' % (state, text))
            else:
                left.remove(text)
        if state in ('none', 'trial', 'confirmed') and before != after:
            self.wrong(number, '%s: it touched something' % state)
        if state == 'undo':
            whole = before.get(b'/.blox/journal.undo')
            self.check_untouched(number, whole or data, before, after)
            self.check_undone(number, whole or data, after)

    def check_untouched(self, number, data, before, after):
        for path, text in before.items():
            may_change = path.startswith(b'/.blox/') or path in data
            if not may_change and after.get(path, 0) != text:
                self.wrong(number, 'undo: %s was not named' % path)

    # Where whole lines are missing, those that are left are undone.
    def check_undone(self, number, data, after):
        if data == journal(number) and number % len(MUTATIONS) != 2:
            return
        whole = data[: data.rfind(b'\n') + 1]
        for path, text in OLD.items():
            path = path.encode()
            is_there = b'\t' + path + b'\t' in whole
            if is_there and after.get(path) != text.encode():
                self.wrong(number, 'undo: %s is not what it was' % path)


def run_all(rescue, first, count):
    runs = Runs(rescue)
    for number in range(first, first + count):
        runs.run(number)
    print(runs.counts)
    print('DONE')
