# SPDX-License-Identifier: MIT
# Single fields of MQTT packets (sections 1.5, 2.1), for programs that speak
# MQTT by hand. Encoders return bytes, and fill `buffer` from its start, or
# write to it when it is a stream. Decoders take bytes, or a stream.


def calc_VBI_size(value):
    if not 0 <= value <= 268435455:
        raise ValueError('mqtt: %d is no Variable Byte Integer' % value)
    return 1 + (value > 127) + (value > 16383) + (value > 2097151)


def _put(encoded, buffer):
    if buffer is not None:
        if hasattr(buffer, 'write'):
            buffer.write(encoded)
        else:
            buffer[: len(encoded)] = encoded
    return encoded


def _take(source, offset, size):
    if hasattr(source, 'read'):
        data = source.read(size)
    else:
        data = source[offset : offset + size]
    if data is None or len(data) < size:
        raise ValueError('mqtt: cut off')
    return data


def encode_VBI(value, buffer=None):
    encoded = bytearray(calc_VBI_size(value))
    for i in range(len(encoded)):
        more = 0x80 if i < len(encoded) - 1 else 0
        encoded[i] = value >> 7 * i & 0x7F | more
    return _put(bytes(encoded), buffer)


# Returns (value, bytes it took).
def decode_VBI(source, offset=0):
    value = 0
    for i in range(4):
        byte = _take(source, offset + i, 1)[0]
        value |= (byte & 0x7F) << 7 * i
        if byte < 0x80:
            return value, i + 1
    raise ValueError('mqtt: Variable Byte Integer over four bytes')


def encode_string(text, buffer=None):
    data = text.encode() if isinstance(text, str) else bytes(text)
    if len(data) > 65535:
        raise ValueError('mqtt: string over 65535 bytes')
    return _put(len(data).to_bytes(2, 'big') + data, buffer)


# Returns (text, bytes it took).
def decode_string(source, offset=0):
    size = int.from_bytes(_take(source, offset, 2), 'big')
    return str(_take(source, offset + 2, size), 'utf-8'), size + 2


def encode_control_packet_fixed_header(
    packet_type, flags=0, remaining_length=0, buffer=None
):
    first = bytes((packet_type << 4 | flags,))
    return _put(first + encode_VBI(remaining_length), buffer)


# Returns (packet type, flags) of the first byte of a packet.
def decode_control_packet_type(byte):
    if not isinstance(byte, int):
        byte = byte[0]
    return byte >> 4, byte & 15
