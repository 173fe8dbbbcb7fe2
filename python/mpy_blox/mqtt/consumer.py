# SPDX-License-Identifier: MIT
# What programs subclass to be given messages.


class MQTTConsumer:
    def __init__(self, mqtt_connection):
        self.mqtt_conn = mqtt_connection

    async def handle_msg(self, msg):
        raise NotImplementedError('handle_msg')

    def subscribe(self, topic, qos=0, **options):
        return self.mqtt_conn.subscribe(topic, self, qos, **options)

    def unsubscribe(self, topic):
        return self.mqtt_conn.unsubscribe(topic, self)
