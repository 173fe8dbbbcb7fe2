"""When a connection that failed is made again.

mpy_blox.mqtt.again and mpy_blox.network drive it.
"""

class Link:
    server: int
    """The one to try next, from 0."""

    def __init__(self, servers: int) -> None:
        """How many servers there are."""
    def failed(
        self, cause: int, reason_code: int, ticks_ms: int, random: int
    ) -> tuple[int, int, bool]:
        """A try failed or the connection was lost; cause is of enum
        mqtt_link_cause. How many ms to wait, how many tries failed, whether
        it is worth a line in the log."""
    def connected(self, ticks_ms: int) -> tuple[int, bool]:
        """For how many seconds there was no connection, and whether it is
        worth a line in the log."""
