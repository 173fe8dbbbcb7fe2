# SPDX-License-Identifier: MIT
# What checking the signature of a list on flash takes: all heap that is asked
# for, nothing collected meanwhile; and instructions. The module is loaded, and
# works, before.
import gc

import signed
import target
from _blox_verify import Signature

with open('/list', 'wb') as file:
    file.write(signed.LIST)


def check():
    signature = Signature(signed.TOPIC, False, signed.KEY, None, b'')
    again = True
    while again:
        with open('/list', 'rb') as file:
            while signature.read(file):
                pass
        again = signature.end()
    return signature.serial


check()
gc.collect()
gc.disable()
before = gc.mem_alloc()
target.mark('verify')
serial = check()
target.mark('verified')
print('heap', gc.mem_alloc() - before)
assert serial == '1795334400'
print('OK')
