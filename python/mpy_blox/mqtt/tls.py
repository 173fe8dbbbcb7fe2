# SPDX-License-Identifier: MIT
# TLS around a socket, and what is wrong with a certificate in one sentence.
# Loaded to connect.

import time

from micropython import const
from mpy_blox.mqtt.explain import HUNG_UP

_YEAR_OF_THIS = const(2024)  # a clock before it is not set


# ssl is True or an SSLContext; ssl_params as ssl.wrap_socket takes them
# (cadata, cert, key, cert_reqs, server_hostname; PEM also as text), or files
# by their path: cafile, certfile, keyfile. Returns a function.
def wrapper(client, options):
    params = options.get('ssl_params') or {}
    name = params.get('server_hostname') or client.server
    context = options['ssl']
    if not hasattr(context, 'wrap_socket'):
        context = _context(params)

    def wrap(sock):
        return context.wrap_socket(
            sock, server_hostname=name, do_handshake_on_connect=False
        )

    return wrap


def _context(params):
    import tls

    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    ca = _data(params, 'cadata', 'cafile')
    verify = tls.CERT_REQUIRED if ca else tls.CERT_NONE
    context.verify_mode = params.get('cert_reqs', verify)
    if ca:
        _load('cadata or cafile', context.load_verify_locations, ca)
    cert = _data(params, 'cert', 'certfile')
    if cert:
        key = _data(params, 'key', 'keyfile')
        _load('cert and key', context.load_cert_chain, cert, key)
    return context


def _data(params, data, path):
    content = params.get(data)
    path = params.get(path)
    if not content and path:
        try:
            with open(path, 'rb') as f:
                content = f.read()
        except OSError:
            raise ValueError(
                "mqtt.ssl_params names %s, which is not there" % path
            )
    return content.encode() if isinstance(content, str) else content


def _load(what, function, *arguments):
    try:
        function(*arguments)
    except (ValueError, TypeError, OSError):
        raise ValueError(
            'mqtt.ssl_params: %s cannot be read; give PEM or DER' % what
        )


def why(client, options, e):
    text = str(e.args[-1]).strip() if e.args else str(e)
    where = client._where()
    params = options.get('ssl_params') or {}
    if text.startswith('mqtt.ssl_params'):
        return text
    certificate = 'mqtt: the certificate of %s is not accepted: ' % where
    if 'expired' in text or 'future' in text:
        year = time.gmtime()[0]
        if year < _YEAR_OF_THIS:
            return certificate + (
                'the clock is not set (it says %d); see that ntp.host in '
                'settings.json can be reached' % year
            )
        if 'future' in text:
            return certificate + (
                'it is not valid yet; check its dates, and the clock'
            )
        return certificate + "it has expired; renew the broker's certificate"
    if 'does not match' in text:
        return certificate + (
            "it is not made out to '%s'; set mqtt.server, or server_hostname "
            'in mqtt.ssl_params, to the name in it'
            % (params.get('server_hostname') or client.server)
        )
    if 'not correctly signed' in text or 'trusted' in text:
        return certificate + (
            'the CA in mqtt.ssl_params did not sign it; give the CA that did'
        )
    if 'ertificate' in text or isinstance(e, ValueError):
        return '%s%s; check mqtt.ssl_params in settings.json' % (
            certificate,
            text,
        )
    if 'alert' in text.lower() or e.args[0] in HUNG_UP:
        return (
            'mqtt: %s ended the TLS handshake; check that mqtt.port is the '
            'one for TLS, and whether it wants a client certificate (cert and '
            'key in mqtt.ssl_params)' % where
        )
    return (
        'mqtt: no TLS with %s (%s); check that mqtt.port is the one for TLS'
        % (where, text)
    )
