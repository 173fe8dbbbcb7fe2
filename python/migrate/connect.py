# SPDX-License-Identifier: MIT
# What the original's settings and secrets say, and by them Wi-Fi and TLS.

import hashlib
import json
import time

import machine
from micropython import const

from .base import Problem, say

_SILENCE = const(30)  # seconds without a byte
_YEAR_OF_THIS = const(2024)  # a clock before it is not set


# The settings, with the secrets of the original's record in NVS.
def configuration():
    config = {}
    try:
        with open('/settings.json') as file:
            config = json.load(file)
    except (OSError, ValueError) as e:
        say('settings.json:', e)
    try:
        config.update(secrets())
    except (OSError, ValueError, ImportError) as e:
        say('the secrets cannot be read:', e)
    return config


def secrets():
    from cryptolib import aes
    from esp32 import NVS

    nvs = NVS('sec_cfg')
    iv, payload = bytearray(16), bytearray(nvs.get_i32('payload_s') + 16)
    nvs.get_blob('iv', iv)
    size = nvs.get_blob('payload', payload)
    key = hashlib.sha256(machine.unique_id()).digest()
    plain = aes(key, 2, iv).decrypt(payload[:size])
    return json.loads(plain[: -plain[-1]])


def join(config):
    import network

    try:
        network.hostname(config.get('hostname', 'espressif'))
    except (AttributeError, ValueError):
        pass
    wlan = network.WLAN(network.STA_IF)
    wlan.active(True)
    if not wlan.isconnected():
        wlan.connect(config['wlan.ssid'], config.get('wlan.psk'))
    for _ in range(_SILENCE * 10):
        if wlan.isconnected():
            return
        time.sleep_ms(100)
    raise Problem('the Wi-Fi is not there')


# A certificate is held against the clock, which a cold start has lost.
def set_clock(config):
    if time.gmtime()[0] >= _YEAR_OF_THIS:
        return
    try:
        import ntptime

        ntptime.host = config.get('ntp.host', 'pool.ntp.org')
        ntptime.settime()
    except (ImportError, OSError, ValueError) as e:
        say('no time from the network:', e)


# PEM, or the path of a file with it.
def content_of(data):
    if isinstance(data, str) and not data.startswith('-----'):
        with open(data, 'rb') as file:
            return file.read()
    return data


# As the original, which hands mqtt.ssl_params to ssl.wrap_socket(): stage one
# must get through wherever it does, so nothing more is asked of the broker.
# Not by that function, which not every firmware has.
def secured(sock, config):
    try:
        import tls
    except ImportError:  # before MicroPython 1.23
        import ssl as tls
    set_clock(config)
    params = config['mqtt'].get('ssl_params') or {}
    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = params.get('cert_reqs', tls.CERT_NONE)
    if params.get('cadata'):
        context.load_verify_locations(params['cadata'])
    if params.get('cert'):
        context.load_cert_chain(
            content_of(params['cert']), content_of(params.get('key'))
        )
    name = params.get('server_hostname') or config['mqtt']['server']
    return context.wrap_socket(sock, server_hostname=name)
