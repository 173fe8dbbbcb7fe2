# SPDX-License-Identifier: MIT
"""Packets that come in, and what a client must make of them: received.txt."""

from wire import (ACKS, AUTH, BAD_TEXTS, CONNACK, DISCONNECT, PINGRESP,
                  PROPERTIES, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL,
                  REASONS, SUBACK, UNSUBACK, bad_values, packet, prop, props,
                  samples, text, u16, vbi)  # fmt: skip

received = []

NAMES = {PUBACK: "puback", PUBREC: "pubrec", PUBREL: "pubrel",
         PUBCOMP: "pubcomp", SUBACK: "suback", UNSUBACK: "unsuback",
         DISCONNECT: "disconnect", AUTH: "auth"}  # fmt: skip


def takes(state, data, events="", out=b""):
    received.append("%s | %s | %s | %s" % (state, data.hex(), events, out.hex()))


def refuses(state, data, code):
    """The session ends and says why; MQTT 3.1.1 has no words for it."""
    out = packet(DISCONNECT, bytes((code,))) if state[1] == "5" else b""
    takes(state, data, "error %02x" % code, out)


def shown(properties):
    return " p " + properties.hex() if properties else ""


# Fixed headers, section 2.1.
def fixed_headers():
    from_broker = ACKS + (PUBLISH, PINGRESP, DISCONNECT)
    for kind in range(16):
        for flags in range(16):
            if kind not in from_broker:
                refuses("r5", bytes((kind << 4 | flags,)), 0x82)
            elif kind != PUBLISH and flags != (2 if kind == PUBREL else 0):
                refuses("r5", bytes((kind << 4 | flags,)), 0x81)
            elif kind == PUBLISH and (flags & 6 == 6 or flags in (8, 9)):
                refuses("r5", bytes((kind << 4 | flags,)), 0x81)
            if kind not in (CONNACK, AUTH):
                refuses("c5", bytes((kind << 4 | flags,)), 0x82)
    refuses("c5", b"\xf0", 0x82)
    refuses("r4", b"\xe0", 0x82)
    refuses("r4", b"\xf0", 0x82)
    for kind in (PUBREC, PUBREL, PUBCOMP):
        refuses("b5", packet(kind, u16(1))[:1], 0x82)
    for kind in from_broker:
        first = packet(kind)[:1]
        for length in ("8000", "808000", "80808000", "80808080", "ffffffff"):
            refuses("r5", first + bytes.fromhex(length), 0x81)
    for length in ("8000", "ffffffff"):
        refuses("c5", b"\x20" + bytes.fromhex(length), 0x81)


def each_property(state, kind, build, event):
    """Every property in a packet of this kind, good and bad. build makes the
    packet from properties with their length, event what it is shown as."""
    for identifier, (_, where) in PROPERTIES.items():
        if kind not in where:
            first = prop(identifier, samples(identifier)[0])
            refuses(state, build(props(first)), 0x81)
            continue
        for content in samples(identifier):
            encoded = prop(identifier, content)
            accept(state, kind, identifier, content, build(props(encoded)),
                   event(encoded))  # fmt: skip
        for bad, code in bad_values(identifier):
            refuses(state, build(props(vbi(identifier) + bad)), code)
        last = prop(identifier, samples(identifier)[-1])
        if identifier == 0x26 or (kind, identifier) == (PUBLISH, 0x0B):
            takes(state, build(props(last, last)), *event(last + last))
        else:
            refuses(state, build(props(last, last)), 0x82)
        # Behind another, which is no excuse.
        user = prop(0x26, ("k", "v"))
        if identifier != 0x23:
            accept(state, kind, identifier, samples(identifier)[-1],
                   build(props(user, last)), event(user + last))  # fmt: skip
    for unknown in (0, 4, 5, 6, 7, 0x0A, 0x10, 0x14, 0x1B, 0x20, 0x2B, 0x7F):
        refuses(state, build(props(bytes((unknown, 0)))), 0x81)
    refuses(state, build(props(b"\x80\x01\x00")), 0x81)
    refuses(state, build(b"\x05"), 0x81)
    refuses(state, build(b"\x80\x00"), 0x81)
    refuses(state, build(b"\xff\xff\xff\xff"), 0x81)


