# SPDX-License-Identifier: MIT
import binascii
import os
import socket
import struct

import machine


# ssl.wrap_socket(), as firmware for chips has it.
def wrap_socket(sock, cert_reqs=0, cadata=None, server_hostname=None):
    import tls

    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    if cadata:
        context.load_verify_locations(cadata)
    context.verify_mode = cert_reqs
    return context.wrap_socket(sock, server_hostname=server_hostname)


def prefixed(text):
    data = text.encode()
    return struct.pack('>H', len(data)) + data


class Connection:
    def __init__(self, settings, secrets):
        self.client_id = '%s-%s' % (
            os.uname()[0],
            binascii.hexlify(machine.unique_id()).decode(),
        )
        self.sock = socket.socket()
        self.sock.connect(
            socket.getaddrinfo(settings['server'], settings['port'])[0][-1]
        )
        if settings.get('ssl'):
            import ntptime

            ntptime.settime()
            self.sock = wrap_socket(self.sock, **settings['ssl_params'])
        user, password = settings.get('username'), secrets.get('mqtt.password')
        body = b'\0\4MQTT\4' + bytes([0xC2 if user else 2, 0, 0])
        body += prefixed(self.client_id)
        if user:
            body += prefixed(user) + prefixed(password)
        self.send(0x10, body)
        self.packet()

    def send(self, head, body):
        size = len(body)
        packet = bytearray([head])
        while size > 127:
            packet.append(size & 127 | 128)
            size >>= 7
        packet.append(size)
        self.sock.write(bytes(packet) + body)

    def packet(self):
        head = self.sock.read(1)[0]
        size = shift = 0
        while True:
            byte = self.sock.read(1)[0]
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return head, self.sock.read(size) if size else b''

    def publish(self, topic, payload):
        self.send(0x30, prefixed(topic) + payload)

    def subscribe(self, topic):  # at QoS 0
        self.send(0x82, b'\0\1' + prefixed(topic) + b'\0')

    # The next message: (topic, payload), all of it in memory.
    def read(self):
        while True:
            head, body = self.packet()
            if head >> 4 == 3:
                size = body[0] << 8 | body[1]
                return body[2 : 2 + size].decode(), bytes(body[2 + size :])
