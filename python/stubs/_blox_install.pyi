"""Unpacks a downloaded set and commits it. Needed at boot alone, and only
when an update is ready."""

from typing import Callable

class Installer:
    label: str
    """The package at work, such as "bigpkg 1.0"."""
    files: int
    """Files unpacked so far."""

    def __init__(self, platform: str, mpy: int) -> None:
        """mpy: sys.implementation._mpy; 0: native code is not checked."""
    def step(self, compile_check: Callable[[str], str | None]) -> bool | None:
        """True while there is more to do, False once the set is committed,
        None when none is ready. Raises why the set is refused; nothing has
        changed then. `compile_check(path)` returns None, or what the
        compiler said."""
