# SPDX-License-Identifier: MIT
# MQTT 5.0. The encoders and decoders of single fields (codec.py) are loaded
# when one is asked for: the client does not need them.

import sys


# MicroPython asks here for submodules as well, before it looks for a file.
def __getattr__(name):
    for path in (__name__ + '.' + name, __name__ + '.codec'):
        try:
            __import__(path)
        except ImportError:
            continue
        module = sys.modules[path]
        return module if path.endswith('.' + name) else getattr(module, name)
