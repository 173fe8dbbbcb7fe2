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


def main():
    folder = pathlib.Path(sys.argv[1])
    for kind in ("wheel", "json"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    make_samples(folder / "wheel")
    for number, text in enumerate(JSON):
        (folder / "json" / str(number)).write_text(text)


main()
