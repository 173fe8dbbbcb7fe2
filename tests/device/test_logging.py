# SPDX-License-Identifier: MIT
# The plain logging module: levels, hierarchy, formats, exceptions.
import io
import logging
import sys


def lines(fmt='%(levelname)s:%(name)s:%(message)s', style='%'):
    out = io.StringIO()
    logging.basicConfig(
        level=logging.INFO, stream=out, format=fmt, style=style, force=True
    )
    return out


# the console is a handler that is there when somebody looks
root = logging.getLogger()
assert root is logging.root and not root.handlers
root.format = True
root.addHandler(logging.StreamHandler(io.StringIO()))
console = root.handlers[0]
assert isinstance(console, logging.StreamHandler)
assert isinstance(console, logging.Handler)
assert console.stream is sys.stderr and console.formatter is True
assert len(root.handlers) == 2 and root.handlers[0] is console
root.format = True
assert len(root.handlers) == 2
root.handlers.clear()
assert not root.handlers
logging.getLogger('once').warning('nobody said where to: to the console')
assert [h.formatter for h in root.handlers] == [None]
levels = [
    getattr(logging, name)
    for name in ('NOTSET', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL')
]
assert levels == [0, 10, 20, 30, 40, 50] and logging.INFO == 20
try:
    root.nonsense = 1
    assert False
except AttributeError:
    pass

# below the root's level nothing is written
out = lines()
log = logging.getLogger('blox')
log.debug('quiet')
log.info('a %s and %d', 'text', 3)
log.warn('plain % sign')
log.log(logging.CRITICAL, '%(key)s', {'key': 'dict'})
assert out.getvalue() == (
    'INFO:blox:a text and 3\n'
    'WARNING:blox:plain % sign\n'
    'CRITICAL:blox:dict\n'
), out.getvalue()

# a logger's own level wins over the root's
out = lines()
assert log.level == logging.NOTSET and log.handlers == []
log.setLevel(logging.DEBUG)
assert log.level == logging.DEBUG and logging.root.level == logging.INFO
assert log.isEnabledFor(logging.DEBUG)
assert not logging.getLogger('other').isEnabledFor(logging.DEBUG)
log.debug('loud')
log.setLevel(logging.NOTSET)
log.debug('quiet again')
assert out.getvalue() == 'DEBUG:blox:loud\n', out.getvalue()

# the same name is the same logger; no name is the root
assert logging.getLogger('blox') is log
assert logging.getLogger() is logging.getLogger('root')

# own handlers come first, then the root's; a handler has a level too
out = lines()
own = io.StringIO()
handler = logging.StreamHandler(own)
handler.setFormatter(logging.Formatter('own {message}', style='{'))
handler.setLevel(logging.ERROR)
log.addHandler(handler)
log.addHandler(handler)
log.info('one')
log.error('two')
assert own.getvalue() == 'own two\n', own.getvalue()
assert out.getvalue() == 'INFO:blox:one\nERROR:blox:two\n'
log.handlers.remove(handler)

# exceptions carry their traceback, on every call
for call in (log.error, log.critical, log.warning, log.info, log.exception):
    out = lines()
    try:
        raise ValueError('broken')
    except ValueError as e:
        call('it %s', 'failed', exc_info=e)
    text = out.getvalue()
    assert ':blox:it failed\nTraceback' in text, text
    assert text.endswith('ValueError: broken\n'), text
out = lines()
log.exc(OSError(5), 'read %d', 7)
assert ':blox:read 7\n' in out.getvalue() and 'OSError' in out.getvalue()
out = lines()
for none in (None, True, (), (None, None, None)):
    log.exception('no exception at hand', exc_info=none)
assert out.getvalue() == 'ERROR:blox:no exception at hand\n' * 4

# the module's own functions are the root's
out = lines()
logging.info('root %d', 1)
logging.exception('root', exc_info=KeyError('k'))
assert out.getvalue() == 'INFO:root:root 1\nERROR:root:root\nKeyError: k\n'

# new level names; anything can be a message
out = lines('{levelname} {message}', style='{')
logging.addLevelName(25, 'NOTICE')
log.log(25, {'not': 'a string'})
log.log(26, 'unnamed')
assert out.getvalue() == "NOTICE {'not': 'a string'}\nLevel 26 unnamed\n"

# the time
out = lines('%(asctime)s %(message)s')
log.info('now')
stamp, message = out.getvalue().split(' ')
assert len(stamp) == 20 and stamp[10] == 'T' and stamp[-1] == 'Z', stamp


# a handler that fails is reported and does not end the program
class Broken(logging.Handler):
    def emit(self, record):
        raise RuntimeError('handler')


out = lines()
logging.root.handlers.insert(0, Broken())
log.info('still %s', 'here')
log.info('too many %s', 1, 2)
assert 'INFO:blox:still here\n' == out.getvalue(), out.getvalue()

# names that are loaded when asked for are like any other
from logging import FileHandler, Formatter, Handler, getLogger


class Shout(Formatter):
    def format(self, record):
        return super().format(record).upper()


assert issubclass(FileHandler, Handler) and getLogger('blox') is log
out = lines()
logging.root.handlers[0].setFormatter(Shout('%(message)s'))
log.info('loud')
assert out.getvalue() == 'LOUD\n'
assert not hasattr(logging, 'nonsense')

# to a file
logging.basicConfig(filename='/test_log.txt', level=logging.INFO, force=True)
log.info('kept')
logging.root.handlers[0].close()
logging.root.handlers.clear()
with open('/test_log.txt') as f:
    assert f.read() == 'INFO:blox:kept\n'
import os

os.remove('/test_log.txt')

try:
    logging.Formatter('$x', style='$')
    assert False
except ValueError:
    pass
print('OK')
