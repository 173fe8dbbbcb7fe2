# SPDX-License-Identifier: MIT
# For programs with a main.py of their own: `import mpy_blox.rescue` in its
# first line ends or undoes an update that the power cut, and installs one that
# is ready. rescue() is the text of /main.py, word for word (tests/system/
# test_update_rescue.py compares them): neither file may need the other.
RESCUE = 1  # the newest journal format that rescue() understands


def rescue(journal='/.blox/journal', reserve='/.blox/reserve'):
    import os
    from binascii import crc32

    def there(path):
        try:
            return bool(os.stat(path))
        except OSError:
            return False

    def move(path, to):
        there(path) and not there(to) and os.rename(path, to)

    def checksum(path, crc=0, skip=0):
        with open(path, 'rb') as file:
            file.seek(skip)
            while data := file.read(512):
                crc = crc32(data, crc)
        return b'%08x' % crc

    def step(back, kind, path, to=None, backup=None, crc=None):
        if kind == b'mkdir':
            os.rmdir(path) if back else there(path) or os.mkdir(path)
        elif kind == b'remove':
            move(*((to, path) if back else (path, to)))
        elif back:
            if there(to) and not there(path) and checksum(to) == crc:
                os.rename(to, path)
            move(backup, to)
        elif there(path):
            move(to, backup)
            os.rename(path, to)

    def replay(back):
        with open(journal, 'rb') as file:
            at = [file.tell() for _ in file][:-1]
            for offset in reversed(at) if back else at:
                file.seek(offset)
                try:
                    step(back, *file.readline()[:-1].split(b'\t'))
                except Exception:
                    if not back:
                        raise

    if there(journal):
        with open(journal, 'rb') as file:
            head = file.readline()
        sum = checksum(journal, skip=len(head))
        whole = head[:15] + head[-9:-1] == b'blox-journal 1 ' + sum
        state = head[15:-10] if whole else b'undo'
        try:
            if state == b'apply':
                there(reserve) and os.remove(reserve)
                replay(False)
                os.rename(journal + '.trial', journal)
                state = b'trial'
        except Exception as error:
            print('rescue: the update is undone:', error)
            state = b'undo'
        if state not in (b'trial', b'confirmed'):
            there(journal + '.undo') and os.rename(journal + '.undo', journal)
            replay(True)


rescue()

from mpy_blox.update import boot  # noqa: E402

boot()
