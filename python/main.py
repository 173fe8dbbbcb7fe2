# SPDX-License-Identifier: MIT
# Ends or undoes an update, then boots mpy_blox. docs/journal.md explains it.
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


# Ctrl-C, which is no crash, or why mpy_blox does not start.
def ended(error, watchdog):
    import machine, sys  # noqa: E401

    try:
        if isinstance(error, KeyboardInterrupt):
            with open('/.blox/boots') as file:
                head = file.readline().split()[:2]
            with open('/.blox/boots', 'w') as file:
                file.write(' '.join(head + ['repl\n']))
        elif watchdog:
            with open('/.blox/crash', 'w') as file:
                sys.print_exception(error, file)
    except OSError:
        pass  # such as on a device that had no update yet
    if isinstance(error, KeyboardInterrupt):
        watchdog and machine.WDT(timeout=0x7FFFFFFF)  # none can be stopped
        raise error
    sys.print_exception(error)
    if watchdog:
        machine.reset()  # counts as a crash of the new set
    print("mpy_blox does not start; run 'make deploy-lib', or copy it to /lib")


if __name__ == '__main__':
    watchdog = None
    try:
        try:
            watchdog = rescue()
        except Exception as error:
            print('rescue:', error)
        del rescue  # nothing needs it at rest
        from mpy_blox.app import main_except_reset

        main_except_reset()
    except (Exception, KeyboardInterrupt) as error:
        ended(error, watchdog)
