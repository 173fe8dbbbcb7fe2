# SPDX-License-Identifier: MIT

import json


# raw_payload is bytes. payload is what they mean: setting it takes str and
# bytes as they are and makes JSON of anything else, reading it gives the JSON
# value, or the bytes when they are no JSON.
class MQTTMessage:
    def __init__(self, topic=None, payload=None, qos=0, retain=False):
        self.topic = topic
        self.qos = qos
        self.retain = retain
        self.packet_identifier = None
        self.raw_payload = b''
        if payload is not None:
            self.payload = payload

    @property
    def payload(self):
        try:
            return json.loads(self.raw_payload)
        except ValueError:
            return self.raw_payload

    @payload.setter
    def payload(self, value):
        if isinstance(value, str):
            value = value.encode()
        elif not isinstance(value, (bytes, bytearray, memoryview)):
            value = json.dumps(value).encode()
        self.raw_payload = value
