# SPDX-License-Identifier: MIT
"""The wheels that tests/device/ reads, made with Python's own zipfile."""

import base64
import hashlib
import zipfile

WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nTag: {}\n"
SAMPLE = {
    "sample/__init__.py": b"VERSION = '1.0'\n",
    "sample/long.txt": b"blox " * 1200,
    "sample/stored.bin": bytes(range(256)),
}
NEWER = {"sample/__init__.py": b"VERSION = '2.0'\n"}


def record_line(name, content):
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return f"{name},sha256={digest.rstrip(b'=').decode()},{len(content)}\n"


def make_wheel(
    folder, name, version, members, tag="py3-none-any", unlisted=None
):
    """Writes a wheel. `unlisted` are members that replace others, or come on
    top, after RECORD was made. Returns its path."""
    info = f"{name}-{version}.dist-info/"
    members = dict(members)
    members[info + "METADATA"] = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    )
    members[info + "WHEEL"] = WHEEL.format(tag).encode()
    record = "".join(record_line(*item) for item in members.items())
    members[info + "RECORD"] = (record + info + "RECORD,,\n").encode()
    members.update(unlisted or {})
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            stored = member.endswith(".bin")
            kind = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(member, content, kind)
    return path


def make_samples(folder):
    """The wheels of tests/device/: good ones, and one for each refusal."""
    make_wheel(folder, "sample", "1.0", SAMPLE)
    make_wheel(folder, "sample", "2.0", NEWER)
    damaged = {"sample/long.txt": b"blop " * 1200}
    make_wheel(folder, "damaged", "1.0", SAMPLE, unlisted=damaged)
    make_wheel(folder, "escaping", "1.0", {"../escaped.py": b"x = 1\n"})
    make_wheel(folder, "foreign", "1.0", SAMPLE, tag="cp312-cp312-win32")
    extra = {"extra.py": b"x = 1\n"}
    make_wheel(folder, "unlisted", "1.0", SAMPLE, unlisted=extra)
    return sorted(folder.glob("*.whl"))
