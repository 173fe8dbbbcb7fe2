"""Checks who signed an update list, on devices that have a key."""

def check_key(text: str) -> None:
    """Raises ValueError when `text` is no public key: base64 of an
    uncompressed point of P-256."""

class Signature:
    record: bytes
    """To be kept for the topic, as `last` of the next list, before this one is
    acted on."""
    serial: str
    """Of the list, once it is right."""
    new_key: str
    """That the list brings, in base64; empty: none."""
    def __init__(
        self, topic: str, command: bool, key: str, next: str | None, last: bytes
    ) -> None:
        """`command`: the topic is the device's own; `next`: another key that
        counts as well; `last`: the topic's record, or b''. Raises ValueError
        for a key that is none."""
    def read(self, file: object) -> bool:
        """Reads a piece of the list; whether there was one."""
    def end(self) -> bool:
        """Whether the list is to be read once more from its start. If not it
        is right; raises ValueError why it is refused."""
