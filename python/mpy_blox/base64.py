# SPDX-License-Identifier: MIT
# URL-safe base64 (RFC 4648) without padding, as RECORD files have it.

from binascii import a2b_base64, b2a_base64


# str or bytes, with or without padding.
def urlsafe_b64decode(s):
    if isinstance(s, str):
        s = s.encode()
    s = s.rstrip(b'=').replace(b'-', b'+').replace(b'_', b'/')
    return a2b_base64(s + b'=' * (-len(s) % 4))


def urlsafe_b64encode(b):
    text = b2a_base64(b).rstrip(b'=\n')
    return text.replace(b'+', b'-').replace(b'/', b'_')
