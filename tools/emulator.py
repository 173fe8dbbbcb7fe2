# SPDX-License-Identifier: MIT
"""Emulated targets (docs/targets.md): firmware of mk/targets.mk, a ROMFS made
from host files, flash kept in a file, a byte link to a TCP port.

    target = Target("rv32", folder)
    target.run({"run.mpy": path, "lib/...": path})  ->  Result
"""

import importlib.util
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent
BUILD = TOP / 'build'
ARCHS = {'rv32': 'rv32imc', 'xtensa': 'xtensawin', 'arm': 'armv7emsp'}
PLATFORMS = {'rv32': 'esp32c3', 'xtensa': 'esp32', 'arm': 'armv7emsp'}
KIB = 1024
PAGE = 4096
MAGIC = b'blox'
RESET = 42  # what the emulator exits with on machine.reset()
MARK = re.compile(r'^instructions (?:\S+) (\d+)$', re.M)

# Where in the emulated RAM, whose size it is, image and flash lie: port.c.
MEMORY = {
    'rv32': (64 << 20, 16 << 20, 32 << 20),
    'arm': (16 << 20, 0, 4 << 20),
}


class Result:
    """What a run printed, what it exited with, the counts it marked."""

    def __init__(self, status, output):
        self.status = status
        self.marks = [int(count) for count in MARK.findall(output)]
        self.output = MARK.sub('', output)

    @property
    def ok(self):
        return self.status == 0 and \
            self.output.strip().splitlines()[-1:] == ['OK']


def compile_script(source, to, name):
    """A script as bytecode, with the name it is to have."""
    to.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([BUILD / 'mpy-cross/mpy-cross', '-s', name, '-o', to,
                    source], check=True)


def romfs(files, micropython):
    """A ROMFS with these files: path to the host's path or bytes."""
    spec = importlib.util.spec_from_file_location(
        'romfs', micropython / 'tools/mpremote/mpremote/romfs.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    writer = module.VfsRomWriter()
    _add_folder(writer, {path.split('/')[0]: None for path in files}, '',
                files)
    return bytes(writer.finalise())


def _add_folder(writer, names, prefix, files):
    for name in sorted(names):
        path = prefix + name
        if path in files:
            data = files[path]
            if not isinstance(data, bytes):
                data = pathlib.Path(data).read_bytes()
            writer.mkfile(name, data)
            continue
        below = {rest[len(path) + 1:].split('/')[0]: None
                 for rest in files if rest.startswith(path + '/')}
        writer.opendir(name)
        _add_folder(writer, below, path + '/', files)
        writer.closedir()


class Target:
    """An emulated board; its flash lives as long as the object."""

    def __init__(self, name, folder=None, firmware=None,
                 micropython=TOP / 'ext/micropython', flash=2048 * KIB):
        self.name = name.split('-')[0]  # what it runs on
        self.own = None if folder else tempfile.mkdtemp(prefix='target-')
        self.folder = pathlib.Path(folder or self.own)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.micropython = pathlib.Path(micropython)
        self.firmware = firmware or \
            BUILD / 'targets' / name / 'firmware.elf'
        self.flash_size = flash
        self.erase()

    def close(self):
        if self.own:
            shutil.rmtree(self.own)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    @property
    def memory(self):
        """The file that holds the flash, and where in it."""
        if self.name == 'xtensa':
            return self.folder / 'flash', 0
        return self.folder / 'memory', MEMORY[self.name][2]

    def erase(self):
        path, at = self.memory
        with open(path, 'wb') as file:
            file.truncate(MEMORY[self.name][0] if self.name in MEMORY
                          else self.flash_size)
            file.seek(at)
            file.write(b'\xff' * self.flash_size)

    def flash(self):
        path, at = self.memory
        with open(path, 'rb') as file:
            file.seek(at)
            return file.read(self.flash_size)

    def restore(self, flash):
        path, at = self.memory
        with open(path, 'r+b') as file:
            file.seek(at)
            file.write(flash)

    def run(self, files, heap=192 * KIB, link=None, count=False, timeout=600):
        """Starts the board once, with these files in its ROMFS; link is the
        TCP port at the other end of its byte link. With count it executes
        instructions in an order that depends on nothing, and marks count
        them."""
        rom = romfs(files, self.micropython)
        head = struct.pack('<4sIII', MAGIC, len(rom), self.flash_size, heap)
        image = self.folder / 'image'
        image.write_bytes(head.ljust(PAGE, b'\0') + rom)
        start = self._xtensa if self.name == 'xtensa' else self._system
        return start(image, link, count, timeout)

    def _system(self, image, link, count, timeout):
        size, at, flash_at = MEMORY[self.name]
        flash = self.flash()
        with open(self.folder / 'memory', 'wb') as file:  # RAM is empty
            file.truncate(size)
            file.seek(flash_at)
            file.write(flash)
            file.seek(at)
            file.write(image.read_bytes())
        memory = 'memory-backend-file,id=ram,share=on,size=%d,mem-path=%s' % (
            size, self.folder / 'memory')
        command = ['-object', memory, '-nographic', '-monitor', 'none',
                   '-semihosting', '-serial', 'stdio', '-kernel',
                   str(self.firmware)]
        if count:
            command += ['-icount', 'shift=%d,sleep=off' % SHIFTS[self.name]]
        if link:
            command += ['-chardev', 'socket,id=link,host=127.0.0.1,port=%d'
                        % link]
        return self._finish(QEMU[self.name] + command + (
            LINKS[self.name] if link else []), timeout)

    def _xtensa(self, image, link, count, timeout):
        command = ['qemu-xtensa', '-cpu', 'dc233c']
        if count:
            command += ['-plugin', str(BUILD / 'targets/count.so')]
        command += [str(self.firmware), str(image),
                    str(self.folder / 'flash')]
        if not link:
            return self._finish(command, timeout)
        with socket.create_connection(('127.0.0.1', link)) as line:
            line.setblocking(False)
            shell = 'exec 3<&%d; exec "$@"' % line.fileno()
            return self._finish(['bash', '-c', shell, 'target'] + command,
                                timeout, pass_fds=(line.fileno(),))

    def _finish(self, command, timeout, **options):
        done = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, **options)
        try:
            output, _ = done.communicate(timeout=timeout)
            status = done.returncode
        except subprocess.TimeoutExpired:
            done.kill()
            output, _ = done.communicate()
            status = 'no end after %d s' % timeout
        return Result(status, output.decode('utf-8', 'replace').replace(
            '\r', ''))


QEMU = {
    'rv32': ['qemu-system-riscv32', '-machine', 'virt,memory-backend=ram',
             '-m', '64M', '-bios', 'none'],
    'arm': ['qemu-system-arm', '-machine', 'mps2-an386,memory-backend=ram'],
}
# 2 to this power is how many ns an instruction takes when they are counted:
# QEMU's minstret is of ns; arm/port.c reckons with 32.
SHIFTS = {'rv32': 0, 'arm': 5}
LINKS = {
    'rv32': ['-device', 'pci-serial,chardev=link,addr=2'],
    'arm': ['-serial', 'chardev:link'],
}
