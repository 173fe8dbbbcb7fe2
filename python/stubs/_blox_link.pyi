"""When an MQTT connection is made again, and what waits to be sent on it.

mpy_blox.mqtt.setup and mpy_blox.mqtt.client drive it.
"""

from typing import Any

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

class Queue:
    count: int
    """Items in it."""
    bytes: int
    """Their sizes."""
    dropped: int
    """Accepted and given up for a newer one."""
    refused: int

    def __init__(self, messages: int, bytes: int, drop: bool) -> None:
        """Limits; `drop`: at a limit the oldest at QoS 0 go."""
    def add(
        self, item: Any, qos: int, size: int, force: bool = False
    ) -> bool:
        """False when there is no room for it; `force`: whatever the limits
        say."""
    def fits(self, size: int) -> bool:
        """Whether nothing needs to go for it."""
    def next(self) -> Any:
        """The oldest item that was not sent, or None."""
    def sent(self, packet_identifier: int) -> None:
        """That item is sent; with 0 it is over."""
    def fail(self) -> None:
        """That item goes."""
    def find(self, packet_identifier: int) -> Any:
        """The item sent so, or None."""
    def done(self, packet_identifier: int) -> Any:
        """The same, and takes it out."""
    def restart(self) -> None:
        """What was sent and is not done is sent anew."""
    def take(self) -> Any:
        """Takes the oldest item out, or None."""
