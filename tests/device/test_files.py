# SPDX-License-Identifier: MIT
# Folders and files: makedirs, rewrite_file, and the two log lines.
import io
import logging
import os

from mpy_blox.os import makedirs
from mpy_blox.util import log_mem_state, log_vfs_state, rewrite_file

makedirs('/test_files/a/b')
makedirs('/test_files/a/b')
makedirs('test_files/a/c/')
assert sorted(os.listdir('/test_files/a')) == ['b', 'c']

path = '/test_files/text'
for content in (b'first, long', b'short', b''):
    rewrite_file(path, content)
    with open(path, 'rb') as f:
        assert f.read() == content
assert sorted(os.listdir('/test_files')) == ['a', 'text']

os.remove(path)
for folder in ('a/b', 'a/c', 'a', ''):
    os.rmdir('/test_files/' + folder if folder else '/test_files')

out = io.StringIO()
logging.basicConfig(level=logging.DEBUG, stream=out, force=True)
log_vfs_state('/')
log_mem_state()
assert out.getvalue().count('\n') >= 2, out.getvalue()
print('OK')
