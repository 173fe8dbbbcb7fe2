# SPDX-License-Identifier: MIT
# For programs with a main.py of their own: `import mpy_blox.rescue` in its
# first line ends or undoes an update that the power cut, and installs one that
# is ready. rescue() is the text of /main.py, word for word (tests/system/
# test_update_rescue.py compares them): neither file may need the other.
RESCUE = 1  # the newest journal format that rescue() understands


def rescue(journal='/.blox/journal', undo='/.blox/journal.undo'):
    import binascii, machine, os  # noqa: E401

    def there(path):
        try:
            return bool(os.stat(path))
        except OSError:
            return False

    def move(path, to):
        there(path) and not there(to) and os.rename(path, to)

    def checksum(file, crc=0):
        while data := file.read(512):
            crc = binascii.crc32(data, crc)
        file.close()
        return b'%08x' % crc

    def step(back, kind, path, to=None, backup=None, crc=None):
        if kind == b'mkdir':
            if not back or os.stat(path)[0] == 0x4000:  # rmdir takes files
                os.rmdir(path) if back else there(path) or os.mkdir(path)
        elif kind == b'remove':
            move(*((to, path) if back else (path, to)))
        elif back:
            there(to) and checksum(open(to, 'rb')) == crc and move(to, path)
            move(backup, to)
        elif there(path):
            move(to, backup)
            os.rename(path, to)

    def replay(back):
        with open(journal, 'rb') as file:
            for at in [file.tell() for _ in file][:-1][:: -1 if back else 1]:
                file.seek(at)
                try:
                    step(back, *file.readline().split(b'\n')[-2].split(b'\t'))
                except Exception if back else ():
                    pass

    if there(journal):
        with open(journal, 'rb') as file:
            head, sum = file.readline(), b'blox-journal 1 ' + checksum(file)
        state = head[15:-10] if head[:15] + head[-9:-1] == sum else b'undo'
        try:
            if state in (b'apply', b'trial'):
                there('/.blox/reserve') and os.remove('/.blox/reserve')
                with open('/.blox/boots', 'r+') as file:
                    text = file.read() + str(machine.reset_cause())
                    file.write(text[-1])  # the crash mark: before the new set
                bad = text.split('\n')[1][1:].replace('4', '')
                if bad.count('1') > 9 or len(bad.replace('1', '')) > 2:
                    raise OSError('it crashed, or lost power, too often')
                if state == b'apply':
                    replay(False)
                    os.rename(journal + '.trial', journal)
                return machine.WDT(timeout=int(text.split()[1]) * 1000)
        except Exception as error:
            print('rescue: the update is undone:', error)
            state = b'undo'
        if state != b'confirmed':
            try:
                there(undo) and os.rename(undo, journal)
            finally:
                replay(True)


rescue()

from mpy_blox.forget import borrow  # noqa: E402

borrow('trial').boot()
