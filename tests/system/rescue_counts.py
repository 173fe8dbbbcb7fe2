# SPDX-License-Identifier: MIT
# Runs on a board, behind the text of rescue(): whether a set on trial stays or
# is undone, by what /.blox/boots says. Sent by test_update_rescue.py.
import os
import sys
from binascii import crc32


# In the place of machine.
class Machine:
    def __init__(self, cause):
        self.cause = cause
        self.timeout = None

    def reset_cause(self):
        return self.cause

    def WDT(self, timeout):
        self.timeout = timeout
        return self


def write(path, text):
    with open(path, 'w') as file:
        file.write(text)


def journal(state):
    return 'blox-journal 1 %s %08x\n' % (state, crc32(b''))


def prepare(state):
    write('/.blox/journal', journal(state))
    for form in ('trial', 'undo'):
        write('/.blox/journal.' + form, journal(form))


# The journal's state after a boot of this cause.
def boot(state, machine):
    sys.modules['machine'] = machine
    prepare(state)
    rescue()  # noqa: F821
    with open('/.blox/journal') as file:
        return file.readline().split()[2]


def expect(causes, wanted):
    for state in ('apply', 'trial'):
        machine = Machine(int(causes[-1]))
        write('/.blox/boots', '9 33\n' + causes[:-1])
        found = boot(state, machine)
        if found != wanted:
            print('WRONG', state, causes, found)
        if machine.timeout != (33000 if wanted == 'trial' else None):
            print('WRONG watchdog', causes, machine.timeout)
        with open('/.blox/boots') as file:
            if file.read() != '9 33\n' + causes:
                print('WRONG mark', causes)


# Without a file to count in, with one that says nothing, and on a flash that
# takes no more, the set cannot be watched.
def unmarked():
    os.remove('/.blox/boots')
    if boot('trial', Machine(2)) != 'undo':
        print('WRONG without boots')
    write('/.blox/boots', 'nonsense')
    if boot('trial', Machine(2)) != 'undo':
        print('WRONG with nonsense')


def count(kept, undone):
    try:
        os.mkdir('/.blox')
    except OSError:
        pass
    for causes in kept:
        expect(causes, 'trial')
    for causes in undone:
        expect(causes, 'undo')
    unmarked()
    for state in ('undo', 'confirmed'):
        write('/.blox/boots', '9 33\n2222')
        if boot(state, Machine(2)) != state:
            print('WRONG', state)
    print('DONE')
