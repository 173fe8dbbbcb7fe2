# SPDX-License-Identifier: MIT
# MQTT 5.0. The encoders and decoders of single fields are loaded when one is
# asked for: the client does not need them.

_CODEC = (
    'calc_VBI_size', 'decode_VBI', 'encode_VBI', 'encode_string',
    'decode_string', 'encode_control_packet_fixed_header',
    'decode_control_packet_type',
)  # fmt: skip


def __getattr__(name):
    if name not in _CODEC:
        raise AttributeError(name)
    from mpy_blox.mqtt.protocol import codec

    return getattr(codec, name)
