# SPDX-License-Identifier: MIT
# run.py of a device that boots as on its chip: /main.py from flash, which is
# put there the first time. What it takes is marked; with stack.mpy there calls
# of native modules are measured.
import gc
import os

import machine
import target

RESET_CAUSE = 2
target.mark('boot')
names = os.listdir('/')
out = None
for name in os.listdir('/rom/app'):
    if name not in names:
        with open('/rom/app/' + name) as file:
            with open('/' + name, 'w') as out:
                out.write(file.read())
real_reset = machine.reset
stack = None
if 'stack.mpy' in os.listdir('/rom'):
    import stack


def reset():
    target.mark('reset')
    if stack:
        stack.tell()
    real_reset()


machine.reset = reset
with open('/main.py') as file:
    source = file.read()
code = compile(source, '/main.py', 'exec')
del source, file, names, name, out
gc.collect()
print('begins', gc.mem_alloc())
if 'unpack' in os.listdir('/rom'):  # what the boot does first, and no more
    from mpy_blox import trial

    trial.boot(app=True)
    target.end()
exec(code, {'__name__': '__main__'})
