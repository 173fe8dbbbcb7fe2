# SPDX-License-Identifier: MIT
# Ends or undoes an update, then boots mpy_blox. docs/journal.md explains it.
RESCUE = 1  # the newest journal format that rescue() understands


def rescue(log='/.blox/journal'):
    import binascii, machine, os  # noqa: E401

    def stat(path):
        try:
            return os.stat(path)
        except OSError:
            return ()  # not there

    def rename(path, name):
        stat(path) and not stat(name) and os.rename(path, name)

    def sum(file, crc32=0):
        while data := file.read(512):
            crc32 = binascii.crc32(data, crc32)
        file.close()
        return b'%08x' % crc32

    def step(undo, type, path, name=None, copy=None, hash=None):
        if type == b'mkdir':
            if not undo or os.stat(path)[0] == 0x4000:  # rmdir takes files
                os.rmdir(path) if undo else stat(path) or os.mkdir(path)
        elif type == b'remove':
            rename(*((name, path) if undo else (path, name)))
        elif undo:
            stat(name) and sum(open(name, 'rb')) == hash and rename(name, path)
            rename(copy, name)
        elif stat(path):
            rename(name, copy)
            os.rename(path, name)

    def replace(undo):
        with open(log, 'rb') as file:
            for line in sorted([file.tell() for _ in file][:-1], reverse=undo):
                file.seek(line)
                try:
                    step(undo, *file.readline().split(b'\n')[-2].split(b'\t'))
                except Exception if undo else ():
                    pass

    if stat(log):
        with open(log, 'rb') as file:
            line, hash = file.readline(), b'blox-journal 1 ' + sum(file)
        state = line[15:-10] if line[:15] + line[-9:-1] == hash else b'undo'
        try:
            if state in (b'apply', b'trial'):
                stat('/.blox/reserve') and os.remove('/.blox/reserve')
                with open('/.blox/boots', 'r+') as file:
                    text = file.read() + str(machine.reset_cause())
                    file.write(text[-1])  # the crash mark: before the new set
                line = text.split('\n')[1][1:].replace('4', '')
                if line.count('1') > 9 or len(line.replace('1', '')) > 2:
                    raise OSError('it crashed, or lost power, too often')
                if state == b'apply':
                    replace(False)
                    os.rename(log + '.trial', log)
                return machine.WDT(timeout=int(text.split()[1]) * 1000)
        except Exception as e:
            print('rescue: the update is undone:', e)
            state = b'undo'
        if state != b'confirmed':
            try:
                stat(log + '.undo') and os.rename(log + '.undo', log)
            finally:
                replace(True)


# Ctrl-C, which is no crash, or why mpy_blox does not start.
def stop(e, update):
    import machine, sys  # noqa: E401

    try:
        if isinstance(e, KeyboardInterrupt):
            with open('/.blox/boots') as file:
                line = file.readline().split()[:2]
            with open('/.blox/boots', 'w') as file:
                file.write(' '.join(line + ['repl\n']))
        elif update:
            with open('/.blox/crash', 'w') as file:
                sys.print_exception(e, file)
    except OSError:
        pass  # such as on a device that had no update yet
    if isinstance(e, KeyboardInterrupt):
        update and machine.WDT(timeout=0x7FFFFFFF)  # none can be stopped
        raise e
    sys.print_exception(e)
    if update:
        machine.reset()  # counts as a crash of the new set
    print("mpy_blox does not start; run 'make deploy-lib', or copy it to /lib")


if __name__ == '__main__':
    update = None  # the watchdog of one on trial
    try:
        try:
            update = rescue()
        except Exception as e:
            print('rescue failed:', e)
        del rescue
        from mpy_blox.app import main_except_reset

        main_except_reset()
    except (Exception, KeyboardInterrupt) as e:
        stop(e, update)
