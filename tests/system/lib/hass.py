# SPDX-License-Identifier: MIT
"""A scripted Home Assistant: what its MQTT integration documents of discovery
(home-assistant.io/integrations/mqtt, Home Assistant 2024.11 and later).

Documents are refused as Home Assistant refuses them: a required key that is
missing, a value that is not allowed, and, stricter than it, any unknown key.
"""

import json
import re
import threading

from lib.brokers import paho_client

ABBREVIATIONS = {
    "atype": "automation_type", "avty_t": "availability_topic",
    "bri_scl": "brightness_scale", "cmd_t": "command_topic",
    "cmps": "components", "dev": "device", "dev_cla": "device_class",
    "ent_cat": "entity_category", "evt_typ": "event_types", "ic": "icon",
    "l_ver_t": "latest_version_topic", "o": "origin", "p": "platform",
    "pl": "payload", "pl_inst": "payload_install", "stat_cla": "state_class",
    "stat_t": "state_topic", "stype": "subtype", "t": "topic",
    "tit": "title", "uniq_id": "unique_id",
    "unit_of_meas": "unit_of_measurement", "val_tpl": "value_template",
}  # fmt: skip
DEVICE_ABBREVIATIONS = {
    "ids": "identifiers", "mf": "manufacturer", "mdl": "model",
    "sw": "sw_version", "sa": "suggested_area",
}  # fmt: skip
TOPIC = re.compile(r"[^#+\0]+\Z")
# Keys any entity may have.
ENTITY = {
    "name": str, "unique_id": str, "device_class": str, "icon": str,
    "entity_category": {"config", "diagnostic"}, "availability_topic": TOPIC,
    "device": dict, "origin": dict,
}  # fmt: skip
STATE = {"state_topic": TOPIC, "value_template": str}
COMMAND = {"command_topic": TOPIC}
NUMBER = (int, float)
# component: (required keys, further keys)
COMPONENTS = {
    "sensor": (
        {"state_topic": TOPIC},
        {
            "value_template": str,
            "unit_of_measurement": str,
            "state_class": {
                "measurement", "measurement_angle", "total",
                "total_increasing",
            },
        },
    ),
    "binary_sensor": ({"state_topic": TOPIC}, {"value_template": str}),
    "button": (COMMAND, {}),
    "number": (
        COMMAND,
        dict(
            STATE, min=NUMBER, max=NUMBER, step=NUMBER,
            mode={"auto", "box", "slider"}, unit_of_measurement=str,
        ),
    ),
    "text": (
        COMMAND, dict(STATE, min=int, max=int, mode={"text", "password"}),
    ),
    "switch": (COMMAND, STATE),
    "light": (
        COMMAND,
        dict(
            STATE, schema={"json"}, brightness=bool, brightness_scale=int,
        ),
    ),
    "select": (dict(COMMAND, options=list), STATE),
    "event": ({"state_topic": TOPIC, "event_types": list}, {}),
    "tag": ({"topic": TOPIC}, {"value_template": str}),
    "device_automation": (
        {
            "automation_type": {"trigger"}, "topic": TOPIC, "type": str,
            "subtype": str,
        },
        {"payload": str},
    ),
    "update": (
        {},
        dict(STATE, **COMMAND, title=str, payload_install=str),
    ),
    "cover": (
        {}, dict(STATE, **COMMAND, payload_open=str, optimistic=bool),
    ),
}  # fmt: skip
ANONYMOUS = {"tag", "device_automation"}  # no name, no unique_id
DEVICE = {
    "identifiers": str, "name": str, "manufacturer": str, "model": str,
    "sw_version": str, "suggested_area": str,
}  # fmt: skip
ORIGIN = {"name": str, "sw": str, "sw_version": str}


def _allowed(value, what):
    if isinstance(what, set):
        return value in what
    if isinstance(what, re.Pattern):
        return isinstance(value, str) and what.match(value)
    if what in (int, NUMBER) and isinstance(value, bool):
        return False
    return isinstance(value, what)


def check(document, required, optional, where):
    """Raises ValueError with the first thing Home Assistant would not take."""
    for key in required:
        if key not in document:
            raise ValueError("%s: %s is missing" % (where, key))
    for key, value in document.items():
        what = required.get(key, optional.get(key))
        if what is None:
            raise ValueError("%s: unknown key %s" % (where, key))
        if not _allowed(value, what):
            raise ValueError("%s: %s: %r" % (where, key, value))


