"""One input of an MCP3202."""

def value(buffer: bytes | bytearray | memoryview) -> int:
    """0 to 4095 of a conversion's three bytes; below 0 when no chip
    answered."""

class Input:
    """Called with a buffer of three bytes it makes a conversion, and allocates
    nothing. input: 0 channel 0, 1 channel 1, 2 channel 0 minus 1, 3 channel 1
    minus 0."""

    def __init__(self, spi, cs, input: int) -> None: ...
    def __call__(self, buffer: bytearray | memoryview) -> None: ...
