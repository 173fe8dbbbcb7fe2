# SPDX-License-Identifier: MIT
# mpy_blox.sound, on an I2S of this script's own.
import asyncio
import io
import struct
import sys


class Pin:
    def __init__(self, number):
        self.number = number


# Takes a part of what is written, as a full DMA buffer does.
class I2S(io.IOBase):
    TX, MONO, STEREO = 5, 0, 1

    def __init__(self, number, **more):
        self.init(**more)

    def init(self, **more):
        self.more = more
        self.played = b''
        self.turn = 0

    def ioctl(self, request, flags):
        return flags if request == 3 else -1

    def write(self, data):
        self.turn += 1
        size = min(len(data), 100)
        if self.turn % 3 == 0:
            return None
        self.played += bytes(data[:size])
        return size

    def deinit(self):
        self.more = None


class FakeMachine:
    pass


fake = FakeMachine()
fake.I2S = I2S
fake.Pin = Pin
sys.modules['machine'] = fake

from mpy_blox.sound.wave_file import BadWaveFile, WaveFile
from mpy_blox.sound.wave_player import UnsupportedWaveFile, WavePlayer


def wav(bits, channels, data, rate=8000, more=b''):
    block = channels * bits // 8
    fmt = struct.pack('<HHIIHH', 1, channels, rate, rate * block, block, bits)
    chunks = b'fmt ' + struct.pack('<I', 16) + fmt + more
    chunks += b'data' + struct.pack('<I', len(data)) + data
    return b'RIFF' + struct.pack('<I', 4 + len(chunks)) + b'WAVE' + chunks


def open_wav(*arguments, **more):
    return WaveFile(io.BytesIO(wav(*arguments, **more)))


data = bytes(i * 7 & 255 for i in range(600))
listing = b'LIST\x05\0\0\0hello\0'
file = open_wav(16, 2, data, more=listing)
assert (file.channels, file.sample_rate, file.bits_per_sample) == (2, 8000, 16)
assert (file.byte_per_bloc, file.byte_per_sec) == (4, 32000)
assert (file.audio_format, file.wave_offset, file.wave_size) == (1, 58, 600)
assert file.remaining_data == 600 and file.length_seconds == 0.01875
assert 'channels=2 sample_rate=8000' in str(file)
assert file.read_audio(10) == data[:320]
assert file.read_audio(1000) == data[320:] and file.read_audio(10) is None
file.reset()
assert file.read_audio(19) == data and not file.truncated

# Cut off: whole blocks of what is there.
cut = WaveFile(io.BytesIO(wav(16, 2, data)[:-3]))
assert cut.truncated and cut.wave_size == 596
for bad, word in (
    (b'', 'empty'),
    (b'RIFF', 'cut off'),
    (b'RIFX' + bytes(30), 'RIFX'),
    (b'hello, this is text', 'no WAV file'),
    (wav(16, 2, data)[:36], 'data chunk'),
    (wav(12, 1, data), 'bits'),
):
    try:
        WaveFile(io.BytesIO(bad))
        assert False, word
    except BadWaveFile as e:
        assert str(e).startswith('wav: ') and word in str(e), e


async def play(player, *arguments):
    await player.play_wave(open_wav(*arguments))
    return player.i2s.more['bits'], player.i2s.more['format'], player.i2s.played


async def main():
    player = WavePlayer(buffer_length_ms=20)
    assert await play(player, 16, 2, data) == (16, I2S.STEREO, data)
    assert player.i2s.more['rate'] == 8000
    assert player.i2s.more['ibuf'] == 640
    assert player.i2s.more['sck'].number == 14
    assert await play(player, 32, 1, data) == (32, I2S.MONO, data)
    low = b''.join(bytes((0, byte ^ 128)) for byte in data)
    assert await play(player, 8, 1, data) == (16, I2S.MONO, low)
    wide = b''.join(
        b'\0' + data[i : i + 3] for i in range(0, len(data), 3)
    )
    assert await play(player, 24, 2, data) == (32, I2S.STEREO, wide)
    assert await play(player, 16, 1, b'') == (16, I2S.MONO, b'')
    try:
        await play(player, 16, 3, data)
        assert False
    except UnsupportedWaveFile as e:
        assert '3 channels' in str(e)
    player.stop()
    assert player.i2s is None


asyncio.run(main())
print('OK')
