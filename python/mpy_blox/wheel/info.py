# SPDX-License-Identifier: MIT
# The files of a .dist-info directory.

import hashlib

import _blox_pkg


class WheelRecordEntry:
    """One line of RECORD. checksum is the digest (bytes) and size an int;
    both are None for RECORD itself."""

    def __init__(self, record_line):
        ((name, value),) = _blox_pkg.records(record_line).items()
        self._fill(name, value)

    def _fill(self, name, value):
        self.name = name
        self.checksum, self.size = value or (None, None)

    @property
    def checksum_algo(self):
        return None if self.checksum is None else 'sha256'

    @property
    def checksum_hasher(self):
        return None if self.checksum is None else hashlib.sha256

    def __eq__(self, other):
        return (
            isinstance(other, WheelRecordEntry)
            and self.name == other.name
            and self.checksum == other.checksum
            and self.size == other.size
        )

    def __hash__(self):
        return hash(self.name)

    def __repr__(self):
        return '<WheelRecordEntry %s>' % self.name


class WheelRecord:
    """RECORD, its text or a file with it: [name] is a WheelRecordEntry;
    iterates over the names."""

    def __init__(self, text):
        is_file = hasattr(text, 'readinto')
        read = _blox_pkg.read_records if is_file else _blox_pkg.records
        self._lines = read(text)

    def __getitem__(self, name):
        entry = object.__new__(WheelRecordEntry)
        entry._fill(name, self._lines[name])
        return entry

    def __contains__(self, name):
        return name in self._lines

    def __iter__(self):
        return iter(self._lines)

    def __len__(self):
        return len(self._lines)

    def items(self):
        return ((name, self[name]) for name in self._lines)


class WheelMetadata:
    """The headers of METADATA or WHEEL: [key] is the first value of a key,
    all(key) every one."""

    def __init__(self, text):
        self._lines = []
        for line in text.replace('\r', '').split('\n'):
            if not line.strip():
                break
            if line[0] in ' \t' and self._lines:
                key, value = self._lines[-1]
                self._lines[-1] = key, (value + ' ' + line.strip()).strip()
                continue
            key, colon, value = line.partition(':')
            if colon:
                self._lines.append((key.strip(), value.strip()))

    def all(self, key):
        key = key.lower()
        return [v for k, v in self._lines if k.lower() == key]

    def __getitem__(self, key):
        values = self.all(key)
        if not values:
            raise KeyError(key)
        return values[0]

    def __contains__(self, key):
        return bool(self.all(key))


class WheelPackage:
    """An installed package, or the one in a wheel. A text may also be a
    function that returns it (or, for RECORD, an open file), called when it is
    first looked at."""

    def __init__(self, metadata_text, wheel_info_text, record_text):
        self._texts = [metadata_text, wheel_info_text, record_text]
        self._parsed = [None] * 3

    def _get(self, index, parse):
        if self._parsed[index] is None:
            text = self._texts[index]
            text = text() if callable(text) else text
            self._parsed[index] = parse(text)
            self._texts[index] = None
            if hasattr(text, 'close'):
                text.close()
        return self._parsed[index]

    @property
    def metadata(self):
        return self._get(0, WheelMetadata)

    @property
    def wheel_info(self):
        return self._get(1, WheelMetadata)

    @property
    def wheel_record(self):
        return self._get(2, WheelRecord)

    @property
    def name(self):
        return self.metadata['Name']

    @property
    def version(self):
        return self.metadata['Version']

    def __repr__(self):
        return '<WheelPackage %s %s>' % (self.name, self.version)
