# SPDX-License-Identifier: MIT
"""MQTT packets as bytes, written from the OASIS standards alone: what the
vectors are made of. It shares no code with core/mqtt."""

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = range(1, 8)
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK = range(8, 12)
PINGREQ, PINGRESP, DISCONNECT, AUTH, WILL = range(12, 17)
ACKS = (PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK)
REASONED = (CONNACK, DISCONNECT, AUTH) + ACKS
ANY = REASONED + (CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, WILL)
MESSAGE = (PUBLISH, WILL)

# Table 2-4 of section 2.2.2.2: identifier, type, where it may stand.
PROPERTIES = {
    0x01: ("bool", MESSAGE),  # Payload Format Indicator
    0x02: ("u32", MESSAGE),  # Message Expiry Interval
    0x03: ("text", MESSAGE),  # Content Type
    0x08: ("topic", MESSAGE),  # Response Topic
    0x09: ("binary", MESSAGE),  # Correlation Data
    0x0B: ("vbi", (PUBLISH, SUBSCRIBE)),  # Subscription Identifier
    0x11: ("u32", (CONNECT, CONNACK, DISCONNECT)),  # Session Expiry Interval
    0x12: ("text", (CONNACK,)),  # Assigned Client Identifier
    0x13: ("u16", (CONNACK,)),  # Server Keep Alive
    0x15: ("text", (CONNECT, CONNACK, AUTH)),  # Authentication Method
    0x16: ("binary", (CONNECT, CONNACK, AUTH)),  # Authentication Data
    0x17: ("bool", (CONNECT,)),  # Request Problem Information
    0x18: ("u32", (WILL,)),  # Will Delay Interval
    0x19: ("bool", (CONNECT,)),  # Request Response Information
    0x1A: ("text", (CONNACK,)),  # Response Information
    0x1C: ("text", (CONNACK, DISCONNECT)),  # Server Reference
    0x1F: ("text", REASONED),  # Reason String
    0x21: ("u16", (CONNECT, CONNACK)),  # Receive Maximum
    0x22: ("u16", (CONNECT, CONNACK)),  # Topic Alias Maximum
    0x23: ("u16", (PUBLISH,)),  # Topic Alias
    0x24: ("bool", (CONNACK,)),  # Maximum QoS
    0x25: ("bool", (CONNACK,)),  # Retain Available
    0x26: ("pair", ANY),  # User Property
    0x27: ("u32", (CONNECT, CONNACK)),  # Maximum Packet Size
    0x28: ("bool", (CONNACK,)),  # Wildcard Subscription Available
    0x29: ("bool", (CONNACK,)),  # Subscription Identifiers Available
    0x2A: ("bool", (CONNACK,)),  # Shared Subscription Available
}

# 0 in these is a Protocol Error; in a Topic Alias it is its own error.
NOT_ZERO = (0x0B, 0x21, 0x27)
TOPIC_ALIAS = 0x23

# Ill-formed UTF-8, and U+0000, section 1.5.4.
BAD_TEXTS = (b"\0", b"a\0b", b"\xff", b"\xc0\x80", b"\xed\xa0\x80",
             b"\xf4\x90\x80\x80", b"\xe2\x82")  # fmt: skip

REASONS = tuple(range(0x80, 0xA3))


def vbi(value):
    out = bytearray()
    while True:
        value, low = divmod(value, 128)
        out.append(low | (128 if value else 0))
        if not value:
            return bytes(out)


def u16(value):
    return value.to_bytes(2, "big")


def u32(value):
    return value.to_bytes(4, "big")


def text(value):
    value = value.encode() if isinstance(value, str) else value
    return u16(len(value)) + value


def packet(kind, body=b"", flags=None):
    if flags is None:
        flags = 2 if kind in (PUBREL, SUBSCRIBE, UNSUBSCRIBE) else 0
    return bytes((kind << 4 | flags,)) + vbi(len(body)) + body


def value(kind, content):
    """One value as its type has it."""
    if kind == "pair":
        return text(content[0]) + text(content[1])
    if kind in ("text", "topic", "binary"):
        return text(content)
    if kind == "vbi":
        return vbi(content)
    return content.to_bytes({"bool": 1, "u16": 2, "u32": 4}[kind], "big")


def prop(identifier, content):
    return vbi(identifier) + value(PROPERTIES[identifier][0], content)


def props(*encoded):
    joined = b"".join(encoded)
    return vbi(len(joined)) + joined


def samples(identifier):
    """Values of one property that are good."""
    kind = PROPERTIES[identifier][0]
    if kind == "bool":
        return (0, 1)
    if kind == "u16":
        return (0, 1, 0x1234, 0xFFFF)[identifier in (0x21, 0x23):]
    if kind == "u32":
        return (0, 1, 0x12345678, 0xFFFFFFFF)[identifier == 0x27:]
    if kind == "vbi":
        return (1, 127, 128, 16383, 16384, 2097151, 2097152, 268435455)
    if kind == "topic":
        return ("a", "a/b", "$x//ü")
    if kind == "text":
        return ("", "x", "ü€😀", "l" * 200)
    if kind == "binary":
        return (b"", b"\0\xff", b"d" * 130)
    return (("", ""), ("name", "value"), ("ü", ""), ("", "€"))


def bad_values(identifier):
    """Encoded values that are not, and the reason code they are refused by."""
    kind = PROPERTIES[identifier][0]
    bad = []
    if kind == "bool":
        bad += [(b"\2", 0x82), (b"\xff", 0x82)]
    if identifier in NOT_ZERO:
        bad.append((value(kind, 0), 0x82))
    if identifier == TOPIC_ALIAS:
        bad.append((u16(0), 0x94))
    if kind == "vbi":
        bad += [(b"\x80\x00", 0x81), (b"\xff\xff\xff\xff", 0x81),
                (b"\x80\x80\x80\x80\x01", 0x81)]  # fmt: skip
    if kind == "topic":
        bad += [(text(t), 0x82) for t in ("", "a/+", "#", "a/#")]
    if kind in ("text", "topic", "pair"):
        second = text("v") if kind == "pair" else b""
        bad += [(text(t) + second, 0x81) for t in BAD_TEXTS]
    if kind == "pair":
        bad += [(text("n") + text(t), 0x81) for t in BAD_TEXTS]
    whole = prop(identifier, samples(identifier)[-1])[1:]
    bad += [(whole[:cut], 0x81) for cut in range(min(len(whole), 5))]
    return bad
