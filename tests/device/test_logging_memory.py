# SPDX-License-Identifier: MIT
# Logging without memory, from callbacks, from within itself: no call raises.
import gc
import io
import logging
import micropython
import sys
import time


# A stream of MicroPython's own with room for all of it.
class Pipe:
    def __init__(self):
        self.out = io.StringIO(4000)

    def take(self):
        text = self.out.getvalue()
        self.out.seek(0)
        self.out.write('\0' * len(text))
        self.out.seek(0)
        return text.rstrip('\0')


class Hungry:
    def __str__(self):
        return ''.join(['many ', 'parts'])


pipe = Pipe()
pipe.out.write('\0' * 3000)
pipe.out.seek(0)
log = logging.getLogger('blox')
logging.basicConfig(level=logging.INFO, stream=pipe.out, force=True)
console = logging.root.handlers[0]
console.formatter = None
log.info('warm %d', 1)
pipe.take()

# On a locked heap the arguments are there all the same.
micropython.heap_lock()
log.info('%d %i %u %s %r %x', 1, -2, 3, 'text', 'q', 255)
log.info('%c %5.2f %-4s| %05d %%', 65, 1.5, 'ab', -42)
log.info('%s %s', b'bytes', (1, 'two'))
log.debug('not this %s', 1)
micropython.heap_unlock()
text = pipe.take()
assert text == (
    "INFO:blox:1 -2 3 text 'q' ff\n"
    'INFO:blox:A  1.50 ab  | -0042 %\n'
    "INFO:blox:b'bytes' (1, 'two')\n"
), text

# What needs memory says so in its place; what is odd stays a format.
hungry = Hungry()
micropython.heap_lock()
log.info('%s and %s', hungry, 'more')
log.info('%(key)s', hungry)
log.info(hungry)
log.info(hungry, 'more')
micropython.heap_unlock()
text = pipe.take()
assert text == (
    'INFO:blox:<no memory> and more\n' + 'INFO:blox:<no memory>\n' * 3
), text
log.info('%s and %s', hungry, 'more')
assert pipe.take() == 'INFO:blox:many parts and more\n'

# Lines of a terminal and tracebacks need none either.
console.formatter = True
try:
    {}['missing']
except KeyError as e:
    error = e
micropython.heap_lock()
log.error('failed: %s', error, exc_info=error)
micropython.heap_unlock()
text = pipe.take()
assert text[28:].startswith('Z ERROR blox: failed: '), text
assert 'Traceback' in text and text.endswith('missing\x1b[0m\n'), text
console.formatter = None



# What is written without memory is gone when the handlers have had it.
class KeepsOne(logging.Handler):
    def __init__(self):
        super().__init__()
        self.record = self.text = None

    def emit(self, record):
        self.record = record


keeps = KeepsOne()
log.addHandler(keeps)
micropython.heap_lock()
log.error('passing %d', 5)
micropython.heap_unlock()
log.handlers.remove(keeps)
assert pipe.take() == 'ERROR:blox:passing 5\n'
gone = keeps.record
assert gone.getMessage() == '' and gone.levelname == 'ERROR'
for formatter in (None, True):
    assert gone.write(None, formatter) == ''
sys.print_exception(ValueError('not for it'), gone)
assert gone.getMessage() == ''

# A message that does not fit is cut, between two characters.
euros = '\u20ac' * 64
micropython.heap_lock()
log.info('%s', euros)
micropython.heap_unlock()
text = pipe.take()
assert text.endswith('\u20ac...\n') and 50 < len(text) < 80, text
keeps = KeepsOne()
log.addHandler(keeps)
console.setLevel(logging.CRITICAL)
for length in (1, 2, 3):
    log.info('x' * length + '\u20ac' * 2000)
    text = keeps.record.getMessage()
    assert text.endswith('\u20ac...') and len(text) > 1300, text[-9:]
log.handlers.remove(keeps)
console.setLevel(logging.NOTSET)
log.info('%s', 'long ' * 200)
assert pipe.take() == 'INFO:blox:' + 'long ' * 200 + '\n'
log.info('x' * 6000)
assert pipe.take() == 'INFO:blox:' + 'x' * (4096 - 96 - 6 - 1 - 3) + '...\n'




# What is being written stays where it is while memory is tidied up.
class Collects:
    def __str__(self):
        gc.collect()
        for _ in range(100):
            b'\xff' * 100
        return 'collected'


for length in (10, 500, 2000):
    log.info('%s %s', 'x' * length, Collects())
    text = pipe.take()
    assert text == 'INFO:blox:' + 'x' * length + ' collected\n', text


# A handler that has no memory loses the record: counted, and said.
class Wants(logging.Handler):
    def emit(self, record):
        self.got = [record.getMessage()]


wants = Wants()
logging.root.addHandler(wants)
micropython.heap_lock()
for n in range(3):
    log.info('lost %d', n)
