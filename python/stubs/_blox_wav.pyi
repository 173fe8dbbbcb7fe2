"""The head of a WAV file, and its samples made fit for I2S."""

def widen(buffer: bytearray | memoryview, size: int, bits: int) -> int:
    """In place: 8 bits become 16, 24 become 32. Returns the new size."""

class Head:
    need: int  # bytes to feed
    skip: int  # bytes to seek over before that

    def feed(self, data: bytes) -> int:
        """Takes bytes. Raises ValueError when it is no WAV file that can be
        played."""

    def skipped(self) -> None:
        """`skip` bytes were seeked over."""

    def ended(self) -> None:
        """Raises ValueError with what the file lacks."""

    def format(self) -> tuple | None:
        """(format tag, channels, rate, bits, block size, byte rate, offset of
        the samples, their size or None for up to the end); None before all of
        it is known."""
