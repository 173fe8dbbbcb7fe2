"""Samples taken by a timer, through a ring."""

class Ring:
    """length slots of size bytes, of which length - 1 hold something. Nothing
    but making it allocates. Iterating gives each slot that waits, valid until
    the next."""

    length: int
    head: int
    tail: int
    overruns: int

    def __init__(self, size: int, length: int) -> None: ...
    def full(self) -> bool: ...
    def empty(self) -> bool: ...
    def head_ptr(self) -> bytearray:
        """The slot to fill. Raises RuntimeError when the ring is full."""

    def advance_head(self) -> None:
        """The slot is filled."""

    def iter_read(self) -> "Ring":
        """Itself."""
    def __iter__(self) -> "Ring": ...
    def __next__(self) -> bytearray: ...

class Sampler:
    """A timer's callback: calls sample(buffer) for a slot of the ring, stop()
    when it ends and notify() when the program should look."""

    collected: int
    lost: int  # ticks of the timer that never came
    overrun: bool
    error: BaseException | None  # what sample() raised
    done: bool

    def __init__(
        self, ring: Ring, sample, count: int, rate: int, ticks_us, stop, notify
    ) -> None: ...
    def __call__(self, timer) -> None: ...
