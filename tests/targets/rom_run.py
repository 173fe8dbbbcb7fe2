# SPDX-License-Identifier: MIT
# run.py of a device test: puts the samples onto flash, then runs the script;
# with stack.mpy there its calls of native modules are measured.
import os

RESET_CAUSE = 1


def copy(source, to):
    with open(source, 'rb') as file, open(to, 'wb') as out:
        piece = bytearray(512)
        while True:
            size = file.readinto(piece)
            if not size:
                break
            out.write(memoryview(piece)[:size])


if 'tests' in os.listdir('/rom'):
    os.mkdir('/tests')
    for name in os.listdir('/rom/tests'):
        copy('/rom/tests/' + name, '/tests/' + name)
if 'stack.mpy' in os.listdir('/rom'):
    import stack  # noqa: E402
import script  # noqa: E402, F401

if 'stack.mpy' in os.listdir('/rom'):
    stack.tell()
    print('OK')
