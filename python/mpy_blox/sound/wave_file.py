# SPDX-License-Identifier: MIT
# WAV files (docs/blocks/sound.md).

from _blox_wav import Head
from micropython import const

_SEEK_CUR = const(1)
_SEEK_END = const(2)
WAVE_PCM_FOMAT = const(1)


class BadWaveFile(Exception):
    pass


class WaveFile:
    # file_obj: open for reading bytes, and can seek.
    def __init__(self, file_obj):
        self.file_obj = file_obj
        file_obj.seek(0)
        try:
            found = self._read_head()
        except ValueError as e:
            raise BadWaveFile(str(e))
        self.audio_format = WAVE_PCM_FOMAT
        self.channels = found[1]
        self.sample_rate = found[2]
        self.bits_per_sample = found[3]
        self.byte_per_bloc = found[4]
        self.byte_per_sec = found[5]
        self.wave_offset = found[6]
        self._measure(found[7])
        self.reset()

    def _read_head(self):
        head = Head()
        while True:
            found = head.format()
            if found:
                return found
            if head.skip:
                self.file_obj.seek(head.skip, _SEEK_CUR)
                head.skipped()
            data = self.file_obj.read(head.need)
            if not data:
                head.ended()
            head.feed(data)

    # The file may end before its samples should.
    def _measure(self, size):
        there = self.file_obj.seek(0, _SEEK_END) - self.wave_offset
        self.truncated = size is not None and size > there
        if size is None or self.truncated:
            size = there - there % self.byte_per_bloc
        self.wave_size = size
        self.wave_end = self.wave_offset + size

    @property
    def remaining_data(self):
        return self.wave_end - self.file_obj.tell()

    @property
    def length_seconds(self):
        return self.wave_size / self.byte_per_sec

    def __str__(self):
        return '<WaveFile channels=%d sample_rate=%d bits=%d length=%.3fs>' % (
            self.channels,
            self.sample_rate,
            self.bits_per_sample,
            self.length_seconds,
        )

    # Back to the first sample.
    def reset(self):
        self.file_obj.seek(self.wave_offset)

    # The next samples, of at least so many milliseconds if there are; None at
    # the end.
    def read_audio(self, buffer_length_ms):
        blocks = -(-self.sample_rate * buffer_length_ms // 1000)
        size = min(int(blocks) * self.byte_per_bloc, self.remaining_data)
        return self.file_obj.read(size) if size > 0 else None

    # Whole blocks into buffer, which is allocated once. Returns bytes, 0 at
    # the end.
    def readinto_audio(self, buffer):
        size = min(len(buffer), self.remaining_data)
        size -= size % self.byte_per_bloc
        return self.file_obj.readinto(memoryview(buffer)[:size]) if size else 0