def accept(state, kind, identifier, content, data, expected):
    """What is well-formed, but for what this client does not have."""
    if kind == DISCONNECT and identifier == 0x11:
        refuses(state, data, 0x82)
    elif kind == PUBLISH and identifier == 0x23 and content > 5:
        refuses(state, data, 0x94)
    elif kind == CONNACK and identifier == 0x27 and content < 5:
        takes(state, data, "error 83")  # DISCONNECT would be too large
    elif kind in (AUTH, CONNACK) and identifier == 0x15 and content != "m":
        refuses(state, data, 0x82)
    else:
        takes(state, data, *expected)


def every_prefix(state, kind, body, whole=()):
    """A packet cut anywhere, its length adjusted."""
    for cut in range(len(body)):
        if cut not in whole:
            refuses(state, packet(kind, body[:cut]), 0x81)


# Section 3.2.
def connacks():
    for present in (0, 1):
        for code in (0, 1, 2, 5, 0x10, 0x18, 0x19, 0x7F) + REASONS + (0xFF,):
            data = packet(CONNACK, bytes((present, code, 0)))
            if 0 < code < 0x80 or (present and code):
                refuses("c5", data, 0x82)
            else:
                takes("c5", data, "connack %02x%s" % (
                    code, " present" if present else ""))  # fmt: skip
    refuses("n5", packet(CONNACK, b"\1\0\0"), 0x82)
    takes("n5", packet(CONNACK, b"\0\0\0"), "connack 00")
    for flags in (2, 3, 4, 0x80, 0xFF):
        refuses("c5", packet(CONNACK, bytes((flags, 0, 0))), 0x81)
    each_property("c5", CONNACK, lambda p: packet(CONNACK, b"\0\0" + p),
                  lambda p: ("connack 00" + shown(p),))  # fmt: skip
    body = b"\0\0" + props(prop(0x1F, "why"), prop(0x21, 9))
    every_prefix("c5", CONNACK, body)
    refuses("c5", packet(CONNACK, body + b"\0"), 0x81)
    for content in ("", "M", "m"):
        data = packet(CONNACK, b"\0\0" + props(prop(0x15, content)))
        if content == "m":
            takes("a5", data, "connack 00" + shown(prop(0x15, "m")))
        else:
            refuses("a5", data, 0x82)
    refuses("a5", packet(CONNACK, b"\0\0\0"), 0x82)
    takes("a5", packet(CONNACK, b"\0\x8c\0"), "connack 8c")
    takes("c5", bytes.fromhex("20020001"), "connack 84")
    refuses("c5", bytes.fromhex("20020000"), 0x81)
    refuses("c5", bytes.fromhex("20020002"), 0x81)
    reasons = (0, 0x84, 0x85, 0x88, 0x86, 0x87)
    for code, reason in enumerate(reasons):
        takes("c4", bytes((0x20, 2, 0, code)), "connack %02x" % reason)
    takes("c4", bytes.fromhex("20020100"), "connack 00 present")
    for bad in ("20020006", "200200ff", "20020101"):
        refuses("c4", bytes.fromhex(bad), 0x82)
    for bad in ("20020200", "20028000", "2003000000", "200100", "2000"):
        refuses("c4", bytes.fromhex(bad), 0x81)


def publish(topic, properties=b"", payload=b"", qos=0, flags=0, number=7,
            version=5):  # fmt: skip
    body = text(topic) + (u16(number) if qos else b"")
    body += (props(properties) if version == 5 else b"") + payload
    return packet(PUBLISH, body, flags | qos << 1)


