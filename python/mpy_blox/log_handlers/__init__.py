# SPDX-License-Identifier: MIT
# Puts up the log handlers that settings.json asks for. Each one is a module
# of this package that offers `async def setup(settings)`, and is loaded only
# then.

from logging import getLogger

from micropython import const

logger = getLogger('log_handlers')

# setting that switches it on, module, needs a network
_HANDLERS = const((
    ('logging.replay_buffer', 'replay_buffer', False),
    ('logging.syslog.hostname', 'syslog', True),
    ('logging.remote_terminal.listen_host', 'remote_terminal', True),
    ('logging.mqtt.level', 'mqtt', True),
))
_done = set()


# Called again when a network comes late: a handler is set up once.
async def blox_log_config(settings, network_available):
    for key, name, needs_network in _HANDLERS:
        if not settings.get(key) or name in _done:
            continue
        if needs_network and not network_available:
            continue
        _done.add(name)
        try:
            path = 'mpy_blox.log_handlers.' + name
            module = __import__(path, None, None, ('setup',))
            await module.setup(settings)
        except Exception as e:
            logger.error("%s: cannot be set up", key, exc_info=e)