def expand(document, abbreviations):
    return {abbreviations.get(k, k): v for k, v in document.items()}


def expand_entity(document):
    """Full keys, and '~' replaced, as Home Assistant does it."""
    document = expand(document, ABBREVIATIONS)
    base = document.pop("~", None)
    if base is not None:
        for key, value in document.items():
            if key.endswith("topic") and value[:1] == "~":
                document[key] = base + value[1:]
    for key, short in (("device", DEVICE_ABBREVIATIONS), ("origin", {})):
        if key in document:
            document[key] = expand(document[key], short)
    return document


def check_device(document):
    check(document["device"], {"identifiers": str}, DEVICE, "device")
    check(document["origin"], {"name": str}, ORIGIN, "origin")


def check_entity(component, document):
    required, optional = COMPONENTS[component]
    if component not in ANONYMOUS:
        required = dict(required, unique_id=str)
        optional = dict(optional, **ENTITY)
    else:
        optional = dict(optional, device=dict, origin=dict,
                        availability_topic=TOPIC)
    check(document, required, optional, component)


class HomeAssistant:
    """Follows discovery and states on a broker. entities: {(component, id):
    document in full}; states: {topic: payload}; log: what it refused."""

    def __init__(self, broker, prefix="homeassistant"):
        self.prefix = prefix
        self.entities = {}
        self.states = {}
        self.refused = []
        self.seen = []
        self._changed = threading.Condition()
        self.client = paho_client("homeassistant")
        self.client.on_message = self._message
        self.client.on_connect = self._connected
        self.client.connect(broker.host, broker.port)
        self.client.loop_start()

    def _connected(self, client, *_):
        client.subscribe(self.prefix + "/#", 1)
        client.subscribe("mpypi/#", 1)
        self.publish(self.prefix + "/status", "online")

    def publish(self, topic, payload, retain=False):
        self.client.publish(topic, payload, 1, retain)

    def _message(self, client, userdata, message):
        with self._changed:
            self.seen.append((message.topic, message.payload))
            try:
                self._take(message)
            except (ValueError, KeyError) as e:
                self.refused.append("%s: %r" % (message.topic, e))
            self._changed.notify_all()

    def _take(self, message):
        parts = message.topic.split("/")
        if parts[0] == self.prefix and parts[-1] == "config":
            self._config(parts[1], parts[2], message.payload)
        else:
            self.states[message.topic] = message.payload.decode()

    def _config(self, component, object_id, payload):
        if component == "device":
            return self._device(object_id, payload)
        if not payload:
            # Home Assistant forgets it, unless a device took it over.
            known = self.entities.get((component, object_id))
            if known and not known["by_device"]:
                del self.entities[component, object_id]
            return
        document = json.loads(payload)
        if document == {"migrate_discovery": True}:
            return
        document = expand_entity(document)
        check_device(document)
        check_entity(component, document)
        self.entities[component, object_id] = dict(document, by_device=None)

    def _device(self, object_id, payload):
        if not payload or json.loads(payload) == {"migrate_discovery": True}:
            for key in [k for k, e in self.entities.items()
                        if e["by_device"] == object_id and not payload]:
                del self.entities[key]
            return
        document = expand_entity(json.loads(payload))
        check(document, {"device": dict, "origin": dict, "components": dict},
              {"availability_topic": TOPIC}, "device document")
        check_device(document)
        for key, component in document["components"].items():
            component = expand(component, ABBREVIATIONS)
            platform = component.pop("platform")
            if not component:
                self.entities.pop((platform, key), None)
                continue
            component = expand_entity(component)
            component.setdefault("availability_topic",
                                 document["availability_topic"])
            check_entity(platform, component)
            self.entities[platform, key] = dict(component,
                                                by_device=object_id,
                                                device=document["device"])

    def wait(self, condition, timeout=20):
        """Waits until condition() is true; it may look at everything."""
        with self._changed:
            if not self._changed.wait_for(condition, timeout):
                raise TimeoutError("entities %s\nstates %s\nrefused %s" % (
                    sorted(self.entities), self.states, self.refused))

    def state(self, component, entity_id):
        topic = "%s/%s/%s/state" % (self.prefix, component, entity_id)
        return self.states.get(topic)

    def command(self, component, entity_id, payload):
        self.publish(
            "%s/%s/%s/set" % (self.prefix, component, entity_id), payload
        )

    def stop(self):
        self.client.disconnect()
        self.client.loop_stop()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()