micropython.heap_unlock()
text = pipe.take()
assert text == 'INFO:blox:lost 0\nINFO:blox:lost 1\nINFO:blox:lost 2\n', text
log.info('after')
text = pipe.take()
assert text == (
    'INFO:blox:after\n'
    'WARNING:root:3 log records lost for want of memory\n'
), text
assert wants.got == ['3 log records lost for want of memory']
log.info('once')
assert pipe.take() == 'INFO:blox:once\n'
logging.root.handlers.remove(wants)

# A full heap is no other than a locked one.
def fill():
    hoard = []
    for size in (4096, 256, 16):
        try:
            while True:
                hoard = [hoard, bytearray(size)]
        except MemoryError:
            pass
    log.warning('full %d', 1)
    log.warning('%s', hungry)


fill()
gc.collect()
assert 'WARNING:blox:full 1\n' in pipe.take()


# From a scheduled callback, in the middle of another record.
def tick(n):
    log.info('tick %d', n)


class Slow:
    def __str__(self):
        micropython.schedule(tick, 7)
        for _ in range(100):
            pass
        return 'slow'


log.info('%s', Slow())
time.sleep_ms(1)
text = pipe.take()
assert sorted(text.split('\n')) == ['', 'INFO:blox:slow', 'INFO:blox:tick 7'], text


# There without memory, too: the record in the middle stays what it is, the
# other one is lost, and said.
class SlowAndHungry(Slow):
    def __str__(self):
        micropython.heap_lock()
        return super().__str__()


log.info('%s', SlowAndHungry())
time.sleep_ms(1)
micropython.heap_unlock()
text = pipe.take()
assert 'INFO:blox:slow\n' in text, text
log.info('after')
text += pipe.take()
assert 'tick 7' in text or '1 log records lost' in text, text


# A handler may log itself.
class Chatty(logging.Handler):
    def emit(self, record):
        if record.name != 'inner':
            logging.getLogger('inner').info('about %s', record.getMessage())


chatty = Chatty()
log.addHandler(chatty)
log.info('it %d', 5)
assert pipe.take() == 'INFO:inner:about it 5\nINFO:blox:it 5\n'
log.handlers.remove(chatty)


# A record that is kept stays what it was.
class Keeps(logging.Handler):
    def __init__(self):
        super().__init__()
        self.records = []

    def emit(self, record):
        self.records.append(record)


keeps = Keeps()
log.addHandler(keeps)
for n in range(3):
    log.warning('n%d', n, exc_info=ValueError('v%d' % n))
gc.collect()
for _ in range(100):
    b'\xff' * 100
pipe.take()
for n, record in enumerate(keeps.records):
    assert record.getMessage() == 'n%d' % n
    assert record.levelname == 'WARNING' and record.levelno == 30
    assert record.name == 'blox' and record.exc_info.args == ('v%d' % n,)
    record.write(pipe.out, None)
text = pipe.take()
assert text.count('WARNING:blox:n') == 3 and 'ValueError: v2' in text, text
assert abs(keeps.records[0].created - time.time()) < 60
log.handlers.remove(keeps)

# A stream that is written in Python gets str; Ctrl-C goes through.
words = []


class Words:
    def write(self, text):
        words.append(text)


logging.basicConfig(stream=Words(), level=logging.INFO, force=True)
logging.root.handlers[0].formatter = None
log.info('to %s', 'Python')
assert words == ['INFO:blox:to Python\n'], words


class Stop(logging.Handler):
    def emit(self, record):
        raise KeyboardInterrupt


stop = Stop()
log.addHandler(stop)
try:
    log.info('x')
    assert False
except KeyboardInterrupt:
    pass
log.handlers.remove(stop)
log.info('goes %s', 'on')
assert words[-1] == 'INFO:blox:goes on\n'


# Where it is said that records were lost as well.
class StopThen(logging.Handler):
    def emit(self, record):
        if 'lost' in record.getMessage():
            raise KeyboardInterrupt


log.addHandler(wants)
micropython.heap_lock()
log.info('no memory')
micropython.heap_unlock()
log.handlers.remove(wants)
logging.root.addHandler(StopThen())
try:
    log.info('x')
    assert False
except KeyboardInterrupt:
    pass
logging.root.handlers.pop()

# What CPython's % does with odd formats, ours does too.
for fmt, args in (
    ('%o', (8,)),
    ('%x', (-1,)),
    ('%d', (2 ** 70,)),
    ('%d', (True,)),
    ('%d', (2.9,)),
    ('%.2s', ('abc',)),
    ('%5r', ('abc',)),
    ('%*d', (5, 3)),
    ('%c', ('x',)),
    ('%+d % d', (5, 5)),
    ('%s', (None,)),
    ('%s', ((1, 2),)),
    ('%e', (1.5,)),
    ('%g', (7,)),
    ('%(a)s %(b)d', ({'a': 1, 'b': 2},)),
):
    log.info(fmt, *args)
    values = args[0] if isinstance(args[0], dict) else args
    expected = 'INFO:blox:' + fmt % values + '\n'
    assert words[-1] == expected, (words[-1], expected)
print('OK')
