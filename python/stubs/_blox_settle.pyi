"""Tidies up after an update."""

class Settle:
    """Tidies /.blox after the rescue in /main.py has run."""

    def step(self) -> bool:
        """True while there is more to do."""
