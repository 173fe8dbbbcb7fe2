# SPDX-License-Identifier: MIT
# A Future carries one result, or one exception, to whoever awaits it.

import asyncio
from asyncio import core


class InvalidStateError(Exception):
    pass


class Future:
    def __init__(self):
        self._event = asyncio.Event()
        self._result = None
        self._exception = None

    def done(self):
        return self._event.is_set()

    def set_result(self, result):
        self._settle(result, None)

    def set_exception(self, exception):
        self._settle(None, exception)

    def _settle(self, result, exception):
        if self.done():
            raise InvalidStateError('the future has its result')
        self._result = result
        self._exception = exception
        self._event.set()

    def result(self):
        if not self.done():
            raise InvalidStateError('the future has no result yet')
        if self._exception is not None:
            raise self._exception
        return self._result

    async def wait_for_result(self):
        await self._event.wait()
        return self.result()

    # await future
    def __iter__(self):
        return self.wait_for_result()

    __await__ = __iter__

    # asyncio.wait_for(future, ...) makes a task of it: a task resumes what it
    # runs by send and stops it by throw.
    def send(self, _):
        if self.done():
            raise StopIteration(self.result())
        self._event.waiting.push(core.cur_task)
        core.cur_task.data = self._event.waiting

    def throw(self, exception):
        raise exception

    def close(self):
        pass
