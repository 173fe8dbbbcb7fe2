# SPDX-License-Identifier: MIT
# Plays WAV files through I2S (docs/blocks/sound.md).

import asyncio
from logging import getLogger

from _blox_wav import widen
from machine import I2S, Pin

logger = getLogger('wave_player')


class UnsupportedWaveFile(Exception):
    pass


class WavePlayer:
    # The pins: bit clock, word select, data. buffer_length_ms of sound wait in
    # the driver, so that the program may be busy for as long.
    def __init__(
        self, sck_pin=14, ws_pin=13, sd_pin=12, buffer_length_ms=250, i2s_id=0
    ):
        self.sck_pin = Pin(sck_pin)
        self.ws_pin = Pin(ws_pin)
        self.sd_pin = Pin(sd_pin)
        self.buffer_length_ms = buffer_length_ms
        self.i2s_id = i2s_id
        self.i2s = None

    # Returns once the last sample was heard. 8 and 24 bits are played as 16
    # and 32.
    async def play_wave(self, wave_file):
        if wave_file.channels > 2:
            raise UnsupportedWaveFile(
                'wave_player: the file has %d channels; I2S plays one or two'
                % wave_file.channels
            )
        logger.info('playing %s', wave_file)
        wave_file.reset()
        bits = wave_file.bits_per_sample
        wide = (bits + 15) // 16 * 16  # what I2S takes: 16 or 32
        second = wave_file.byte_per_sec * wide // bits
        self._open(wave_file, wide, second * self.buffer_length_ms // 1000)
        # Half of what waits, in whole blocks.
        block = wave_file.byte_per_bloc * wide // bits
        size = second * self.buffer_length_ms // 2000 // block * block
        await self._play(wave_file, bits, wide, bytearray(max(size, block)))
        await asyncio.sleep_ms(self.buffer_length_ms)

    def _open(self, wave_file, bits, ibuf):
        arguments = {
            'sck': self.sck_pin,
            'ws': self.ws_pin,
            'sd': self.sd_pin,
            'mode': I2S.TX,
            'bits': bits,
            'format': I2S.STEREO if wave_file.channels == 2 else I2S.MONO,
            'rate': wave_file.sample_rate,
            'ibuf': ibuf,
        }
        if self.i2s is None:
            self.i2s = I2S(self.i2s_id, **arguments)
        else:
            self.i2s.init(**arguments)

    async def _play(self, wave_file, bits, wide, buffer):
        view = memoryview(buffer)
        part = view[: len(buffer) * bits // wide]
        writer = asyncio.StreamWriter(self.i2s)
        while True:
            size = wave_file.readinto_audio(part)
            if not size:
                return
            writer.out_buf = view[: widen(buffer, size, bits)]
            await writer.drain()

    # Frees I2S and its pins.
    def stop(self):
        if self.i2s is not None:
            self.i2s.deinit()
            self.i2s = None