def arrives(state, topic, properties=b"", payload=b"", qos=0, flags=0):
    name = topic if isinstance(topic, str) else topic.decode()
    events = "publish %s size %d" % (name, len(payload))
    events += " id 7" if qos else ""
    events += " retain" if flags & 1 else ""
    events += " dup" if flags & 8 else ""
    events += shown(properties)
    events += "; payload " + payload.hex() if payload else ""
    out = packet(PUBACK if qos == 1 else PUBREC, u16(7)) if qos else b""
    version = int(state[1])
    takes(state, publish(topic, properties, payload, qos, flags,
                         version=version), events + "; end", out)  # fmt: skip


# Section 3.3.
def publishes():
    for state in ("r5", "r4"):
        for topic in ("t", "a/b", "/", "$SYS/x", "ü/€/😀", " ", "\ufeffa",
                      "t" * 300):  # fmt: skip
            for payload in (b"", b"\0", b"hello", b"p" * 40):
                arrives(state, topic, b"", payload)
        for qos in (0, 1, 2):
            for flags in (0, 1) + ((8, 9) if qos else ()):
                arrives(state, "t", b"", b"x", qos, flags)
        version = int(state[1])
        for bad in (b"a/+", b"#", b"a/#", b"+") + BAD_TEXTS:
            refuses(state, publish(bad, version=version), 0x81)
        # Without properties there is nothing left to be read.
        refuses(state, publish("", version=version),
                0x82 if version == 5 else 0x81)  # fmt: skip
        for qos in (1, 2):
            refuses(state, publish("t", qos=qos, number=0, version=version),
                    0x82)  # fmt: skip
    refuses("r4", packet(PUBLISH, b"\0"), 0x81)
    refuses("r4", packet(PUBLISH, b"\0\2t"), 0x81)
    refuses("r4", packet(PUBLISH, b"\0\1t\0", 2), 0x81)
    refuses("b5", publish("t", qos=2), 0x82)
    refuses("b5", publish("t", prop(0x23, 1)), 0x94)
    each_property(
        "r5", PUBLISH, lambda p: packet(PUBLISH, b"\0\1t" + p),
        lambda p: ("publish t size 0" + shown(p) + "; end",))  # fmt: skip
    every_prefix("r5", PUBLISH, b"\0\3a/b" + props(prop(3, "x"), prop(1, 1)))
    refuses("r5", packet(PUBLISH, b"\0\1t", 2), 0x81)
    refuses("r5", packet(PUBLISH, b"\0\1t\0\1", 2), 0x81)
    for alias in range(1, 6):
        named = prop(0x23, alias)
        first = publish("long/topic", named)
        event = "publish long/topic size 0%s; end" % shown(named)
        takes("r5", first, event)
        takes("r5", first + publish("", named), event + "; " + event)
        other = "publish o size 0%s; end" % shown(named)
        takes("r5", first + publish("o", named) + publish("", named),
              "; ".join((event, other, other)))  # fmt: skip
        refuses("r5", publish("", named), 0x82)
        takes("r5", publish("t" * 90, named) + publish("", named),
              "publish %s size 0%s; end; skipped" % ("t" * 90, shown(named)))
    # At QoS 2 once, until PUBREL.
    again = publish("t", payload=b"x", qos=2)
    event = "publish t size 1 id 7; payload 78; end"
    received_out = packet(PUBREC, u16(7))
    takes("r5", again + again, event, received_out * 2)
    release = packet(PUBREL, u16(7))
    takes("r5", again + release + again, event + "; " + event,
          received_out + packet(PUBCOMP, u16(7)) + received_out)  # fmt: skip
    many = [publish("t", qos=2, number=n) for n in (1, 2, 3)]
    events = ["publish t size 0 id %d; end" % n for n in (1, 2, 3)]
    outs = [packet(PUBREC, u16(n)) for n in (1, 2, 3)]
    takes("r5", b"".join(many), "; ".join(events), b"".join(outs))
    takes("r5", b"".join(many) + publish("t", qos=2, number=4),
          "; ".join(events) + "; error 93",
          b"".join(outs) + packet(DISCONNECT, b"\x93"))  # fmt: skip


