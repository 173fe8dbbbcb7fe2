"""Messages that outlive a power cut, in the file /mqtt.queue.

mpy_blox.mqtt.keeping drives it.
"""

class Keep:
    def __init__(self, messages: int) -> None:
        """How many there may be."""
    def load(self) -> list[tuple[int, str, bytes, int]]:
        """(number, topic, payload, flags) of each that an earlier boot left,
        oldest first."""
    def add(self, topic: str, payload: bytes, flags: int) -> int:
        """Returns the number, once the message is on flash."""
    def done(self, number: int) -> None:
        """The message is over."""
