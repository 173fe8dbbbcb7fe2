# SPDX-License-Identifier: MIT
# MQTT 5.0. The encoders and decoders of single fields are loaded when one is
# asked for: the client does not need them.

import sys

_CODEC = (
    'calc_VBI_size', 'decode_VBI', 'encode_VBI', 'encode_string',
    'decode_string', 'encode_control_packet_fixed_header',
    'decode_control_packet_type',
)  # fmt: skip


# MicroPython asks here for submodules as well, before it looks for a file.
def __getattr__(name):
    path = __name__ + '.' + ('codec' if name in _CODEC else name)
    try:
        __import__(path)
    except ImportError:
        raise AttributeError(name)
    module = sys.modules[path]
    return getattr(module, name) if name in _CODEC else module
