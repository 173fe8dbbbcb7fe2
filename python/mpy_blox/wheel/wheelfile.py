# SPDX-License-Identifier: MIT
# A wheel: a zip whose members RECORD vouches for.

import hashlib

import _blox_pkg
from mpy_blox.wheel.info import WheelPackage
from mpy_blox.zipfile import BadZipFile, ZipFile, ZipInfo

_DAMAGED = '; the package is damaged, publish it again'


class BadWheelFile(BadZipFile):
    """A zip that is no wheel, or a wheel that is damaged."""


class WheelFile(ZipFile):
    """A wheel in file_obj, which is open for reading and can seek."""

    error = BadWheelFile

    def __init__(self, file_obj):
        super().__init__(file_obj)
        self.dist_info_path = self._find_dist_info()
        self.package = WheelPackage(
            lambda: self._text('METADATA'),
            lambda: self._text('WHEEL'),
            lambda: self._open('RECORD'),
        )
        self._check_identity()

    @property
    def pkg_name(self):
        return self.package.name

    @property
    def pkg_version(self):
        return self.package.version

    @property
    def wheel_info(self):
        return self.package.wheel_info

    @property
    def wheel_record(self):
        return self._run(getattr, self.package, 'wheel_record')

    def read(self, member):
        """A member's content, compared with RECORD."""
        info = member if isinstance(member, ZipInfo) else self[member]
        content = super().read(info)
        if not self._is_free(info.name):
            self._compare(info, hashlib.sha256(content).digest())
        return content

    def check(self):
        """Compares every member with RECORD, in little memory. Raises
        BadWheelFile."""
        buffer = bytearray(512)
        left = set(self.wheel_record)
        for info in self.infos():
            if info.name in self.wheel_record and info.name not in left:
                self._fail(info.name, 'is twice in the zip')
            left.discard(info.name)
            hasher = hashlib.sha256()
            for chunk in self.chunks(info, buffer):
                hasher.update(chunk)
            if not self._is_free(info.name):
                self._compare(info, hasher.digest())
        for name in left:
            if not self._is_free(name):
                self._fail(name, 'is in RECORD but not in the zip')

    def _compare(self, info, digest):
        if info.name not in self.wheel_record:
            self._fail(info.name, 'is not in RECORD')
        entry = self.wheel_record[info.name]
        if entry.checksum is None:
            self._fail(info.name, 'has no hash in RECORD')
        if entry.size != info.size:
            self._fail(info.name, 'its size differs from RECORD' + _DAMAGED)
        if entry.checksum != digest:
            self._fail(info.name, 'SHA-256 differs from RECORD' + _DAMAGED)

    # RECORD and its signatures: nothing vouches for them.
    def _is_free(self, name):
        return name in (
            self.dist_info_path + 'RECORD',
            self.dist_info_path + 'RECORD.jws',
            self.dist_info_path + 'RECORD.p7s',
        )

    def _find_dist_info(self):
        found = None
        for name in self:
            folder, slash, rest = name.partition('/')
            if slash and folder.endswith('.dist-info'):
                if found not in (None, folder):
                    raise BadWheelFile('wheel: has two .dist-info directories')
                found = folder
        if found is None:
            raise BadWheelFile(
                'wheel: has no .dist-info directory, so it is a zip but '
                'no wheel'
            )
        return found + '/'

    def _check_identity(self):
        try:
            name, version = self.pkg_name, self.pkg_version
        except KeyError:
            self._fail('METADATA', 'has no Name and Version')
        folder = self.dist_info_path[: -len('.dist-info/')]
        known, _, known_version = folder.rpartition('-')
        if _blox_pkg.normalise(known) != _blox_pkg.normalise(
            name
        ) or known_version.replace('_', '-') != version.replace('_', '-'):
            raise BadWheelFile(
                'wheel: is %s %s by METADATA, but its .dist-info directory '
                'says another' % (name, version)
            )

    def _open(self, name):
        try:
            return self.open(self.dist_info_path + name)
        except KeyError:
            raise BadWheelFile(
                'wheel: has no %s file in its .dist-info directory' % name
            )

    # Its headers: the description behind them can be long.
    def _text(self, name):
        text, buffer = b'', bytearray(128)
        reader = self._open(name)
        while b'\n\n' not in text and len(text) < 4096:
            size = self._run(reader.readinto, buffer)
            if size == 0:
                text += b'\n\n'
            text += bytes(buffer[:size]).replace(b'\r', b'')
        end = text.find(b'\n\n')
        try:
            return text[: end if end >= 0 else text.rfind(b'\n')].decode()
        except UnicodeError:
            self._fail(name, 'is not UTF-8')

    def _fail(self, name, what):
        raise BadWheelFile('wheel: %s: %s' % (name, what))
