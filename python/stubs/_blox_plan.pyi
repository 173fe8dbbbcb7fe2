"""Reads an update list, and finds what of it this device needs."""

class Plan:
    needed: int
    """Packages to install."""
    fetched: int
    """How many of them are on flash already."""
    set: bytes
    """The hash of what the list asks for."""
    command: str | None
    """The command, when the payload is one and no list."""
    notice: str | None
    """One sentence about what was skipped."""

    def __init__(
        self, path: str, command: bool, platform: str, mpy: str
    ) -> None:
        """The list in the file `path`; `command`: it came on the device's
        own topic."""
    def step(self) -> bool:
        """True while there is more to do. Raises why the list is refused."""
    def close(self) -> None:
        """For a plan that is not wanted any more."""
