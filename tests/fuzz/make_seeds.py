# SPDX-License-Identifier: MIT
"""Writes what each fuzzer starts from: make_seeds.py FOLDER."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "system"))

from lib.wheels import make_samples  # noqa: E402

JSON = [
    '[{"type":"wheel","size":61234},12,"\\u00fc\\ud83d\\ude00",[],null]',
    '{"a":{"b":[true,false,-1.5e+3]},"name":"x","a":4294967295}',
]

# A session's setup (fuzz_mqtt.c), then what a broker sends.
MQTT = [
    "00000001 20 0b 00 00 08 21 0014 13 001e 24 01",
    "000000ff 30 07 0003 612f62 00 78 d0 00 33 0a 0001 74 0007 00 68656c6c",
    "00000603 40 02 0001 90 04 0002 00 01 e0 01 8b",
    "00000a02 30 10 0001 74 07 26 0001 6b 0001 76 3132333435",
]


def main():
    folder = pathlib.Path(sys.argv[1])
    for kind in ("wheel", "json", "mqtt"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    make_samples(folder / "wheel")
    for number, text in enumerate(JSON):
        (folder / "json" / str(number)).write_text(text)
    for number, text in enumerate(MQTT):
        (folder / "mqtt" / str(number)).write_bytes(bytes.fromhex(text))


main()
