# SPDX-License-Identifier: MIT
# An app-managed device. What brings it up (mpy_blox.boot) and what follows
# user_main (mpy_blox.ending) is loaded for that and forgotten; this stays.

from logging import getLogger

from mpy_blox.forget import borrow

_updates = None  # the channel that is followed


# The last line of /main.py: an exception is logged and the device resets. On
# trial it is a crash of the new set.
def main_except_reset():
    try:
        from mpy_blox import boot

        boot = boot.begin()  # whether it goes on; the module leaves
        if boot:
            import asyncio  # not before: installing an update needs the heap

            asyncio.run(_run())
        borrow('ending').leave()
    except Exception as e:
        fail('the program ended, resetting', e)


# What boots has counted this boot as a crash already: without the memory to
# say it well it is said plainly.
def fail(sentence, exception):
    try:
        borrow('ending').say(sentence, exception)
    except Exception:
        import sys

        sys.print_exception(exception)
        with open('/.blox/crash', 'w') as file:
            sys.print_exception(exception, file)
    finally:
        import machine

        machine.reset()


# Of asyncio's.
def log_exception(loop, context):
    getLogger('system').error(
        context['message'], exc_info=context['exception']
    )


# start_network(config) and register_updates(config, mqtt_connection), for
# programs that bring a main.py of their own.
def __getattr__(name):
    return getattr(borrow('boot'), name)


async def _run():
    from mpy_blox import boot

    await boot.run()
    del boot
    exception = None
    try:
        from user_main import user_main

        await user_main()
    except Exception as e:
        exception = e
        if isinstance(e, MemoryError):  # it takes some to say so
            import sys

            user_main = None
            sys.modules.pop('user_main', None)
    await borrow('ending').after(exception)
