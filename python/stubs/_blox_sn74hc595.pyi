"""The image of a chain of SN74HC595."""

class Chain:
    image: bytearray  # what to shift out, in this order

    def __init__(self, chips: int) -> None: ...
    def set(self, output: int, on: bool) -> None:
        """Raises ValueError when the chain has no such output."""

    def get(self, output: int) -> bool:
        """As set()."""

    def fill(self, on: bool) -> None:
        """All outputs."""

    def shift(self, data: bytes) -> None:
        """These bytes were shifted out."""
