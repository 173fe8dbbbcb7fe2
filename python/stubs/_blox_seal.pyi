"""Seals the secure configuration under the chip's unique id."""

def seal(plain: bytes, unique_id: bytes, iv: bytes) -> bytes:
    """The record to store. `iv` is 16 fresh random bytes."""

def unseal(record: bytes, unique_id: bytes) -> bytes:
    """The plain text. Raises ValueError when the record was damaged or
    sealed by another chip."""

def unseal_original(iv: bytes, payload: bytes, unique_id: bytes) -> bytes:
    """The plain text of a record that the older Mpy-BLOX wrote."""
