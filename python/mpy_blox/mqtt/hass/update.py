# SPDX-License-Identifier: MIT
# The update card. Loaded at each connection, and forgotten. It needs nothing
# but what the device says of its updates anyway, on `update`.

import json

from mpy_blox.config import config
from mpy_blox.mqtt.hass.device import describe
from mpy_blox.mqtt.protocol.message import MQTTMessage

# A version is said as 'set 1a2b3c4d': were it a number, Home Assistant would
# take a lower one for older.
_TEMPLATE = (
    '{% set v = value_json %}{{ {'
    "'installed_version': 'set ' ~ (v.installed or 'unknown'),"
    "'latest_version': 'set ' ~ (v.latest or v.installed or 'unknown'),"
    "'in_progress':"
    " v.state in ['downloading','installing','rebooting','trial'],"
    "'update_percentage':"
    ' ((v.done + (v.received / v.total if v.total else 0)) * 100 / v.of) | int'
    " if v.state == 'downloading' and v.of else none,"
    "'release_summary': v.error or ''} | to_json }}"
)


# Offers it, or takes it back if the setting hass.update_card is false.
async def announce(connection, state_topic, command_topic, version):
    node = connection.client_id
    payload = b''
    if config.get('hass.update_card', True):
        device = describe(connection, config, version)
        payload = json.dumps(_document(device, state_topic, command_topic))
    topic = 'homeassistant/update/%s-update/config' % node
    await connection.publish(MQTTMessage(topic, payload, 1, True))


# What is said of device and origin is what core/hass/document.c says.
def _document(device, state_topic, command_topic):
    node, name, model, version, firmware, area, available = device
    document = {
        'name': 'Update',
        'uniq_id': node + '-update',
        'tit': name,
        'stat_t': state_topic,
        'val_tpl': _TEMPLATE,
        'cmd_t': command_topic,
        'pl_inst': '{"cmd":"install"}',
        'dev': {
            'ids': node,
            'name': name,
            'mf': 'Mpy-BLOX',
            'mdl': model,
            'sw': '%s (MicroPython %s)' % (version, firmware),
        },
        'o': {'name': 'mpy-blox', 'sw': version},
    }
    if area:
        document['dev']['sa'] = area
    if available:
        document['avty_t'] = available
    return document
