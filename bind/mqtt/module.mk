# SPDX-License-Identifier: MIT
# _blox_mqtt: one MQTT 5.0 session over a stream, and what waits to be sent.
SRC := bind/mqtt/mqtt.c bind/mqtt/message.c bind/mqtt/incoming.c \
  bind/mqtt/outgoing.c bind/mqtt/queue.c bind/mqtt/unread.c \
  core/mqtt/ack.c core/mqtt/connack.c core/mqtt/connect.c core/mqtt/events.c \
  core/mqtt/in_flight.c core/mqtt/output.c core/mqtt/property.c \
  core/mqtt/publish.c core/mqtt/queue.c core/mqtt/receive.c \
  core/mqtt/request.c core/mqtt/session.c core/mqtt/subscribe.c \
  core/mqtt/topic.c core/mqtt/unread.c core/mqtt/wire.c core/codec/utf8.c $(BIND_BASE)