CODES = {
    PUBACK: (0, 0x10), PUBREC: (0, 0x10), PUBREL: (0,), PUBCOMP: (0,),
    SUBACK: (0, 1, 2), UNSUBACK: (0, 0x11), DISCONNECT: (0,), AUTH: (0, 0x18),
}  # fmt: skip
TRIED = (0, 1, 2, 3, 4, 0x10, 0x11, 0x18, 0x19, 0x7F) + REASONS + (0xFF,)
WAITS = {PUBACK: 1, PUBREC: 2, PUBREL: 9, PUBCOMP: 3, SUBACK: 4, UNSUBACK: 5}


def answer(kind, number, code, properties=b""):
    """The event of an answer to what waits for it, and what is sent."""
    if kind == PUBREL:
        return "", packet(PUBCOMP, u16(number) + b"\x92")
    out = b""
    if kind == PUBREC and code < 0x80:
        out = packet(PUBREL, u16(number))
    return "%s %d %02x%s" % (NAMES[kind], number, code, shown(properties)), out


# Sections 3.4 to 3.7.
def acknowledgements():
    for kind in (PUBACK, PUBREC, PUBREL, PUBCOMP):
        number = WAITS[kind]
        head = u16(number)
        takes("r5", packet(kind, head), *answer(kind, number, 0))
        takes("r4", packet(kind, head), *plain_answer(kind, number))
        refuses("r4", packet(kind, head + b"\0"), 0x81)
        for code in TRIED:
            for tail in (b"", b"\0"):
                data = packet(kind, head + bytes((code,)) + tail)
                if code < 0x80 and code not in CODES[kind]:
                    refuses("r5", data, 0x82)
                else:
                    takes("r5", data, *answer(kind, number, code))
        each_property(
            "r5", kind, lambda p: packet(kind, head + b"\0" + p),
            lambda p: answer(kind, number, 0, p))  # fmt: skip
        body = head + b"\x97" + props(prop(0x1F, "no"))
        every_prefix("r5", kind, body, (2, 3))
        refuses("r5", packet(kind, body + b"\0"), 0x81)
        refuses("r5", packet(kind, u16(0)), 0x82)
    strangers()


def plain_answer(kind, number):
    event, out = answer(kind, number, 0)
    return event, out[:1] + b"\2" + out[2:4] if out else out


def strangers():
    """Answers to something else, again, or to nothing."""
    takes("r5", packet(PUBACK, u16(9)))
    takes("r5", packet(PUBCOMP, u16(9)))
    takes("r5", packet(PUBREC, u16(9)), "", packet(PUBREL, u16(9) + b"\x92"))
    takes("r4", packet(PUBREC, u16(9)), "", packet(PUBREL, u16(9)))
    takes("r5", packet(PUBREC, u16(9) + b"\x97"))
    takes("r5", packet(PUBREC, u16(3)), "", packet(PUBREL, u16(3)))
    takes("r5", packet(PUBREC, u16(3) + b"\x97"), "pubrec 3 97")
    takes("r5", packet(SUBACK, u16(9) + b"\0\0"))
    takes("r5", packet(UNSUBACK, u16(9) + b"\0\0"))
    for kind in (PUBACK, PUBREC, PUBCOMP, SUBACK, UNSUBACK):
        tail = b"\0\0" if kind in (SUBACK, UNSUBACK) else b""
        for number in range(1, 6):
            right = WAITS[kind] == number or (kind == PUBREC and number == 3)
            if not right:
                refuses("r5", packet(kind, u16(number) + tail), 0x82)


