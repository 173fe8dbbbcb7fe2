"""What the bytes of an HTU21D mean."""

def value(command: int, answer: bytes) -> int | None:
    """Hundredths of a degree Celsius (command 0xF3) or of a percent of
    humidity; None when the answer is damaged."""

def time(command: int, user_register: int) -> int:
    """Milliseconds that a measurement takes at most."""

def resolution(user_register: int) -> int:
    """The bits of humidity that the user register asks for."""

def with_resolution(user_register: int, bits: int) -> int:
    """The user register with 12, 11, 10 or 8 bits; below 0 for another
    number."""
