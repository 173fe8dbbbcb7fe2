# SPDX-License-Identifier: MIT
# _blox_mqtt_extra: what not every device needs of MQTT.
SRC := bind/mqtt_extra/mqtt_extra.c bind/mqtt_extra/properties.c \
  core/mqtt/ack.c core/mqtt/events.c core/mqtt/extra.c core/mqtt/in_flight.c \
  core/mqtt/output.c core/mqtt/property.c core/mqtt/session.c \
  core/mqtt/topic.c core/mqtt/wire.c core/mqtt/connack.c core/mqtt/connect.c \
  core/mqtt/publish.c core/codec/utf8.c $(BIND_BASE)
