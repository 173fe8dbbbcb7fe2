# SPDX-License-Identifier: MIT
# Nova PM SDS011: particles in air, over a UART (docs/blocks/nova_pm.md).

from asyncio import Lock, StreamReader, TimeoutError, wait_for
from errno import ETIMEDOUT
from time import ticks_diff, ticks_ms

import _blox_sds011 as _c
from micropython import const

_BAUD = const(9600)
_ANY = const(0xFFFF)
_MEASUREMENT = const(0)
_MODE = const(2)
_QUERY = const(4)
_ID = const(5)
_SLEEP = const(6)
_FIRMWARE = const(7)
_PERIOD = const(8)
_REPORT_S = const(5)  # it reports every 1 to 1.5 s
_REPLY_S = const(2)
_OLD_MS = const(2000)  # what came before that is no news


class NovaPM:
    def __init__(self, uart):
        self.uart = uart
        self.sr = None
        self.device_id = _ANY  # which sensor commands are for; all of them
        self._minutes = 0  # its working period, as far as we know
        self._stream = _c.Stream()
        self._skipped = 0  # bytes of noise before the command that runs
        self._data = b''  # came in, but is not in the stream yet
        self._looked = ticks_ms()
        self._lock = Lock()

    def start(self):
        self.uart.init(_BAUD, timeout=0)
        self.sr = StreamReader(self.uart)
        self._looked = ticks_ms()

    def stop(self):
        self.sr = None
        self.uart.deinit()

    # (PM2.5, PM10) in micrograms per cubic metre, when it reports next.
    async def read(self):
        async with self._lock:
            self._forget()
            seconds = self._minutes * 60 + _REPORT_S
            frame = await self._wait(_MEASUREMENT, seconds, 'reported nothing')
        return frame[2] / 10, frame[3] / 10

    # The same, asked for: at most every 3 s.
    async def query(self):
        frame = await self._command(_QUERY, None, _MEASUREMENT)
        return frame[2] / 10, frame[3] / 10

    # Whether it reports by itself (the factory's setting) or when asked only.
    async def set_active(self, active):
        await self._command(_MODE, 0 if active else 1)

    async def is_active(self):
        return (await self._command(_MODE, None))[3] == 0

    # Asleep, fan and laser are off, and it hears only work(). Values are
    # steady 30 s after that.
    async def sleep(self):
        await self._command(_SLEEP, 0)

    async def work(self):
        await self._command(_SLEEP, 1)

    async def is_working(self):
        return (await self._command(_SLEEP, None))[3] == 1

    # 0: all the time; 1 to 30: every so many minutes 30 s and one report.
    async def set_working_period(self, minutes):
        self._minutes = (await self._command(_PERIOD, minutes))[3]

    async def working_period(self):
        self._minutes = (await self._command(_PERIOD, None))[3]
        return self._minutes

    async def set_device_id(self, device_id):
        self.device_id = (await self._command(_ID, device_id))[1]

    # (year, month, day)
    async def firmware_version(self):
        frame = await self._command(_FIRMWARE, None)
        return 2000 + frame[2], frame[3], frame[4]

    # A sleeping sensor drops what wakes it; a noisy line drops anything. So a
    # command is given twice.
    async def _command(self, command, value, kind=None):
        kind = command if kind is None else kind
        async with self._lock:
            self._forget()
            for last in (False, True):
                self.uart.write(_c.command(command, value, self.device_id))
                try:
                    return await self._wait(kind, _REPLY_S, 'did not reply')
                except OSError:
                    if last:
                        raise

    async def _wait(self, kind, seconds, what):
        if self.sr is None:
            raise RuntimeError('nova_pm: call start() first')
        try:
            return await wait_for(self._frame(kind), seconds)
        except TimeoutError:
            noise = self._stream.skipped - self._skipped
        raise OSError(
            ETIMEDOUT,
            'nova_pm: the sensor on %s %s for %d s (%s); check its 5 V, that '
            'RX and TX are crossed, and that it is not asleep'
            % (
                self.uart,
                what,
                seconds,
                '%d bytes of noise' % noise if noise else 'the line is silent',
            ),
        )

    # Reports that came while nobody looked are old: the UART keeps the first.
    def _forget(self):
        self._skipped = self._stream.skipped
        if self.sr and ticks_diff(ticks_ms(), self._looked) > _OLD_MS:
            self._data = b''
            while self.uart.read(64):
                pass

    async def _frame(self, kind):
        stream = self._stream
        while True:
            while self._data:
                self._data = self._data[stream.feed(self._data) :]
                frame = stream.next()
                self._looked = ticks_ms()
                if frame and frame[0] == kind:
                    return frame
            self._data = memoryview(await self.sr.read(32) or b'')
