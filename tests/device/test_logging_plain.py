# SPDX-License-Identifier: MIT
# The loggers of a firmware that cannot load the native ones.
import io
import sys

import logging

__import__('logging.plain')
plain = sys.modules['logging.plain']

out = io.StringIO()

plain.sys = type('S', (), {})
plain.sys.stderr = out
plain.sys.print_exception = sys.print_exception
root = plain.start()
log = root.getLogger('blox')
assert root.getLogger() is root and not log.isEnabledFor(20)
log.info('quiet')
root.setLevel(20)
log.info('a %s', 1)
log.error('wrong %d', 'x')
log.critical('built for another firmware', exc_info=OSError(5))
log.exc(OSError(5), 'exc')
log.addHandler(None)
for call in (log.debug, log.warn, log.exception, log.warning):
    call('plain % sign')
text = out.getvalue()
assert text.startswith('blox: a 1\n'), text
assert 'TypeError' in text and 'quiet' not in text, text
assert 'blox: built for another firmware\nOSError' in text, text
assert text.count('blox: plain % sign\n') == 3, text
print('OK')
