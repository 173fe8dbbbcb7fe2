# SPDX-License-Identifier: MIT
# The record in NVS: blob iv, i32 payload_s, blob payload.
import hashlib
import json
import os

from cryptolib import aes
from esp32 import NVS
from machine import unique_id


def key():
    return hashlib.sha256(unique_id()).digest()


def write(plain):
    text = json.dumps(plain).encode()
    pad = 16 - len(text) % 16
    text += bytes([pad]) * pad
    iv = os.urandom(16)
    payload = aes(key(), 2, iv).encrypt(text)
    nvs = NVS('sec_cfg')
    nvs.set_blob('iv', iv)
    nvs.set_i32('payload_s', len(payload))
    nvs.set_blob('payload', payload)
    nvs.commit()


def read():
    nvs = NVS('sec_cfg')
    iv, payload = bytearray(16), bytearray(nvs.get_i32('payload_s'))
    nvs.get_blob('iv', iv)
    nvs.get_blob('payload', payload)
    text = aes(key(), 2, iv).decrypt(payload)
    return json.loads(text[: -text[-1]])
