#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes received.txt and sent.txt beside itself: packets, byte by byte, and
what a client must make of them. test_vectors.c plays them; tests/system/
test_mqtt_vectors.py holds the good ones against decoders that are not ours.

    received.txt: state | packet | events | what is sent
    sent.txt:     state | request | packet, or the error

State: the version (5, 4) behind c (CONNECT is out), a (so, with an
Authentication Method "m"), n (so, with Clean Start), r (connected, these
wait for their answer: PUBLISH 1 at QoS 1, PUBLISH 2 and 3 at QoS 2, 3 with its
PUBREC; SUBSCRIBE 4; UNSUBSCRIBE 5) or b (connected, the base alone).
"""

import pathlib

import make_received
import make_sent

HERE = pathlib.Path(__file__).parent


def lines():
    """received.txt, sent.txt."""
    return make_received.lines(), make_sent.lines()


def main():
    for name, content in zip(("received.txt", "sent.txt"), lines()):
        (HERE / name).write_text("\n".join(content) + "\n")
        print("%s: %d" % (name, len(content)))


if __name__ == "__main__":
    main()
