# SPDX-License-Identifier: MIT
"""Requests, and the packets that go out for them: sent.txt."""

from make_received import TRIED, publish
from wire import (AUTH, BAD_TEXTS, CONNECT, DISCONNECT, PINGREQ, PROPERTIES,
                  PUBLISH, SUBSCRIBE, UNSUBSCRIBE, WILL, packet, prop, props,
                  samples, text, u16)  # fmt: skip

sent = []


# What goes out: a request as words, then the packet or the error.
def hexed(content):
    content = content.encode() if isinstance(content, str) else content
    return content.hex() or "-"


def asks(state, request, result):
    shown_result = result.hex() if isinstance(result, bytes) else result
    sent.append("%s | %s | %s" % (state, request, shown_result))


OWN = prop(0x21, 3) + prop(0x22, 5)


def connect(version=5, client="", clean=False, keep=0, user=None,
            password=None, expiry=0, properties=(), will=None):  # fmt: skip
    """The request, and the packet."""
    words = ["connect version=%d client=%s keep=%d" % (
        version, hexed(client), keep)]  # fmt: skip
    flags = 2 if clean else 0
    tail = b""
    if clean:
        words.append("clean=1")
    if will:
        topic, payload, qos, retain, more = will
        words.append("will_topic=%s will_payload=%s will_qos=%d will_retain=%d"
                     % (hexed(topic), hexed(payload), qos, retain))  # fmt: skip
        words += [spelled(p, "will_") for p in more]
        flags |= 4 | qos << 3 | (32 if retain else 0)
        if version == 5:
            tail += props(*(prop(*p) for p in more))
        tail += text(topic) + text(payload)
    for name, content, flag in (("user", user, 128), ("password", password, 64)):
        if content is not None:
            words.append("%s=%s" % (name, hexed(content)))
            flags |= flag
            tail += text(content)
    head = text("MQTT") + bytes((version, flags)) + u16(keep)
    if version == 5:
        own = (prop(0x11, expiry) if expiry else b"") + OWN
        head += props(own, *(prop(*p) for p in properties))
    if expiry:
        words.append("expiry=%d" % expiry)
    words += [spelled(p) for p in properties]
    return " ".join(words), packet(CONNECT, head + text(client) + tail)


def spelled(pair, prefix=""):
    """A property as the request has it: not encoded."""
    identifier, content = pair
    kind = PROPERTIES[identifier][0]
    if kind == "pair":
        shown_value = "pair=%s:%s" % (hexed(content[0]), hexed(content[1]))
    elif kind in ("text", "topic", "binary"):
        shown_value = "text=%d:%s" % (identifier, hexed(content))
    else:
        shown_value = "number=%d:%d" % (identifier, content)
    return prefix + shown_value


def connects():
    for version in (5, 4):
        for clean in (False, True):
            for user in (None, "", "user"):
                for password in (None, b"", b"\0pw"):
                    for keep in (0, 65535):
                        request, data = connect(version, "id", clean, keep,
                                                user, password)  # fmt: skip
                        alone = password is not None and user is None
                        wrong = version == 4 and alone
                        asks("-5", request, "unsupported" if wrong else data)
        for client in ("", "ü", "c" * 60):
            asks("-5", *connect(version, client))
        for qos in (0, 1, 2):
            for retain in (0, 1):
                for payload in (b"", b"\0off"):
                    for user in (None, "u"):
                        asks("-5", *connect(version, "id", True, 60, user, user,
                                            will=("w/t", payload, qos, retain,
                                                  ())))  # fmt: skip
    for expiry in (1, 3600, 0xFFFFFFFF):
        asks("-5", *connect(expiry=expiry))
    for kind, wrap in ((CONNECT, False), (WILL, True)):
        for identifier, (_, where) in PROPERTIES.items():
            for content in samples(identifier):
                pair = ((identifier, content),)
                will = ("w", b"", 0, 0, pair if wrap else ())
                request, data = connect(
                    properties=() if wrap else pair, will=will if wrap else None
                )
                wrong = kind not in where or (
                    not wrap and identifier in (0x11, 0x16, 0x21, 0x22)
                )  # fmt: skip
                asks("-5", request, "argument" if wrong else data)
            pair = ((identifier, samples(identifier)[0]),) * 2
            if kind in where:
                request, data = connect(
                    properties=() if wrap else pair,
                    will=("w", b"", 0, 0, pair) if wrap else None,
                )
                good = identifier == 0x26
                asks("-5", request, data if good else "argument")
    for content in samples(0x16):
        asks("-5", *connect(properties=((0x15, "m"), (0x16, content))))
    for bad in BAD_TEXTS:
        asks("-5", connect(client=bad)[0], "argument")
        asks("-5", connect(user=bad)[0], "argument")
        asks("-5", connect(will=(bad, b"", 0, 0, ()))[0], "argument")
    for bad in ("", "#", "a/+"):
        asks("-5", connect(will=(bad, b"", 0, 0, ()))[0], "argument")
    for version in (3, 6, 255):
        asks("-5", connect(version)[0], "argument")
    pair = ((0x26, ("k", "v")),)
    asks("-5", connect(4, properties=pair)[0], "unsupported")
    asks("-5", connect(4, will=("w", b"", 0, 0, pair))[0], "unsupported")


