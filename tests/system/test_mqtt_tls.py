# SPDX-License-Identifier: MIT
"""TLS to a real mosquitto: who is accepted, and the sentence for who is not."""

import pytest
from lib.certificates import listener, make
from lib.installed import install
from lib.mqtt_boards import Program

@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return make(tmp_path_factory.mktemp("certificates"))


ATTEMPTS = """
async def attempt(ssl_params, port, **secrets):
    config['mqtt'] = {{'server': '127.0.0.1', 'port': port, 'ssl': True,
        'ssl_params': ssl_params}}
    config['secure'] = secrets.get('secure')
    try:
        await conn.connect()
        await conn.publish(MQTTMessage('t', b'x' * 6000, qos=1))
        print('published')
        await conn.disconnect()
    except Exception as e:
        print(e)

async def user_main():
    ca = open('/ca.crt').read()
    name = 'localhost'
    await attempt({{'cafile': '/ca.crt', 'server_hostname': name}}, {server})
    import ntptime
    ntptime.settime()
    await attempt({{'cafile': '/ca.crt', 'server_hostname': name}}, {server})
    await attempt({{'cadata': ca, 'server_hostname': name}}, {server})
    await attempt({{'server_hostname': name}}, {server},
        secure={{'mqtt.ca': ca}})
    await attempt({{'server_hostname': name}}, {server},
        secure={{'mqtt.ca': open('/other.crt').read()}})
    await attempt({{'cafile': '/ca.crt'}}, {server})
    await attempt({{'cafile': '/ca.crt', 'server_hostname': name}}, {expired})
    await attempt({{'cafile': '/nowhere.crt'}}, {server})
    await attempt({{'cadata': 'no certificate'}}, {server})
    await attempt({{'cafile': '/ca.crt', 'server_hostname': name}}, {plain})
    await attempt({{'cafile': '/ca.crt', 'server_hostname': name}}, {client})
    await attempt({{'cafile': '/ca.crt', 'server_hostname': name,
        'certfile': '/client.crt', 'keyfile': '/client.key'}}, {client})

asyncio.run(user_main())
"""


def test_who_is_accepted_and_what_is_said_of_the_others(
    boards, brokers, certificates, tmp_path
):
    install(tmp_path / "board")
    board = boards(heap="512K")
    ports = {
        "plain": brokers("plain").port,
        "server": brokers(
            "server", extra=listener(certificates, "server")
        ).port,
        "expired": brokers(
            "expired", extra=listener(certificates, "expired")
        ).port,
        "client": brokers(
            "client",
            extra=listener(
                certificates,
                "server",
                "cafile %s/ca.crt\nrequire_certificate true" % certificates,
            ),
        ).port,
    }
    board.put(
        {
            "/" + name: certificates / name
            for name in ("ca.crt", "other.crt", "client.crt", "client.key")
        }
    )
    output = Program(board, 1, ATTEMPTS.format(**ports)).join(120)
    lines = [line for line in output.splitlines() if "INFO" not in line]
    refused = "mqtt: the certificate of 127.0.0.1:%d is not accepted: "
    server = refused % ports["server"]
    wanted = [
        server + "the clock is not set (it says 2000); see that ntp.host in "
        "settings.json can be reached",
        "published",
        "published",
        "published",
        server + "the CA in mqtt.ssl_params did not sign it; give the CA that "
        "did",
        server + "it is not made out to '127.0.0.1'; set mqtt.server, or "
        "server_hostname in mqtt.ssl_params, to the name in it",
        refused % ports["expired"]
        + "it has expired; renew the broker's certificate",
        "mqtt.ssl_params names /nowhere.crt, which is not there",
        "mqtt.ssl_params: cadata or cafile cannot be read; give PEM or "
        "DER",
    ]
    assert lines[:9] == wanted
    for line, port in zip(lines[9:], (ports["plain"], ports["client"])):
        assert line == (
            "mqtt: 127.0.0.1:%d ended the TLS handshake; check that mqtt.port "
            "is the one for TLS, and whether it wants a client certificate "
            "(cert and key in mqtt.ssl_params)" % port
        )
    assert lines[11:] == ["published"]
