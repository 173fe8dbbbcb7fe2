# SPDX-License-Identifier: MIT
"""What a user reads when the Wi-Fi goes while the program runs."""

from lib.installed import install
from lib.mqtt_boards import Program

WATCHED = """
from mpy_blox.network import connect_wlan

async def user_main():
    config['secure'] = {'wlan.ssid': 'net', 'wlan.psk': 'password'}
    wlan = connect_wlan(config)
    await conn.connect()
    await conn.publish(MQTTMessage('t', 'before', qos=1))
    print('ready')
    while wlan.isconnected():
        await asyncio.sleep_ms(10)
    await conn.publish(MQTTMessage('t', 'while away', qos=1))
    print('there')
    await asyncio.sleep(3)
    await conn.disconnect()

asyncio.run(user_main())
"""


def test_a_lost_wifi_is_said_and_messages_wait_for_it(boards, tmp_path, broker):
    install(tmp_path / "board")
    board = boards()
    with broker.watch("t") as watch:
        with Program(
            board, broker.port, WATCHED, keep_alive_interval=2
        ) as program:
            program.wait_for("ready")
            board.control("wifi down")
            program.wait_for("network:'net' is gone; joining it again goes on")
            board.control("wifi up")
            program.wait_for("there", timeout=40)
            output = program.join()
        watch.wait(lambda t, p: p == b"while away")
    assert output.count("is gone; joining") == 1
    assert "network:joined 'net' as 127.0.0.1, after " in output
    assert "mqtt:connected to 127.0.0.1:%d again after" % broker.port in output