def publish_request(topic, payload=b"", qos=0, retain=0, properties=()):
    words = ["publish topic=%s payload=%s qos=%d retain=%d" % (
        hexed(topic), hexed(payload), qos, retain)]  # fmt: skip
    return " ".join(words + [spelled(p) for p in properties])


def publish_sent():
    for version in (5, 4):
        state = "r%d" % version
        for topic in ("t", "a/b", "$x", "ü", "t" * 200):
            for payload in (b"", b"\0\xff", b"p" * 130):
                for qos in (0, 1, 2):
                    for retain in (0, 1):
                        data = publish(topic, b"", payload, qos, retain, 6,
                                       version)  # fmt: skip
                        asks(state, publish_request(topic, payload, qos,
                                                    retain), data)  # fmt: skip
        for bad in ("", "+", "a/#") + BAD_TEXTS:
            asks(state, publish_request(bad), "argument")
        asks(state, publish_request("t", qos=3), "argument")
    for identifier, (_, where) in PROPERTIES.items():
        for content in samples(identifier):
            pair = ((identifier, content),)
            request = publish_request("t", b"x", 1, 0, pair)
            good = PUBLISH in where and identifier not in (0x0B, 0x23)
            data = publish("t", prop(identifier, content), b"x", 1, 0, 6)
            asks("r5", request, data if good else "argument")
            asks("b5", request, "unsupported")
            if good:
                asks("r4", request, "unsupported")
        twice = ((identifier, samples(identifier)[0]),) * 2
        request = publish_request("t", properties=twice)
        data = publish("t", prop(*twice[0]) * 2)
        asks("r5", request, data if identifier == 0x26 else "argument")
    asks("b5", publish_request("t", qos=2), "unsupported")
    asks("b5", publish_request("t", qos=1), publish("t", qos=1, number=1))


def subscribe_request(filters, properties=()):
    words = ["subscribe"] + [spelled(p) for p in properties]
    return " ".join(words + ["filter=%s options=%d" % (hexed(f), o)
                             for f, o in filters])  # fmt: skip


def subscribe_packet(filters, properties=(), version=5):
    body = u16(6)
    body += props(*(prop(*p) for p in properties)) if version == 5 else b""
    for topic_filter, options in filters:
        body += text(topic_filter) + bytes((options,))
    return packet(SUBSCRIBE, body)


GOOD_FILTERS = ("t", "a/b", "+", "#", "a/+/b", "a/#", "/", "//+", "$SYS/#",
                "$share/g/a", "$share/g/#", "$share/ü/+/x", "ü/€")  # fmt: skip
BAD_FILTERS = ("", "a+", "+a", "a/#/b", "#/a", "a#", "$share/", "$share/g",
               "$share/g/", "$share//a", "$share/+/a", "$share/#/a",
               "$share/g/a+") + BAD_TEXTS  # fmt: skip


