"""Zip files, and what the wheel formats say."""

from typing import Protocol

class Readable(Protocol):
    def readinto(self, buffer: bytearray) -> int: ...
    def seek(self, offset: int, whence: int = 0) -> int: ...

class Member:
    """The content of one member."""

    def readinto(self, buffer: bytearray | memoryview) -> int:
        """Fills the buffer; 0 at the end. The last piece comes only when the
        CRC-32 of all is right. Raises ValueError when the content is
        damaged."""

class Zip:
    def __init__(self, file: Readable, size: int) -> None:
        """A zip of `size` bytes. Raises ValueError when it is none."""
    def next(
        self, cursor: int
    ) -> tuple[int, str, int, int, int, int, int, int, int] | None:
        """The entry at `cursor`, 0 at first: (cursor of the next, name,
        method, CRC-32, compressed size, size, offset, time, date); None
        behind the last. Folders are left out."""
    def open(self, cursor: int) -> Member:
        """The content of the entry at `cursor`."""

def records(
    text: bytes | str,
) -> list[tuple[str, bytes | None, int | None]]:
    """The lines of a RECORD: (path, SHA-256 or None, size or None)."""

def read_records(file: _Readable) -> dict[str, tuple[bytes, int] | None]:
    """The same, of a RECORD that is read piece by piece."""

def normalise(name: str) -> str:
    """A package's name as PEP 503 compares it."""

def tag_accepted(tag: str, platform: str) -> bool:
    """Whether a device of this platform takes a wheel of this tag."""
