# SPDX-License-Identifier: MIT
"""Wheels as files: those that tests/device/ reads, and made to order."""

from lib.updates import wheel

SAMPLE = {
    "sample/__init__.py": "VERSION = '1.0'\n",
    "sample/long.txt": "blox " * 1200,
}
NEWER = {"sample/__init__.py": "VERSION = '2.0'\n"}


def make_wheel(
    folder,
    name,
    version,
    members,
    tag="py3-none-any",
    unlisted=None,
    store=False,
):
    """Writes a wheel. `unlisted` are members that replace others, or come on
    top, after RECORD was made. Returns its path."""
    path = folder / ("%s-%s-py3-none-any.whl" % (name, version))
    path.write_bytes(
        wheel(
            name,
            version,
            members,
            tag,
            spoil=lambda found, record: found.update(unlisted or {}),
            store=store,
        )
    )
    return path


def make_samples(folder):
    """Good ones, and one for each refusal; returns their paths."""
    make_wheel(folder, "sample", "1.0", SAMPLE)
    make_wheel(folder, "sample", "2.0", NEWER)
    data = {"stored.bin": bytes(range(256))}
    make_wheel(folder, "stored", "1.0", data, store=True)
    damaged = {"sample/long.txt": b"blop " * 1200}
    make_wheel(folder, "damaged", "1.0", SAMPLE, unlisted=damaged)
    make_wheel(folder, "escaping", "1.0", {"../escaped.py": "x = 1\n"})
    make_wheel(folder, "foreign", "1.0", SAMPLE, tag="cp312-cp312-win32")
    extra = {"extra.py": b"x = 1\n"}
    make_wheel(folder, "unlisted", "1.0", SAMPLE, unlisted=extra)
    return sorted(folder.glob("*.whl"))
