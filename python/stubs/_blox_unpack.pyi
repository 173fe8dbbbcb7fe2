"""The unpacker of wheels, for _blox_install alone."""

def ops() -> bytes:
    """Where its functions lie; nothing for Python."""
