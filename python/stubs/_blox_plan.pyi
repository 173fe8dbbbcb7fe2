"""Reads an update list, and finds what of it this device needs."""

class Plan:
    def __init__(
        self, path: str, command: bool, platform: str, mpy: str, trust: int
    ) -> None:
        """The list in the file `path`; `command`: it came on the device's
        own topic; `trust`: 0 on a device that has no key, 1 when it is signed by
        that key, 2 when it brings a new one besides."""
    def step(self) -> tuple[int, int, int, bytes, str] | bool | None:
        """None while there is more to do. Then entries to act on, packages to
        fetch of them, blocks of flash these need, the name of the set, and a
        sentence about what was skipped (or an empty one); or True: it is no
        list but a command (_blox_command). Raises why the list is refused."""
    def close(self) -> None:
        """For a plan that is not wanted any more."""
