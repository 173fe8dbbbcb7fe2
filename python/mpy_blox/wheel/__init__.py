# SPDX-License-Identifier: MIT
# Installed packages, and installing wheels from a program. (Updates over the
# air go another way: they are staged and committed at boot.)
#
# A wheel is checked in full before anything is written, and written member by
# member through a small buffer.

import os

import _blox_pkg
from mpy_blox.os import makedirs
from mpy_blox.platform import tag
from mpy_blox.wheel.info import WheelPackage
from mpy_blox.wheel.wheelfile import BadWheelFile

DEFAULT_PREFIX = '/lib/'


class WheelExistingInstallation(Exception):
    """install() of a package that is installed: existing_pkg."""

    def __init__(self, pkg):
        super().__init__(
            '%s %s is installed; use upgrade()' % (pkg.name, pkg.version)
        )
        self.existing_pkg = pkg


class WheelUpgradeTagMismatch(Exception):
    """upgrade() with a wheel for another platform."""

    def __init__(self, expected_tag):
        super().__init__(
            'none of the tags of the wheel fits this device; it takes '
            'py3-none-any and ' + expected_tag
        )
        self.expected_tag = expected_tag


# The package of a .dist-info directory.
def read_package(dist_info_path):
    folder = dist_info_path.rstrip('/') + '/'
    return WheelPackage(
        _read_headers(folder + 'METADATA'),
        lambda: _read(folder + 'WHEEL'),
        lambda: open(folder + 'RECORD', 'rb'),
    )


# The installed packages, one after the other. A .dist-info directory without
# METADATA is a torn installation and passed over.
def list_installed(prefix=None):
    for folder in _dist_infos(prefix):
        try:
            yield read_package(folder)
        except OSError:
            pass


# The installed package of this name, or None.
def pkg_info(name, prefix=None):
    name = _blox_pkg.normalise(name)
    for folder in _dist_infos(prefix):
        known = folder.rsplit('/', 1)[-1].rsplit('-', 2)[0]
        if _blox_pkg.normalise(known) == name:
            try:
                return read_package(folder)
            except OSError:
                pass
    return None


def install(wheel_file, prefix=None):
    prefix = _folder(prefix)
    existing = pkg_info(wheel_file.pkg_name, prefix)
    if existing is not None:
        raise WheelExistingInstallation(existing)
    if not _fits(wheel_file):
        raise BadWheelFile(
            'wheel: none of its tags fits this device; it takes '
            'py3-none-any and ' + _own_tag()
        )
    wheel_file.check()
    _write_all(wheel_file, prefix, ())


# Replaces pkg, removes what the new RECORD no longer lists, and leaves alone
# what no RECORD lists.
def upgrade(pkg, wheel_file, prefix=None):
    prefix = _folder(prefix)
    if not _fits(wheel_file):
        raise WheelUpgradeTagMismatch(_own_tag())
    wheel_file.check()
    _write_all(wheel_file, prefix, pkg.wheel_record)
    for name in pkg.wheel_record:
        if name not in wheel_file.wheel_record:
            _remove(prefix, name)


def _own_tag():
    return 'mpy6-bytecode-%s' % tag()


def _fits(wheel_file):
    own = tag()
    tags = wheel_file.wheel_info.all('Tag')
    return any(_blox_pkg.tag_accepted(tag, own) for tag in tags)


def _folder(prefix):
    return (prefix or DEFAULT_PREFIX).rstrip('/') + '/'


def _dist_infos(prefix):
    prefix = _folder(prefix)
    try:
        names = os.listdir(prefix.rstrip('/') or '/')
    except OSError:
        return
    for name in names:
        if name.endswith('.dist-info'):
            yield prefix + name


def _read(path):
    with open(path) as f:
        return f.read()


# METADATA up to its empty line: the description behind it can be long.
def _read_headers(path):
    lines = []
    with open(path) as f:
        for line in f:
            if not line.strip():
                break
            lines.append(line)
    return ''.join(lines)


# METADATA comes last: a package counts as installed once it is there.
def _write_all(wheel_file, prefix, old_record):
    metadata = wheel_file.dist_info_path + 'METADATA'
    buffer = bytearray(512)
    for last in (False, True):
        for info in wheel_file.infos():
            if (info.name == metadata) == last and not _is_there(
                wheel_file, info.name, prefix, old_record
            ):
                _write(wheel_file, info, prefix + info.name, buffer)


# Whether the old version brought this very file, and it is still there.
def _is_there(wheel_file, name, prefix, old_record):
    if name not in old_record or name not in wheel_file.wheel_record:
        return False
    old = old_record[name]
    if old.checksum is None or old != wheel_file.wheel_record[name]:
        return False
    try:
        return os.stat(prefix + name)[6] == old.size
    except OSError:
        return False


def _write(wheel_file, info, path, buffer):
    makedirs(path.rsplit('/', 1)[0])
    with open(path + '.new', 'wb') as f:
        for chunk in wheel_file.chunks(info, buffer):
            f.write(chunk)
    os.rename(path + '.new', path)


# Removes a file, and the folders it leaves empty.
def _remove(prefix, name):
    try:
        os.remove(prefix + name)
        while '/' in name:
            name = name.rsplit('/', 1)[0]
            os.rmdir(prefix + name)
    except OSError:
        pass
