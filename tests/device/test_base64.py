# SPDX-License-Identifier: MIT
# URL-safe base64, as RECORD files carry it.
from mpy_blox.base64 import urlsafe_b64decode, urlsafe_b64encode

PAIRS = (
    (b'', b''),
    (b'f', b'Zg'),
    (b'fo', b'Zm8'),
    (b'foo', b'Zm9v'),
    (b'\xfb\xff\xfe', b'-__-'),
    (bytes(range(256))[-5:], b'-_z9_v8'),
)
for raw, text in PAIRS:
    assert urlsafe_b64encode(raw) == text, (raw, urlsafe_b64encode(raw))
    assert urlsafe_b64decode(text) == raw, text
    assert urlsafe_b64decode(text.decode()) == raw, text
    padded = text + b'=' * (-len(text) % 4)
    assert urlsafe_b64decode(padded) == raw, padded

for size in range(70):
    raw = bytes((i * 37) & 255 for i in range(size))
    assert urlsafe_b64decode(urlsafe_b64encode(raw)) == raw
print('OK')
