# SPDX-License-Identifier: MIT
# A Future carries one result or one exception to whoever waits for it.
import asyncio

from mpy_blox.future import Future, InvalidStateError


async def later(future, result):
    await asyncio.sleep_ms(5)
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)


async def main():
    future = Future()
    try:
        future.result()
        assert False
    except InvalidStateError:
        pass

    asyncio.create_task(later(future, 42))
    assert await future == 42
    assert future.result() == 42
    assert await future.wait_for_result() == 42
    try:
        future.set_result(1)
        assert False
    except InvalidStateError:
        pass

    future = Future()
    asyncio.create_task(later(future, ValueError('told')))
    try:
        await future
        assert False
    except ValueError as e:
        assert e.args == ('told',)

    future = Future()
    asyncio.create_task(later(future, None))
    assert await asyncio.wait_for(future, 1) is None
    try:
        await asyncio.wait_for(Future(), 0.01)
        assert False
    except asyncio.TimeoutError:
        pass

    # two wait for one
    future = Future()
    both = asyncio.gather(
        future.wait_for_result(), future.wait_for_result()
    )
    asyncio.create_task(later(future, 'both'))
    assert await both == ['both', 'both']


asyncio.run(main())
print('OK')
