# SPDX-License-Identifier: MIT
"""A publisher's key, by the program openssl: signs lists and commands as
PROTOCOL §2 says."""

import base64
import hashlib
import json
import subprocess

SPKI = 26  # bytes before the point in the DER of a public key


def openssl(*words, data=b""):
    return subprocess.run(
        ["openssl", *map(str, words)], input=data, check=True, stdout=subprocess.PIPE
    ).stdout


def compact(entries):
    return json.dumps(entries, separators=(",", ":"), ensure_ascii=False).encode()


class Key:
    """A new key pair in folder."""

    def __init__(self, folder, name="publisher"):
        self.path = folder / (name + ".pem")
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.path)
        der = openssl("pkey", "-in", self.path, "-pubout", "-outform", "DER")
        self.prefix, self.point = der[:SPKI], der[SPKI:]
        self.text = base64.b64encode(self.point).decode()
        self.fingerprint = hashlib.sha256(der).hexdigest()

    def der(self, message):
        return openssl("dgst", "-sha256", "-sign", self.path, data=message)

    def sign(self, topic, entries, serial, der=None):
        """The signed list's bytes; der: another signature instead."""
        head = compact(entries)[:-1]
        message = b"mpypi-v1\0%s\0%s\0%s" % (topic.encode(), str(serial).encode(), head)
        sig = base64.b64encode(self.der(message) if der is None else der)
        entry = b'{"type":"signature","alg":"ES256","serial":"%s","sig":"%s"}' % (
            str(serial).encode(),
            sig,
        )
        return head + (b"," if entries else b"") + entry + b"]"

    def command(self, node, name, serial, **more):
        """The signed command's bytes."""
        topic = "mpypi/nodes/%s/cmd" % node
        return self.sign(topic, [{"type": "command", "cmd": name, **more}], serial)
