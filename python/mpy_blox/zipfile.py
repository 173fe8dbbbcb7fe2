# SPDX-License-Identifier: MIT
# Reading zip files, member by member, in little memory. The format is
# _blox_pkg's business.

import _blox_pkg


class BadZipFile(ValueError):
    """Not a zip, damaged, or of a kind that is not supported."""


class ZipInfo:
    """What the zip says of one member."""

    def __init__(self, at, fields):
        self.at = at  # in the central directory
        (
            self.name,
            self.compress_method,
            self.crc32,
            self.compressed_size,
            self.size,
            self.offset,
            self.last_mod_time,
            self.last_mod_date,
        ) = fields

    @property
    def compressed(self):
        return self.compress_method != 0

    def __repr__(self):
        return '<ZipInfo %s>' % self.name


class ZipFile:
    """A zip in file_obj, which is open for reading and can seek. Iterates
    over the names of its members; [name] is a ZipInfo."""

    error = BadZipFile

    def __init__(self, file_obj):
        self.file_obj = file_obj
        if not hasattr(file_obj, 'readinto'):
            file_obj = _Readable(file_obj)
        file_obj.seek(0, 2)
        self._zip = self._run(_blox_pkg.Zip, file_obj, file_obj.tell())

    def infos(self):
        """The ZipInfo of one member after the other."""
        at = 0
        while True:
            fields = self._run(self._zip.next, at)
            if fields is None:
                return
            yield ZipInfo(at, fields[1:])
            at = fields[0]

    def __iter__(self):
        for info in self.infos():
            yield info.name

    def __getitem__(self, name):
        for info in self.infos():
            if info.name == name:
                return info
        raise KeyError(name)

    @property
    def entries(self):
        return {info.name: info for info in self.infos()}

    def open(self, member):
        """A member (name or ZipInfo), to be read with readinto(buffer), which
        raises ValueError when the content is damaged, at the latest at its
        end."""
        if not isinstance(member, ZipInfo):
            member = self[member]
        return self._run(self._zip.open, member.at)

    def chunks(self, member, buffer):
        """A member's content in pieces: buffer is filled again and again and
        yielded as a memoryview, which is valid until the next."""
        view = memoryview(buffer)
        reader = self.open(member)
        while True:
            size = self._run(reader.readinto, buffer)
            if size == 0:
                return
            yield view[:size]

    def read(self, member):
        """A member's content as bytes; member is a name or a ZipInfo."""
        if not isinstance(member, ZipInfo):
            member = self[member]
        content = bytearray(member.size)
        self._run(self.open(member).readinto, content)
        return bytes(content)

    def _run(self, function, *arguments):
        try:
            return function(*arguments)
        except ValueError as e:
            raise self.error(str(e))


class _Readable:
    # readinto() for file objects that have read() alone.
    def __init__(self, file_obj):
        self._file = file_obj
        self.seek = file_obj.seek
        self.tell = file_obj.tell

    def readinto(self, buffer):
        content = self._file.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)