# Sections 3.9 and 3.11.
def grants():
    for kind in (SUBACK, UNSUBACK):
        number = WAITS[kind]
        head = u16(number)
        name = "%s %d" % (NAMES[kind], number)
        for code in TRIED:
            data = packet(kind, head + b"\0" + bytes((code,)))
            if code < 0x80 and code not in CODES[kind]:
                refuses("r5", data, 0x82)
            else:
                takes("r5", data, "%s %02x" % (name, code))
        takes("r5", packet(kind, head + b"\0\0\x87\x80"), name + " 00 87 80")
        refuses("r5", packet(kind, head + b"\0\0\x03"), 0x82)
        each_property(
            "r5", kind, lambda p: packet(kind, head + p + b"\0"),
            lambda p: (name + " 00" + shown(p),))  # fmt: skip
        every_prefix("r5", kind, head + props(prop(0x1F, "no")) + b"\x80")
        refuses("r5", packet(kind, u16(0) + b"\0\0"), 0x82)
    for code in (0, 1, 2, 0x80):
        takes("r4", packet(SUBACK, u16(4) + bytes((code,))),
              "suback 4 %02x" % code)  # fmt: skip
    takes("r4", packet(UNSUBACK, u16(5)), "unsuback 5 00")
    for bad in (u16(5) + b"\0", b"\0"):
        refuses("r4", packet(UNSUBACK, bad), 0x81)
    for bad in (u16(4), b"\0", b""):
        refuses("r4", packet(SUBACK, bad), 0x81)
    refuses("r4", packet(SUBACK, u16(4) + b"\3"), 0x82)


# Sections 3.13 to 3.15.
def others():
    for state in ("r5", "r4", "b5"):
        takes(state, packet(PINGRESP), "pingresp")
        refuses(state, packet(PINGRESP, b"\0"), 0x81)
    takes("r5", packet(DISCONNECT), "disconnect 00")
    for code in TRIED:
        for tail in (b"", b"\0"):
            data = packet(DISCONNECT, bytes((code,)) + tail)
            if 0 < code < 0x80:
                refuses("r5", data, 0x82)
            else:
                takes("r5", data, "disconnect %02x" % code)
    each_property("r5", DISCONNECT,
                  lambda p: packet(DISCONNECT, b"\x9d" + p),
                  lambda p: ("disconnect 9d" + shown(p),))  # fmt: skip
    every_prefix("r5", DISCONNECT, b"\x9d" + props(prop(0x1C, "b")), (0, 1))
    method = prop(0x15, "m")
    for code in TRIED:
        data = packet(AUTH, bytes((code,)) + props(method))
        if code < 0x80 and code not in CODES[AUTH]:
            refuses("a5", data, 0x82)
        else:
            takes("a5", data, "auth %02x%s" % (code, shown(method)))
    refuses("a5", packet(AUTH), 0x82)
    refuses("a5", packet(AUTH, b"\x18\0"), 0x82)
    authentication_properties(method)
    every_prefix("a5", AUTH, b"\x18" + props(method), (0, 1))
    refuses("c5", packet(AUTH, b"\x18" + props(method))[:1], 0x82)


def authentication_properties(method):
    """As each_property, but that the method is always there."""
    def build(encoded):
        return packet(AUTH, b"\x18" + encoded)
    for identifier, (_, where) in PROPERTIES.items():
        first = prop(identifier, samples(identifier)[0])
        if AUTH not in where:
            refuses("a5", build(props(method, first)), 0x81)
        elif identifier != 0x15:
            for content in samples(identifier):
                both = method + prop(identifier, content)
                takes("a5", build(props(both)), "auth 18" + shown(both))
            for bad, code in bad_values(identifier):
                refuses("a5", build(props(method, vbi(identifier) + bad)), code)
    for content in ("", "M", "mm"):
        refuses("a5", build(props(prop(0x15, content))), 0x82)
    refuses("a5", build(props(method, method)), 0x82)


def lines():
    received.clear()
    for part in (fixed_headers, connacks, publishes, acknowledgements, grants,
                 others):  # fmt: skip
        part()
    return received
