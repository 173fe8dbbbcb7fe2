# SPDX-License-Identifier: MIT
# Puts up the log handlers that settings.json asks for. Each one is a module
# of this package that offers `async def setup(settings)`; what is configured
# but not installed is said once.

from logging import getLogger

logger = getLogger('log_handlers')

# setting that switches it on, module, needs a network
_HANDLERS = (
    ('logging.replay_buffer', 'replay_buffer', False),
    ('logging.syslog.hostname', 'syslog', True),
    ('logging.remote_terminal.listen_host', 'remote_terminal', True),
)
_done = set()


# Called again when a network comes late: a handler is set up once.
async def blox_log_config(settings, network_available):
    for key, name, needs_network in _HANDLERS:
        if not settings.get(key) or name in _done:
            continue
        if needs_network and not network_available:
            continue
        _done.add(name)
        setup = _find(name)
        if setup is None:
            logger.warning(
                "%s is set, but this release has no %s log handler; "
                "remove the setting",
                key,
                name,
            )
            continue
        try:
            await setup(settings)
        except Exception as e:
            logger.error("%s: cannot be set up", key, exc_info=e)


def _find(name):
    path = 'mpy_blox.log_handlers.' + name
    try:
        return __import__(path, None, None, ('setup',)).setup
    except ImportError:
        return None
