# SPDX-License-Identifier: MIT
# Stands in for the cipher of a firmware with TLS: it hides nothing.


class aes:
    def __init__(self, key, mode, iv=None):
        pass

    def encrypt(self, text, out=None):
        if out is None:
            return bytes(text)
        out[: len(text)] = text

    decrypt = encrypt
