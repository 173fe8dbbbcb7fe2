"""A ring of log records, and the lines made of them (core/log/ring.h)."""

from logging import LogRecord

class Ring:
    """Keeps the last records in `size` bytes (64 to 65536), at most
    `max_records` of them (0: as many as fit)."""

    def __init__(self, size: int, max_records: int) -> None: ...
    def __len__(self) -> int: ...
    def put(
        self,
        level: int | LogRecord,
        seconds: int = 0,
        milliseconds: int = 0,
        name: str = '',
        message: str = '',
    ) -> None:
        """Adds a record: one of `logging`, allocating nothing, or one of these
        parts, with `seconds` since 1970. One larger than half the ring is
        cut."""
    def text(self, record: LogRecord) -> str:
        """The parts of a record, `level seconds milliseconds name`, a tab, and
        its message."""

class Reader:
    """Reads records of a level and above, from the oldest on. `form` 0:
    plain, 1: coloured, 2: RFC 3164, 3: RFC 5424."""

    def __init__(
        self, ring: Ring, form: int, level: int, hostname: str
    ) -> None: ...
    def next(self) -> bytearray | None:
        """The next line, which the next call changes. A plain or coloured
        one is a whole record, of the other forms a datagram."""
    def skip(self) -> None:
        """What is in the ring now is not read."""
    def lost(self) -> int:
        """How many records were gone before they were read, since the last
        call."""
