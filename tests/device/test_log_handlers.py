# SPDX-License-Identifier: MIT
# The console's formatter, and what settings.json may ask for.
import asyncio
import io
import logging
import sys

from mpy_blox.log_handlers import blox_log_config
from mpy_blox.log_handlers.formatter import VTFormatter


def console():
    out = io.StringIO()
    logging.basicConfig(level=logging.DEBUG, stream=out, force=True)
    logging.root.handlers[0].setFormatter(VTFormatter())
    return out


out = console()
logging.getLogger('blox').info('plain')
text = out.getvalue()
assert text[23:] == 'Z INFO blox: plain\n', text
assert text[10] == 'T' and text[19] == '.', text

# a sentence that begins with the logger's name does not say it twice
out = console()
logging.getLogger('update').info('%s: downloading', 'update')
assert out.getvalue()[23:] == 'Z INFO update: downloading\n', out.getvalue()

# errors stand out
for level, colour in (
    (logging.DEBUG, '2'),
    (logging.WARNING, '33'),
    (logging.ERROR, '31'),
    (logging.CRITICAL, '1;31'),
):
    out = console()
    logging.getLogger('blox').log(level, 'x')
    text = out.getvalue()
    assert text.startswith('\x1b[' + colour + 'm2'), text
    assert text.endswith('x\x1b[0m\n'), text


# one that is there is set up once, with the settings; one that fails is
# reported and holds nothing up
class Module:
    calls = []

    @staticmethod
    async def setup(settings):
        Module.calls.append(settings)
        raise OSError(5)


out = console()
name = 'mpy_blox.log_handlers.replay_buffer'
sys.modules[name] = Module
settings = {'logging.replay_buffer': True}
asyncio.run(blox_log_config(settings, False))
asyncio.run(blox_log_config(settings, True))
del sys.modules[name]
assert Module.calls == [settings], Module.calls
assert 'logging.replay_buffer: cannot be set up' in out.getvalue()
print('OK')
