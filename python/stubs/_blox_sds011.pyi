"""Commands and frames of an SDS011."""

def command(command: int, value: int | None, device_id: int) -> bytes:
    """What to send; value None asks. Raises ValueError when the command does
    not take the value."""

class Stream:
    """Finds frames in what comes in."""

    skipped: int  # bytes that belonged to no frame
    damaged: int  # frames among them

    def feed(self, data: bytes | memoryview) -> int:
        """Takes bytes; fewer than given when next() has a frame first."""

    def next(self) -> tuple[int, int, int, int, int] | None:
        """(kind, device id, ...): of a measurement (kind 0) PM2.5 and PM10 in
        tenths of a microgram per cubic metre; of the firmware's reply (7) year
        from 2000, month, day; of another reply whether it was set, and the
        value."""
