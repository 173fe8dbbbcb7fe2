"""The unpacker of wheels, for _blox_install alone."""

ops: bytes
"""Where its functions lie; nothing for Python."""
