"""Tidies up after an update."""

class Settle:
    """Tidies /.blox after the rescue in /main.py has run."""

    def __init__(self, failure: str | None) -> None:
        """failure: why the set that is ready could not be installed; it is
        not tried again then."""
    def step(self) -> bool:
        """True while there is more to do."""