def requests_sent():
    for topic_filter in GOOD_FILTERS:
        one = ((topic_filter, 1),)
        for version in (5, 4):
            asks("r%d" % version, subscribe_request(one),
                 subscribe_packet(one, version=version))  # fmt: skip
            head = u16(6) + (b"\0" if version == 5 else b"")
            asks("r%d" % version, "unsubscribe filter=" + hexed(topic_filter),
                 packet(UNSUBSCRIBE, head + text(topic_filter)))  # fmt: skip
    for bad in BAD_FILTERS:
        asks("r5", subscribe_request(((bad, 0),)), "argument")
        asks("r5", "unsubscribe filter=" + hexed(bad), "argument")
        asks("r5", subscribe_request((("a", 0), (bad, 0))), "argument")
    for options in range(256):
        one = (("a", options),)
        good = options & 3 < 3 and options >> 4 < 3
        if options < 0x40 or options in (0x40, 0x80, 0xFF):
            asks("r5", subscribe_request(one),
                 subscribe_packet(one) if good else "argument")  # fmt: skip
        if good and options > 2:
            asks("r4", subscribe_request(one), "unsupported")
        if good and options > 1:
            asks("b5", subscribe_request(one), "unsupported")
    asks("r5", subscribe_request((("$share/g/a", 4),)), "argument")
    many = (("a", 0), ("b/#", 1), ("$share/g/c", 2), ("d", 0x2C))
    asks("r5", subscribe_request(many), subscribe_packet(many))
    asks("r5", "unsubscribe filter=61 filter=622f23",
         packet(UNSUBSCRIBE, u16(6) + b"\0" + text("a") + text("b/#")))
    asks("r5", "subscribe", "argument")
    asks("r5", "unsubscribe", "argument")
    for kind in (SUBSCRIBE, UNSUBSCRIBE):
        request_properties(kind)


def request_properties(kind):
    name = "subscribe" if kind == SUBSCRIBE else "unsubscribe"
    tail = b"\1" if kind == SUBSCRIBE else b""
    for identifier, (_, where) in PROPERTIES.items():
        for content in samples(identifier):
            pair = (identifier, content)
            request = "%s %s filter=61" % (name, spelled(pair))
            request += " options=1" if kind == SUBSCRIBE else ""
            data = packet(kind, u16(6) + props(prop(*pair)) + text("a") + tail)
            asks("r5", request, data if kind in where else "argument")


# Sections 3.12, 3.14 and 3.15.
def endings():
    asks("r5", "pingreq", packet(PINGREQ))
    asks("r4", "pingreq", packet(PINGREQ))
    for code in range(256):
        if code in TRIED:
            body = bytes((code,)) if code else b""
            asks("r5", "disconnect reason=%d" % code, packet(DISCONNECT, body))
    asks("r4", "disconnect reason=0", packet(DISCONNECT))
    asks("r4", "disconnect reason=4", packet(DISCONNECT))
    for identifier, (_, where) in PROPERTIES.items():
        for content in samples(identifier):
            pair = (identifier, content)
            good = DISCONNECT in where and (identifier != 0x11 or content == 0)
            asks("r5", "disconnect reason=4 " + spelled(pair),
                 packet(DISCONNECT, b"\4" + props(prop(*pair)))
                 if good else "argument")  # fmt: skip
    method = (0x15, "m")
    for code in (0x18, 0x19, 0, 0x80):
        body = bytes((code,)) + props(prop(*method))
        result = {0x18: packet(AUTH, body), 0x19: "state"}.get(code, "argument")
        asks("a5", "auth reason=%d %s" % (code, spelled(method)), result)
    for data in samples(0x16):
        both = (method, (0x16, data))
        asks("a5", "auth reason=24 " + " ".join(map(spelled, both)),
             packet(AUTH, b"\x18" + props(*(prop(*p) for p in both))))
    asks("a5", "auth reason=24", "argument")
    asks("a5", "auth reason=24 " + spelled((0x15, "M")), "argument")
    asks("r5", "auth reason=24 " + spelled(method), "state")


def lines():
    sent.clear()
    for part in (connects, publish_sent, requests_sent, endings):
        part()
    return sent
