"""An exponential moving average of integers, without floats."""

class Ema:
    """alpha in 1 / 32768: 1 to 32768."""

    def __init__(self, alpha: int) -> None: ...
    def __call__(self, sample: int) -> int:
        """The new average, rounded. Allocates nothing."""
