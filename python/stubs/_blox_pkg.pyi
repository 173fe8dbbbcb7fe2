# SPDX-License-Identifier: MIT
"""Zip files and RECORD. mpy_blox.zipfile and mpy_blox.wheel stand on it."""

from typing import Protocol

class _File(Protocol):
    def readinto(self, buffer: bytearray) -> int: ...
    def seek(self, offset: int) -> object: ...

class Member:
    """One member of a zip, being read."""

    def readinto(self, buffer: bytearray | memoryview) -> int:
        """Fills buffer. Returns how many bytes, 0 at the end. Raises
        ValueError with a sentence when the content is damaged."""

class Zip:
    """A zip file, read where it lies."""

    def __init__(self, file: _File, size: int) -> None:
        """Raises ValueError with a sentence when it is no zip."""

    def next(
        self, cursor: int
    ) -> tuple[int, str, int, int, int, int, int, int, int] | None:
        """The entry at cursor (0 is the first): cursor of the next, name,
        method, CRC-32, compressed size, size, offset, time and date as MS-DOS
        has them. None behind the last. Folders are left out. Raises
        ValueError with a sentence."""

    def open(self, cursor: int) -> Member:
        """The entry that next(cursor) gives."""

def records(text: str | bytes) -> list[tuple[str, bytes | None, int | None]]:
    """The lines of RECORD: path, SHA-256, size. Raises ValueError."""

def normalise(name: str) -> str:
    """A package's name as PEP 503 compares it."""

def tag_accepted(tag: str, platform: str) -> bool:
    """Whether a device of this platform takes a wheel of this tag, which may
    be a compressed set such as py2.py3-none-any."""
