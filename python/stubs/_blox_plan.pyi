"""Reads an update list, and finds what of it this device needs."""

def frozen() -> str:
    """The modules of the firmware that go before those in /lib, with a space
    behind each. Empty where this module is not linked into the firmware: then
    it cannot be told."""

class Plan:
    def __init__(
        self,
        path: str,
        command: bool,
        platform: str,
        mpy: str,
        frozen: str,
        trust: int,
    ) -> None:
        """The list in the file `path`; `command`: it came on the device's
        own topic; `frozen`: modules that the firmware has; `trust`: 0 on a
        device that has no key, 1 when it is signed by that key, 2 when it brings
        a new one besides."""
    def step(self) -> tuple[int, int, int, bytes, str] | bool | None:
        """None while there is more to do. Then entries to act on, packages to
        fetch of them, blocks of flash these need, the name of the set, and a
        sentence about what was skipped (or an empty one); or True: it is no
        list but a command (_blox_command). Raises why the list is refused."""
    def close(self) -> None:
        """For a plan that is not wanted any more."""
